import { describe, expect, it } from 'vitest';
import { textCell } from '../../../harness/report/table.js';
import { type Rival, rivalOf, unranked, withBest } from '../../../harness/report/tables/best.js';
import { figureTables } from '../../../harness/report/tables/tables.js';
import type { LatencySummary } from '../../../model/histogram.js';
import type { CellSummary } from '../../../model/summary.js';
import { fakeCapacityCell, fakeCell, fakeLatencyCell, fakeRateCell, fakeSummary } from '../../fakes/summary.js';

const rival = (low: number, median: number, high: number, group = ''): Rival => ({
  group,
  median,
  ends: { low, high },
});
const single = (median: number) => rivalOf({ median, low: median, high: median, confidence: 0 }, false, '');
const bound = (median: number) => rivalOf({ median, low: median - 1, high: median + 1, confidence: 0.9375 }, true, '');

/** Which of a column are set off. */
function setOff(rivals: (Rival | null)[], better: 'more' | 'less'): number[] {
  const rows = rivals.map((one) => [{ cell: textCell('x'), rival: one }]);
  return withBest(rows, better).flatMap(([cell], index) => (cell?.emphasis === 'best' ? [index] : []));
}

describe('withBest', () => {
  it.each<[string, (Rival | null)[], 'more' | 'less', number[]]>([
    ['the one above all others', [rival(1, 2, 3), rival(4, 5, 6)], 'more', [1]],
    ['the one below all others', [rival(1, 2, 3), rival(4, 5, 6)], 'less', [0]],
    ['all that overlap it', [rival(1, 2, 3), rival(4, 5, 6), rival(3.5, 4, 4.5)], 'more', [1, 2]],
    ['what ends where it begins', [rival(1, 2, 3), rival(4, 5, 6), rival(3, 3.5, 4)], 'more', [1, 2]],
    ['none of one', [rival(1, 2, 3)], 'more', []],
    ['none where all overlap', [rival(1, 2, 3), rival(2, 3, 4)], 'more', []],
    ['none of single runs', [single(1), single(100)], 'more', []],
    ['no single run beside the best', [rival(4, 5, 6), single(1), rival(1, 2, 3)], 'more', [0]],
    ['nothing where the best is a single run', [rival(4, 5, 6), single(7), rival(1, 2, 3)], 'more', []],
    ['a lower bound, which may be more', [bound(2), rival(4, 5, 6), rival(1, 2, 3)], 'more', [0, 1]],
    ['what has a figure', [null, rival(1, 2, 3), rival(4, 5, 6)], 'more', [2]],
    ['nothing of nothing', [null, null], 'more', []],
    ['nothing without a row', [], 'more', []],
  ])('sets off %s', (_, rivals, better, expected) => expect(setOff(rivals, better)).toEqual(expected));

  it('holds figures of one group against each other', () => {
    const rivals = [rival(1, 2, 3, 'a'), rival(4, 5, 6, 'a'), rival(0, 1, 2, 'b'), rival(7, 8, 9, 'b')];
    expect(setOff(rivals, 'more')).toEqual([1, 3]);
  });

  it('leaves a cell that takes no part as it is', () => {
    const cell = textCell('label');
    expect(withBest([[unranked(cell)]], 'more')).toEqual([[cell]]);
  });
});

const oneByOne = { threads: 1, queues: 1 };

/** Labels of the rows of the first table whose cell in a column is set off. */
function bestRows(cells: CellSummary[], heading: string): string[] {
  const [table] = figureTables(fakeSummary({ cells }), 'full');
  const column = table?.columns.findIndex((one) => one.heading === heading) ?? -1;
  return (table?.rows ?? []).filter((row) => row[column]?.emphasis === 'best').map((row) => row[0]?.value ?? '');
}

/** The same percentiles in each of so many runs, from `from` to `to` ns. */
function ranging(cell: CellSummary, from: number, to: number): CellSummary {
  const latencyNs = (p50: number): LatencySummary => ({ ...(cell.latencyNs as LatencySummary), p50, p99: null });
  const byRepeat = [from, (from + to) / 2, to].map((p50, repeat) => ({
    ...{ repeat, repliesPerSecond: null, ndrPerSecond: null, pdrPerSecond: null, cpuNsPerReply: null },
    latencyNs: latencyNs(p50),
  }));
  return { ...cell, latencyNs: { ...latencyNs((from + to) / 2), p99: to }, byRepeat };
}

describe('the best', () => {
  it('of throughput is the most', () => {
    const cells = [fakeCell('recvmmsg', oneByOne, 200, 4e5), fakeCell('afxdp', oneByOne, 200, 1e6)];
    expect(bestRows(cells, '200')).toEqual(['afxdp 1T1Q']);
  });

  it('of capacities is told for each goal', () => {
    const cells = [fakeCapacityCell('recvmmsg'), fakeCapacityCell('afxdp')];
    expect(bestRows(cells, '200')).toEqual(['afxdp 1T1Q no loss (NDR)', 'afxdp 1T1Q 0.5 % (PDR)']);
  });

  it('of round trips is the shortest, by the ranges over the runs', () => {
    const slow = ranging(fakeLatencyCell('recvfrom'), 25_000, 30_000);
    const fast = ranging(fakeLatencyCell('recvmmsg'), 20_000, 22_000);
    expect(bestRows([slow, fast], '50')).toEqual(['recvmmsg 1T1Q']);
    expect(bestRows([ranging(slow, 21_000, 30_000), fast], '50')).toEqual([]);
    // Too few round trips in each run: nothing tells the range.
    expect(bestRows([slow, fast], '99')).toEqual([]);
    expect(bestRows([slow, fast], 'largest')).toEqual([]);
  });

  it('of round trips is none that lost its requests', () => {
    const lossy = { ...ranging(fakeRateCell('dgram'), 1000, 1100), lossRatio: 0.3 };
    const fast = ranging(fakeRateCell('recvmmsg'), 20_000, 22_000);
    const slow = ranging(fakeRateCell('recvfrom'), 25_000, 30_000);
    expect(bestRows([lossy, fast, slow], '50')).toEqual(['recvmmsg 1T1Q']);
    const [table] = figureTables(fakeSummary({ cells: [lossy, fast, slow] }), 'full');
    expect(table?.notes.join(' ')).toContain('lost more than 0.50 % are not ranked');
  });

  it('is explained only where there is one', () => {
    const notesOf = (cells: CellSummary[]) => figureTables(fakeSummary({ cells }), 'full')[0]?.notes.join(' ');
    const [one, two] = [fakeCell('recvmmsg', oneByOne, 200, 4e5), fakeCell('afxdp', oneByOne, 200, 1e6)];
    expect(notesOf([one, two])).toContain('the best of a column');
    expect(notesOf([one])).not.toContain('the best of a column');
  });
});
