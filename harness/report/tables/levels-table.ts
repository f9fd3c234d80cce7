import type { LevelId } from '../../../model/ids.js';
import type { CellSummary } from '../../../model/summary.js';
import type { Footnote } from '../footnotes.js';
import { describeSlice, linesOf, type SizedSlice } from '../slice.js';
import { isLowerBound, standingOf, withWaits } from '../standing.js';
import { figureColumns, type Table, type TableCell, textCell } from '../table.js';
import { formatIn, formatShare, kiloPacketsPerSecond } from '../units.js';
import { bounded, keyOf, lowerBoundNotes, markNotes, withoutFigure } from './cells.js';
import { percentileCells, percentileHeadings, tooFewNotes } from './percentile-cells.js';

const names: Record<LevelId, string> = { '10%': '10 %', '50%': '50 %', '90%': '90 %', equal: 'equal' };

const meaning =
  'At shares of the capacity of each implementation (loss of at most 0.5 %, or its peak where none was found), and at one' +
  ' rate that is equal for all; from when a request was due to its reply at the client.';

/** Round trips under load at one frame size: each implementation at shares of its own capacity and at one rate. */
export function levelsTable(slice: SizedSlice, footnotes: readonly Footnote[]): Table {
  const { cells, packetBytes } = slice;
  const measured = cells.filter((cell) => standingOf(cell) === 'figure');
  return {
    name: `levels-${slice.suffix}`,
    title: `Round-trip time under load in µs by percentile: frames of ${packetBytes} bytes, ${describeSlice(slice)}`,
    notes: [
      meaning,
      ...tooFewNotes(measured.flatMap(({ levels }) => levels.map(({ latencyNs }) => latencyNs))),
      ...lowerBoundNotes(cells),
      ...markNotes(cells),
    ],
    columns: figureColumns('', ['1000/s', 'lost\n%', ...percentileHeadings]),
    rows: linesOf(cells).flatMap(({ label, cells: own }) =>
      own.flatMap((cell) => rowsOf(cell, label, keyOf(cell, footnotes))),
    ),
    content: 'figures',
  };
}

function rowsOf(cell: CellSummary, label: string, key: string | null): TableCell[][] {
  if (key !== null) {
    const rest = ['lost', ...percentileHeadings].map(() => textCell(''));
    return [[textCell(label), withoutFigure(cell, key, null), ...rest]];
  }
  return cell.levels.map(({ level, offeredPerSecond, lossRatio, latencyNs }) => [
    textCell(`${withWaits(label, cell)} ${names[level]}`),
    bounded(level !== 'equal' && isLowerBound(cell), formatIn(kiloPacketsPerSecond, offeredPerSecond)),
    textCell(formatShare(lossRatio)),
    ...percentileCells(latencyNs),
  ]);
}
