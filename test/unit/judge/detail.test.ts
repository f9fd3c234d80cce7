import { describe, expect, it } from 'vitest';
import { detailsOf } from '../../../harness/judge/detail.js';
import type { Load, PlannedCell } from '../../../model/cell.js';
import type { CellDetail } from '../../../model/detail.js';
import type { CompletedRun, Run, Sample } from '../../../model/record.js';
import { fakeCompleted, fakeCpuTime, fakeFailed, fakeLedger, fakeRunCell, fakeWindow } from '../../fakes/runs.js';

const cellOf = (load: Load) => fakeRunCell('recvmmsg', load);
const saturate = cellOf({ kind: 'saturate' });
const planned = (...runs: Run[]) => runs.map(({ cell }): PlannedCell => ({ state: 'runnable', cell }));
const detailOf = (...runs: Run[]) => detailsOf({ plan: planned(runs[0] as Run) }, runs)[0] as CellDetail;
const run = (changes: Partial<CompletedRun> = {}) => fakeCompleted(saturate, 1000, changes);

describe('details', () => {
  it('are those of cells with a record, in the order of the plan', () => {
    const [a, b, c] = ([{ kind: 'none' }, { kind: 'saturate' }, { kind: 'closed', connections: 4 }] as Load[]).map(
      (load) => fakeCompleted(cellOf(load), 1000),
    ) as [Run, Run, Run];
    expect(detailsOf({ plan: planned(a, b, c) }, [c, a]).map(({ id }) => id)).toEqual([a.cell.id, c.cell.id]);
  });

  it('sum up ledgers, histograms and what threads and queues had', () => {
    const first = { ledger: fakeLedger(10, { drops: [{ name: 'a', count: 1 }] }), handledByThread: [4, 5] };
    const second = {
      ledger: fakeLedger(20, {
        wrong: 0,
        drops: [
          { name: 'b', count: 2 },
          { name: 'a', count: 3 },
        ],
        residual: 0,
      }),
      handledByThread: [6],
    };
    const found = detailOf(
      run({ ...first, repeat: 1, histogram: [[1000, 2]] }),
      run({ ...second, repeat: 0, histogram: [[1000, 3]] }),
    );
    expect(found.ledger).toMatchObject({
      sent: 30,
      drops: [
        { name: 'b', count: 2 },
        { name: 'a', count: 4 },
      ],
    });
    expect(found.histogram).toEqual([[1000, 5]]);
    expect(found.handledByThread).toEqual([10, 5]);
    expect(found.courses.map(({ repeat }) => repeat)).toEqual([0, 1]);
  });

  it('leave out runs that are not sound where figures stand on the others, and tell errors', () => {
    const wrong = run({ repeat: 2, ledger: fakeLedger(1000, { wrong: 5, right: 995 }) });
    const sound = [0, 1, 3].map((repeat) => run({ repeat, ledger: fakeLedger(10) }));
    const found = detailOf(...sound, wrong);
    expect(found.ledger).toMatchObject({ sent: 30, wrong: 0 });
    expect(found.courses.map(({ repeat, isCounted }) => [repeat, isCounted])).toEqual([
      [0, true],
      [1, true],
      [2, false],
      [3, true],
    ]);
    expect(detailOf(fakeFailed(saturate, 'CHILD_ENDED', 'gone'))).toMatchObject({
      ...{ ledger: null, courses: [], cpuNsPerReply: null, errors: [{ code: 'CHILD_ENDED', message: 'gone' }] },
    });
  });

  it('divide CPU time by class, what others used taken from user and system in proportion', () => {
    const { invokerCpus } = saturate.placement;
    const [cpu = 0] = invokerCpus;
    const times = { userNs: 0.3e9, systemNs: 0.6e9, softirqNs: 0.1e9 };
    const found = detailOf(
      run({
        cpu: [fakeCpuTime(cpu, times)],
        foreign: [{ host: 'one', cpu, ns: 0.18e9 }],
        windows: [fakeWindow('measure', 1000, 1000)],
      }),
    );
    expect(found.cpuNsPerReply).toEqual({ user: 240_000, system: 480_000, softirq: 100_000, other: 180_000 });
  });

  it('take rates from readings of the generator, and shares from those of the hosts', () => {
    const sample = (atS: number, sent: number, replied: number, hiccupTotalNs: number): Sample => ({
      ...{ source: 'generator', atNs: atS * 1e9, counters: { sent, replied, hiccupTotalNs } },
    });
    const samples = [sample(5, 0, 0, 0), sample(5.5, 100, 90, 0), sample(6, 300, 280, 7)];
    const [cpu = 0] = saturate.placement.invokerCpus;
    const hosts = [100, 101].map((beginS) => ({
      ...{ host: 'one' as const, beginNs: beginS * 1e9, endNs: (beginS + 1) * 1e9 },
      cpu: [fakeCpuTime(cpu, { userNs: 0.5e9, stealNs: 0.25e9 }), fakeCpuTime(99, { userNs: 1e9 })],
      foreign: [{ host: 'one' as const, cpu, ns: 0.1e9 }],
    }));
    const windows = [fakeWindow('measure', 1000, 1000, { beginNs: 5e9, endNs: 6e9 })];
    const roundTrips = [{ beginNs: 5e9, endNs: 6e9, histogram: [[1000, 3]] as [number, number][] }];
    const { courses } = detailOf(run({ samples, windows, timeline: { roundTrips, hosts } }));
    expect(courses).toEqual([
      {
        repeat: 0,
        isCounted: true,
        phases: [{ phase: 'measure', beginS: 0, endS: 1 }],
        rates: [
          { endS: 0.5, sentPerSecond: 200, repliesPerSecond: 180, hiccupNs: 0 },
          { endS: 1, sentPerSecond: 400, repliesPerSecond: 380, hiccupNs: 7 },
        ],
        roundTrips: [{ endS: 1, histogram: [[1000, 3]] }],
        hosts: [1, 2].map((endS) => ({
          ...{ host: 'one', endS, busyRatio: 0.5, stealRatio: 0.25, foreignRatio: 0.1 },
        })),
      },
    ]);
  });
});
