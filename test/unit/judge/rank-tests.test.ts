import { describe, expect, it } from 'vitest';
import {
  binomialInterval,
  chancesOfU,
  holm,
  rankSumTest,
  signedRankTest,
  signTest,
} from '../../../harness/judge/rank-tests.js';
import { seededRandom } from '../../fakes/random.js';

const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);
const minus = (a: number[], b: number[]) => a.map((value, index) => value - (b[index] as number));

/** Hamilton depression scale factor before and after (Hollander and Wolfe, table 3.1). */
const depression = {
  before: [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3],
  after: [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29],
};
/** Permeability of the human chorioamnion at term and before (Hollander and Wolfe, table 4.1). */
const permeability = {
  atTerm: [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
  before: [1.15, 0.88, 0.9, 0.74, 1.21],
};
/** Differences of the heights of cross- and self-fertilised maize in eighths of an inch (Darwin 1876). */
const maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

/** Mean ranks by their definition: half of the equals and all smaller ones. */
const rankIn = (values: number[]) => (value: number) =>
  values.filter((other) => other < value).length + (values.filter((other) => other === value).length + 1) / 2;

/** Twice the smaller tail over all outcomes, counted one by one. */
function twoTails(outcomes: number[], seen: number): number {
  const share = (kept: number[]) => kept.length / outcomes.length;
  const tails = [outcomes.filter((sum) => sum <= seen + 1e-9), outcomes.filter((sum) => sum >= seen - 1e-9)];
  return Math.min(1, 2 * Math.min(...tails.map(share)));
}

/** All sums of subsets. */
function subsetSums(values: number[]): number[] {
  let sums = [0];
  for (const value of values) sums = sums.concat(sums.map((sum) => sum + value));
  return sums;
}

function bruteSignedRank(differences: number[]): number {
  const sizes = differences.map(Math.abs);
  const ranks = differences.map((difference) => (difference === 0 ? 0 : rankIn(sizes)(Math.abs(difference))));
  const seen = ranks.reduce((sum, rank, index) => sum + ((differences[index] as number) > 0 ? rank : 0), 0);
  return twoTails(subsetSums(ranks.filter((rank) => rank > 0)), seen);
}

function bruteRankSum(first: number[], second: number[]): number {
  const all = [...first, ...second];
  const ranks = all.map(rankIn(all));
  const sums: number[] = [];
  const choose = (from: number, left: number, sum: number) => {
    if (left === 0) sums.push(sum);
    else for (let i = from; i <= ranks.length - left; i++) choose(i + 1, left - 1, sum + (ranks[i] as number));
  };
  choose(0, first.length, 0);
  return twoTails(
    sums,
    ranks.slice(0, first.length).reduce((a, b) => a + b, 0),
  );
}

describe('signedRankTest', () => {
  it.each([
    // Published: T+ = 40 with P = 0.0195 to one side (Hollander and Wolfe); two-sided by scipy 1.17.1 and by R 4.
    ['depression scale', minus(depression.before, depression.after), 0.0390625],
    // scipy 1.17.1, wilcoxon(method='exact'): W = 24.
    ['maize', maize, 0.041259765625],
    // scipy 1.17.1, wilcoxon(zero_method='pratt', method=PermutationMethod()), which tries all signs.
    ['zeros and ties', [0, 0, 1, 1, -2, 3, 3, 5], 0.125],
    ['one value', [3], 1],
    ['nothing but zeros', [0, 0, 0], 1],
    ['six of one sign', upTo(6), 2 / 64],
  ])('of %s', (_, differences, p) => {
    expect(signedRankTest(differences)).toBeCloseTo(p, 12);
    expect(signedRankTest(differences.map((difference) => -difference))).toBeCloseTo(p, 12);
  });

  // Critical values of the smaller rank sum at 5 %, two-sided (Wilcoxon and Wilcox 1964).
  it.each([
    [6, 0],
    [7, 2],
    [8, 3],
    [9, 5],
    [10, 8],
    [12, 13],
    [15, 25],
    [20, 52],
    [25, 89],
    [50, 434],
  ])('with %i pairs rejects at a rank sum of %i and not above', (n, critical) => {
    const withSum = (sum: number) => {
      let rest = sum;
      return upTo(n)
        .reverse()
        .map((rank) => {
          if (rank > rest) return rank;
          rest -= rank;
          return -rank;
        });
    };
    expect(signedRankTest(withSum(critical))).toBeLessThanOrEqual(0.05);
    expect(signedRankTest(withSum(critical + 1))).toBeGreaterThan(0.05);
  });

  it('is what trying all signs gives, with ties and zeros', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 60; round++) {
      const differences = Array.from({ length: 1 + (round % 10) }, () => Math.floor(random() * 9) - 4);
      expect(signedRankTest(differences)).toBeCloseTo(bruteSignedRank(differences), 12);
    }
  });

  it('has a null distribution that adds up for many pairs', () => {
    const balanced = upTo(200).map((rank) => (rank % 4 < 2 ? rank : -rank));
    expect(signedRankTest(balanced)).toBeGreaterThan(0.9);
    expect(signedRankTest(upTo(400))).toBeCloseTo(2 / 2 ** 400, 130);
  });
});

describe('signTest', () => {
  it.each([
    [[1, 1, 1, 1, 1, 1], 2 / 64],
    [[1, 1, -1, 0], 1],
    // 13 of 15 (Fisher 1935 on the maize): 2 (1 + 15 + 105) / 2^15.
    [maize, (2 * 121) / 2 ** 15],
  ])('of %j is %f', (differences, p) => expect(signTest(differences)).toBeCloseTo(p, 12));
});

describe('rankSumTest', () => {
  it.each([
    // Published: W = 35 with P = 0.1272 to one side (Hollander and Wolfe); two-sided by scipy 1.17.1 and by R 4.
    ['permeability', permeability.atTerm, permeability.before, 0.2544122544122544],
    // scipy 1.17.1, mannwhitneyu(method=PermutationMethod()), which tries all choices.
    ['ties', [1, 2, 2, 3, 5], [2, 3, 3, 4, 6, 7], 0.17316017316017315],
    ['one against one', [1], [2], 1],
    ['three apart from three', [1, 2, 3], [4, 5, 6], 0.1],
    ['equals', [5, 5], [5, 5, 5], 1],
  ])('of %s', (_, first, second, p) => {
    expect(rankSumTest(first, second)).toBeCloseTo(p, 12);
    expect(rankSumTest(second, first)).toBeCloseTo(p, 12);
  });

  // Critical values of U at 5 %, two-sided (Mann and Whitney 1947, tables as extended by Auble 1953).
  it.each([
    [4, 4, 0],
    [5, 5, 2],
    [6, 6, 5],
    [5, 8, 6],
    [8, 8, 13],
    [10, 10, 23],
    [20, 20, 127],
  ])('of %i and %i values rejects at U = %i and not above', (m, n, critical) => {
    const chances = chancesOfU(m, n) as Float64Array;
    const tail = (u: number) => 2 * chances.slice(0, u + 1).reduce((sum, chance) => sum + chance, 0);
    expect(chances).toHaveLength(m * n + 1);
    expect(tail(m * n)).toBeCloseTo(2, 10);
    expect(tail(critical)).toBeLessThanOrEqual(0.05);
    expect(tail(critical + 1)).toBeGreaterThan(0.05);
  });

  it('is what trying all choices gives, with ties', () => {
    const random = seededRandom(11);
    const sample = (size: number) => Array.from({ length: size }, () => Math.floor(random() * 6));
    for (let round = 0; round < 40; round++) {
      const [first, second] = [sample(1 + (round % 5)), sample(1 + (round % 6))];
      expect(rankSumTest(first, second)).toBeCloseTo(bruteRankSum(first, second), 12);
    }
  });

  it('is nearly the same where it becomes approximate', () => {
    const random = seededRandom(5);
    const sample = (size: number, shift: number) => Array.from({ length: size }, () => random() + shift);
    const [first, second] = [sample(50, 0), sample(50, 0.1)];
    const exact = rankSumTest(first, second);
    // One more value far off, so that the rank sums differ by what it adds.
    const approximate = rankSumTest([...first, -1], second);
    expect(approximate / exact).toBeGreaterThan(0.5);
    expect(approximate / exact).toBeLessThan(1);
    expect(chancesOfU(51, 50)).toBeNull();
    expect(rankSumTest(new Array(60).fill(1), new Array(60).fill(1))).toBe(1);
    // scipy 1.17.1, mannwhitneyu(method='asymptotic').
    expect(
      rankSumTest(
        upTo(60),
        upTo(60).map((value) => value + 10.5),
      ),
    ).toBeCloseTo(0.0025668879435, 6);
  });
});

describe('holm', () => {
  it.each([
    // R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm").
    [
      [0.01, 0.02, 0.03, 0.04, 0.05],
      [0.05, 0.08, 0.09, 0.09, 0.09],
    ],
    [
      [0.5, 0.001, 0.03],
      [0.5, 0.003, 0.06],
    ],
    [[0.04], [0.04]],
    [[], []],
    [
      [0.9, 0.8],
      [1, 1],
    ],
  ])('of %j is %j', (pValues, corrected) => {
    holm(pValues).forEach((p, index) => {
      expect(p).toBeCloseTo(corrected[index] as number, 12);
    });
    expect(holm(pValues)).toHaveLength(corrected.length);
  });

  it('rejects what the step-down procedure rejects at that level', () => {
    const random = seededRandom(3);
    for (let round = 0; round < 50; round++) {
      const pValues = Array.from({ length: 1 + (round % 7) }, () => random() ** 3);
      const corrected = holm(pValues);
      for (const level of [0.01, 0.05, 0.2]) {
        const ascending = [...pValues].sort((a, b) => a - b);
        const stop = ascending.findIndex((p, rank) => p > level / (pValues.length - rank));
        const rejected = stop < 0 ? ascending : ascending.slice(0, stop);
        const byLevel = pValues.filter((_, index) => (corrected[index] as number) <= level);
        expect(byLevel.sort((a, b) => a - b)).toEqual(rejected);
      }
    }
  });
});

describe('the interval of a share', () => {
  it('holds for counts whose least chance is no double', () => {
    const { low, high } = binomialInterval(5000, 10_000);
    // The normal approximation: 1.96 sqrt(0.25 / 10000) to each side.
    expect(low).toBeCloseTo(0.4902, 3);
    expect(high).toBeCloseTo(0.5098, 3);
  });
});

describe.each([
  ['signedRankTest', (values: number[]) => signedRankTest(values)],
  ['signTest', (values: number[]) => signTest(values)],
  ['rankSumTest', (values: number[]) => rankSumTest(values, [1])],
])('%s', (_, test) => {
  it.each([[[]], [[1, Number.NaN]], [[Number.POSITIVE_INFINITY]]])('throws RangeError for %j', (values) => {
    expect(() => test(values)).toThrow(RangeError);
  });
});
