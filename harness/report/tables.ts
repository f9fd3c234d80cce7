import type { CellSummary, LatencySummary, MatrixPoint, Summary } from '../model.js';
import { formatHalfWidth, formatIn, formatPercent, matrixLabel, microseconds } from '../units.js';
import { distinct } from './collect.js';
import { describeCells, type Footnote, footnotesOf, warningsOf } from './footnotes.js';
import { count } from './host.js';
import { isLowerBound, type Measure, measures, standingOf } from './measure.js';
import {
  describeSlice,
  isAt,
  type LatencySlice,
  latencySlices,
  matrixPointsOf,
  type Slice,
  sizesOf,
  throughputSlices,
} from './slice.js';
import { badCell, figureColumns, type Table, type TableCell, textCell } from './table.js';

/** Columns of latency tables and positions on the axis of latency charts. */
export const percentileColumns: readonly { label: string; of(latency: LatencySummary): number }[] = [
  { label: '50', of: (latency) => latency.p50 },
  { label: '90', of: (latency) => latency.p90 },
  { label: '99', of: (latency) => latency.p99 },
  { label: '99.9', of: (latency) => latency.p99_9 },
  { label: 'max', of: (latency) => latency.max },
];

/** All tables of figures: throughput in two units for each engine, function and load; then latency. */
export function figureTables(summary: Summary): Table[] {
  const footnotes = footnotesOf(summary);
  const throughput = throughputSlices(summary).flatMap((slice) =>
    measures.map((measure) => throughputTable(slice, measure, footnotes)),
  );
  return [...throughput, ...latencySlices(summary).map((slice) => latencyTable(slice, footnotes))];
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
  const rows = linesOf(slice).map(({ label, cells }) => [
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

function latencyTable(slice: LatencySlice, footnotes: Footnote[]): Table {
  const rows = linesOf(slice).map(({ label, cells }) => {
    const cell = cells[0] as CellSummary;
    return [textCell(label), ...latencyRow(cell, keyOf(cell, footnotes))];
  });
  return {
    title: `Round-trip time in µs by percentile: frames of ${slice.packetBytes} bytes, ${describeSlice(slice)}`,
    notes: [
      'Percentiles of the merged histogram of all repeats, from sending a request to its reply at the client.',
    ].concat(markNotes(slice.cells)),
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

/** A figure of an invalid cell keeps its mark and its reason beside it, so that it cannot be quoted as it stands. */
function withoutFigure(cell: CellSummary, key: string, value: string | null): TableCell {
  const standing = standingOf(cell);
  if (standing === 'failed') return badCell('failed', key);
  return badCell(standing === 'invalid' ? `!${value ?? ''}` : '–', key);
}

function bounded(cell: CellSummary, value: string): TableCell {
  return isLowerBound(cell)
    ? { value: `≥${value}`, detail: '', emphasis: 'bound' }
    : { value, detail: '', emphasis: 'plain' };
}

function keyOf(cell: CellSummary, footnotes: Footnote[]): string | null {
  return footnotes.find(({ cells }) => cells.includes(cell))?.key ?? null;
}

/** One line an implementation and matrix point, implementations in the order of the run. */
function linesOf({ cells }: Slice): { label: string; cells: CellSummary[] }[] {
  const points: MatrixPoint[] = matrixPointsOf(cells);
  return distinct(cells.map(({ impl }) => impl)).flatMap((impl) =>
    points
      .map((point) => ({
        label: `${impl} ${matrixLabel(point)}`,
        cells: cells.filter((cell) => cell.impl === impl && isAt(cell, point)),
      }))
      .filter((line) => line.cells.length > 0),
  );
}

/** What ± means for these cells: the interval depends on the number of repeats. */
function intervalNotes(cells: CellSummary[]): string[] {
  const measured = cells.filter((cell) => cell.confidence !== null);
  const kinds = new Map(measured.map((cell) => [cell.repeats, cell.confidence ?? 0]));
  return [...kinds]
    .sort(([a], [b]) => a - b)
    .map(([repeats, confidence]) => {
      if (confidence === 0) return 'One run a cell: no interval.';
      const kind = repeats < 6 ? 'the range of the repeats' : 'an order-statistic interval';
      const covers = `it covers the true median with ${formatPercent(confidence)}`;
      return `Median of ${count(repeats, 'repeat')} ± half the width of ${kind}; ${covers}.`;
    });
}

/** Explains the marks that occur, and names the cells that something other than the invoker held back. */
function markNotes(cells: CellSummary[]): string[] {
  const standings = new Set(cells.map(standingOf));
  const notes: string[] = [];
  const figures = cells.filter((cell) => standingOf(cell) === 'figure');
  if (figures.some(isLowerBound)) notes.push('≥ a lower bound: the load generator was the limit, not the invoker.');
  for (const limit of ['link', 'path', 'config'] as const) {
    const held = figures.filter((cell) => cell.limit === limit);
    if (held.length > 0) notes.push(`Limited by the ${limit}: ${describeCells(held, cells)}.`);
  }
  if (standings.has('invalid')) notes.push('! an invalid figure, not to be quoted; the letter names the reason.');
  if (standings.has('skipped') || standings.has('unmeasured')) notes.push('– no figure; the letter names the reason.');
  return notes;
}
