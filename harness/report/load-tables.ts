import type { LevelId } from '../../model/ids.js';
import type { CellSummary, LevelSummary, Summary } from '../../model/summary.js';
import type { Footnote } from './footnotes.js';
import { bounded, keyOf, markNotes, withoutFigure } from './marks.js';
import { capacityGoals, withWaits } from './measure.js';
import { intervalNotes } from './repeats.js';
import {
  describeSlice,
  type LatencySlice,
  levelSlices,
  linesOf,
  type Slice,
  sizesOf,
  throughputSlices,
} from './slice.js';
import { figureColumns, type Table, type TableCell, textCell } from './table.js';
import { formatHalfWidth, formatIn, formatShare, kiloPacketsPerSecond, microseconds } from './units.js';

/** A percentile of a table's column. */
type PercentileColumn = { label: string; of(latency: NonNullable<LevelSummary['latencyNs']>): number };

/** Capacities, a table a slice: the highest rates without loss and with little, by frame size. */
export function capacityTables(summary: Summary, footnotes: readonly Footnote[]): Table[] {
  return throughputSlices(summary)
    .filter(({ load }) => load === 'capacity')
    .map((slice) => capacityTable(slice, footnotes));
}

function capacityTable(slice: Slice, footnotes: readonly Footnote[]): Table {
  const sizes = sizesOf(slice.cells);
  const rows = linesOf(slice.cells).flatMap(({ label, cells }) =>
    capacityGoals.map((goal) => [
      textCell(`${label} ${goal.label}`),
      ...sizes.map((size) => capacityCell(cells, size, goal.of, footnotes)),
    ]),
  );
  return {
    title: `Capacity in ${kiloPacketsPerSecond.label} by frame size in bytes: ${describeSlice(slice)}`,
    notes: [
      'The highest request rates at which half of the quarters of a second lost no request (NDR), or at most 0.5 % of them (PDR).',
      ...intervalNotes(slice.cells.filter((cell) => !isSearchedOnce(cell))),
      ...(slice.cells.some(isSearchedOnce)
        ? ['With a figure of one run: its bracket, the highest load that held and the lowest that did not.']
        : []),
      ...markNotes(slice.cells),
    ],
    columns: figureColumns('', sizes),
    rows,
    content: 'figures',
  };
}

function capacityCell(
  cells: readonly CellSummary[],
  size: number,
  of: (cell: CellSummary) => CellSummary['ndrPerSecond'],
  footnotes: readonly Footnote[],
): TableCell {
  const cell = cells.find(({ packetBytes }) => packetBytes === size);
  if (!cell) return textCell('');
  const key = keyOf(cell, footnotes);
  const interval = of(cell);
  if (key !== null) return withoutFigure(cell, key, null);
  // Every rate that was tried lost more than the goal allows, or time was up before one was found.
  if (interval === null) return textCell('none');
  const [low, high] = [interval.low, interval.high].map((rate) => formatIn(kiloPacketsPerSecond, rate));
  const spread = isSearchedOnce(cell) ? `${low}–${high}` : `±${formatHalfWidth(kiloPacketsPerSecond, interval)}`;
  return { ...bounded(cell, formatIn(kiloPacketsPerSecond, interval.median)), detail: spread };
}

const isSearchedOnce = (cell: CellSummary) => cell.confidence === 0;

const levelNames: Record<LevelId, string> = {
  '10%': '10 %',
  '50%': '50 %',
  '90%': '90 %',
  equal: 'equal',
};

/** Round trips under load, a table a frame size: each implementation at shares of its own capacity and at one rate. */
export function levelTables(
  summary: Summary,
  footnotes: readonly Footnote[],
  percentiles: readonly PercentileColumn[],
): Table[] {
  return levelSlices(summary).map((slice) => levelTable(slice, footnotes, percentiles));
}

function levelTable(
  slice: LatencySlice,
  footnotes: readonly Footnote[],
  percentiles: readonly PercentileColumn[],
): Table {
  const { cells, packetBytes } = slice;
  const rows = linesOf(cells).flatMap(({ label, cells: own }) => {
    const cell = own[0] as CellSummary;
    const key = keyOf(cell, footnotes);
    if (key !== null || cell.levels.length === 0) {
      return [
        [textCell(label), withoutFigure(cell, key ?? '?', null), textCell(''), ...percentiles.map(() => textCell(''))],
      ];
    }
    return cell.levels.map(({ level, offeredPerSecond, lossRatio, latencyNs }) => [
      textCell(`${withWaits(label, cell)} ${levelNames[level]}`),
      level === 'equal'
        ? textCell(formatIn(kiloPacketsPerSecond, offeredPerSecond))
        : bounded(cell, formatIn(kiloPacketsPerSecond, offeredPerSecond)),
      textCell(formatShare(lossRatio)),
      ...percentiles.map(({ of }) => textCell(latencyNs === null ? '–' : formatIn(microseconds, of(latencyNs)))),
    ]);
  });
  return {
    title: `Round-trip time under load in µs by percentile: frames of ${packetBytes} bytes, ${describeSlice(slice)}`,
    notes: [
      'At shares of the capacity of each implementation (loss of at most 0.5 %, or its peak where none was found), and at one rate that is equal for all;' +
        ' from when a request was due to its reply at the client.',
      ...markNotes(cells),
    ],
    columns: figureColumns('', ['1000/s', 'lost %', ...percentiles.map(({ label }) => label)]),
    rows,
    content: 'figures',
  };
}
