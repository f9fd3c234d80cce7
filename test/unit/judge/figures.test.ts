import { describe, expect, it } from 'vitest';
import { summarise } from '../../../harness/judge/summary.js';
import type { Cell, Load, PlannedCell } from '../../../model/cell.js';
import type { CpuTime, EnergyUse, HostSide } from '../../../model/host-use.js';
import type { Capacity, CompletedRun, Run } from '../../../model/record.js';
import type { CellSummary } from '../../../model/summary.js';
import {
  fakeCapacity,
  fakeCompleted,
  fakeCpuTime,
  fakeFailed,
  fakeLedger,
  fakePrologue,
  fakeRunCell,
  fakeSkipped,
  fakeWindow,
} from '../../fakes/runs.js';

const cellOf = (load: Load, changes: Partial<Cell> = {}) => fakeRunCell('recvmmsg', load, changes);
const saturate = cellOf({ kind: 'saturate' });
const closed = cellOf({ kind: 'closed', connections: 4 });
const none = cellOf({ kind: 'none' });
const runnable = (cell: Cell): PlannedCell => ({ state: 'runnable', cell });

function summaryOf(planned: PlannedCell, ...runs: Run[]): CellSummary {
  const { cells } = summarise(fakePrologue([planned]), runs);
  expect(cells).toHaveLength(1);
  return cells[0] as CellSummary;
}

const figuresOf = (summary: CellSummary) => ({
  limit: summary.limit,
  repliesPerSecond: summary.repliesPerSecond,
  bitsPerSecond: summary.bitsPerSecond,
  overloadRepliesPerSecond: summary.overloadRepliesPerSecond,
  generatorCeilingPerSecond: summary.generatorCeilingPerSecond,
  lossRatio: summary.lossRatio,
  residualRatio: summary.residualRatio,
  latencyNs: summary.latencyNs,
  cpuNsPerReply: summary.cpuNsPerReply,
  invokerCpuRatio: summary.invokerCpuRatio,
});
const nothing = Object.fromEntries(
  Object.keys(figuresOf(summaryOf({ state: 'skipped', cell: saturate, reason: '' }))).map((name) => [name, null]),
);

describe('figures', () => {
  it('have the joules of the server, a reply', () => {
    const use = (host: HostSide, joules: number) => ({ host, domain: 'package-0', joules });
    const of = (...energy: EnergyUse[]) => fakeCompleted(saturate, 100_000, { energy });
    const memory = { ...use('server', 2), domain: 'package-0/dram' };
    const runs = [of(use('server', 10), memory, use('client', 90)), of(use('server', 20)), of(use('one', 50))];
    expect(summaryOf(runnable(saturate), ...runs).joulesPerReply).toBe(20 / 100_000);
    expect(summaryOf(runnable(saturate), of(use('client', 90))).joulesPerReply).toBeNull();
  });

  it('are medians over the repeats with their range', () => {
    const runs = [120_000, 100_000, 104_000].map((rate, repeat) => fakeCompleted(saturate, rate, { repeat }));
    expect(summaryOf(runnable(saturate), ...runs)).toEqual({
      ...{
        id: saturate.id,
        impl: 'recvmmsg',
        variant: '',
        workNs: null,
        threads: 1,
        queues: 1,
        packetBytes: 200,
        functionId: 'reverse',
      },
      ...{ load: 'saturate', answer: { kind: 'peak' }, engine: 'live', state: 'completed', verdict: 'valid' },
      ...{ reasons: [], warnings: [], idle: 'poll', limit: 'invoker', repeats: 3 },
      repliesPerSecond: { median: 104_000, low: 100_000, high: 120_000, confidence: 0.75 },
      bitsPerSecond: { median: 104_000 * 1600, low: 100_000 * 1600, high: 120_000 * 1600, confidence: 0.75 },
      overloadRepliesPerSecond: { median: 52_000, low: 50_000, high: 60_000, confidence: 0.75 },
      generatorCeilingPerSecond: 1_040_000,
      lossRatio: 0,
      residualRatio: 0,
      latencyNs: null,
      levels: [],
      ndr: null,
      pdr: null,
      // The invoker's CPU is busy for 1 s, the generator's for 0.5 s, the harness's for 0.1 s, another one's is not ours.
      cpuNsPerReply: { invoker: 1e9 / 104_000, total: 1.6e9 / 104_000 },
      invokerCpuRatio: 1,
      joulesPerReply: null,
      byRepeat: [120_000, 100_000, 104_000].map((rate, repeat) => ({
        ...{ repeat, repliesPerSecond: rate, ndrPerSecond: null, pdrPerSecond: null, latencyNs: null },
        cpuNsPerReply: 1.6e9 / rate,
      })),
    });
  });

  it('of two hosts count the CPUs of the cell on each of them', () => {
    const placement = {
      ...saturate.placement,
      clients: [{ generatorCpus: [0], housekeepingCpu: 2 }],
      ...{ irqCpus: [0], housekeepingCpu: 1 },
    };
    const busy = (host: 'server' | 'client', cpu: number, userNs: number) => fakeCpuTime(cpu, { host, userNs });
    const cpu = [
      // Interrupts, agent and invoker; the others are idle, or none of the cell's.
      ...[busy('server', 0, 0.1e9), busy('server', 1, 0.02e9), busy('server', 2, 1e9), busy('server', 3, 0.5e9)],
      // Generator and agent.
      ...[busy('client', 0, 0.3e9), busy('client', 1, 1e9), busy('client', 2, 0.03e9), busy('client', 3, 1e9)],
    ];
    const run = fakeCompleted({ ...saturate, placement }, 1000, { cpu });
    const { cpuNsPerReply } = summaryOf(runnable(run.cell), run);
    expect(cpuNsPerReply?.invoker).toBeCloseTo(0.5e6);
    expect(cpuNsPerReply?.total).toBeCloseTo(0.95e6);
  });

  it('of several clients count the CPUs of each', () => {
    const clients = [
      { generatorCpus: [0], housekeepingCpu: 1 },
      { generatorCpus: [2], housekeepingCpu: 2 },
    ];
    const busy = (host: HostSide, cpu: number, userNs: number) => fakeCpuTime(cpu, { host, userNs });
    const cpu = [
      ...[busy('server', 3, 0.5e9), busy('client 1', 0, 0.2e9), busy('client 1', 2, 1e9)],
      ...[busy('client 2', 2, 0.1e9), busy('client 2', 0, 1e9)],
    ];
    const run = fakeCompleted({ ...saturate, placement: { ...saturate.placement, clients } }, 1000, { cpu });
    expect(summaryOf(runnable(run.cell), run).cpuNsPerReply?.total).toBeCloseTo(0.8e6);
  });

  it('of a closed loop have percentiles of all repeats together and no overload', () => {
    const fast = fakeCompleted(closed, 1000, { histogram: [[10_000, 19_800]] });
    const slow = fakeCompleted(closed, 1000, { histogram: [[500_000, 200]] });
    const summary = summaryOf(runnable(closed), fast, slow);
    expect(summary).toMatchObject({ load: 'closed=4', limit: 'none', overloadRepliesPerSecond: null });
    expect(summary.generatorCeilingPerSecond).toBeNull();
    const { p50, p99, p99_9, max } = summary.latencyNs ?? {};
    for (const low of [p50, p99]) expect(Math.abs((low ?? 0) / 10_000 - 1)).toBeLessThan(0.001);
    for (const high of [p99_9, max]) expect(Math.abs((high ?? 0) / 500_000 - 1)).toBeLessThan(0.001);
    expect(summary.latencyNs).toMatchObject({ count: 20_000, p99_99: null });
  });

  it('take the loss over all repeats, and never below 0', () => {
    const lossy = (replied: number) =>
      fakeCompleted(saturate, 1000, { windows: [fakeWindow('measure', 1000, replied)] });
    expect(summaryOf(runnable(saturate), lossy(900), lossy(1000)).lossRatio).toBeCloseTo(0.05);
    expect(summaryOf(runnable(saturate), lossy(1001)).lossRatio).toBe(0);
  });

  it('do not count wrong replies', () => {
    const windows = [fakeWindow('measure', 1000, 1000, { wrong: 400 })];
    const summary = summaryOf(runnable(saturate), fakeCompleted(saturate, 1000, { windows }));
    expect(summary.repliesPerSecond?.median).toBe(600);
    expect(summary.lossRatio).toBeCloseTo(0.4);
  });

  it.each([
    ['a run without a measure phase', saturate, fakeCompleted(saturate, 1000, { windows: [] })],
    ['a failed run', saturate, fakeFailed(saturate, 'PROBE', 'no answer')],
    ['a skipped run', saturate, fakeSkipped(saturate, 'no XDP')],
  ])('%s has none', (_, cell, run) => expect(figuresOf(summaryOf(runnable(cell), run))).toEqual(nothing));

  it('of an invoker at rest are what its CPUs cost, the median of the repeats', () => {
    const resting = (userNs: number) =>
      fakeCompleted(none, 0, { cpu: [fakeCpuTime(0, { userNs: 1e9 }), fakeCpuTime(3, { userNs })] });
    const summary = summaryOf(runnable(none), resting(0.03e9), resting(0.5e9), resting(0.02e9));
    expect(figuresOf(summary)).toEqual({ ...nothing, invokerCpuRatio: 0.03 });
    expect(summary).toMatchObject({ state: 'completed', verdict: 'valid', repeats: 3 });
  });

  it.each<[string, CpuTime[], number]>([
    ['of all CPUs of the invoker together', [fakeCpuTime(2, { userNs: 0.2e9 }), fakeCpuTime(3)], 0.1],
    ['whatever they were busy with', [fakeCpuTime(3, { userNs: 0.1e9, systemNs: 0.2e9, softirqNs: 0.3e9 })], 0.6],
    ['but not with what the hypervisor took', [fakeCpuTime(3, { userNs: 0.1e9, stealNs: 0.5e9 })], 0.1],
    ['of no other CPU', [fakeCpuTime(0, { userNs: 1e9 }), fakeCpuTime(3)], 0],
  ])('have the busy share %s', (_, cpu, ratio) => {
    const cell = cellOf({ kind: 'none' }, { placement: { ...none.placement, invokerCpus: [2, 3] } });
    expect(summaryOf(runnable(cell), fakeCompleted(cell, 0, { cpu })).invokerCpuRatio).toBeCloseTo(ratio);
  });

  it('take the largest residual, whatever its sign', () => {
    const leaving = (residual: number) => fakeCompleted(saturate, 1e6, { ledger: fakeLedger(5e6, { residual }) });
    expect(summaryOf(runnable(saturate), leaving(100), leaving(-400), leaving(0)).residualRatio).toBe(0.0004);
    expect(summaryOf(runnable(saturate), leaving(0)).residualRatio).toBe(0);
  });

  it.each(['spin', 'poll'] as const)('say that the invoker waits by %s', (idle) => {
    const cell = cellOf({ kind: 'saturate' }, { idle });
    expect(summaryOf(runnable(cell), fakeCompleted(cell, 1000)).idle).toBe(idle);
    expect(summaryOf({ state: 'skipped', cell, reason: 'no CPU' }).idle).toBe(idle);
  });

  it('are null one by one where nothing was counted', () => {
    const silent = { windows: [fakeWindow('measure', 0, 0)], cpu: [], ledger: fakeLedger(0) };
    const summary = summaryOf(runnable(saturate), fakeCompleted(saturate, 0, silent));
    expect(summary).toMatchObject({ state: 'completed', verdict: 'invalid', repliesPerSecond: { median: 0 } });
    expect(summary).toMatchObject({ lossRatio: null, residualRatio: 0, cpuNsPerReply: null, latencyNs: null });
    expect(summary).toMatchObject({ overloadRepliesPerSecond: null, generatorCeilingPerSecond: null });
  });

  it('count the frames of longer replies', () => {
    const cell = cellOf({ kind: 'saturate' }, { functionId: 'expand' });
    // 158 bytes of payload become 316, behind 42 of headers.
    expect(summaryOf(runnable(cell), fakeCompleted(cell, 1000)).bitsPerSecond?.median).toBe(1000 * 358 * 8);
  });

  it('have the ceiling that the limit was judged by', () => {
    const ceiling = { engine: 'live' as const, packetBytes: 200, queues: 1, cpus: [[0]], timed: false, checkEvery: 64 };
    const at = (sentPerSecond: number) => {
      const prologue = fakePrologue([runnable(saturate)], {
        ceilings: [{ ...ceiling, sentPerSecond, countedPerSecond: 0 }],
      });
      return summarise(prologue, [fakeCompleted(saturate, 1000)]).cells[0]?.generatorCeilingPerSecond;
    };
    // It was seen to send 10,000 in overload.
    expect([at(5000), at(20_000)]).toEqual([10_000, 20_000]);
  });

  describe('carry the limit of the run that gave the median', () => {
    /** A run of so many replies whose generator can hardly send more, or ten times as many. */
    const run = (rate: number, limit: 'generator' | 'invoker') =>
      fakeCompleted(saturate, rate, {
        windows: [
          fakeWindow('measure', rate, rate),
          fakeWindow('overload', rate * (limit === 'generator' ? 1.1 : 10), 9),
        ],
      });
    it.each([
      ['the median', [run(900, 'invoker'), run(1000, 'generator'), run(1100, 'invoker')], 'generator'],
      ['another', [run(900, 'generator'), run(1000, 'invoker'), run(1100, 'generator')], 'invoker'],
      ['one of two', [run(1000, 'invoker'), run(1100, 'generator')], 'generator'],
      ['one of two the other way round', [run(1100, 'generator'), run(1000, 'invoker')], 'generator'],
      ['one of several alike', [run(1000, 'invoker'), run(1000, 'invoker'), run(1000, 'generator')], 'generator'],
    ])('where the generator was that of %s', (_, runs, limit) => {
      expect(summaryOf(runnable(saturate), ...runs).limit).toBe(limit);
    });
  });

  it('of a measure phase under 1 s have no CPU time, and at rest say why', () => {
    const brief = (load: Load) => cellOf(load, { durationNs: 0.9e9 });
    const [short, resting] = [brief({ kind: 'saturate' }), brief({ kind: 'none' })];
    expect(summaryOf(runnable(short), fakeCompleted(short, 1000))).toMatchObject({
      ...{ cpuNsPerReply: null, invokerCpuRatio: null, reasons: [], byRepeat: [{ cpuNsPerReply: null }] },
    });
    expect(summaryOf(runnable(resting), fakeCompleted(resting, 0))).toMatchObject({
      ...{ verdict: 'valid', invokerCpuRatio: null, reasons: [expect.stringMatching(/ticks of 10 ms/)] },
    });
  });
});

describe('byRepeat', () => {
  const figuresOfRuns = (load: Load, changes: Partial<CompletedRun> = {}) => {
    const cell = cellOf(load);
    const runs = [1, 0].map((repeat) => fakeCompleted(cell, 1000 + repeat, { repeat, ...changes }));
    return summaryOf(runnable(cell), ...runs).byRepeat;
  };
  const unanswered = { repliesPerSecond: null, ndrPerSecond: null, pdrPerSecond: null, latencyNs: null };

  it('holds what each load answers with, in the order of the repeats', () => {
    expect(figuresOfRuns({ kind: 'saturate' })).toMatchObject([
      { ...unanswered, repeat: 0, repliesPerSecond: 1000 },
      { ...unanswered, repeat: 1, repliesPerSecond: 1001 },
    ]);
    expect(figuresOfRuns({ kind: 'capacity' }, { capacity: fakeCapacity({ pdr: null }) })[0]).toMatchObject({
      ...{ ...unanswered, ndrPerSecond: 1000 },
    });
    for (const load of [
      { kind: 'rate', perSecond: 9 },
      { kind: 'closed', connections: 4 },
    ] as const)
      expect(figuresOfRuns(load, { histogram: [[100, 30]] })[1]).toMatchObject({
        ...{ ...unanswered, latencyNs: { count: 30, p50: 100, p90: null } },
      });
    const capacity = fakeCapacity();
    expect(figuresOfRuns({ kind: 'latency-under-load' }, { capacity })[0]).toMatchObject(unanswered);
    expect(figuresOfRuns({ kind: 'none' })[0]).toEqual({ ...unanswered, repeat: 0, cpuNsPerReply: null });
  });

  it('has no CPU time of which the next tick would be a tenth', () => {
    const busyFor = (userNs: number) =>
      figuresOfRuns(
        { kind: 'rate', perSecond: 20 },
        { cpu: [fakeCpuTime(0, { userNs: 1e9 }), fakeCpuTime(3, { userNs })] },
      );
    expect(busyFor(90e6)[0]?.cpuNsPerReply).toBeNull();
    expect(busyFor(100e6)[0]?.cpuNsPerReply).toBeGreaterThan(0);
  });

  it('has the CPU time of all CPUs of the cell', () => {
    expect(figuresOfRuns({ kind: 'saturate' })[0]?.cpuNsPerReply).toBe(1.6e9 / 1000);
  });

  it('leaves out a run that must not be quoted', () => {
    const runs = [0, 1, 2].map((repeat) => fakeCompleted(saturate, 1000, { repeat }));
    const wrong = fakeCompleted(saturate, 1000, { repeat: 3, ledger: fakeLedger(1000, { wrong: 1 }) });
    const repeatsOf = (...all: Run[]) => summaryOf(runnable(saturate), ...all).byRepeat.map(({ repeat }) => repeat);
    expect(repeatsOf(wrong, ...runs)).toEqual([0, 1, 2]);
    expect(repeatsOf(wrong, ...runs.slice(0, 1))).toEqual([0]);
  });
});

describe('capacities', () => {
  const capacity = cellOf({ kind: 'capacity' });
  const medians = (cell: Cell, ...found: Partial<Capacity>[]) => {
    const runs = found.map((changes) => fakeCompleted(cell, 1000, { capacity: fakeCapacity(changes) }));
    const { ndr, pdr } = summaryOf(runnable(cell), ...runs);
    return [ndr?.interval.median ?? null, pdr?.interval.median ?? null];
  };

  it('are medians, where a search that found no rate counts as 0', () => {
    const none = { ndr: null };
    expect(medians(capacity, {}, {}, {})).toEqual([1000, 1100]);
    expect(medians(capacity, {}, {}, none)).toEqual([1000, 1100]);
    expect(medians(capacity, {}, none, none)).toEqual([null, 1100]);
    expect(medians(capacity, {}, none)).toEqual([null, 1100]);
    const outOfTime = { ...none, timedOut: true };
    expect(medians(capacity, {}, outOfTime, outOfTime)).toEqual([null, 1100]);
  });

  const found = (...runs: (Capacity['ndr'] | undefined)[]) =>
    summaryOf(
      runnable(capacity),
      ...runs.map((ndr, repeat) =>
        fakeCompleted(capacity, 1000, { repeat, capacity: fakeCapacity(ndr === undefined ? {} : { ndr }) }),
      ),
    ).ndr;
  const limited = (perSecond: number): Capacity['ndr'] => ({ perSecond, failedPerSecond: 2000, boundBy: 'generator' });

  it('have the bracket of their search where there is but one, and the range of several', () => {
    const interval = { median: 1000, low: 1000, high: 1000, confidence: 0 };
    expect(found(undefined)).toEqual({
      interval,
      bracket: { low: 1000, high: 1010 },
      bound: 'exact',
      byRepeat: [1000],
    });
    expect(found(undefined, { perSecond: 1010, failedPerSecond: 1020, boundBy: 'server' }, null)).toEqual({
      interval: { median: 1000, low: 0, high: 1010, confidence: 0.75 },
      ...{ bracket: null, bound: 'exact', byRepeat: [1000, 1010, null] },
    });
  });

  it('are lower bounds where the search that gave the median was stopped by the generator or by time', () => {
    const unbounded = { perSecond: 1010, failedPerSecond: null, boundBy: 'server' } as const;
    const searched = (timedOut: boolean) =>
      summaryOf(
        runnable(capacity),
        fakeCompleted(capacity, 1000, { capacity: fakeCapacity({ ndr: unbounded, timedOut }) }),
      ).ndr;
    expect(searched(true)).toMatchObject({ bracket: { low: 1010, high: null }, bound: 'lower' });
    // A record of version 6 tells no load that failed.
    expect(searched(false)).toMatchObject({ bracket: { low: 1010, high: null }, bound: 'exact' });
    expect(found(limited(900), undefined, limited(1100))?.bound).toBe('exact');
    expect(found(undefined, limited(1100), limited(1200))?.bound).toBe('lower');
    expect(found(undefined, limited(1100))?.bound).toBe('lower');
  });

  it('are bounded each by itself', () => {
    const run = fakeCompleted(capacity, 1000, { capacity: fakeCapacity({ pdr: limited(1100) }) });
    const { ndr, pdr } = summaryOf(runnable(capacity), run);
    expect([ndr?.bound, pdr?.bound]).toEqual(['exact', 'lower']);
  });

  it('are not those of a load that searches for its levels only', () => {
    expect(medians(cellOf({ kind: 'latency-under-load' }), {})).toEqual([null, null]);
  });
});
