import type { Figure } from '../../../model/summary.js';
import type { TableCell } from '../table.js';

/** A figure among those of its column, with the ends of its interval; infinite where nothing tells them. */
export interface Rival {
  /** Only figures of one group are held against each other. */
  group: string;
  median: number;
  low: number;
  high: number;
}

/** A cell of a table with the figure that it is ranked by; null where it has none to quote. */
export interface RankedCell {
  cell: TableCell;
  rival: Rival | null;
}

/** Explains what is set off where more is better. */
export const bestNotes: readonly string[] = [
  'Bold, in plain text *: the best of a column, and all that cannot be told from it: intervals overlap, or ≥ may be more.',
];

/** A cell that takes no part. */
export function unranked(cell: TableCell): RankedCell {
  return { cell, rival: null };
}

/** Nothing tells how far a figure of one run is from the true one, nor how much more than a lower bound it is. */
export function rivalOf({ median, low, high, confidence }: Figure, isBound: boolean, group: string): Rival {
  const single = confidence === 0;
  return { group, median, low: single ? -Infinity : low, high: single || isBound ? Infinity : high };
}

/**
 * Rows in which the best of each column and group is set off, with all whose intervals overlap its own; none of a column
 * where that is all of them.
 */
export function withBest(rows: readonly RankedCell[][], better: 'more' | 'less'): TableCell[][] {
  const best = new Set<Rival>();
  for (const column of rows[0]?.keys() ?? []) {
    const rivals = rows.flatMap((row) => row[column]?.rival ?? []);
    for (const group of new Set(rivals.map((rival) => rival.group))) {
      const own = rivals.filter((rival) => rival.group === group);
      const leaders = leadersOf(own, better);
      if (leaders.length < own.length) for (const leader of leaders) best.add(leader);
    }
  }
  return rows.map((row) =>
    row.map(({ cell, rival }) => (rival !== null && best.has(rival) ? { ...cell, emphasis: 'best' } : cell)),
  );
}

/** Whether any figure is set off. */
export function isSetOff(rows: readonly TableCell[][]): boolean {
  return rows.some((row) => row.some(({ emphasis }) => emphasis === 'best'));
}

function leadersOf(rivals: readonly Rival[], better: 'more' | 'less'): Rival[] {
  const isBetter = (a: Rival, b: Rival) => (better === 'more' ? a.median > b.median : a.median < b.median);
  const first = rivals.reduce((a, b) => (isBetter(b, a) ? b : a));
  return rivals.filter((rival) => (better === 'more' ? rival.high >= first.low : rival.low <= first.high));
}
