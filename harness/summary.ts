import { formatLoad } from './axes.js';
import { mergeHistograms, percentiles } from './histogram.js';
import {
  type Cell,
  type CellSummary,
  type CompletedRun,
  type Interval,
  type PlannedCell,
  type Run,
  type Summary,
  schemaVersion,
} from './model.js';
import { interval, median } from './stats.js';
import type { Prologue } from './store.js';
import { limitOf, measureWindow, objections, perSecond } from './verdict.js';

/** What a reader sees of a run of the harness, from its records alone; cells in the order of the plan. */
export function summarise({ runId, startedAt, scenario, plan, host }: Prologue, runs: readonly Run[]): Summary {
  const cells = plan
    .map((planned) => ({ planned, own: runs.filter(({ cell }) => cell.id === planned.cell.id) }))
    // An interrupted run of the harness leaves cells without a record: there is nothing to say of them.
    .filter(({ planned, own }) => planned.state === 'skipped' || own.length > 0)
    .map(({ planned, own }) => summariseCell(planned, own));
  return { schemaVersion, runId, scenario, host, startedAt, cells };
}

function summariseCell(planned: PlannedCell, runs: readonly Run[]): CellSummary {
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
    ...figures(cell, completed),
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
  | 'latencyNs'
  | 'cpuNsPerReply'
>;

const noFigures: Figures = {
  limit: null,
  confidence: null,
  repliesPerSecond: null,
  bitsPerSecond: null,
  overloadRepliesPerSecond: null,
  generatorCeilingPerSecond: null,
  lossRatio: null,
  latencyNs: null,
  cpuNsPerReply: null,
};

function figures(cell: Cell, runs: readonly CompletedRun[]): Figures {
  const measured = runs.flatMap((run) => {
    const window = measureWindow(run);
    return window === null ? [] : [{ run, window }];
  });
  if (measured.length === 0 || cell.load.kind === 'none') return noFigures;

  const replies = interval(measured.map(({ window }) => perSecond(window, window.replied - window.wrong)));
  const overload = runs.flatMap((run) => run.windows.filter(({ phase }) => phase === 'overload'));
  const sent = measured.reduce((sum, { window }) => sum + window.sent, 0);
  const replied = measured.reduce((sum, { window }) => sum + window.replied - window.wrong, 0);
  const histogram = mergeHistograms(runs.map((run) => run.histogram));
  return {
    limit: mostFrequent(runs.map(limitOf)),
    confidence: replies.confidence,
    repliesPerSecond: replies.interval,
    bitsPerSecond: scale(replies.interval, cell.packetBytes * 8),
    overloadRepliesPerSecond:
      overload.length === 0
        ? null
        : interval(overload.map((window) => perSecond(window, window.replied - window.wrong))).interval,
    generatorCeilingPerSecond:
      overload.length === 0 ? null : median(overload.map((window) => perSecond(window, window.sent))),
    // Replies to requests sent just before the window may make it a touch negative.
    lossRatio: sent === 0 ? null : Math.max(0, 1 - replied / sent),
    latencyNs: histogram.length === 0 ? null : percentiles(histogram),
    cpuNsPerReply: cpuNsPerReply(cell, measured),
  };
}

function cpuNsPerReply(
  { placement }: Cell,
  measured: readonly { run: CompletedRun; window: { replied: number } }[],
): CellSummary['cpuNsPerReply'] {
  const usable = measured.filter(({ run, window }) => run.cpu.length > 0 && window.replied > 0);
  if (usable.length === 0) return null;
  const busyNs = (run: CompletedRun, cpus: readonly number[]) =>
    run.cpu
      .filter(({ cpu }) => cpus.includes(cpu))
      .reduce((sum, time) => sum + time.userNs + time.systemNs + time.softirqNs, 0);
  const all = [...placement.invokerCpus, ...placement.generatorCpus, placement.housekeepingCpu];
  return {
    invoker: median(usable.map(({ run, window }) => busyNs(run, placement.invokerCpus) / window.replied)),
    total: median(usable.map(({ run, window }) => busyNs(run, all) / window.replied)),
  };
}

/** What should be known of a run that is valid all the same. */
function remarks({ hiccups }: CompletedRun): string[] {
  const longMs = 10;
  const worstMs = Math.max(hiccups.invoker.maxNs, hiccups.generator.maxNs) / 1e6;
  return worstMs < longMs ? [] : [`the host took a CPU away for more than ${longMs} ms at a time`];
}

function scale({ median: middle, low, high }: Interval, factor: number): Interval {
  return { median: middle * factor, low: low * factor, high: high * factor };
}

function mostFrequent<T>(values: readonly T[]): T | null {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce<[T | null, number]>((best, entry) => (entry[1] > best[1] ? entry : best), [null, 0])[0];
}
