import { meanOf, squaresAround, tQuantile, tTails } from './student.js';

/** Nights that a rise takes at least: what is shorter cannot be told from a step. */
const shortestRise = 14;

/** A level that holds, and from `at` on goes up or down by the same every night, to the last. */
export interface Drift {
  at: number;
  /** From the level before to the last night; half of its 95 % interval. */
  shift: number;
  margin: number;
  /** Of the t-test of the slope, corrected for the places where it could begin (Bonferroni). */
  p: number;
  /** Of the values around the line. */
  squares: number;
}

/** The line with one bend that fits best (least squares); null for too few values, or where they are a straight level. */
export function driftOf(values: readonly number[]): Drift | null {
  const n = values.length;
  if (n < shortestRise + 1) return null;
  const mean = meanOf(values);
  const flat = squaresAround(values, mean);
  if (flat === 0) return null;
  let best: { at: number; slope: number; squares: number; spread: number } | null = null;
  for (let at = 0; at + shortestRise < n; at++) {
    // Regression on max(0, index - at).
    const length = n - 1 - at;
    const sum = (length * (length + 1)) / 2;
    const spread = (length * (length + 1) * (2 * length + 1)) / 6 - sum ** 2 / n;
    let product = -sum * mean;
    for (let index = at + 1; index < n; index++) product += (index - at) * (values[index] as number);
    const slope = product / spread;
    const squares = Math.max(0, flat - slope * product);
    if (best === null || squares < best.squares) best = { at, slope, squares, spread };
  }
  if (best === null) return null;
  const freedom = n - 3;
  const error = Math.sqrt(best.squares / freedom / best.spread);
  const length = n - 1 - best.at;
  const p = error === 0 ? 0 : tTails(Math.abs(best.slope) / error, freedom) * (n - shortestRise);
  return {
    ...{ at: best.at + 1, shift: best.slope * length, margin: tQuantile(freedom) * error * length },
    ...{ p: Math.min(1, p), squares: best.squares },
  };
}

/** The squares around two levels, split where they are least; of a single night apart, too. */
export function squaresOfTwoLevels(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  let [least, left] = [squaresAround(values, meanOf(values)), 0];
  for (let at = 1; at < values.length; at++) {
    left += values[at - 1] as number;
    const levels = left ** 2 / at + (sum - left) ** 2 / (values.length - at);
    least = Math.min(least, squares - levels);
  }
  return least;
}
