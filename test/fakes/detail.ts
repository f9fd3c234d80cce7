import type { CellDetail, Course, CpuClasses } from '../../model/detail.js';
import { type HistogramPairs, type LatencySummary, percentileColumns } from '../../model/histogram.js';
import type { Ledger } from '../../model/record.js';
import type { CellSummary } from '../../model/summary.js';
import { fakePlacement } from './cell-detail.js';

/** What goes with a cell of `fakeCell`: 2 runs of 3 seconds, of which the second was disturbed. */
export function fakeDetail(cell: CellSummary, changes: Partial<CellDetail> = {}): CellDetail {
  const isMeasured = cell.state === 'completed';
  return {
    id: cell.id,
    placement: fakePlacement(cell),
    granted: {},
    ledger: isMeasured ? ledgerOf(cell) : null,
    histogram: histogramOf(cell.latencyNs),
    levels: cell.levels.map(({ level, offeredPerSecond, latencyNs }) => ({
      ...{ level, offeredPerSecond, histogram: histogramOf(latencyNs) },
    })),
    cpuNsPerReply: cell.cpuNsPerReply && classesOf(cell.cpuNsPerReply.total),
    handledByThread: [],
    receivedByQueue: [],
    courses: isMeasured && cell.engine !== 'none' ? [0, 1].map((repeat) => fakeCourse(cell, repeat)) : [],
    errors: [],
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

function fakeCourse({ repliesPerSecond }: CellSummary, repeat: number): Course {
  const rate = repliesPerSecond?.median ?? 0;
  const warmupS = 1;
  const at = (endS: number, change: Partial<Course['hosts'][number]> = {}): Course['hosts'][number] => ({
    ...{ host: 'one', endS, busyRatio: 0.9, stealRatio: 0.001, foreignRatio: 0.002, ...change },
  });
  return {
    repeat,
    isCounted: true,
    phases: [
      { phase: 'warmup', beginS: 0, endS: warmupS },
      { phase: 'measure', beginS: warmupS, endS: warmupS + 3 },
    ],
    rates: Array.from({ length: 8 }, (_, index) => ({
      endS: (index + 1) / 2,
      ...{ sentPerSecond: rate, repliesPerSecond: rate, hiccupNs: repeat === 1 && index === 4 ? 20e6 : 0 },
    })),
    roundTrips: [],
    hosts: [at(1), at(2, repeat === 1 ? { stealRatio: 0.12, foreignRatio: 0.03 } : {}), at(3)],
  };
}
