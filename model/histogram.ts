import { build, type JsHistogram } from 'hdr-histogram-js';

/** Round-trip times: pairs of [value in ns (highest equivalent of its bucket), count], ascending. */
export type HistogramPairs = [number, number][];

export interface LatencySummary {
  p50: number;
  p90: number;
  p99: number;
  p99_9: number;
  p99_99: number;
  max: number;
}

const lowestNs = 1;
const highestNs = 60e9;

/** One histogram of all recorded values: pairs of [highest equivalent value in ns, count], ascending. */
export function mergeHistograms(histograms: readonly HistogramPairs[]): HistogramPairs {
  const buckets = newHistogram();
  const counts = new Map<number, number>();
  for (const [value, count] of histograms.flat()) {
    assertPair(buckets, value, count);
    const bucket = buckets.highestEquivalentValue(value);
    counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  }
  return [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
}

/** Percentiles and maximum in ns of recorded values; RangeError for an empty histogram, which has none. */
export function percentiles(pairs: HistogramPairs): LatencySummary {
  const histogram = newHistogram();
  for (const [value, count] of pairs) {
    assertPair(histogram, value, count);
    histogram.recordValueWithCount(value, count);
  }
  if (histogram.totalCount === 0) throw new RangeError('an empty histogram has no percentiles');
  const max = histogram.maxValue;
  // The upper edge of the last bucket may lie above the largest value recorded.
  const at = (percentile: number) => Math.min(histogram.getValueAtPercentile(percentile), max);
  return { p50: at(50), p90: at(90), p99: at(99), p99_9: at(99.9), p99_99: at(99.99), max };
}

/** The values recorded since an earlier reading of the same histogram. */
export function recordedSince(before: HistogramPairs, now: HistogramPairs): HistogramPairs {
  const earlier = new Map(before);
  return now
    .map(([ns, count]): [number, number] => [ns, count - (earlier.get(ns) ?? 0)])
    .filter(([, count]) => count > 0);
}

function newHistogram(): JsHistogram {
  // 64 bits a bucket: counts of a long run do not overflow. `build` returns the JavaScript class unless asked for WebAssembly.
  return build({
    lowestDiscernibleValue: lowestNs,
    highestTrackableValue: highestNs,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
    useWebAssembly: false,
  }) as JsHistogram;
}

function assertPair(histogram: JsHistogram, value: number, count: number): void {
  if (!Number.isInteger(value) || value < 0 || value > histogram.highestEquivalentValue(highestNs)) {
    throw new RangeError(`a time must be a whole number of ns from 0 to 60e9, not ${value}`);
  }
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`a count must be a whole number >= 0, not ${count}`);
}
