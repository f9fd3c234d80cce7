import type { CellSummary, Summary } from '../../../model/summary.js';
import type { Footnote } from '../footnotes.js';
import { figureText } from '../quantities.js';
import { slicesOf } from '../slice.js';
import { isLowerBound, nameOf } from '../standing.js';
import { kiloPacketsPerSecond } from '../units.js';
import { type Group, groupSentences, sentence } from './groups.js';
import { compare, type Rate, weakness } from './ratio.js';
import { scalingFindings } from './scaling.js';

/** Which implementation answers most, how much more than each other one, and how they grow. */
export function peakFindings(summary: Summary, footnotes: readonly Footnote[]): string[] {
  return slicesOf(summary, 'peak', 'ends').flatMap((slice) => [
    ...groupSentences(summary, slice, footnotes, peakSentence),
    ...scalingFindings(slice, footnotes, rateOf),
  ]);
}

function peakSentence({ where, figures, missing }: Group): string {
  const [best, ...others] = figures
    .flatMap((cell) => rateOf(cell) ?? [])
    .sort((a, b) => b.figure.median - a.figure.median) as [Rate, ...Rate[]];
  const bound = best.isBound ? 'at least ' : '';
  const { limit } = best.cell;
  const held = limit === 'path' || limit === 'config' ? ` (limit: ${limit})` : '';
  const rate = `${bound}${figureText(kiloPacketsPerSecond, best.figure).value} ${kiloPacketsPerSecond.label}`;
  const comparisons = others.map((other) => compare(best, other, nameOf(other.cell)));
  const parts = comparisons.map(({ text }) => text);
  const head = `${nameOf(best.cell)} answers ${rate}${held}${parts.length > 0 ? ': ' : ''}${parts.join(', ')}`;
  return `${sentence(where, [head], missing)}${weakness(comparisons)}`;
}

function rateOf(cell: CellSummary): Rate | null {
  const figure = cell.repliesPerSecond;
  return figure && { cell, figure, isBound: isLowerBound(cell) };
}
