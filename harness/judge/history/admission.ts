import { count } from '../../../common/cli/text.js';
import type { Night } from '../../../model/night.js';

/**
 * Why a night is not to be taken into the history of its machine, in one line; null where it may. Nights are the oldest
 * first. Asked before anything is written.
 */
export function whyOdd(night: Night, nights: readonly Night[], now: Date): string | null {
  const { runId, startedAt, machine, facts } = night;
  if (nights.some((other) => other.runId === runId)) return `${runId} is in the history of ${machine} already`;
  if (!night.measured.some(({ figures }) => figures.length > 0))
    return `${runId} has no figure: all of its ${count(night.cells, 'cell')} are skipped, failed or invalid`;
  if (Date.parse(startedAt) > now.getTime())
    return `${runId} started at ${startedAt}, which is still to come: the clock went back since, or was wrong then`;
  const newest = nights.at(-1);
  if (newest === undefined) return null;
  if (startedAt < newest.startedAt)
    return `${runId} started at ${startedAt}, before the newest night (${newest.startedAt}): the clock went back, or add the oldest first`;
  const [before, after] = [newest.facts.cpuModel, facts.cpuModel];
  if (before !== after) return `${runId} is of another machine: ${after}, but ${machine} had ${before} (see --machine)`;
  return null;
}

/** What is known of a night before it is measured. */
interface Coming {
  now: Date;
  /** Null where it is measured on another host. */
  cpuModel: string | null;
  /** When the night that is gone on with began; null: it begins now. */
  startedAt: string | null;
}

/** Why a night will not be taken into the history of this machine, as far as it can be told before it is measured. */
export function whyOddBefore({ now, cpuModel, startedAt }: Coming, nights: readonly Night[]): string | null {
  const newest = nights.at(-1);
  const latest = [newest?.startedAt ?? '', startedAt ?? ''].sort().at(-1) as string;
  if (latest > now.toISOString())
    return `it is ${now.toISOString()} by the clock, but the newest night started at ${latest}: the clock went back, or was wrong then`;
  if (newest === undefined || cpuModel === null || newest.facts.cpuModel === cpuModel) return null;
  return `this is another machine than ${newest.machine}, which had ${newest.facts.cpuModel}: this one has ${cpuModel}`;
}
