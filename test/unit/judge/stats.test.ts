import { describe, expect, it } from 'vitest';
import { interval } from '../../../harness/judge/stats.js';
import { median } from '../../../model/median.js';

const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

describe('median', () => {
  it.each([
    { values: [7], expected: 7 },
    { values: [2, 1], expected: 1.5 },
    { values: [3, 1, 2], expected: 2 },
    { values: [10, 9, 1, 2], expected: 5.5 },
    { values: [5, 5, 5], expected: 5 },
    { values: [-1, 0, 100], expected: 0 },
  ])('of $values is $expected', ({ values, expected }) => {
    expect(median(values)).toBe(expected);
  });

  it('sorts by number and leaves its argument alone', () => {
    const values = [10, 9, 100];
    expect(median(values)).toBe(10);
    expect(values).toEqual([10, 9, 100]);
  });
});

describe('interval', () => {
  it.each([
    { n: 1, low: 1, high: 1, confidence: 0 },
    { n: 2, low: 1, high: 2, confidence: 0.5 },
    { n: 3, low: 1, high: 3, confidence: 0.75 },
    { n: 4, low: 1, high: 4, confidence: 0.875 },
    { n: 5, low: 1, high: 5, confidence: 0.9375 },
    { n: 6, low: 1, high: 6, confidence: 1 - 2 / 64 },
    { n: 7, low: 1, high: 7, confidence: 1 - 2 / 128 },
    { n: 8, low: 1, high: 8, confidence: 1 - 2 / 256 },
    { n: 9, low: 2, high: 8, confidence: 1 - 20 / 512 },
    { n: 10, low: 2, high: 9, confidence: 1 - 22 / 1024 },
    { n: 11, low: 2, high: 10, confidence: 1 - 24 / 2048 },
    { n: 12, low: 3, high: 10, confidence: 1 - (2 * (1 + 12 + 66)) / 4096 },
  ])('of 1..$n is $low to $high with $confidence', ({ n, low, high, confidence }) => {
    const estimate = interval(upTo(n).reverse());
    expect(estimate.interval).toEqual({ median: (n + 1) / 2, low, high });
    expect(estimate.confidence).toBeCloseTo(confidence, 12);
  });

  it('stays sound where 0.5^n underflows', () => {
    const { interval: found, confidence } = interval(upTo(5000));
    expect(confidence).toBeGreaterThanOrEqual(0.95);
    expect(confidence).toBeLessThan(0.96);
    expect(found.low).toBeGreaterThan(2400);
    expect(found.low + found.high).toBe(5001);
  });
});

describe.each([
  ['median', median],
  ['interval', interval],
] as const)('%s', (_, estimate) => {
  it.each([{ values: [] }, { values: [1, Number.NaN] }, { values: [Number.POSITIVE_INFINITY] }])(
    'throws RangeError for $values',
    ({ values }) => {
      expect(() => estimate(values)).toThrow(RangeError);
    },
  );
});
