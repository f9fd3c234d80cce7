import { describe, expect, it } from 'vitest';
import { summarise } from '../../../harness/judge/summary.js';
import type { Cell, Load, PlannedCell } from '../../../model/cell.js';
import type { Capacity, CompletedRun, Run } from '../../../model/record.js';
import { schemaVersion } from '../../../model/record.js';
import type { CellSummary } from '../../../model/summary.js';
import {
  fakeCapacity,
  fakeCompleted,
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

describe('state and verdict', () => {
  const good = fakeCompleted(saturate, 1000);
  const bad = fakeCompleted(saturate, 5000, { ledger: fakeLedger(1000, { wrong: 3 }) });
  const failed = fakeFailed(saturate, 'CHILD_ENDED', 'the invoker ended: code 1');
  const skipped = fakeSkipped(saturate, 'no XDP here');
  const ended = 'CHILD_ENDED: the invoker ended: code 1';

  it.each<[string, Run[], Partial<CellSummary>]>([
    ['completed', [good], { state: 'completed', verdict: 'valid', reasons: [], warnings: [], repeats: 1 }],
    [
      'one of three wrong',
      [good, bad, good],
      {
        ...{ state: 'completed', verdict: 'valid', reasons: [], repeats: 2 },
        warnings: ['left out, 1 of 3 runs: 3 wrong replies'],
      },
    ],
    [
      'one of two wrong',
      [good, bad],
      { state: 'completed', verdict: 'invalid', reasons: ['1 of 2 runs: 3 wrong replies'], warnings: [], repeats: 2 },
    ],
    ['all wrong', [bad, bad], { verdict: 'invalid', reasons: ['3 wrong replies'], repeats: 2 }],
    ['failed', [failed, failed], { state: 'failed', verdict: null, reasons: [ended], repeats: 0 }],
    [
      'one of two failed',
      [good, failed],
      { state: 'failed', verdict: 'invalid', reasons: [`1 of 2 runs: ${ended}`], repeats: 1 },
    ],
    [
      'one of six failed',
      [good, good, failed, good, good, good],
      { state: 'completed', verdict: 'valid', repeats: 5, warnings: [`left out, 1 of 6 runs: ${ended}`] },
    ],
    [
      'one of six failed and two wrong',
      [good, bad, failed, good, bad, good],
      { state: 'failed', reasons: [`1 of 6 runs: ${ended}`, '2 of 6 runs: 3 wrong replies'], repeats: 5 },
    ],
    ['skipped', [skipped, skipped], { state: 'skipped', verdict: null, reasons: ['no XDP here'], repeats: 0 }],
    [
      'skipped and completed',
      [skipped, good],
      {
        ...{ state: 'completed', verdict: 'valid', reasons: [], repeats: 1 },
        warnings: ['1 of 2 runs: skipped: no XDP here'],
      },
    ],
    ['skipped and failed', [skipped, failed], { state: 'failed', verdict: null, repeats: 0 }],
  ])('%s', (_, runs, expected) => expect(summaryOf(runnable(saturate), ...runs)).toMatchObject(expected));

  it('keep an unsound run out of the figures', () => {
    expect(summaryOf(runnable(saturate), good, bad, good).repliesPerSecond).toMatchObject({ median: 1000, high: 1000 });
  });

  it('of a cell that the plan skips needs no record, and says a reason once', () => {
    const planned: PlannedCell = { state: 'skipped', cell: saturate, reason: 'no CPU' };
    expect(summaryOf(planned)).toMatchObject({ state: 'skipped', reasons: ['no CPU'], repeats: 0 });
    expect(summaryOf(planned, fakeSkipped(saturate, 'no CPU')).reasons).toEqual(['no CPU']);
  });
});

describe('warnings', () => {
  const gap = (maxNs: number) => ({ count: 1, maxNs, totalNs: maxNs });
  const starved =
    'many pieces of a search were made again: the generator did not run all the time, or replies of the piece before came in';
  const longGap = 'the generator did not run for more than 10 ms at a time';
  const longStall = 'an invoker thread was ready and did not run for more than 3 % of the measure phase';
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
  ])('a gap of %d ns in the generator', (maxNs, warnings) => {
    expect(warningsOf(saturate, { hiccups: { generator: gap(maxNs) } })).toEqual(warnings);
  });

  it.each<[(number | null)[], string[]]>([
    [[30e6], []],
    [[31e6], [longStall]],
    [[0, 31e6], [longStall]],
    [[null, 31e6], [longStall]],
    [[null], []],
    [[], []],
  ])('stalls of %j ns in a second', (invoker, warnings) => {
    expect(warningsOf(saturate, { stalls: { invoker } })).toEqual(warnings);
  });

  it('say so where CPUs are shared', () => {
    const cell = cellOf({ kind: 'saturate' }, { placement: { ...saturate.placement, sharing: 'shared' } });
    expect(warningsOf(cell, { hiccups: { generator: gap(58e6) }, stalls: { invoker: [58e6] } })).toEqual([
      `${longGap}; this cell shares CPUs`,
      `${longStall}; this cell shares CPUs`,
    ]);
  });

  it('none where nobody can tell', () => {
    expect(warningsOf(closed, { hiccups: { generator: null }, stalls: { invoker: [null] } })).toEqual([]);
  });

  it.each<[Record<string, string>, string[]]>([
    [{ depthPackets: '4096', depthAsked: '4096' }, []],
    [{}, []],
    [
      { depthPackets: '97', depthAsked: '4096' },
      ['only 97 requests may wait for an invoker thread, not 4096: its socket was not granted the buffer'],
    ],
  ])('room granted of what was asked: %j', (granted, warnings) => {
    expect(warningsOf(closed, { granted })).toEqual(warnings);
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
    ['that made more than half of its pieces again', { pieces: 29, piecesRepeated: 15 }, [starved]],
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

  it('say of how many runs where that is not all', () => {
    const hiccups = { generator: gap(58e6) };
    const runs = [{ hiccups }, {}, {}].map((changes, repeat) => fakeCompleted(saturate, 1000, { repeat, ...changes }));
    expect(summaryOf(runnable(saturate), ...runs).warnings).toEqual([`1 of 3 runs: ${longGap}`]);
  });

  it('with figures of their own are one, with the largest figure', () => {
    const foreign = (...own: [number, number][]) => ({ foreign: own.map(([cpu, ns]) => ({ host: 'one', cpu, ns })) });
    const runs = [foreign([3, 300e6]), foreign([3, 1000e6]), foreign(), {}, {}, {}, {}, {}].map((changes, repeat) =>
      fakeCompleted(saturate, 1000, { repeat, ...changes }),
    );
    const { warnings } = summaryOf(runnable(saturate), ...runs);
    expect(warnings).toEqual(['left out, 2 of 8 runs, largest figure: others used 100 % of CPU 3 (see top)']);
  });

  it('of two threads are two, and of one run each once', () => {
    const idle = [
      [0, 9],
      [9, 0],
      [9, 9],
    ].map((handledByThread, repeat) => fakeCompleted(saturate, 1000, { repeat, handledByThread }));
    expect(summaryOf(runnable(saturate), ...idle).reasons).toEqual([
      '1 of 3 runs: invoker thread 0 stayed idle',
      '1 of 3 runs: invoker thread 1 stayed idle',
    ]);
  });

  it('of the placement come first', () => {
    const cell = cellOf({ kind: 'saturate' }, { placement: { ...saturate.placement, warnings: ['CPU 3 is shared'] } });
    const hiccups = { generator: gap(58e6) };
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
    const { runId, startedAt, scenario, host, clientHosts } = prologue;
    expect(summarise(prologue, [])).toEqual({
      ...{ schemaVersion, runId, startedAt, scenario, host, clientHosts },
      ...{ mergedFrom: [], cells: [], work: [] },
    });
  });
});
