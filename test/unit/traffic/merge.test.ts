import { describe, expect, it } from 'vitest';
import type { Piece } from '../../../common/process/questions.js';
import {
  mergePieces,
  mergeRoundTrips,
  mergeTotals,
  mergeWatched,
  mergeWindows,
} from '../../../loadgen/traffic/merge.js';
import { mergeCounters } from '../../../model/counters.js';
import { type LoadTotals, perSecond, type Window } from '../../../model/record.js';
import { fakeWindow } from '../../fakes/runs.js';

/** A window of `ms` by a clock that began anywhere. */
const windowOf = (beginNs: number, ms: number, sent: number, replied = sent, changes: Partial<Window> = {}) =>
  fakeWindow('measure', sent, replied, { beginNs, endNs: beginNs + ms * 1e6, ...changes });

describe('windows of several clients', () => {
  it('have the sums of what was counted, and the rate that was offered to all', () => {
    const merged = mergeWindows(
      [windowOf(5e9, 1000, 100, 90, { checked: 9, wrong: 1 }), windowOf(77, 1000, 101, 91, { checked: 8, wrong: 2 })],
      201,
    );
    expect(merged).toEqual({
      ...{ phase: 'measure', offeredPerSecond: 201, beginNs: 5e9, endNs: 6e9 },
      ...{ offered: 201, sent: 201, replied: 181, checked: 17, wrong: 3 },
    });
  });

  it.each([
    ['the same length', [1000, 1000], [300, 100]],
    ['other lengths', [1000, 1030], [1000, 1000]],
    ['other lengths and rates', [250, 50, 251], [1000, 40, 7]],
    ['one that sent nothing', [250, 40], [1000, 0]],
  ])('of %s have the sum of their rates', (_, lengths, sent) => {
    const windows = lengths.map((ms, index) => windowOf(index * 1e12, ms, sent[index] ?? 0));
    const rates = windows.map((window) => perSecond(window, window.sent));
    const merged = mergeWindows(windows, null);
    expect(perSecond(merged, merged.sent)).toBeCloseTo(
      rates.reduce((total, rate) => total + rate, 0),
      6,
    );
  });

  it('are as long as their mean where nothing was sent', () => {
    const merged = mergeWindows([windowOf(0, 1000, 0), windowOf(9e9, 2000, 0)], 0);
    expect(merged.endNs - merged.beginNs).toBe(1.5e9);
  });

  it('are none without a client', () => expect(() => mergeWindows([], null)).toThrow(RangeError));
});

describe('counters', () => {
  it('are added by name, and of longest times the longest is taken', () => {
    const counters = [{ sent: 4, hiccupMaxNs: 7, late: 1 }, { sent: 5, hiccupMaxNs: 3 }, {}];
    expect(mergeCounters(counters)).toEqual({ sent: 9, hiccupMaxNs: 7, late: 1 });
  });
});

const pieceOf = (changes: Partial<Piece>): Piece => ({
  window: windowOf(0, 250, 25),
  ...{ sent: 25, replied: 24, wrong: 0, backlog: 2, leftOut: 0.5, awayNs: 3e6 },
  ...changes,
});

describe('what several clients answer', () => {
  it('of a piece is added, but for the time that generators were away, of which the mean is told', () => {
    const merged = mergePieces([pieceOf({}), pieceOf({ wrong: 1, awayNs: 0 })], 200);
    expect(merged).toMatchObject({ sent: 50, replied: 48, wrong: 1, backlog: 4, leftOut: 1, awayNs: 1.5e6 });
    expect(merged.window).toMatchObject({ offeredPerSecond: 200, sent: 50 });
  });

  it('of a watch likewise', () => {
    const watched = [1e6, 3e6].map((awayNs) => ({ window: windowOf(0, 40, 5), awayNs }));
    expect(mergeWatched(watched, 250)).toMatchObject({ awayNs: 2e6, window: { sent: 10, offeredPerSecond: 250 } });
  });

  it('of round trips is one histogram, of which no count is lost', () => {
    const { sent, histogram } = mergeRoundTrips([
      {
        sent: 3,
        histogram: [
          [1000, 2],
          [5000, 1],
        ],
      },
      { sent: 4, histogram: [[1000, 4]] },
    ]);
    expect(sent).toBe(7);
    expect(histogram).toEqual(
      [
        [1000, 6],
        [5000, 1],
      ].map(([ns, count]) => [expect.closeTo(ns ?? 0, -1), count]),
    );
  });
});

describe('totals', () => {
  const totals = (host: string, sent: number): LoadTotals & { host: string; window: Window } => ({
    ...{ host, window: windowOf(0, 1000, sent) },
    ...{ generator: { sent }, kernel: { 'dev.txPackets': sent }, histogram: [[1000, sent]] },
    ...{ capacity: null, levels: [], clients: [] },
  });

  it('are sums, and keep what each client has counted', () => {
    const merged = mergeTotals([totals('h2', 10), totals('h3', 11)], {});
    expect(merged).toMatchObject({ generator: { sent: 21 }, kernel: { 'dev.txPackets': 21 }, capacity: null });
    expect(merged.histogram.reduce((sum, [, count]) => sum + count, 0)).toBe(21);
    expect(merged.clients.map(({ host, generator, window }) => [host, generator.sent, window?.sent])).toEqual([
      ['h2', 10, 10],
      ['h3', 11, 11],
    ]);
  });

  it('have what the load found in place of what a client knows', () => {
    expect(mergeTotals([totals('h2', 10)], { histogram: [[7, 1]] }).histogram).toEqual([[7, 1]]);
  });
});
