import type { HistogramPairs } from '../harness/model.js';

/** The values recorded since an earlier reading of the same histogram. */
export function recordedSince(before: HistogramPairs, now: HistogramPairs): HistogramPairs {
  const earlier = new Map(before);
  return now
    .map(([ns, count]): [number, number] => [ns, count - (earlier.get(ns) ?? 0)])
    .filter(([, count]) => count > 0);
}
