import type { Night } from '../../../model/night.js';
import { alertsOf } from './alerts.js';
import { type History, judgeHistory } from './judge.js';

/**
 * The newest night of a question whose build is fit to be held against tonight's, null where there is none: of a commit and nothing
 * else, that night passed, and no open alert accuses it. What is suspicious or could not be judged that night is not known to be good.
 */
export function lastGoodNight(
  { nights, events }: History,
  { profile, topology }: Pick<Night, 'profile' | 'topology'>,
): Night | null {
  const withdrawn = new Set(events.flatMap((event) => (event.kind === 'withdrawn' ? [event.runId] : [])));
  const accused = alertsOf(events).flatMap(({ state, changes }) => (state === 'open' ? changes : []));
  const since = accused.map(({ firstNight }) => firstNight).sort()[0];
  const own = nights
    .filter((night) => night.profile === profile && night.topology === topology && !withdrawn.has(night.runId))
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  const isGood = (night: Night, index: number) =>
    isCommit(night) &&
    (since === undefined || night.runId < since) &&
    judgeHistory({ nights: own.slice(0, index + 1), events }, night.startedAt).verdict.outcome === 'pass';
  return own.findLast(isGood) ?? null;
}

/** A tree with changes is another build than its commit. */
function isCommit({ commit, dirty }: Night): boolean {
  return /^[0-9a-f]{40}$/.test(commit) && dirty === 'clean';
}
