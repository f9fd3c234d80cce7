import type { Ratio } from '../../model/comparison.js';
import { median } from '../../model/median.js';
import { chancesOfU, rankSumTest, signedRankTest, signTest } from './rank-tests.js';
import { interval } from './stats.js';

/** A ratio with what a test says of its being 1. */
export interface TestedRatio extends Ratio {
  /** Two-sided, not corrected for the number of ratios. */
  p: number;
}

const wantedCoverage = 0.95;
/** Quantile of the normal distribution for it. */
const normalQuantile = 1.959964;

/**
 * Ratio of figures that were taken in pairs: the median of the ratios within the pairs with its order-statistic interval,
 * and the signed-rank test of their logarithms. `signP` is the sign test's, which asks for no symmetry. All figures
 * positive, RangeError otherwise.
 */
export function pairedRatio(over: readonly number[], under: readonly number[]): TestedRatio & { signP: number } {
  if (over.length !== under.length) throw new RangeError(`${over.length} and ${under.length} figures make no pairs`);
  for (const values of [over, under]) refuseNotPositive(values);
  const ratios = over.map((figure, index) => figure / (under[index] as number));
  const { interval: found, confidence } = interval(ratios);
  const logs = ratios.map(Math.log);
  return { ...found, confidence, p: signedRankTest(logs), signP: signTest(logs) };
}

/**
 * Ratio of the figures of two independent samples: the Hodges-Lehmann estimate, which is the median of the ratios of
 * every figure of one sample to every figure of the other, with the interval that belongs to the rank-sum test (Hodges
 * and Lehmann 1963; Hollander and Wolfe, section 4.3). Where so few figures have no interval of 95 % it is the range of
 * these ratios. All figures positive, RangeError otherwise.
 */
export function unpairedRatio(over: readonly number[], under: readonly number[]): TestedRatio {
  for (const values of [over, under]) refuseNotPositive(values);
  const ratios = over.flatMap((figure) => under.map((other) => figure / other)).sort((a, b) => a - b);
  const { rank, confidence } = outermostKept(over.length, under.length);
  const [low, high] = [ratios[rank] as number, ratios[ratios.length - 1 - rank] as number];
  return { median: median(ratios), low, high, confidence, p: rankSumTest(over, under) };
}

/** The highest 0-based rank r for which the ratios from r to the last but r cover the true one with 95 %. */
function outermostKept(m: number, n: number): { rank: number; confidence: number } {
  const chances = chancesOfU(m, n);
  if (chances === null) {
    const spread = normalQuantile * Math.sqrt((m * n * (m + n + 1)) / 12);
    return { rank: Math.max(0, Math.floor((m * n) / 2 - spread)), confidence: wantedCoverage };
  }
  let tail = chances[0] as number;
  let rank = 0;
  for (; 1 - 2 * (tail + (chances[rank + 1] ?? 1)) >= wantedCoverage; rank++) tail += chances[rank + 1] as number;
  return { rank, confidence: Math.max(0, 1 - 2 * tail) };
}

/** The least p-value that a rank-sum test of so many figures can give. */
export function leastRankSumP(m: number, n: number): number {
  let choices = 1;
  for (let k = 1; k <= Math.min(m, n); k++) choices *= (m + n - k + 1) / k;
  return Math.min(1, 2 / choices);
}

/** The mean that suits ratios; null for none. */
export function geometricMean(ratios: readonly number[]): number | null {
  if (ratios.length === 0) return null;
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}

/** Whether an interval or a test leaves it open that nothing differs. `p`: corrected for the number of ratios. */
export function isUnclear({ low, high }: Ratio, p: number): boolean {
  return (low <= 1 && high >= 1) || p > 1 - wantedCoverage;
}

function refuseNotPositive(values: readonly number[]): void {
  const odd = values.find((value) => !(value > 0 && Number.isFinite(value)));
  if (odd !== undefined) throw new RangeError(`no ratio can be taken with ${odd}`);
}
