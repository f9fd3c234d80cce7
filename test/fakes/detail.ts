import type { Placement } from '../../model/cell.js';
import type { CellDetail, Course, CpuClasses } from '../../model/detail.js';
import { type HistogramPairs, type LatencySummary, percentileColumns } from '../../model/histogram.js';
import type { Ledger } from '../../model/record.js';
import type { CellSummary } from '../../model/summary.js';

/** What goes with a cell of `fakeCell`: 2 runs of 3 seconds, of which the second was disturbed. */
export function fakeDetail(cell: CellSummary, changes: Partial<CellDetail> = {}): CellDetail {
  const isMeasured = cell.state === 'completed';
  const places = Array.from({ length: cell.threads }, (_, index) => index);
  return {
    id: cell.id,
    placement: fakePlacement(cell),
    granted: isMeasured ? { attach: 'native', copyMode: 'copy' } : {},
    ledger: isMeasured ? ledgerOf(cell) : null,
    histogram: histogramOf(cell.latencyNs),
    levels: cell.levels.map(({ level, offeredPerSecond, latencyNs }) => ({
      ...{ level, offeredPerSecond, histogram: histogramOf(latencyNs) },
    })),
    cpuNsPerReply: cell.cpuNsPerReply && classesOf(cell.cpuNsPerReply.total),
    handledByThread: isMeasured ? places.map((thread) => 1e6 + thread) : [],
    receivedByQueue: isMeasured ? places.map((queue) => 1e6 - queue) : [],
    courses:
      isMeasured && cell.engine !== 'none'
        ? [0, 1].map((repeat) => fakeCourse(repeat, 3, cell.repliesPerSecond?.median ?? 0))
        : [],
    errors:
      cell.state === 'failed'
        ? [{ code: 'CHILD', message: 'invoker ended', call: 'bind', stderr: ['one', 'two'] }]
        : [],
    ...changes,
  };
}

/** As many round trips as were counted, so that each percentile is where the summary has it. */
function histogramOf(latency: LatencySummary | null): HistogramPairs {
  if (latency === null) return [];
  const { count, max } = latency;
  const told = percentileColumns.map(({ key, percent }) => ({
    ns: latency[key] ?? max,
    upTo: (count * percent) / 100,
  }));
  const steps = [...told, { ns: max, upTo: count }];
  return steps.flatMap(({ ns, upTo }, index): HistogramPairs => {
    const before = Math.round(steps[index - 1]?.upTo ?? 0);
    const number = Math.round(upTo) - before;
    return number > 0 ? [[ns, number]] : [];
  });
}

function ledgerOf({ lossRatio, residualRatio }: CellSummary): Ledger {
  const sent = 1_000_000;
  const lost = Math.round(sent * (lossRatio ?? 0));
  const residual = Math.round(sent * (residualRatio ?? 0));
  const right = sent - lost - residual;
  const drops = lost > 0 ? [{ name: 'socket buffer full', count: lost }] : [];
  return { sent, handled: right, replied: right, right, wrong: 0, drops, residual };
}

function classesOf(total: number): CpuClasses {
  return { user: 0.25 * total, system: 0.4 * total, softirq: 0.3 * total, other: 0.05 * total };
}

/** Threads on CPUs from 4 on. */
export function fakePlacement({ threads, state }: CellSummary): Placement {
  return {
    clients: [{ generatorCpus: [0], housekeepingCpu: 1 }],
    invokerCpus: state === 'completed' ? Array.from({ length: threads }, (_, thread) => 4 + thread) : [],
    irqCpus: [],
    housekeepingCpu: 1,
    nodes: [0],
    sharing: 'exclusive',
    cores: 'own',
    warnings: [],
  };
}

/** A run of a second of warm-up and `seconds` of measuring, read twice a second; in the second repeat the host was disturbed. */
export function fakeCourse(repeat: number, seconds = 3, perSecond = 500_000): Course {
  const warmupS = 1;
  const isDisturbed = repeat === 1;
  const quiet = { host: 'one' as const, busyRatio: 0.9, stealRatio: 0.001, foreignRatio: 0.002 };
  /** In nanoseconds, by reading: a short one in the warm-up. */
  const hiccups = [1.5e6, 0, 0, 0, isDisturbed ? 20e6 : 0];
  const pieces = Array.from({ length: seconds }, (_, index) => index + 1);
  return {
    repeat,
    isCounted: true,
    phases: [
      { phase: 'warmup', beginS: 0, endS: warmupS },
      { phase: 'measure', beginS: warmupS, endS: warmupS + seconds },
    ],
    rates: Array.from({ length: 2 * (warmupS + seconds) }, (_, index) => ({
      endS: (index + 1) / 2,
      ...{ sentPerSecond: perSecond, repliesPerSecond: perSecond, hiccupNs: hiccups[index] ?? 0 },
    })),
    roundTrips: pieces.map((endS) => ({ endS: warmupS + endS, histogram: [[20_000, 5000 + 100 * endS]] })),
    hosts: pieces.map((endS) => ({
      ...{ ...quiet, endS },
      ...(isDisturbed && endS === 2 ? { stealRatio: 0.12, foreignRatio: 0.03 } : {}),
    })),
  };
}
