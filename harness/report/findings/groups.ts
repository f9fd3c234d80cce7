import type { MatrixPoint } from '../../../model/cell.js';
import { matrixLabel } from '../../../model/cell.js';
import type { CellSummary, Summary } from '../../../model/summary.js';
import type { Footnote } from '../footnotes.js';
import { describeSlice, isAt, matrixPointsOf, type Slice, sizesOf } from '../slice.js';
import { nameOf, standingOf } from '../standing.js';

/** Cells that one sentence compares: a slice at one matrix point and frame size. */
export interface Group {
  /** `200 bytes, 1T1Q, function reverse, fed by XDP live frames, load saturate`. */
  where: string;
  /** Those with a figure. */
  figures: CellSummary[];
  /** Implementations without one, named with the letter of the reason: `afxdp: no figure (a)`. */
  missing: string[];
}

/**
 * A sentence a group: the smallest matrix point of a slice at its smallest and at its largest frame. `make` is asked only
 * where a cell has a figure.
 */
export function groupSentences(
  summary: Summary,
  slice: Slice,
  footnotes: readonly Footnote[],
  make: (group: Group) => string,
): string[] {
  return groupsOf(summary, slice, footnotes).map((group) =>
    group.figures.length > 0 ? make(group) : sentence(group.where, [], group.missing),
  );
}

function groupsOf(summary: Summary, slice: Slice, footnotes: readonly Footnote[]): Group[] {
  const point = matrixPointsOf(slice.cells)[0] as MatrixPoint;
  const atPoint = slice.cells.filter((cell) => isAt(cell, point));
  const sizes = sizesOf(atPoint);
  return [...new Set([sizes.at(0), sizes.at(-1)])].map((packetBytes) => {
    const figures = atPoint.filter((cell) => cell.packetBytes === packetBytes && standingOf(cell) === 'figure');
    const { functionId, workNs, load } = slice;
    // What was skipped is fed by nothing, so it stands in no slice.
    const missing = summary.cells.filter(
      (cell) =>
        cell.packetBytes === packetBytes &&
        isAt(cell, point) &&
        cell.functionId === functionId &&
        cell.workNs === workNs &&
        cell.load === load &&
        standingOf(cell) !== 'figure',
    );
    const where = `${packetBytes} bytes, ${matrixLabel(point)}, ${describeSlice(slice)}`;
    return { where, figures, missing: missing.map((cell) => missingText(cell, footnotes)) };
  });
}

/** `afxdp: no figure (a)`. */
export function missingText(cell: CellSummary, footnotes: readonly Footnote[], at = ''): string {
  const key = footnotes.find(({ cells }) => cells.includes(cell))?.key ?? '?';
  return `${nameOf(cell)}: no figure${at} (${key})`;
}

/** A sentence of parts with commas, then others with semicolons; what is missing comes last. */
export function sentence(where: string, parts: readonly string[], others: readonly string[]): string {
  return `${where}: ${[...(parts.length > 0 ? [parts.join(', ')] : []), ...others].join('; ')}.`;
}

/** A copy, smallest first; without a figure at the end. */
export function ascendingBy(cells: readonly CellSummary[], of: (cell: CellSummary) => number | null): CellSummary[] {
  const rank = (cell: CellSummary) => of(cell) ?? Number.POSITIVE_INFINITY;
  return cells.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
}
