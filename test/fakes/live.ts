import { LiveRun } from '../../harness/live/live-run.js';
import type { BenchEvent } from '../../harness/measure/events.js';
import { formatLoad, type Load, matrixLabel, type PlannedCell } from '../../model/cell.js';
import type { ImplementationId } from '../../model/ids.js';
import type { Run, Sample } from '../../model/record.js';
import { fakeRunCell } from './runs.js';

interface Points {
  load: Load;
  points: [threads: number, queues: number][];
  sizes: number[];
}

/** Cells of every implementation and variant at every point. */
export function fakePlan(
  implementations: ImplementationId[],
  loads: Points[],
  variants: readonly string[] = [''],
): PlannedCell[] {
  return loads.flatMap(({ load, points, sizes }) =>
    implementations.flatMap((implementation) =>
      points.flatMap(([threads, queues]) =>
        variants.flatMap((variant) =>
          sizes.map((packetBytes): PlannedCell => {
            const point = matrixLabel({ threads, queues });
            const id = `${implementation}-${point}-${packetBytes}-reverse-${formatLoad(load)}-${variant}`;
            return {
              state: 'runnable',
              cell: fakeRunCell(implementation, load, { id, threads, queues, packetBytes, variant }),
            };
          }),
        ),
      ),
    ),
  );
}

/** `count` sizes from `first` on. */
const sizesFrom = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + 20 * index);

/** 50 cells of two loads. */
export const planOf50 = () =>
  fakePlan(
    ['dgram', 'recvfrom', 'recvmmsg', 'iouring', 'afxdp'],
    [
      {
        load: { kind: 'saturate' },
        points: [
          [1, 1],
          [2, 2],
        ],
        sizes: sizesFrom(200, 4),
      },
      { load: { kind: 'closed', connections: 4 }, points: [[1, 1]], sizes: [200, 800] },
    ],
  );

/** 2,000 cells: 25 rows of 80. */
export const planOf2000 = () =>
  fakePlan(
    ['recvfrom', 'recvmmsg', 'iouring', 'afxdp', 'xdp'],
    [
      {
        load: { kind: 'saturate' },
        points: [
          [1, 1],
          [2, 2],
          [4, 4],
          [8, 8],
        ],
        sizes: sizesFrom(200, 20),
      },
    ],
    ['', 'batch=8', 'batch=64,ringSize=4096', 'idle=spin', 'batch=8,idle=spin,checksum=full'],
  );

/** A benchmark that is told what happens, and a clock that goes as far as each event says. */
export class FakeLive {
  nowNs = 0;
  readonly live: LiveRun;

  constructor(
    readonly plan: PlannedCell[],
    repeats = 1,
  ) {
    this.live = new LiveRun({ name: 'quick', repeats }, plan, '2026-11-30T06:00:00.000Z', () => this.nowNs);
  }

  tell(event: BenchEvent, afterNs = 0): this {
    this.nowNs += afterNs;
    this.live.observe(event);
    return this;
  }

  /** One run of a cell, of so many seconds. */
  run(run: Run, seconds = 3): this {
    this.tell({ type: 'began', cell: run.cell, repeat: run.repeat });
    return this.tell({ type: 'ended', run }, seconds * 1e9);
  }

  /** Samples of one process, 200 ms apart. */
  samples(source: Sample['source'], ...counters: Sample['counters'][]): this {
    counters.forEach((each, index) => {
      this.tell({ type: 'sample', sample: { source, atNs: index * 200e6, counters: each } });
    });
    return this;
  }
}
