import { build, type JsHistogram } from 'hdr-histogram-js';

/** Round-trip times: pairs of [value in ns (highest equivalent of its bucket), count], ascending. */
export type HistogramPairs = [number, number][];

/** Percentiles of round-trip times in ns, null where too few values lie beyond (see percentileColumns). */
export interface LatencySummary {
  /** Recorded values. */
  count: number;
  p50: number | null;
  p90: number | null;
  p99: number | null;
  p99_9: number | null;
  p99_99: number | null;
  /** The largest of `count` values: it grows with their number and is no percentile. */
  max: number;
}

/** Values that must lie beyond a percentile: fewer say more of chance than of what is measured. */
const fewestBeyond = 10;

/** The percentiles that are told, and how many values each needs: 1,000 for the 99th, 10,000 for the 99.9th. */
export const percentileColumns = [
  { key: 'p50', label: '50', percent: 50, fewest: fewestBeyond * 2 },
  { key: 'p90', label: '90', percent: 90, fewest: fewestBeyond * 10 },
  { key: 'p99', label: '99', percent: 99, fewest: fewestBeyond * 100 },
  { key: 'p99_9', label: '99.9', percent: 99.9, fewest: fewestBeyond * 1000 },
  { key: 'p99_99', label: '99.99', percent: 99.99, fewest: fewestBeyond * 10_000 },
] as const;

const lowestNs = 1;
/** Longer times count as this: a virtual machine that was suspended for an hour must not make a run unreadable. */
const highestNs = 60e9;

/** Of no values: it knows the buckets. */
const buckets = newHistogram();

/** One histogram of all recorded values: pairs of [highest equivalent value in ns, count], ascending. */
export function mergeHistograms(histograms: readonly HistogramPairs[]): HistogramPairs {
  const counts = sumsOf(histograms.flat());
  // To find a bucket takes ten times as long as to add: values of several histograms are mostly the same.
  const bucketed = [...counts].map(([value, count]): [number, number] => [
    buckets.highestEquivalentValue(Math.min(value, highestNs)),
    count,
  ]);
  return [...sumsOf(bucketed)].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
}

function sumsOf(pairs: HistogramPairs): Map<number, number> {
  const counts = new Map<number, number>();
  for (const [value, count] of pairs) {
    assertPair(value, count);
    counts.set(value, (counts.get(value) ?? 0) + count);
  }
  return counts;
}

/**
 * What is told of recorded values, in any order and of any number of histograms; RangeError where there are none: then
 * there is no largest value.
 */
export function percentiles(pairs: HistogramPairs): LatencySummary {
  const histogram = recorded(pairs);
  const count = histogram.totalCount;
  if (count === 0) throw new RangeError('an empty histogram has no percentiles');
  const max = histogram.maxValue;
  const [p50, p90, p99, p99_9, p99_99] = percentileColumns.map(({ percent, fewest }) =>
    // The upper edge of the last bucket may lie above the largest value recorded.
    count < fewest ? null : Math.min(histogram.getValueAtPercentile(percent), max),
  ) as [number | null, number | null, number | null, number | null, number | null];
  return { count, p50, p90, p99, p99_9, p99_99, max };
}

/** The recorded values as a histogram of the library. */
export function recorded(pairs: HistogramPairs): JsHistogram {
  const histogram = newHistogram();
  for (const [value, count] of pairs) {
    assertPair(value, count);
    histogram.recordValueWithCount(Math.min(value, highestNs), count);
  }
  return histogram;
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

function assertPair(value: number, count: number): void {
  if (!Number.isInteger(value) || value < 0) throw new RangeError(`a time must be a whole number of ns, not ${value}`);
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`a count must be a whole number >= 0, not ${count}`);
}
