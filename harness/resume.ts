import { BenchError, UsageError } from '../common/cli/errors.js';
import { count } from '../common/cli/text.js';
import { readBootId } from '../common/process/journal.js';
import type { PlannedCell, Scenario } from '../model/cell.js';
import type { HostFacts } from '../model/host.js';
import { type FailedRun, type Prologue, type Run, schemaVersion } from '../model/record.js';
import { briefly, differences } from './judge/differences.js';
import { formatExpected } from './plan/dry-run.js';
import { expectedLeftNs, turnsLeft } from './plan/left.js';
import { schedule, type Turn } from './plan/plan.js';
import { type Attempt, readAttempt } from './store/attempt.js';
import { RunStore, readPrologue, readRun } from './store/store.js';

/** A run that ended before all of its records were there. */
export interface EarlierRun {
  kind: 'earlier';
  folder: string;
  prologue: Prologue;
  /** Of the prologue. */
  scenario: Scenario;
}

/** Rejects with UsageError where the folder holds no run. */
export async function openEarlier(folder: string): Promise<EarlierRun> {
  const prologue = await readPrologue(folder).catch((error: Error) => {
    throw new UsageError(`--resume: ${error.message}`);
  });
  return { kind: 'earlier', folder, prologue, scenario: prologue.scenario };
}

/**
 * Throws UsageError where what is measured now would not be repeats of what was measured then: other code, another kernel,
 * other settings, other CPUs for a cell. `plan` and facts are those of now. That the machine was booted anew is no such thing.
 */
export function refuseChanged(
  { folder, prologue }: EarlierRun,
  plan: readonly PlannedCell[],
  facts: { host: HostFacts; clientHosts: HostFacts[] },
): void {
  const { host, clientHosts } = prologue;
  const now = new Map(plan.map((planned) => [planned.cell.id, planned]));
  const found = [
    ...differences(asWritten(withoutBoot(facts)), withoutBoot({ host, clientHosts })),
    ...prologue.plan.flatMap((then) => {
      const { state, cell } = now.get(then.cell.id) ?? { state: 'missing', cell: null };
      const name = `cell ${then.cell.id}`;
      // Who it was that measured may have skipped what another can run, but not the other way round.
      if (then.state === 'skipped') return [];
      return state === 'runnable'
        ? differences(asWritten(cell), then.cell, name)
        : [`${name} is ${state}, not runnable`];
    }),
  ];
  if (found.length > 0)
    throw new UsageError(
      `--resume: ${folder} cannot be gone on with, as its records would not match: ${briefly(found)}`,
    );
}

/** How much memory the kernel leaves varies by some kB from boot to boot. */
function withoutBoot({ host, clientHosts }: { host: HostFacts; clientHosts: HostFacts[] }) {
  const rounded = (facts: HostFacts) => ({ ...facts, memoryBytes: Math.round(facts.memoryBytes / 2 ** 30) * 2 ** 30 });
  return { host: rounded(host), clientHosts: clientHosts.map(rounded) };
}

const asWritten = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** How much of a run has no record, in a line. */
export async function toldLeft({ folder, prologue: { plan, scenario } }: EarlierRun): Promise<string> {
  const left = turnsLeft(schedule(plan, scenario.repeats, scenario.seed), (await readRun(folder)).runs);
  return `${count(left.length, 'run')} of it have no record, expected time ${formatExpected(expectedLeftNs(left))}.`;
}

/** What is left of a run to be measured, and what was measured of it before. */
export interface Remaining {
  store: RunStore;
  turns: Turn[];
  runs: Run[];
  /** Those of `runs` that are recorded just now: attempts that are given up. */
  given: FailedRun[];
}

/**
 * Opens a run to go on with it. An attempt at whose time the machine went down has failed, and with it all that are left of its
 * cell: what brings a machine down once may do so every time. One whose process alone was killed is left to be made again. Rejects
 * with BenchError.
 */
export async function reopen({ folder, prologue }: EarlierRun): Promise<Remaining> {
  const { plan, scenario, runId } = prologue;
  const { runs } = await readRun(folder);
  if (runs.some((run) => run.runId !== runId))
    throw new BenchError('MERGED', `${folder} is made of several runs, and cannot be gone on with`);
  const store = await RunStore.reopen(folder);
  const left = turnsLeft(schedule(plan, scenario.repeats, scenario.seed), runs);
  const given = givenUp(runId, left, await readAttempt(folder), await readBootId());
  // At once: with a part of them, another end would not know what the mark is of.
  if (given.length > 0) await store.append(...given);
  const known = [...runs, ...given];
  return { store, turns: turnsLeft(left, given), runs: known, given };
}

/**
 * Records of the attempts that are not to be made: all that are left at the cell during which the machine went down, the attempt of
 * that time the last. Where its record is not there, the others may not be, either.
 */
export function givenUp(runId: string, left: readonly Turn[], attempt: Attempt | null, bootId: string): FailedRun[] {
  const isLeft = left.some(({ planned, repeat }) => planned.cell.id === attempt?.cell && repeat === attempt.repeat);
  if (attempt === null || !isLeft || attempt.bootId === bootId) return [];
  const when = `${attempt.startedAt.replace('T', ' ').slice(0, 16)} UTC`;
  const message = `the machine went down during the attempt of ${when}: this run tries the cell no more`;
  return left
    .filter(({ planned }) => planned.cell.id === attempt.cell)
    .toSorted((a, b) => Number(a.repeat === attempt.repeat) - Number(b.repeat === attempt.repeat))
    .map(({ planned: { cell }, repeat }) => ({
      ...{ schemaVersion, runId, cell, repeat, startedAt: attempt.startedAt },
      state: 'failed',
      error: { code: 'MACHINE_DOWN', message },
    }));
}
