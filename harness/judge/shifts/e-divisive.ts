/**
 * Where a series changes: E-divisive (Matteson and James 2014) with the mends of Hunter (Fleming et al. 2023, which
 * apache/otava keeps on): Student's t-test in place of permutations, weak change points that are joined again by a
 * strict test. A permutation of three nights among thirty gives no p below 1/4060, which says nothing of one cell in a
 * hundred; and what is judged without chance is the same twice.
 */

import { studentTest } from './student.js';

/** Values that a segment has at least: what a level is known by. */
export const shortestSegment = 3;

/** Of a split that is looked at again: a strict test of one that is not whole hides those within its parts. */
const weakP = 0.05;

export interface Split {
  /** Index of the first value that is different. */
  at: number;
  /** The segments beside it: [from, at) and [at, to). */
  from: number;
  to: number;
  /** Of the t-test of these, corrected for the places where they could be split (Bonferroni). */
  p: number;
}

/** Places where a series may change, ascending: some of them by chance. */
export function weakSplits(values: readonly number[]): number[] {
  const sums = sumsOfDistances(values);
  const within = (begin: number, end: number): number[] => {
    const best = bestSplit(sums, begin, end);
    if (best === null || studentTest(values.slice(begin, best.at), values.slice(best.at, best.end)) > weakP) return [];
    return [...within(begin, best.at), best.at, ...within(best.at, end)];
  };
  return within(0, values.length);
}

/** The splits that stand against the segments beside them: the weakest that does not is taken out until each does. */
export function standingSplits(
  values: readonly number[],
  candidates: readonly number[],
  stands: (split: Split) => boolean,
): Split[] {
  const places = [...candidates];
  const test = (index: number): Split => {
    const [at, from, to] = [places[index] as number, places[index - 1] ?? 0, places[index + 1] ?? values.length];
    const p = studentTest(values.slice(from, at), values.slice(at, to));
    return { at, from, to, p: Math.min(1, p * (to - from - 2 * shortestSegment + 1)) };
  };
  const splits = places.map((_, index) => test(index));
  for (;;) {
    const weakest = splits.reduce<Split | null>(
      (weaker, split) => (stands(split) || (weaker !== null && weaker.p >= split.p) ? weaker : split),
      null,
    );
    if (weakest === null) return splits;
    const gone = splits.indexOf(weakest);
    splits.splice(gone, 1);
    places.splice(gone, 1);
    // What its neighbours are tested against has grown.
    for (const beside of [gone - 1, gone]) if (splits[beside] !== undefined) splits[beside] = test(beside);
  }
}

/** Of each value: the sums of its distances to the first 0, 1, 2, ... values. */
type DistanceSums = Float64Array[];

export function sumsOfDistances(values: readonly number[]): DistanceSums {
  return values.map((value, own) => {
    const sums = new Float64Array(own + 1);
    for (let other = 0; other < own; other++)
      sums[other + 1] = (sums[other] as number) + Math.abs(value - (values[other] as number));
    return sums;
  });
}

/**
 * The split of the values from `begin` to before `end` into [begin, at) and [at, until) with the largest energy statistic
 * Q = mn/(m+n) (2 E|X-Y| - E|X-X'| - E|Y-Y'|), over all splits and all ends of the second part; null where there are too
 * few values for two segments.
 */
export function bestSplit(
  sums: DistanceSums,
  begin: number,
  end: number,
): { at: number; end: number; q: number } | null {
  let best: { at: number; end: number; q: number } | null = null;
  // The sum of all distances within the left part, which grows by a value a turn.
  let left = 0;
  for (let at = begin + 1; at <= end - shortestSegment; at++) {
    const newest = sums[at - 1] as Float64Array;
    left += (newest[at - 1] as number) - (newest[begin] as number);
    const m = at - begin;
    if (m < shortestSegment) continue;
    const within = (2 * left) / (m * (m - 1));
    let [right, across] = [0, 0];
    for (let last = at; last < end; last++) {
      const row = sums[last] as Float64Array;
      const border = row[at] as number;
      right += (row[last] as number) - border;
      across += border - (row[begin] as number);
      const n = last + 1 - at;
      if (n < shortestSegment) continue;
      const energy = (2 * across) / (m * n) - within - (2 * right) / (n * (n - 1));
      const q = ((m * n) / (m + n)) * energy;
      if (best === null || q > best.q) best = { at, end: last + 1, q };
    }
  }
  return best;
}
