import { matrixLabel } from '../../model/cell.js';
import type { CellSummary, Summary } from '../../model/summary.js';
import { distinct, groupBy } from './group-by.js';
import { nameOf, type Standing, standingOf } from './standing.js';
import { workText } from './units.js';

/** Why cells have no figure that may be quoted. */
export interface Footnote {
  /** `a`, `b`, ... `z`, `aa`: how a table's cell refers to it. */
  key: string;
  standing: Standing;
  reason: string;
  cells: CellSummary[];
}

/** Something seen that concerns cells. */
export interface Remark {
  text: string;
  cells: CellSummary[];
}

/** One footnote for each distinct reason, in order of first appearance. */
export function footnotesOf(summary: Summary): Footnote[] {
  const without = summary.cells.filter((cell) => standingOf(cell) !== 'figure');
  const groups = groupBy(without, (cell) => `${standingOf(cell)}: ${reasonOf(cell)}`);
  return [...groups.values()].map((cells, index) => {
    const first = cells[0] as CellSummary;
    return { key: letters(index), standing: standingOf(first), reason: reasonOf(first), cells };
  });
}

/** One remark for each distinct warning, in order of first appearance. */
export function warningsOf(summary: Summary): Remark[] {
  const pairs = summary.cells.flatMap((cell) => distinct(cell.warnings).map((text) => ({ text, cell })));
  return [...groupBy(pairs, ({ text }) => text)].map(([text, group]) => ({
    text,
    cells: group.map(({ cell }) => cell),
  }));
}

/** Names cells briefly: `all cells`, or by implementation, matrix point and load with their sizes in bytes. */
export function describeCells(cells: readonly CellSummary[], all: readonly CellSummary[]): string {
  if (cells.length === all.length) return 'all cells';
  const loads = distinct(all.map((cell) => cell.load));
  const lineOf = (cell: CellSummary) =>
    `${nameOf(cell)} ${matrixLabel(cell)}${loads.length > 1 && cell.load !== loads[0] ? ` ${cell.load}` : ''}`;
  const withWork = (cell: CellSummary) =>
    cell.workNs === null ? lineOf(cell) : `${lineOf(cell)} work ${workText(cell.workNs)}`;
  const isWhole = (group: readonly CellSummary[], keyOf: (cell: CellSummary) => string) => {
    const key = keyOf(group[0] as CellSummary);
    return group.length === all.filter((cell) => keyOf(cell) === key).length;
  };
  return [...groupBy(cells, lineOf).values()]
    .flatMap((group) => (isWhole(group, lineOf) ? [group] : [...groupBy(group, withWork).values()]))
    .map((group) => {
      const keyOf = isWhole(group, lineOf) ? lineOf : withWork;
      const sizes = distinct(group.map((cell) => cell.packetBytes)).sort((a, b) => a - b);
      const line = keyOf(group[0] as CellSummary);
      return group.length > 1 && isWhole(group, keyOf) && sizes.length > 1
        ? `${line} at every size`
        : `${line} at ${sizes.join(', ')}`;
    })
    .join('; ');
}

function reasonOf(cell: CellSummary): string {
  return cell.reasons.join('; ') || 'no reason recorded';
}

function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}
