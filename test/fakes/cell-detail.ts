import type { Placement } from '../../model/cell.js';
import type { CellDetail, Course } from '../../model/detail.js';
import type { HistogramPairs } from '../../model/histogram.js';
import type { CellSummary } from '../../model/summary.js';
import { fakeLedger } from './runs.js';

/** Round trips from 20 µs on, each value half as often as the one before. */
export function fakeHistogram(count: number): HistogramPairs {
  return Array.from({ length: 20 }, (_, index): [number, number] => [
    20_000 + index * 7000,
    Math.max(1, Math.round(count / 2 ** (index + 1))),
  ]);
}

/** A run of half a second of warm-up and `seconds` of measuring, with a reading each tenth of a second. */
export function fakeCourse(repeat: number, seconds = 2, perSecond = 500_000): Course {
  const endS = seconds + 0.5;
  const pieces = Array.from({ length: seconds }, (_, index) => index + 1.5);
  return {
    repeat,
    isCounted: true,
    phases: [
      { phase: 'warmup', beginS: 0, endS: 0.5 },
      { phase: 'measure', beginS: 0.5, endS },
    ],
    rates: Array.from({ length: Math.round(endS * 10) }, (_, index) => ({
      endS: (index + 1) / 10,
      sentPerSecond: perSecond * (1 + 0.01 * Math.sin(index)),
      repliesPerSecond: perSecond * (0.98 + 0.015 * Math.cos(index)),
      hiccupNs: index % 7 === 0 ? 1.5e6 : 0,
    })),
    roundTrips: pieces.map((at) => ({ endS: at, histogram: fakeHistogram(5000 + 100 * at) })),
    hosts: pieces.map((at) => ({ host: 'one', endS: at, busyRatio: 0.9, stealRatio: 0.02 * at, foreignRatio: 0.01 })),
  };
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

/** What may be looked at of a cell that completed three runs. */
export function fakeDetail(cell: CellSummary, changes: Partial<CellDetail> = {}): CellDetail {
  const isMeasured = cell.state === 'completed';
  const perSecond = cell.repliesPerSecond?.median ?? 0;
  const threads = Array.from({ length: cell.threads }, (_, index) => index);
  return {
    id: cell.id,
    placement: fakePlacement(cell),
    granted: isMeasured ? { attach: 'native', copyMode: 'copy' } : {},
    ledger: isMeasured
      ? fakeLedger(3e6, { right: 2.9e6, drops: [{ name: 'socket buffer', count: 99_990 }], residual: 10 })
      : null,
    histogram: cell.latencyNs ? fakeHistogram(cell.latencyNs.count) : [],
    levels: cell.levels.map(({ level, offeredPerSecond }) => ({
      ...{ level, offeredPerSecond },
      histogram: fakeHistogram(offeredPerSecond),
    })),
    cpuNsPerReply: isMeasured ? { user: 210, system: 480, softirq: 390, other: 12 } : null,
    handledByThread: isMeasured ? threads.map((thread) => 1e6 + thread) : [],
    receivedByQueue: isMeasured ? threads.map((thread) => 1e6 - thread) : [],
    courses: isMeasured ? [0, 1, 2].map((repeat) => fakeCourse(repeat, 2, perSecond + 1000 * repeat)) : [],
    errors:
      cell.state === 'failed'
        ? [{ code: 'CHILD', message: 'invoker ended', call: 'bind', stderr: ['one', 'two'] }]
        : [],
    ...changes,
  };
}
