import { type MatrixPoint, matrixLabel } from '../../../model/cell.js';
import type { CellSummary, Summary } from '../../../model/summary.js';
import { distinct } from '../group-by.js';
import { figureText, type Throughput, throughputs } from '../quantities.js';
import type { Reference } from '../reference.js';
import { intervalNotes } from '../repeats.js';
import { describeSlice, type Slice, sizesOf, slicesOf } from '../slice.js';
import { isLowerBound, standingOf } from '../standing.js';
import { figureColumns, type TableCell, textCell } from '../table.js';
import { bounded, lowerBoundNotes } from '../tables/cells.js';
import { isOf, lackingLines, oneThread, publishedValues } from './lines.js';
import { type Figure, type Made, type NamedTable, plainCells, publishedLine, type Source } from './source.js';

const [kpps, mbit] = throughputs;
const none = '–';
const noneNote = '– no figure to quote; report.md has the reason.';

/** Table 3 and Tables 6 and 7. */
export const rateTables: Figure[] = [
  { id: 'table3', title: 'Throughput by number of RX queues, one thread and one socket', make: queuesTable },
  { id: 'table6', title: 'Throughput in Mbit/s by implementation and frame size', make: sizesTable('6', mbit) },
  { id: 'table7', title: 'Throughput in thousand packets/s', make: sizesTable('7', kpps) },
];

/** Each published line, and below it the published figures. */
function sizesTable(number: string, throughput: Throughput): Figure['make'] {
  return ({ run, published }) => {
    const lines = published.throughput[throughput.id].map(({ implementation, threads, queues }) => ({
      implementation,
      point: { threads, queues },
    }));
    const title = `Table ${number}: throughput in ${throughput.unit.label} by frame size in bytes`;
    if (run === null) {
      const sizes = distinct(lines.flatMap((line) => publishedValues(published, throughput.id, line).map(([x]) => x)));
      const content = { title, sizes, lines, cells: null, notes: [`${publishedLine(published)}.`] };
      return { pictures: [], tables: [sizesOne(`table-${number}`, throughput, published, content)], lacking: null };
    }
    const slices = tableSlices(plainCells(run.summary), (cell) => lines.some((line) => isOf(cell, line)));
    const tables = slices.map((slice) => {
      const own = lines.filter((line) => slice.cells.some((cell) => isOf(cell, line)));
      const notes = notesOf(slice.cells, throughput);
      const content = { title: `${title}, ${describeSlice(slice)}`, sizes: sizesOf(slice.cells), lines: own };
      return sizesOne(nameOf(number, slice, slices), throughput, published, { ...content, cells: slice.cells, notes });
    });
    const lacking = lackingLines(
      lines,
      slices.flatMap(({ cells }) => cells),
    );
    return { pictures: [], tables, lacking };
  };
}

interface SizesContent {
  title: string;
  sizes: number[];
  lines: { implementation: string; point: MatrixPoint }[];
  /** Null: the published figures alone. */
  cells: readonly CellSummary[] | null;
  notes: string[];
}

function sizesOne(
  name: string,
  throughput: Throughput,
  published: Reference,
  { title, sizes, lines, cells, notes }: SizesContent,
): NamedTable {
  const places = lines.map((line) => {
    const values = new Map(publishedValues(published, throughput.id, line));
    const at = sizes.map((size) => ({
      size,
      cell: cells?.find((cell) => isOf(cell, line) && cell.packetBytes === size) ?? null,
      value: values.get(size) ?? null,
    }));
    return { line, label: `${line.implementation} ${matrixLabel(line.point)}`, at };
  });
  const rows = places.flatMap(({ label, at }) => [
    ...(cells === null ? [] : [[textCell(label), ...at.map(({ cell }) => measured(cell, throughput))]]),
    [
      textCell(cells === null ? label : `${label} (${published.source})`),
      ...at.map(({ value }) => textCell(String(value ?? none))),
    ],
  ]);
  const csv = places.flatMap(({ line: { implementation, point }, at }) =>
    at.map(({ size, cell, value }) => [
      ...[implementation, point.threads, point.queues, size],
      ...measuredFields(cell, throughput),
      value,
    ]),
  );
  const heading = ['implementation', 'threads', 'queues', 'packet_bytes', ...measuredHeading(throughput)];
  return {
    name,
    table: { name, title, notes, columns: figureColumns('', sizes), rows, content: 'figures' },
    csv: [[...heading, `${throughput.id}_published`], ...csv],
  };
}

function queuesTable({ run, published }: Source): Made {
  const title = 'Table 3: throughput of recvfrom 1T1Q by number of RX queues, frames of 800 bytes';
  const rows = published.queues;
  if (run === null) {
    const table = queuesOne('table-3', published, title, null, [`${publishedLine(published)}.`]);
    return { pictures: [], tables: [table], lacking: null };
  }
  const line = { implementation: 'recvfrom', point: oneThread };
  const own = run.summary.cells.filter(
    (cell) => isOf(cell, line) && cell.packetBytes === 800 && queuesOf(cell) !== null,
  );
  // Without an axis there is nothing to compare.
  const isVaried = own.some(({ variant }) => variant !== '');
  const slices = tableSlices(run.summary, (cell) => isVaried && own.includes(cell));
  const tables = slices.map((slice) => {
    const whole = `${title}, ${describeSlice(slice)}`;
    return queuesOne(nameOf('3', slice, slices), published, whole, slice.cells, notesOf(slice.cells, mbit));
  });
  const found = slices.flatMap(({ cells }) => cells.filter((cell) => standingOf(cell) === 'figure').map(queuesOf));
  const lacking = rows.map(({ queues }) => queues).filter((queues) => !found.includes(queues));
  const what = `valid figure of recvfrom 1T1Q at 800 bytes with channels=${lacking.join(', ')}`;
  return { pictures: [], tables, lacking: lacking.length === 0 ? null : what };
}

function queuesOne(
  name: string,
  published: Reference,
  title: string,
  cells: readonly CellSummary[] | null,
  notes: string[],
): NamedTable {
  const counts = distinct([...published.queues.map(({ queues }) => queues), ...(cells ?? []).flatMap(queuesOf)])
    .flatMap((queues) => queues ?? [])
    .sort((a, b) => b - a);
  const places = counts.map((queues) => ({
    queues,
    cell: cells?.find((cell) => queuesOf(cell) === queues) ?? null,
    known: published.queues.find((one) => one.queues === queues) ?? null,
  }));
  const units = [mbit, kpps];
  const headings = units.flatMap(({ unit }) => [
    ...(cells === null ? [] : [unit.label]),
    cells === null ? unit.label : `${unit.label}\n${published.source}`,
  ]);
  const rows = places.map(({ queues, cell, known }) => [
    textCell(String(queues)),
    ...units.flatMap((throughput) => [
      ...(cells === null ? [] : [measured(cell, throughput)]),
      textCell(String(known?.[throughput.id] ?? none)),
    ]),
  ]);
  const csv = places.map(({ queues, cell, known }) => [
    queues,
    ...units.flatMap((throughput) => [...measuredFields(cell, throughput), known?.[throughput.id] ?? null]),
  ]);
  return {
    name,
    table: { name, title, notes, columns: figureColumns('RX queues', headings), rows, content: 'figures' },
    csv: [['rx_queues', ...units.flatMap((one) => [...measuredHeading(one), `${one.id}_published`])], ...csv],
  };
}

/** The RX queues that a cell's interface had; null where another setting was varied. */
function queuesOf({ variant, queues }: CellSummary): number | null {
  if (variant === '') return queues;
  const match = /^channels=(\d+)$/.exec(variant);
  return match ? Number(match[1]) : null;
}

function tableSlices(summary: Summary, isMeant: (cell: CellSummary) => boolean): Slice[] {
  return slicesOf(summary, 'peak')
    .map((slice) => ({ ...slice, cells: slice.cells.filter(isMeant) }))
    .filter(({ cells }) => cells.some((cell) => standingOf(cell) === 'figure'));
}

/** Cells of two engines are never in one table. */
function nameOf(number: string, { suffix }: Slice, slices: readonly Slice[]): string {
  return `table-${number}${slices.length > 1 ? `-${suffix}` : ''}`;
}

function notesOf(cells: readonly CellSummary[], { of }: Throughput): string[] {
  const figures = cells.filter((cell) => standingOf(cell) === 'figure');
  return [
    ...intervalNotes(figures, of),
    ...lowerBoundNotes(cells),
    ...(figures.length < cells.length ? [noneNote] : []),
  ];
}

function measured(cell: CellSummary | null, { of, unit }: Throughput): TableCell {
  const figure = cell && standingOf(cell) === 'figure' ? of(cell) : null;
  if (cell === null || figure === null) return textCell(none);
  const { value, range } = figureText(unit, figure);
  return { ...bounded(isLowerBound(cell), value), detail: range };
}

function measuredHeading({ id }: Throughput): string[] {
  return ['median', 'low', 'high', 'confidence'].map((what) => `${id}_${what}`);
}

/** In the unit of the heading, empty where there is no figure to quote. */
function measuredFields(cell: CellSummary | null, { of, unit }: Throughput): (number | null)[] {
  const figure = cell && standingOf(cell) === 'figure' ? of(cell) : null;
  if (figure === null) return [null, null, null, null];
  const scaled = [figure.median, figure.low, figure.high].map((value) =>
    Number((value / unit.divisor).toPrecision(12)),
  );
  return [...scaled, figure.confidence];
}
