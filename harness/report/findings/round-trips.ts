import type { LatencySummary } from '../../../model/histogram.js';
import type { CellSummary, Summary } from '../../../model/summary.js';
import type { Footnote } from '../footnotes.js';
import { sizedSlicesOf } from '../slice.js';
import { nameOf, withWaits } from '../standing.js';
import { formatIn, formatShare, microseconds } from '../units.js';
import { ascendingBy, type Group, groupSentences, sentence } from './groups.js';

/** Median and 99th percentile of each implementation, the shortest median first, and the loss where there may be one. */
export function roundTripFindings(summary: Summary, footnotes: readonly Footnote[]): string[] {
  return sizedSlicesOf(summary, 'round-trips', 'ends').flatMap((slice) =>
    groupSentences(summary, slice, footnotes, roundTripSentence),
  );
}

function roundTripSentence({ where, figures, missing }: Group): string {
  const parts = ascendingBy(figures, ({ latencyNs }) => latencyNs?.p50 ?? null).map(
    (cell) => `${withWaits(nameOf(cell), cell)} ${percentilesText(cell.latencyNs)}${lossText(cell)}`,
  );
  return sentence(where, [`${percentilesTitle} ${parts.join(', ')}`], missing);
}

/** What `percentilesText` holds. */
export const percentilesTitle = 'round trip (median / 99th percentile, µs)';

/** `22.0 / 41.4`, `–` where the round trips are too few. */
export function percentilesText(latency: LatencySummary | null): string {
  const text = (ns: number | null) => (ns === null ? '–' : formatIn(microseconds, ns));
  return `${text(latency?.p50 ?? null)} / ${text(latency?.p99 ?? null)}`;
}

/** Where each request waits for a reply, none is lost but by a fault. */
function lossText({ answer, lossRatio }: CellSummary): string {
  const isPaced = answer.kind === 'round-trips' && answer.offeredPerSecond !== null;
  return isPaced && lossRatio !== null ? ` (lost ${formatShare(lossRatio)} %)` : '';
}
