import type { CellSummary } from '../../../model/summary.js';
import { describeCells, type Footnote } from '../footnotes.js';
import { isLowerBound, standingOf } from '../standing.js';
import { badCell, type TableCell } from '../table.js';

/** The letter of the footnote that says why the cell has no figure to quote, or null. */
export function keyOf(cell: CellSummary, footnotes: readonly Footnote[]): string | null {
  return footnotes.find(({ cells }) => cells.includes(cell))?.key ?? null;
}

/** A figure of an invalid cell keeps its mark and its reason beside it, so that it cannot be quoted as it stands. */
export function withoutFigure(cell: CellSummary, key: string, value: string | null): TableCell {
  const standing = standingOf(cell);
  if (standing === 'failed') return badCell('failed', key);
  return badCell(standing === 'invalid' ? `!${value ?? ''}` : '–', key);
}

/** A figure, marked where it is a lower bound. */
export function bounded(isBound: boolean, value: string): TableCell {
  return isBound ? { value: `≥${value}`, detail: '', emphasis: 'bound' } : { value, detail: '', emphasis: 'plain' };
}

/** Explains `≥` where a figure is a lower bound. */
export function lowerBoundNotes(cells: readonly CellSummary[]): string[] {
  return cells.some((cell) => standingOf(cell) === 'figure' && isLowerBound(cell))
    ? ['≥ a lower bound: the load generator was the limit, not the invoker.']
    : [];
}

/** Explains the marks of cells without a figure, and names those that something other than the invoker held back. */
export function markNotes(cells: readonly CellSummary[]): string[] {
  const standings = new Set(cells.map(standingOf));
  const notes: string[] = [];
  const figures = cells.filter((cell) => standingOf(cell) === 'figure');
  for (const limit of ['path', 'config'] as const) {
    const held = figures.filter((cell) => cell.limit === limit);
    if (held.length > 0) notes.push(`Limited by the ${limit}: ${describeCells(held, cells)}.`);
  }
  if (standings.has('invalid')) notes.push('! an invalid figure, not to be quoted; the letter names the reason.');
  if (standings.has('skipped') || standings.has('unmeasured')) notes.push('– no figure; the letter names the reason.');
  return notes;
}
