import { type LatencySummary, percentileColumns } from '../../../model/histogram.js';
import { type TableCell, textCell } from '../table.js';
import { formatCount, formatIn, microseconds } from '../units.js';

/** Headings of what is told of round trips: percentiles, and the largest of how many. */
export const percentileHeadings: readonly string[] = [...percentileColumns.map(({ label }) => label), 'largest', 'of'];

const tooFew = '–';

/** A figure a heading; `–` where there are none, or too few for a percentile. */
export function percentileTexts(latency: LatencySummary | null): string[] {
  if (latency === null) return percentileHeadings.map(() => tooFew);
  return [
    ...percentileColumns.map(({ key }) => (latency[key] === null ? tooFew : formatIn(microseconds, latency[key]))),
    formatIn(microseconds, latency.max),
    formatCount(latency.count),
  ];
}

export function percentileCells(latency: LatencySummary | null): TableCell[] {
  return percentileTexts(latency).map(textCell);
}

/** Explains `–` where round trips are too few for a percentile. */
export function tooFewNotes(latencies: readonly (LatencySummary | null)[]): string[] {
  const some = latencies.some((latency) => latency && percentileColumns.some(({ key }) => latency[key] === null));
  return some ? ['– too few round trips: 10 must lie beyond a percentile, which takes 10,000 for the 99.9th.'] : [];
}
