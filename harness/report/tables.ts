import type { LatencySummary } from '../../model/histogram.js';
import type { CellSummary, Summary } from '../../model/summary.js';
import { restTables } from './at-rest.js';
import { costTables, type SizeChoice } from './cost.js';
import { describeCells, type Footnote, footnotesOf, warningsOf } from './footnotes.js';
import { capacityTables, levelTables } from './load-tables.js';
import { bounded, keyOf, markNotes, withoutFigure } from './marks.js';
import { type Measure, measures, withWaits } from './measure.js';
import { intervalNotes } from './repeats.js';
import {
  describeSlice,
  type LatencySlice,
  latencySlices,
  linesOf,
  openLoopSlices,
  type Slice,
  sizesOf,
  throughputSlices,
} from './slice.js';
import { figureColumns, type Table, type TableCell, textCell } from './table.js';
import { formatHalfWidth, formatIn, microseconds } from './units.js';

/** Columns of latency tables and positions on the axis of latency charts. */
export const percentileColumns: readonly { label: string; of(latency: LatencySummary): number }[] = [
  { label: '50', of: (latency) => latency.p50 },
  { label: '90', of: (latency) => latency.p90 },
  { label: '99', of: (latency) => latency.p99 },
  { label: '99.9', of: (latency) => latency.p99_9 },
  { label: '99.99', of: (latency) => latency.p99_99 },
  { label: 'max', of: (latency) => latency.max },
];

const spinNote = '(spins): looks for work without rest; the others block, and waking them takes part of the time.';

/**
 * All tables of figures, each for one engine, function and load: throughput in two units, latency, what it costs, and
 * what an invoker uses at rest. `costSizes` are the frame sizes that the costs are shown for.
 */
export function figureTables(summary: Summary, costSizes: SizeChoice): Table[] {
  const footnotes = footnotesOf(summary);
  const throughput = throughputSlices(summary).flatMap((slice) =>
    measures.map((measure) => throughputTable(slice, measure, footnotes)),
  );
  const latency = latencySlices(summary).map((slice) => latencyTable(slice, 'sending a request', footnotes));
  const openLoop = openLoopSlices(summary).map((slice) => latencyTable(slice, 'when a request was due', footnotes));
  return [
    ...throughput,
    ...capacityTables(summary, footnotes),
    ...latency,
    ...openLoop,
    ...levelTables(summary, footnotes, percentileColumns),
    ...costTables(summary, costSizes),
    ...restTables(summary, footnotes),
  ];
}

/** What the keys in the tables of figures stand for, and the warnings; a table without rows is left out. */
export function remarkTables(summary: Summary): Table[] {
  const missing = footnotesOf(summary).map(({ key, standing, reason, cells }) =>
    [`(${key})`, standing, reason, describeCells(cells, summary.cells)].map(textCell),
  );
  const warnings = warningsOf(summary).map(({ text, cells }) =>
    [text, describeCells(cells, summary.cells)].map(textCell),
  );
  return [
    textTable('Cells without a figure to quote', ['key', 'state', 'reason', 'cells'], missing),
    textTable('Warnings', ['what was seen', 'cells'], warnings),
  ].filter((table) => table.rows.length > 0);
}

function textTable(title: string, headings: string[], rows: TableCell[][]): Table {
  const columns = headings.map((heading) => ({ heading, align: 'left' as const }));
  return { title, notes: [], columns, rows, content: 'text' };
}

function throughputTable(slice: Slice, measure: Measure, footnotes: Footnote[]): Table {
  const sizes = sizesOf(slice.cells);
  const rows = linesOf(slice.cells).map(({ label, cells }) => [
    textCell(label),
    ...sizes.map((size) => throughputCell(cells, size, measure, footnotes)),
  ]);
  return {
    title: `Throughput in ${measure.unit.label} by frame size in bytes: ${describeSlice(slice)}`,
    notes: [...intervalNotes(slice.cells), ...markNotes(slice.cells)],
    columns: figureColumns('', sizes),
    rows,
    content: 'figures',
  };
}

function throughputCell(cells: CellSummary[], size: number, measure: Measure, footnotes: Footnote[]): TableCell {
  const cell = cells.find(({ packetBytes }) => packetBytes === size);
  if (!cell) return textCell('');
  const interval = measure.of(cell);
  const key = keyOf(cell, footnotes);
  if (key !== null || interval === null) {
    return withoutFigure(cell, key ?? '?', interval && formatIn(measure.unit, interval.median));
  }
  const spread = cell.confidence === 0 ? '' : `±${formatHalfWidth(measure.unit, interval)}`;
  return { ...bounded(cell, formatIn(measure.unit, interval.median)), detail: spread };
}

/** `since`: from when round trips count. */
function latencyTable(slice: LatencySlice, since: string, footnotes: Footnote[]): Table {
  const rows = linesOf(slice.cells).map(({ label, cells }) => {
    const cell = cells[0] as CellSummary;
    return [textCell(withWaits(label, cell)), ...latencyRow(cell, keyOf(cell, footnotes))];
  });
  return {
    title: `Round-trip time in µs by percentile: frames of ${slice.packetBytes} bytes, ${describeSlice(slice)}`,
    notes: [
      `Percentiles of the merged histogram of all repeats, from ${since} to its reply at the client.`,
      ...(slice.cells.some(({ idle }) => idle === 'spin') ? [spinNote] : []),
      ...markNotes(slice.cells),
    ],
    columns: figureColumns(
      '',
      percentileColumns.map(({ label }) => label),
    ),
    rows,
    content: 'figures',
  };
}

function latencyRow(cell: CellSummary, key: string | null): TableCell[] {
  const { latencyNs } = cell;
  return percentileColumns.map(({ of }) => {
    const value = latencyNs && formatIn(microseconds, of(latencyNs));
    return key !== null || value === null ? withoutFigure(cell, key ?? '?', value) : textCell(value);
  });
}
