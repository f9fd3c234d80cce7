import type { CellSummary, Crossing, Figure, Summary } from '../../model/summary.js';
import { worthwhileRatio } from '../../model/work.js';
import { distinct } from './group-by.js';
import type { WorkSlice } from './slice.js';
import { nameOf } from './standing.js';
import { figureFormat, formatRatio, microseconds } from './units.js';

/** An implementation as work grows. */
export interface WorkLine {
  name: string;
  /** By ascending work; `ratio` to `workBase`, null where there is none to quote. */
  points: { workNs: number; cell: CellSummary; ratio: Figure | null }[];
  crossing: Crossing | null;
}

/** Implementations of a slice, in the order of the run. */
export function workLinesOf({ work }: Summary, { cells }: WorkSlice): WorkLine[] {
  const ratios = new Map(
    work.flatMap(({ points }) => points.map(({ cell, ratio }): [string, Figure | null] => [cell, ratio])),
  );
  return distinct(cells.map(nameOf)).map((name) => {
    const own = cells.filter((cell) => nameOf(cell) === name);
    const points = own
      .map((cell) => ({ workNs: cell.workNs ?? 0, cell, ratio: ratios.get(cell.id) ?? null }))
      .toSorted((a, b) => a.workNs - b.workNs);
    const curve = work.find((one) => one.points.some(({ cell }) => own.some(({ id }) => id === cell)));
    return { name, points, crossing: curve?.crossing ?? null };
  });
}

/** Amounts of work in a slice, ascending. */
export function amountsOf({ cells }: WorkSlice): number[] {
  return distinct(cells.map(({ workNs }) => workNs ?? 0)).sort((a, b) => a - b);
}

/** An amount that was asked for. */
export const inUs = (ns: number): number => ns / microseconds.divisor;

/** `1.1`, and what it says. */
export const worthwhile = {
  ratio: formatRatio(worthwhileRatio),
  percent: `${Math.round(100 * (worthwhileRatio - 1))} %`,
} as const;

/** A crossing in µs as tables have it: `22.0`, or `≤` the least and `>` the most amount that has a ratio; `–` without. */
export function crossingText({ points, crossing }: WorkLine): { value: string; range: string } {
  if (crossing === null) return { value: '–', range: '' };
  const { atNs, lowNs, highNs } = crossing;
  const known = points.filter(({ ratio }) => ratio !== null).map(({ workNs }) => workNs);
  const [least = 0, most = 0] = [known.at(0), known.at(-1)];
  const format = crossingFormat(crossing);
  const end = (ns: number | null) => {
    if (ns === null) return `>${inUs(most)}`;
    return ns === 0 && least > 0 ? `≤${inUs(least)}` : format(ns);
  };
  return { value: end(atNs), range: lowNs === atNs && highNs === atNs ? '' : `${end(lowNs)}–${end(highNs)}` };
}

/** With the digits that the interval supports, as far as both of its ends are known. */
export function crossingFormat({ atNs, lowNs, highNs }: Crossing): (ns: number) => string {
  const middle = atNs ?? lowNs ?? 0;
  const format = figureFormat(microseconds, { median: middle, low: lowNs ?? middle, high: highNs ?? middle });
  return (ns) => (ns === 0 ? '0' : format(ns));
}
