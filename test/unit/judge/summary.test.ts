import { describe, expect, it } from 'vitest';
import { summarise } from '../../../harness/judge/summary.js';
import type { Cell, Load, PlannedCell } from '../../../model/cell.js';
import type { Capacity, CompletedRun, CpuTime, Run } from '../../../model/record.js';
import { schemaVersion } from '../../../model/record.js';
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
  confidence: summary.confidence,
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
  it('are medians over the repeats with their range', () => {
    const runs = [120_000, 100_000, 104_000].map((rate, repeat) => fakeCompleted(saturate, rate, { repeat }));
    expect(summaryOf(runnable(saturate), ...runs)).toEqual({
      ...{ id: saturate.id, impl: 'recvmmsg', threads: 1, queues: 1, packetBytes: 200, functionId: 'reverse' },
      ...{ load: 'saturate', engine: 'live', state: 'completed', verdict: 'valid', reasons: [], warnings: [] },
      ...{ idle: 'poll', limit: 'invoker', repeats: 3, confidence: 0.75 },
      repliesPerSecond: { median: 104_000, low: 100_000, high: 120_000 },
      bitsPerSecond: { median: 104_000 * 1600, low: 100_000 * 1600, high: 120_000 * 1600 },
      overloadRepliesPerSecond: { median: 52_000, low: 50_000, high: 60_000 },
      generatorCeilingPerSecond: 1_040_000,
      lossRatio: 0,
      residualRatio: 0,
      latencyNs: null,
      levels: [],
      ndrPerSecond: null,
      pdrPerSecond: null,
      // The invoker's CPU is busy for 1 s, the generator's for 0.5 s, the harness's for 0.1 s, another one's is not ours.
      cpuNsPerReply: { invoker: 1e9 / 104_000, total: 1.6e9 / 104_000 },
      invokerCpuRatio: 1,
    });
  });

  it('of a closed loop have percentiles of all repeats together and no overload', () => {
    const fast = fakeCompleted(closed, 1000, { histogram: [[10_000, 990]] });
    const slow = fakeCompleted(closed, 1000, { histogram: [[500_000, 10]] });
    const summary = summaryOf(runnable(closed), fast, slow);
    expect(summary).toMatchObject({ load: 'closed=4', limit: 'none', overloadRepliesPerSecond: null });
    expect(summary.generatorCeilingPerSecond).toBeNull();
    const { p50 = 0, p99 = 0, p99_9 = 0, max = 0 } = summary.latencyNs ?? {};
    for (const low of [p50, p99]) expect(Math.abs(low / 10_000 - 1)).toBeLessThan(0.001);
    for (const high of [p99_9, max]) expect(Math.abs(high / 500_000 - 1)).toBeLessThan(0.001);
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
    const leaving = (residual: number) => fakeCompleted(saturate, 1000, { ledger: fakeLedger(1e6, { residual }) });
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

  it('carry the limit that most repeats had', () => {
    const starved = { windows: [fakeWindow('measure', 1000, 1000), fakeWindow('overload', 1100, 900)] };
    const runs = [fakeCompleted(saturate, 1000), fakeCompleted(saturate, 1000, starved)];
    expect(summaryOf(runnable(saturate), ...runs, fakeCompleted(saturate, 1000, starved)).limit).toBe('generator');
  });
});

describe('capacities', () => {
  const capacity = cellOf({ kind: 'capacity' });
  const medians = (cell: Cell, ...found: Partial<Capacity>[]) => {
    const runs = found.map((changes) => fakeCompleted(cell, 1000, { capacity: fakeCapacity(changes) }));
    const { ndrPerSecond, pdrPerSecond } = summaryOf(runnable(cell), ...runs);
    return [ndrPerSecond?.median ?? null, pdrPerSecond?.median ?? null];
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

  it('have the bracket of their search where there is but one', () => {
    const found = (...runs: Partial<Capacity>[]) =>
      summaryOf(
        runnable(capacity),
        ...runs.map((changes) => fakeCompleted(capacity, 1000, { capacity: fakeCapacity(changes) })),
      ).ndrPerSecond;
    expect(found({})).toEqual({ median: 1000, low: 1000, high: 1010 });
    const other = { ndr: { perSecond: 1010, failedPerSecond: null, boundBy: 'server' as const } };
    expect(found(other)).toEqual({ median: 1010, low: 1010, high: 1010 });
    expect(found({}, other)).toEqual({ median: 1005, low: 1000, high: 1010 });
  });

  it('are not those of a load that searches for its levels only', () => {
    expect(medians(cellOf({ kind: 'latency-under-load' }), {})).toEqual([null, null]);
  });
});

describe('state and verdict', () => {
  const good = fakeCompleted(saturate, 1000);
  const bad = fakeCompleted(saturate, 1000, { ledger: fakeLedger(1000, { wrong: 3 }) });
  const failed = fakeFailed(saturate, 'CHILD_ENDED', 'the invoker ended: code 1');
  const skipped = fakeSkipped(saturate, 'no XDP here');

  it.each<[string, Run[], Partial<CellSummary>]>([
    ['completed', [good], { state: 'completed', verdict: 'valid', reasons: [], repeats: 1 }],
    [
      'one repeat wrong',
      [good, bad],
      { state: 'completed', verdict: 'invalid', reasons: ['3 wrong replies'], repeats: 2 },
    ],
    ['the same reason twice', [bad, bad], { reasons: ['3 wrong replies'], repeats: 2 }],
    [
      'failed',
      [failed, failed],
      { state: 'failed', verdict: null, reasons: ['CHILD_ENDED: the invoker ended: code 1'], repeats: 0 },
    ],
    [
      'failed and completed',
      [good, failed],
      { state: 'failed', verdict: 'invalid', reasons: ['CHILD_ENDED: the invoker ended: code 1'], repeats: 1 },
    ],
    ['skipped', [skipped, skipped], { state: 'skipped', verdict: null, reasons: ['no XDP here'], repeats: 0 }],
    ['skipped and completed', [skipped, good], { state: 'completed', verdict: 'valid', reasons: [], repeats: 1 }],
    ['skipped and failed', [skipped, failed], { state: 'failed', verdict: null, repeats: 0 }],
  ])('%s', (_, runs, expected) => expect(summaryOf(runnable(saturate), ...runs)).toMatchObject(expected));

  it('of a cell that the plan skips needs no record, and says a reason once', () => {
    const planned: PlannedCell = { state: 'skipped', cell: saturate, reason: 'no CPU' };
    expect(summaryOf(planned)).toMatchObject({ state: 'skipped', reasons: ['no CPU'], repeats: 0 });
    expect(summaryOf(planned, fakeSkipped(saturate, 'no CPU')).reasons).toEqual(['no CPU']);
  });
});

describe('warnings', () => {
  const gap = (maxNs: number) => ({ count: 1, maxNs, totalNs: maxNs });
  const starved =
    'the generator kept losing its CPU in a search: a load that it could not offer counts as one that failed';
  const longGap = 'a measured thread did not run for more than 10 ms at a time';
  /** Warnings of two repeats alike, which must be valid all the same. */
  const warningsOf = (cell: Cell, changes: Partial<CompletedRun>) => {
    const runs = [0, 1].map((repeat) => fakeCompleted(cell, 1000, { ...changes, repeat }));
    const { warnings, verdict } = summaryOf(runnable(cell), ...runs);
    expect(verdict).toBe('valid');
    return warnings;
  };

  it.each([
    [9.9e6, []],
    [10e6, []],
    [10.1e6, [longGap]],
    [58e6, [longGap]],
  ])('a gap of %d ns in either process', (maxNs, warnings) => {
    for (const other of [gap(0), null]) {
      expect(warningsOf(saturate, { hiccups: { invoker: gap(maxNs), generator: other } })).toEqual(warnings);
      expect(warningsOf(saturate, { hiccups: { invoker: other, generator: gap(maxNs) } })).toEqual(warnings);
    }
  });

  it('a gap where CPUs are shared names the likely cause', () => {
    const cell = cellOf({ kind: 'saturate' }, { placement: { ...saturate.placement, sharing: 'shared' } });
    const hiccups = { invoker: gap(58e6), generator: null };
    expect(warningsOf(cell, { hiccups })).toEqual([`${longGap}, CPUs being shared`]);
  });

  it('none where neither process can tell a hiccup from rest', () => {
    expect(warningsOf(closed, { hiccups: { invoker: null, generator: null } })).toEqual([]);
  });

  it.each([
    [{ timeouts: 1, late: 1 }, ['requests timed out: their round trips are not in the percentiles']],
    [{ timeouts: 0 }, []],
    [{}, []],
  ])('a generator that counted %o', (generator, warnings) => {
    const { counters } = fakeCompleted(closed, 1000);
    expect(warningsOf(closed, { counters: { ...counters, generator } })).toEqual(warnings);
  });

  it('connections that missed a thread', () => {
    const missed = (cell: Cell) => warningsOf(cell, { handledByThread: [1000, 0] });
    expect(missed(closed)).toEqual(['the connections did not reach every invoker thread']);
    expect(missed(none)).toEqual([]);
  });

  it.each([
    ['as much as the peak', 1000, 1e9, []],
    ['a tenth more', 1100, 1e9, []],
    ['more than a tenth more', 1101, 1e9, ['under full overload it answered more than at the peak that was found']],
    ['more in twice the time', 1101, 2e9, []],
    ['as much in half the time', 1000, 0.5e9, ['under full overload it answered more than at the peak that was found']],
  ])('overload that answers %s', (_, replied, lengthNs, warnings) => {
    const overload = fakeWindow('overload', 10_000, replied, { endNs: 1e9 + lengthNs });
    expect(warningsOf(saturate, { windows: [fakeWindow('measure', 1000, 1000), overload] })).toEqual(warnings);
  });

  it.each<[string, Partial<Capacity>, string[]]>([
    ['that ended well', { piecesRepeated: 15 }, []],
    ['that made half of its pieces again', { pieces: 30, piecesRepeated: 15 }, []],
    ['whose generator kept losing its CPU', { pieces: 29, piecesRepeated: 15 }, [starved]],
    ['that made as many pieces again as it may', { pieces: 100, piecesRepeated: 16 }, [starved]],
    [
      'that found nothing',
      { ndr: null, pdr: null },
      ['no load held in a search: it was measured at the peak of a quick look'],
    ],
    [
      'that was out of time',
      { timedOut: true },
      ['a search ran out of time: its bracket is wider than 1 %, or has no upper bound'],
    ],
  ])('a search %s', (_, changes, warnings) => {
    for (const kind of ['capacity', 'latency-under-load'] as const)
      expect(warningsOf(cellOf({ kind }), { capacity: fakeCapacity(changes) })).toEqual(warnings);
  });

  it.each<[string, Partial<Capacity>, number, string[]]>([
    ['that holds', {}, 1996, []],
    [
      'that does not',
      {},
      1980,
      ['at its NDR it lost more than 0.5 % when measured: the load holds only about half of the time'],
    ],
    ['that is a PDR', { ndr: null }, 1980, []],
    [
      'that was never found',
      { ndr: null, pdr: null },
      1000,
      ['no load held in a search: it was measured at the peak of a quick look'],
    ],
  ])('a capacity %s when measured', (_, changes, replied, warnings) => {
    const windows = [fakeWindow('measure', 2000, replied)];
    expect(warningsOf(cellOf({ kind: 'capacity' }), { capacity: fakeCapacity(changes), windows })).toEqual(warnings);
  });

  it('of the placement come first', () => {
    const cell = cellOf({ kind: 'saturate' }, { placement: { ...saturate.placement, warnings: ['CPU 3 is shared'] } });
    const hiccups = { invoker: gap(58e6), generator: gap(0) };
    expect(summaryOf(runnable(cell), fakeCompleted(cell, 1000, { hiccups })).warnings).toEqual([
      'CPU 3 is shared',
      longGap,
    ]);
  });
});

describe('summarise', () => {
  const ids = (runs: Run[]) =>
    summarise(
      fakePrologue([runnable(closed), { state: 'skipped', cell: none, reason: 'no' }, runnable(saturate)]),
      runs,
    ).cells.map(({ id }) => id);

  it('keeps the order of the plan, whatever that of the runs', () => {
    const runs = [fakeCompleted(saturate, 9), fakeSkipped(none, 'no'), fakeCompleted(closed, 9)];
    expect(ids(runs)).toEqual([closed.id, none.id, saturate.id]);
  });

  it('of an interrupted run leaves out the cells that were not reached', () => {
    expect(ids([fakeCompleted(saturate, 9)])).toEqual([none.id, saturate.id]);
    expect(ids([])).toEqual([none.id]);
  });

  it('ignores records of cells that are not in the plan', () => {
    const stranger = cellOf({ kind: 'saturate' }, { id: 'stranger' });
    expect(ids([fakeCompleted(stranger, 9)])).toEqual([none.id]);
  });

  it('passes on what is known of the run', () => {
    const prologue = fakePrologue([]);
    const { runId, startedAt, scenario, host } = prologue;
    expect(summarise(prologue, [])).toEqual({ schemaVersion, runId, startedAt, scenario, host, cells: [] });
  });
});
