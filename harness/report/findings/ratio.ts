import type { CellSummary, Figure } from '../../../model/summary.js';
import { hasFewRepeats, runsOf } from '../repeats.js';
import { formatRatio } from '../units.js';

/** A figure to compare. */
export interface Rate {
  cell: CellSummary;
  figure: Figure;
  /** The figure is a lower bound. */
  isBound: boolean;
}

/** What is said of two figures. */
export interface Comparison {
  text: string;
  /** The cells that a stated ratio rests on. */
  evidence: CellSummary[];
}

/** `2.9 x recvmmsg (2.7 to 3.1)`, the interval from the ends of both intervals; `~` where they overlap. */
export function compare(one: Rate, other: Rate, name: string): Comparison {
  const without = (text: string): Comparison => ({ text, evidence: [] });
  if (other.isBound) return without(`no ratio to ${name} (its figure is a lower bound)`);
  const [a, b] = [one.figure, other.figure];
  if (b.low <= 0) return without(`no ratio to ${name}`);
  const single = a.confidence === 0 || b.confidence === 0;
  if (a.low <= b.high && b.low <= a.high && !single) return without(`~ ${name} (no evidence of a difference)`);
  const bound = one.isBound ? 'at least ' : '';
  const range = single ? '' : ` (${formatRatio(a.low / b.high)} to ${formatRatio(a.high / b.low)})`;
  return { text: `${bound}${formatRatio(a.median / b.median)} x ${name}${range}`, evidence: [one.cell, other.cell] };
}

/** Intervals of few runs that do not overlap may do so by chance. */
export function weakness(comparisons: readonly Comparison[]): string {
  const few = comparisons.flatMap(({ evidence }) => evidence).filter(hasFewRepeats);
  if (few.length === 0) return '';
  if (few.every(({ repeats }) => repeats === 1)) return ' Weak evidence: one run each.';
  return ` Weak evidence: ranges of ${runsOf(few)}.`;
}
