import { replyPacketBytes } from '../../../model/frame.js';
import type { CellSummary } from '../../../model/summary.js';
import type { Footnote } from '../footnotes.js';
import { figureText, type Throughput } from '../quantities.js';
import { intervalNotes } from '../repeats.js';
import { describeSlice, linesOf, type Slice, sizesOf } from '../slice.js';
import { isLowerBound } from '../standing.js';
import { figureColumns, type Table, textCell } from '../table.js';
import { bestNotes, isSetOff, type RankedCell, rivalOf, unranked, withBest } from './best.js';
import { bounded, keyOf, lowerBoundNotes, markNotes, withoutFigure } from './cells.js';

/** The peaks of a slice in one unit, by frame size. */
export function throughputTable(slice: Slice, throughput: Throughput, footnotes: readonly Footnote[]): Table {
  const sizes = sizesOf(slice.cells);
  const rows = withBest(
    linesOf(slice.cells).map(({ label, cells }) => [
      unranked(textCell(label)),
      ...sizes.map((size) => throughputCell(cells, size, throughput, footnotes)),
    ]),
    'more',
  );
  const isOther = (size: number) => replyPacketBytes(slice.functionId, size) !== size;
  const tellsReplies = throughput.id === 'mbit' && sizes.some(isOther);
  return {
    name: `throughput-${throughput.id}-${slice.suffix}`,
    title: `Throughput in ${throughput.unit.label} by frame size in bytes: ${describeSlice(slice)}`,
    notes: [
      ...(tellsReplies
        ? ["Mbit/s count the frames of the replies, which are not as long as the requests' in the heading."]
        : []),
      ...intervalNotes(slice.cells, throughput.of),
      ...(isSetOff(rows) ? bestNotes : []),
      ...lowerBoundNotes(slice.cells),
      ...markNotes(slice.cells),
    ],
    columns: figureColumns('', sizes),
    rows,
    content: 'figures',
  };
}

function throughputCell(
  cells: readonly CellSummary[],
  size: number,
  { of, unit }: Throughput,
  footnotes: readonly Footnote[],
): RankedCell {
  const cell = cells.find(({ packetBytes }) => packetBytes === size);
  if (!cell) return unranked(textCell(''));
  const figure = of(cell);
  const key = keyOf(cell, footnotes);
  if (key !== null || figure === null) {
    return unranked(withoutFigure(cell, key ?? '?', figure && figureText(unit, figure).value));
  }
  const { value, range } = figureText(unit, figure);
  const isBound = isLowerBound(cell);
  return {
    cell: { ...bounded(isBound, value), detail: range },
    rival: rivalOf(figure, isBound, ''),
  };
}
