import { describe, expect, it } from 'vitest';
import type { HistogramPairs } from '../../../model/histogram.js';
import { mergeHistograms, percentiles } from '../../../model/histogram.js';

describe('mergeHistograms', () => {
  it('adds the counts of equal values and sorts', () => {
    const a: HistogramPairs = [
      [1500, 3],
      [90, 1],
    ];
    const b: HistogramPairs = [
      [90, 2],
      [200, 5],
    ];
    expect(mergeHistograms([a, b])).toEqual([
      [90, 3],
      [200, 5],
      [1500, 3],
    ]);
  });

  it('gives the highest equivalent value of three significant digits', () => {
    const merged = mergeHistograms([[[123_456, 1]], [[123_460, 1]]]);
    expect(merged).toEqual([[123_519, 2]]);
    expect(mergeHistograms([merged])).toEqual(merged);
  });

  it('of nothing is empty and keeps no empty bucket', () => {
    expect(mergeHistograms([])).toEqual([]);
    expect(mergeHistograms([[], [[70, 0]]])).toEqual([]);
  });
});

describe('percentiles', () => {
  it('reads them off the merged histogram', () => {
    // One slow run of ten: the mean of the runs' 99th percentiles would be 1.09 µs, the merged 99th percentile is 10 µs.
    const fast: HistogramPairs = [[100, 100]];
    const runs: HistogramPairs[] = [...Array.from({ length: 9 }, () => fast), [[10_000, 100]]];
    const { p50, p90, p99, max } = percentiles(mergeHistograms(runs));
    expect(p50).toBe(100);
    expect(p90).toBe(100);
    expect(p99).toBeGreaterThanOrEqual(10_000);
    expect(max / 10_000).toBeCloseTo(1, 2);
  });

  it('never exceeds the maximum', () => {
    const { p99_9, max } = percentiles([[123_457, 10_000]]);
    expect(p99_9).toBe(max);
  });

  it('counts beyond 32 bits', () => {
    const { p50, p99_9 } = percentiles([
      [100, 6e9],
      [200, 1],
    ]);
    expect([p50, p99_9]).toEqual([100, 100]);
  });

  it.each([
    { name: 'nothing', pairs: [] },
    { name: 'empty buckets', pairs: [[100, 0]] },
    { name: 'less than nothing', pairs: [[-1, 1]] },
    { name: 'a fraction', pairs: [[1.5, 1]] },
    { name: 'a negative count', pairs: [[100, -1]] },
  ] as { name: string; pairs: HistogramPairs }[])('throws RangeError for $name', ({ pairs }) => {
    expect(() => percentiles(pairs)).toThrow(RangeError);
  });

  it.each([
    { key: 'p50', few: 19 },
    { key: 'p90', few: 99 },
    { key: 'p99', few: 999 },
    { key: 'p99_9', few: 9_999 },
    { key: 'p99_99', few: 99_999 },
  ] as const)('tell no $key of $few values: fewer than ten lie beyond', ({ key, few }) => {
    expect(percentiles([[100, few]])).toMatchObject({ [key]: null, count: few, max: 100 });
    expect(percentiles([[100, few + 1]])).toMatchObject({ [key]: 100, count: few + 1 });
  });

  it('count what took more than a minute as a minute', () => {
    const suspended: HistogramPairs = [
      [100, 30],
      [3600e9, 1],
    ];
    const { p50, max, count } = percentiles(mergeHistograms([suspended]));
    expect([p50, count]).toEqual([100, 31]);
    expect(max / 60e9).toBeCloseTo(1, 2);
    expect(percentiles(suspended).max).toBe(max);
  });

  it('takes the top of the range', () => {
    expect(percentiles([[60e9, 1]]).max).toBeGreaterThanOrEqual(60e9);
  });
});
