import type { Answer, Summary } from '../../../model/summary.js';
import { type Footnote, footnotesOf } from '../footnotes.js';
import { standingOf } from '../standing.js';
import { capacityFindings } from './capacity.js';
import { levelsFindings } from './levels.js';
import { peakFindings } from './peak.js';
import { restFindings } from './rest.js';
import { roundTripFindings } from './round-trips.js';
import { workFindings } from './work.js';

/** Sentences about each answer. */
const makers: Record<Answer['kind'], (summary: Summary, footnotes: readonly Footnote[]) => string[]> = {
  peak: (summary, footnotes) => [...peakFindings(summary, footnotes), ...workFindings(summary)],
  capacity: capacityFindings,
  'round-trips': roundTripFindings,
  levels: levelsFindings,
  rest: restFindings,
};

/**
 * The findings as sentences, those of each load by themselves: what the implementations reach at the smallest matrix point
 * and how that grows with it. An implementation without a figure is named with the letter of the reason.
 */
export function findings(summary: Summary): string[] {
  if (!summary.cells.some((cell) => standingOf(cell) === 'figure'))
    return ['No cell of this run has a figure that may be quoted.'];
  const footnotes = footnotesOf(summary);
  return Object.values(makers).flatMap((make) => make(summary, footnotes));
}
