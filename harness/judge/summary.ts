import { type Cell, formatLoad, type PlannedCell } from '../../model/cell.js';
import { mergeHistograms, percentiles } from '../../model/histogram.js';
import type { Prologue } from '../../model/record.js';
import {
  type Capacity,
  type CapacityRate,
  type Ceiling,
  type CompletedRun,
  type LatencyLevel,
  mostPiecesRepeated,
  perSecond,
  type Run,
  schemaVersion,
} from '../../model/record.js';
import type { CellSummary, Interval, LevelSummary, Summary } from '../../model/summary.js';
import { ceilingOf } from './ceilings.js';
import { interval, median } from './stats.js';
import { limitOf, measureWindow, objections, wholeNs } from './verdict.js';

/** What a reader sees of a run of the harness, from its records alone; cells in the order of the plan. */
export function summarise(
  { runId, startedAt, scenario, plan, host, ceilings }: Prologue,
  runs: readonly Run[],
): Summary {
  const cells = plan
    .map((planned) => ({ planned, own: runs.filter(({ cell }) => cell.id === planned.cell.id) }))
    // An interrupted run of the harness leaves cells without a record: there is nothing to say of them.
    .filter(({ planned, own }) => planned.state === 'skipped' || own.length > 0)
    .map(({ planned, own }) => summariseCell(planned, own, ceilingOf(ceilings, planned.cell)));
  return { schemaVersion, runId, scenario, host, startedAt, cells };
}

function summariseCell(planned: PlannedCell, runs: readonly Run[], ceiling: Ceiling | null): CellSummary {
  const { cell } = planned;
  const completed = runs.filter((run) => run.state === 'completed');
  const failures = runs.flatMap((run) => (run.state === 'failed' ? [`${run.error.code}: ${run.error.message}`] : []));
  const skips = runs.flatMap((run) => (run.state === 'skipped' ? [run.reason] : []));
  if (planned.state === 'skipped') skips.push(planned.reason);
  const state = failures.length > 0 ? 'failed' : completed.length > 0 ? 'completed' : 'skipped';
  const reasons = [...failures, ...(completed.length > 0 ? [] : skips), ...completed.flatMap(objections)];
  return {
    ...describe(cell),
    state,
    verdict: completed.length === 0 ? null : reasons.length === 0 ? 'valid' : 'invalid',
    reasons: [...new Set(reasons)],
    warnings: [...new Set([...cell.placement.warnings, ...completed.flatMap(remarks)])],
    repeats: completed.length,
    ...figures(cell, completed, ceiling?.sentPerSecond ?? null),
  };
}

function describe(cell: Cell) {
  return {
    id: cell.id,
    impl: cell.implementation,
    threads: cell.threads,
    queues: cell.queues,
    packetBytes: cell.packetBytes,
    functionId: cell.functionId,
    load: formatLoad(cell.load),
    engine: cell.engine,
    idle: cell.idle,
  };
}

type Figures = Pick<
  CellSummary,
  | 'limit'
  | 'confidence'
  | 'repliesPerSecond'
  | 'bitsPerSecond'
  | 'overloadRepliesPerSecond'
  | 'generatorCeilingPerSecond'
  | 'lossRatio'
  | 'residualRatio'
  | 'latencyNs'
  | 'levels'
  | 'ndrPerSecond'
  | 'pdrPerSecond'
  | 'cpuNsPerReply'
  | 'invokerCpuRatio'
>;

const noFigures: Figures = {
  limit: null,
  confidence: null,
  repliesPerSecond: null,
  bitsPerSecond: null,
  overloadRepliesPerSecond: null,
  generatorCeilingPerSecond: null,
  lossRatio: null,
  residualRatio: null,
  latencyNs: null,
  levels: [],
  ndrPerSecond: null,
  pdrPerSecond: null,
  cpuNsPerReply: null,
  invokerCpuRatio: null,
};

function figures(cell: Cell, runs: readonly CompletedRun[], ceilingPerSecond: number | null): Figures {
  const measured = runs.flatMap((run) => {
    const window = measureWindow(run);
    return window === null ? [] : [{ run, window }];
  });
  if (measured.length === 0) return noFigures;
  const busyRatios = runs.flatMap((run) => busyRatio(run, cell.placement.invokerCpus) ?? []);
  const invokerCpuRatio = busyRatios.length === 0 ? null : median(busyRatios);
  if (cell.load.kind === 'none') return { ...noFigures, invokerCpuRatio };

  const replies = interval(measured.map(({ window }) => perSecond(window, window.replied - window.wrong)));
  const overload = runs.flatMap((run) => run.windows.filter(({ phase }) => phase === 'overload'));
  const sent = measured.reduce((sum, { window }) => sum + window.sent, 0);
  const replied = measured.reduce((sum, { window }) => sum + window.replied - window.wrong, 0);
  const histogram = mergeHistograms(runs.map((run) => run.histogram));
  return {
    limit: mostFrequent(runs.map((run) => limitOf(run, ceilingPerSecond))),
    confidence: replies.confidence,
    repliesPerSecond: replies.interval,
    bitsPerSecond: scale(replies.interval, cell.packetBytes * 8),
    overloadRepliesPerSecond:
      overload.length === 0
        ? null
        : interval(overload.map((window) => perSecond(window, window.replied - window.wrong))).interval,
    generatorCeilingPerSecond:
      ceilingPerSecond ??
      (overload.length === 0 ? null : median(overload.map((window) => perSecond(window, window.sent)))),
    // Replies to requests sent just before the window may make it a touch negative.
    lossRatio: sent === 0 ? null : Math.max(0, 1 - replied / sent),
    residualRatio: Math.max(
      ...runs.map(({ ledger }) => (ledger.sent === 0 ? 0 : Math.abs(ledger.residual) / ledger.sent)),
    ),
    latencyNs: histogram.length === 0 ? null : percentiles(histogram),
    levels: summariseLevels(runs),
    ndrPerSecond: cell.load.kind === 'capacity' ? rates(runs, ({ ndr }) => ndr) : null,
    pdrPerSecond: cell.load.kind === 'capacity' ? rates(runs, ({ pdr }) => pdr) : null,
    cpuNsPerReply: cpuNsPerReply(cell, measured),
    invokerCpuRatio,
  };
}

/**
 * Null where half of the runs or more found no rate that is good enough: those count as 0. A single run has the bracket
 * of its search.
 */
function rates(runs: readonly CompletedRun[], of: (capacity: Capacity) => CapacityRate | null): Interval | null {
  const capacities = runs.flatMap(({ capacity }) => (capacity === null ? [] : [of(capacity)]));
  const found = capacities.filter((capacity) => capacity !== null);
  // The median of an even number would be half a rate.
  if (found.length <= capacities.length / 2) return null;
  const [only] = found;
  if (only && capacities.length === 1) {
    const { perSecond: held, failedPerSecond } = only;
    return { median: held, low: held, high: failedPerSecond ?? held };
  }
  return interval(capacities.map((capacity) => capacity?.perSecond ?? 0)).interval;
}

function summariseLevels(runs: readonly CompletedRun[]): LevelSummary[] {
  const ids = new Set(runs.flatMap(({ levels }) => levels.map(({ level }) => level)));
  return [...ids].map((id) => {
    const own = runs.flatMap(({ levels }) => levels.filter(({ level }) => level === id));
    const histogram = mergeHistograms(own.map((level) => level.histogram));
    return {
      level: id,
      offeredPerSecond: median(own.map(({ offeredPerSecond }) => offeredPerSecond)),
      lossRatio: lossOf(own),
      latencyNs: histogram.length === 0 ? null : percentiles(histogram),
    };
  });
}

function lossOf(levels: readonly LatencyLevel[]): number {
  const sent = levels.reduce((sum, level) => sum + level.sent, 0);
  const replied = levels.reduce((sum, level) => sum + level.replied, 0);
  return sent === 0 ? 0 : Math.max(0, 1 - replied / sent);
}

function cpuNsPerReply(
  { placement }: Cell,
  measured: readonly { run: CompletedRun; window: { replied: number } }[],
): CellSummary['cpuNsPerReply'] {
  const usable = measured.filter(({ run, window }) => run.cpu.length > 0 && window.replied > 0);
  if (usable.length === 0) return null;
  const all = [...placement.invokerCpus, ...placement.generatorCpus, placement.housekeepingCpu];
  return {
    invoker: median(usable.map(({ run, window }) => busyNs(run, placement.invokerCpus) / window.replied)),
    total: median(usable.map(({ run, window }) => busyNs(run, all) / window.replied)),
  };
}

function busyNs({ cpu: times }: CompletedRun, cpus: readonly number[]): number {
  return times
    .filter(({ cpu }) => cpus.includes(cpu))
    .reduce((sum, time) => sum + time.userNs + time.systemNs + time.softirqNs, 0);
}

/** Busy share of some CPUs over the measure phase; null without a reading. */
function busyRatio(run: CompletedRun, cpus: readonly number[]): number | null {
  const whole = run.cpu.filter(({ cpu }) => cpus.includes(cpu)).reduce((sum, time) => sum + wholeNs(time), 0);
  return whole === 0 ? null : busyNs(run, cpus) / whole;
}

/** A gap this long in a loop that never rests is worth a word. */
const longGapMs = 10;
/** Loss at the NDR that is worth a word. */
const mostLostAtNdr = 0.005;
/** A search that made more than this share of its pieces again is worth a word. */
const mostRepeated = 0.5;
/** Overload that answers this much more than the peak found: the search was misled. */
const misledRatio = 1.1;

/** What should be known of a run that is valid all the same. */
function remarks(run: CompletedRun): string[] {
  const { hiccups, counters, handledByThread, windows, cell } = run;
  const seen: string[] = [];
  const worstNs = Math.max(hiccups.invoker?.maxNs ?? 0, hiccups.generator?.maxNs ?? 0);
  if (worstNs > longGapMs * 1e6) {
    const cause = cell.placement.sharing === 'shared' ? ', CPUs being shared' : '';
    seen.push(`a measured thread did not run for more than ${longGapMs} ms at a time${cause}`);
  }
  if (run.capacity) seen.push(...searchRemarks(run.capacity));
  const measured = measureWindow(run);
  // At a PDR about as much is lost.
  const atNdr = cell.load.kind === 'capacity' && run.capacity?.ndr != null;
  if (atNdr && measured && measured.sent - measured.replied > mostLostAtNdr * measured.sent)
    seen.push('at its NDR it lost more than 0.5 % when measured: the load holds only about half of the time');
  const idle = handledByThread.filter((count) => count === 0).length;
  if (idle > 0 && cell.load.kind === 'closed') seen.push('the connections did not reach every invoker thread');
  if ((counters.generator.timeouts ?? 0) > 0)
    seen.push('requests timed out: their round trips are not in the percentiles');
  const overload = windows.find(({ phase }) => phase === 'overload');
  if (
    measured &&
    overload &&
    perSecond(overload, overload.replied) > misledRatio * perSecond(measured, measured.replied)
  ) {
    seen.push('under full overload it answered more than at the peak that was found');
  }
  return seen;
}

function searchRemarks({ ndr, pdr, pieces, piecesRepeated, timedOut }: Capacity): string[] {
  const seen: string[] = [];
  if (ndr === null && pdr === null) seen.push('no load held in a search: it was measured at the peak of a quick look');
  if (timedOut) seen.push('a search ran out of time: its bracket is wider than 1 %, or has no upper bound');
  if (piecesRepeated >= mostPiecesRepeated || piecesRepeated > mostRepeated * pieces)
    seen.push(
      'the generator kept losing its CPU in a search: a load that it could not offer counts as one that failed',
    );
  return seen;
}

function scale({ median: middle, low, high }: Interval, factor: number): Interval {
  return { median: middle * factor, low: low * factor, high: high * factor };
}

function mostFrequent<T>(values: readonly T[]): T | null {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce<[T | null, number]>((best, entry) => (entry[1] > best[1] ? entry : best), [null, 0])[0];
}
