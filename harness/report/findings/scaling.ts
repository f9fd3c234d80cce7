import type { MatrixPoint } from '../../../model/cell.js';
import { matrixLabel } from '../../../model/cell.js';
import type { CellSummary } from '../../../model/summary.js';
import type { Footnote } from '../footnotes.js';
import { distinct } from '../group-by.js';
import { describeSlice, isAt, matrixPointsOf, type Slice, sizesOf } from '../slice.js';
import { nameOf, standingOf } from '../standing.js';
import { missingText, sentence } from './groups.js';
import { type Comparison, compare, type Rate, weakness } from './ratio.js';

/**
 * How the figures of a slice grow from its smallest matrix point to the largest of each implementation, at the smallest
 * frame; nothing where no implementation ran at several.
 */
export function scalingFindings(
  slice: Slice,
  footnotes: readonly Footnote[],
  rateOf: (cell: CellSummary) => Rate | null,
): string[] {
  const packetBytes = sizesOf(slice.cells)[0];
  const cells = slice.cells.filter((cell) => cell.packetBytes === packetBytes);
  const smallest = matrixPointsOf(cells)[0] as MatrixPoint;
  const grown = distinct(cells.map(nameOf)).flatMap((name) => {
    const own = cells.filter((cell) => nameOf(cell) === name);
    const largest = matrixPointsOf(own).at(-1) as MatrixPoint;
    const from = own.find((cell) => isAt(cell, smallest));
    const to = own.find((cell) => isAt(cell, largest));
    return from && to && from !== to ? [growth(from, to, footnotes, rateOf)] : [];
  });
  if (grown.length === 0) return [];
  const where = `${packetBytes} bytes, growth from ${matrixLabel(smallest)}, ${describeSlice(slice)}`;
  return [
    `${sentence(
      where,
      grown.map(({ text }) => text),
      [],
    )}${weakness(grown)}`,
  ];
}

function growth(
  from: CellSummary,
  to: CellSummary,
  footnotes: readonly Footnote[],
  rateOf: (cell: CellSummary) => Rate | null,
): Comparison {
  const without = [from, to].find((cell) => standingOf(cell) !== 'figure');
  if (without) return { text: missingText(without, footnotes, ` at ${matrixLabel(without)}`), evidence: [] };
  const [small, large] = [rateOf(from), rateOf(to)];
  const name = matrixLabel(from);
  if (small === null || large === null) return { text: `${nameOf(to)}: no ratio to ${name}`, evidence: [] };
  const { text, evidence } = compare(large, small, name);
  return { text: `${nameOf(to)} at ${matrixLabel(to)} ${text}`, evidence };
}
