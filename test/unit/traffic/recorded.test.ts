import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { nowNs } from '../../../loadgen/engines/clock.js';
import { RecordedPieces } from '../../../loadgen/recorded.js';
import type { HistogramPairs } from '../../../model/histogram.js';

/** Records a round trip of 1 us every 100 ms, and had one before. */
const engineFrom = (beginNs: number) => ({
  roundTrips: (): HistogramPairs => [[1000, 1 + Math.floor((nowNs() - beginNs) / 1e8)]],
});

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it.each([
  ['a phase of three seconds', 3000, [10, 10, 10]],
  ['a rest of half a second', 2600, [10, 10, 6]],
  ['a shorter rest, which is not told', 2400, [10, 10]],
])('tells %s piece by piece', async (_, durationMs, counts) => {
  const told: [fromMs: number, toMs: number, HistogramPairs][] = [];
  const began = nowNs();
  const pieces = new RecordedPieces(engineFrom(began), ({ beginNs, endNs, histogram }) =>
    told.push([(beginNs - began) / 1e6, (endNs - began) / 1e6, histogram]),
  );
  pieces.begin();
  await vi.advanceTimersByTimeAsync(durationMs);
  pieces.end();
  await vi.advanceTimersByTimeAsync(2000);
  expect(told.map(([, , histogram]) => histogram)).toEqual(counts.map((count) => [[1000, count]]));
  expect(told.map(([fromMs]) => fromMs)).toEqual(counts.map((_, index) => 1000 * index));
});

it('says no more of an engine that died', async () => {
  const roundTrips = vi.fn<() => HistogramPairs>().mockReturnValueOnce([]);
  roundTrips.mockImplementation(() => {
    throw new Error('the engine ended');
  });
  const tell = vi.fn();
  new RecordedPieces({ roundTrips }, tell).begin();
  await vi.advanceTimersByTimeAsync(5000);
  expect([roundTrips.mock.calls.length, tell.mock.calls.length]).toEqual([2, 0]);
});
