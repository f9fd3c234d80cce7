import { mergeCounters } from '../model/counters.js';
import { type HistogramPairs, mergeHistograms, percentiles } from '../model/histogram.js';
import type { CompletedRun, LoadTotals } from '../model/record.js';

/** What it takes to make one record of what many generators say when a cell is over. */
export interface MergeCost {
  generators: number;
  /** Of the lines in which they say it. */
  bytes: number;
  /** To read these lines. */
  parseMs: number;
  /** To add up counters and histograms, and to take the percentiles of the sum. */
  mergeMs: number;
  /** Of all of them, before they are merged. */
  heapBytes: number;
  /** Buckets of the merged histogram that are not empty. */
  buckets: number;
}

/**
 * Measures it with the totals of real runs, which take turns until there are as many generators. The round trips of
 * each are longer than those of the one before, up to half as long again: no two clients are equally far away. `collect`
 * empties the heap of what is not in use.
 */
export function measureMerging(runs: readonly CompletedRun[], generators: number, collect: () => void): MergeCost {
  const lines = Array.from({ length: generators }, (_, index) => {
    const { histogram, counters } = runs[index % runs.length] as CompletedRun;
    return JSON.stringify({
      type: 'done',
      totals: totalsOf(stretched(histogram, 1 + index / generators / 2), counters),
    });
  });
  collect();
  const heapBefore = process.memoryUsage().heapUsed;
  const began = performance.now();
  const totals = lines.map((line) => JSON.parse(line).totals as LoadTotals);
  const parsed = performance.now();
  collect();
  const heapBytes = process.memoryUsage().heapUsed - heapBefore;
  const begun = performance.now();
  mergeCounters(totals.map(({ generator }) => generator));
  mergeCounters(totals.map(({ kernel }) => kernel));
  const merged = mergeHistograms(totals.map(({ histogram }) => histogram));
  percentiles(merged);
  const mergeMs = performance.now() - begun;
  const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
  return { generators, bytes, parseMs: parsed - began, mergeMs, heapBytes, buckets: merged.length };
}

function totalsOf(histogram: HistogramPairs, { generator, client }: CompletedRun['counters']): LoadTotals {
  return { generator, kernel: client, histogram, capacity: null, levels: [], clients: [] };
}

function stretched(histogram: HistogramPairs, factor: number): HistogramPairs {
  return mergeHistograms([histogram.map(([ns, count]): [number, number] => [Math.round(ns * factor), count])]);
}
