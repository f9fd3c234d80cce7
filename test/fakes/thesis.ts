import { join } from 'node:path';
import type { MeasuredRun } from '../../harness/report/literature/source.js';
import { loadReference, type Reference } from '../../harness/report/reference.js';
import type { Placement } from '../../model/cell.js';
import type { Course } from '../../model/detail.js';
import type { ImplementationId } from '../../model/ids.js';
import type { CellSummary } from '../../model/summary.js';
import { fakeDetail } from './detail.js';
import { fakeCell, fakeFigure, fakeLatencyCell, fakeSummary } from './summary.js';

export const publishedFolder = join(import.meta.dirname, '../../results/reference');

/** What stands in results/reference/. */
export const loadPublished = (): Promise<Reference> => loadReference(publishedFolder, 'thesis');

const latencies: [ImplementationId, number][] = [
  ['recvfrom', 30_000],
  ['recvmmsg', 34_000],
  ['afxdp', 22_000],
];
/** Percentile and how many times the median it is. */
const shape: [count: number, times: number][] = [
  [6000, 0.9],
  [3000, 1.2],
  [950, 1.6],
  [45, 3],
  [5, 9],
];

/** A run of all cells of scenarios/thesis.yaml that answers twice as much as was published, of `seconds` each. */
export function fakeThesis(published: Reference, seconds = 40, changes: (cell: CellSummary) => CellSummary = (c) => c) {
  const peaks = published.throughput.kpps.flatMap(({ implementation, threads, queues, values }) =>
    values.map(([size, kpps]) => fakeCell(implementation as ImplementationId, { threads, queues }, size, 2000 * kpps)),
  );
  const varied = published.queues
    .filter(({ queues }) => queues > 1)
    .map(({ queues, kpps }) => {
      const cell = fakeCell('recvfrom', { threads: 1, queues: 1 }, 800, 2000 * kpps);
      return { ...cell, id: `${cell.id}-channels=${queues}`, variant: `channels=${queues}` };
    });
  const closed = latencies.map(([impl]) => fakeLatencyCell(impl));
  const cells = [...peaks, ...varied, ...closed].map(changes);
  const details = cells.map((cell) =>
    fakeDetail(cell, { placement: thesisPlacement(cell), courses: [thesisCourse(cell, seconds)] }),
  );
  return { summary: fakeSummary({ cells }), details } satisfies MeasuredRun;
}

/** A warm-up of a second, a search of another, and a measure phase of `seconds` that dips in its middle. */
function thesisCourse({ impl, answer, repliesPerSecond }: CellSummary, seconds: number): Course {
  const rate = (repliesPerSecond ?? fakeFigure(0)).median;
  const dip = (second: number) => (second === Math.floor(seconds / 2) ? 0.5 : 1);
  const median = latencies.find(([id]) => id === impl)?.[1] ?? 0;
  const each = Array.from({ length: seconds }, (_, second) => second);
  return {
    repeat: 0,
    isCounted: true,
    phases: [
      { phase: 'warmup', beginS: 0, endS: 1 },
      { phase: 'measure', beginS: 2, endS: 2 + seconds },
    ],
    rates: [
      { endS: 1, sentPerSecond: 20_000, repliesPerSecond: 20_000, hiccupNs: null },
      { endS: 2, sentPerSecond: rate / 2, repliesPerSecond: rate / 2, hiccupNs: null },
      ...each.map((second) => ({
        ...{ endS: 3 + second, sentPerSecond: rate, repliesPerSecond: rate * dip(second), hiccupNs: null },
      })),
    ],
    roundTrips:
      answer.kind === 'round-trips'
        ? each.map((second) => ({
            endS: 3 + second,
            histogram: shape.map(([count, times]): [number, number] => [
              Math.round((median * times) / dip(second)),
              count,
            ]),
          }))
        : [],
    hosts: [],
  };
}

function thesisPlacement({ threads, queues, load }: CellSummary): Placement {
  return {
    clients: [{ generatorCpus: [4], housekeepingCpu: 1 }],
    invokerCpus: Array.from({ length: threads }, (_, thread) => 11 - 2 * (thread % 6)),
    irqCpus: load === 'saturate' ? Array.from({ length: queues }, (_, queue) => 2 * (queue % 6)) : [],
    housekeepingCpu: 1,
    ...{ nodes: [0], sharing: 'exclusive', cores: 'own', warnings: [] },
  };
}
