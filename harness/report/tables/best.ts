import type { Figure } from '../../../model/summary.js';
import type { TableCell } from '../table.js';

/** A figure among those of its column. */
export interface Rival {
  /** Only figures of one group are held against each other. */
  group: string;
  median: number;
  /** Of its interval; null of a single run, of which nothing tells how far it is from the true figure. */
  ends: { low: number; high: number } | null;
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

/** Nothing tells how much more than a lower bound a figure is. */
export function rivalOf({ median, low, high, confidence }: Figure, isBound: boolean, group: string): Rival {
  return { group, median, ends: confidence === 0 ? null : { low, high: isBound ? Infinity : high } };
}

/**
 * Rows in which the best of each column and group is set off, with all whose intervals overlap its own; none of a column
 * where that is all of them, or where the best has no interval.
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
  return rivals.filter(({ ends }) => {
    if (ends === null || first.ends === null) return false;
    return better === 'more' ? ends.high >= first.ends.low : ends.low <= first.ends.high;
  });
}
