import type { CellSummary } from '../../../model/summary.js';
import type { Footnote } from '../footnotes.js';
import { rangeOf, type Throughput } from '../quantities.js';
import { intervalNotes } from '../repeats.js';
import { describeSlice, linesOf, type Slice, sizesOf } from '../slice.js';
import { isLowerBound } from '../standing.js';
import { figureColumns, type Table, type TableCell, textCell } from '../table.js';
import { formatIn } from '../units.js';
import { bounded, keyOf, lowerBoundNotes, markNotes, withoutFigure } from './cells.js';

/** The peaks of a slice in one unit, by frame size. */
export function throughputTable(slice: Slice, throughput: Throughput, footnotes: readonly Footnote[]): Table {
  const sizes = sizesOf(slice.cells);
  const rows = linesOf(slice.cells).map(({ label, cells }) => [
    textCell(label),
    ...sizes.map((size) => throughputCell(cells, size, throughput, footnotes)),
  ]);
  const isExpanded = throughput.id === 'mbit' && slice.functionId === 'expand';
  return {
    title: `Throughput in ${throughput.unit.label} by frame size in bytes: ${describeSlice(slice)}`,
    notes: [
      ...(isExpanded
        ? ["Mbit/s count the frames of the replies, up to twice as long as the requests' in the heading."]
        : []),
      ...intervalNotes(slice.cells, throughput.of),
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
): TableCell {
  const cell = cells.find(({ packetBytes }) => packetBytes === size);
  if (!cell) return textCell('');
  const figure = of(cell);
  const key = keyOf(cell, footnotes);
  const format = (value: number) => formatIn(unit, value);
  if (key !== null || figure === null) return withoutFigure(cell, key ?? '?', figure && format(figure.median));
  return { ...bounded(isLowerBound(cell), format(figure.median)), detail: rangeOf(figure, format) };
}
