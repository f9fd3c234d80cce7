import { describe, expect, it } from 'vitest';
import { geometricMean, isUnclear, leastRankSumP, pairedRatio, unpairedRatio } from '../../../harness/judge/ratio.js';
import { seededRandom } from '../../fakes/random.js';

const random = seededRandom(19);
/** About 1000, give or take a share. */
const around = (spread: number) => 1000 * (1 + spread * (random() - 0.5));

describe('pairedRatio', () => {
  it('sees a small difference through a drift that meets both', () => {
    const drift = Array.from({ length: 12 }, () => 1 + random());
    const over = drift.map((speed) => 1.05 * speed * around(0.01));
    const under = drift.map((speed) => speed * around(0.01));
    const paired = pairedRatio(over, under);
    expect(paired.median).toBeCloseTo(1.05, 2);
    expect([paired.low, paired.high]).toEqual([expect.closeTo(1.05, 1), expect.closeTo(1.05, 1)]);
    expect(paired.confidence).toBeCloseTo(1 - (2 * (1 + 12 + 66)) / 4096, 12);
    expect(paired.p).toBeCloseTo(2 / 4096, 12);
    expect(paired.signP).toBeCloseTo(2 / 4096, 12);
    expect(isUnclear(paired, paired.p)).toBe(false);
    // The same figures without their pairs say nothing.
    const unpaired = unpairedRatio(over, under);
    expect(isUnclear(unpaired, unpaired.p)).toBe(true);
  });

  it('is the inverse the other way round', () => {
    const [over, under] = [
      [4, 9, 5, 8, 6, 7],
      [2, 3, 5, 4, 2, 7],
    ];
    const [one, other] = [pairedRatio(over, under), pairedRatio(under, over)];
    expect(one.p).toBeCloseTo(other.p, 12);
    expect(one.low).toBeCloseTo(1 / other.high, 12);
  });

  it('of equals is 1 and unclear', () => {
    const ratio = pairedRatio([3, 4, 5], [3, 4, 5]);
    expect(ratio).toMatchObject({ median: 1, low: 1, high: 1, p: 1, signP: 1 });
    expect(isUnclear(ratio, ratio.p)).toBe(true);
  });

  it('wants pairs', () => expect(() => pairedRatio([1, 2], [1])).toThrow('2 and 1 figures make no pairs'));
});

describe('unpairedRatio', () => {
  it('is Hodges and Lehmann of the logarithms', () => {
    // Hollander and Wolfe, table 4.1: the ninth and the ninth but last of 50 belong to 96 %, as for their differences,
    // whose published interval is -0.15 to 0.76 about 0.305.
    const atTerm = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const before = [1.15, 0.88, 0.9, 0.74, 1.21];
    const ratio = unpairedRatio(atTerm, before);
    expect(ratio.low).toBeCloseTo(0.8595041322, 9);
    expect(ratio.high).toBeCloseTo(1.9594594595, 9);
    expect(ratio.median).toBeCloseTo(1.3124685591, 9);
    expect(ratio.confidence).toBeCloseTo(0.96003996, 9);
    expect(ratio.p).toBeCloseTo(0.2544122544, 9);
    // The published interval itself: exponentials turn differences into ratios.
    const asRatio = unpairedRatio(atTerm.map(Math.exp), before.map(Math.exp));
    expect(Math.log(asRatio.low)).toBeCloseTo(-0.15, 9);
    expect(Math.log(asRatio.high)).toBeCloseTo(0.76, 9);
    expect(Math.log(asRatio.median)).toBeCloseTo(0.305, 2);
  });

  it.each([
    { m: 1, n: 1, confidence: 0 },
    { m: 3, n: 3, confidence: 0.9 },
    { m: 4, n: 4, confidence: 1 - 2 / 70 },
    { m: 6, n: 6, confidence: 1 - (2 * 19) / 924 },
  ])('of $m and $n figures covers with $confidence', ({ m, n, confidence }) => {
    const values = (count: number) => Array.from({ length: count }, () => around(0.1));
    const ratio = unpairedRatio(values(m), values(n));
    expect(ratio.confidence).toBeCloseTo(confidence, 12);
    expect(ratio.low).toBeLessThanOrEqual(ratio.median);
    expect(ratio.high).toBeGreaterThanOrEqual(ratio.median);
  });

  it('of many figures is nearly as narrow as that of one fewer', () => {
    const values = (count: number) => Array.from({ length: count }, () => around(0.1));
    const [over, under] = [values(50), values(51)];
    const [exact, approximate] = [unpairedRatio(over, under.slice(1)), unpairedRatio(over, under)];
    expect((approximate.high - approximate.low) / (exact.high - exact.low)).toBeCloseTo(1, 0);
    expect(approximate.confidence).toBe(0.95);
  });
});

describe.each([
  ['pairedRatio', pairedRatio],
  ['unpairedRatio', unpairedRatio],
])('%s', (_, ratioOf) => {
  it.each([[[0]], [[-1]], [[Number.NaN]], [[Number.POSITIVE_INFINITY]]])('throws RangeError for %j', (values) => {
    expect(() => ratioOf(values, [1])).toThrow(RangeError);
    expect(() => ratioOf([1], values)).toThrow(RangeError);
  });
});

/** How often intervals and tests find a difference where there is none: no more than they say. */
describe('false alarms, rarer than 1 in 20', () => {
  it.each([
    ['paired', pairedRatio],
    ['unpaired', unpairedRatio],
  ])('of %s figures', (_, ratioOf) => {
    const rounds = 1000;
    let alarms = 0;
    for (let round = 0; round < rounds; round++) {
      const values = () => Array.from({ length: 9 }, () => Math.exp(random()));
      const ratio = ratioOf(values(), values());
      if (!isUnclear(ratio, ratio.p)) alarms++;
    }
    expect(alarms / rounds).toBeLessThan(0.05);
    expect(alarms).toBeGreaterThan(0);
  });
});

it.each([
  [[], null],
  [[2, 0.5], 1],
  [[1, 10, 100], 10],
])('geometricMean(%j) is %s', (ratios, mean) => {
  if (mean === null) expect(geometricMean(ratios)).toBeNull();
  else expect(geometricMean(ratios)).toBeCloseTo(mean, 12);
});

it.each([
  [3, 3, 0.1],
  [6, 6, 2 / 924],
  [1, 1, 1],
  [2, 30, 2 / 496],
])('leastRankSumP(%i, %i) is %f', (m, n, p) => expect(leastRankSumP(m, n)).toBeCloseTo(p, 12));

it.each([
  [0.9, 1.1, 0.01, true],
  [1.01, 1.1, 0.06, true],
  [1.01, 1.1, 0.05, false],
  [0.8, 0.99, 0.01, false],
  [1, 1.1, 0.01, true],
])('%f to %f with p = %f: unclear is %s', (low, high, p, unclear) => {
  expect(isUnclear({ median: 1, low, high, confidence: 0.95 }, p)).toBe(unclear);
});
