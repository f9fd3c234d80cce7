import { matrixLabel } from '../../../model/cell.js';
import { type LatencySummary, percentileColumns } from '../../../model/histogram.js';
import type { LevelId } from '../../../model/ids.js';
import type { CellSummary, Figure, Summary } from '../../../model/summary.js';
import { hollowRemark, styleOf } from '../charts/parts.js';
import { distinct } from '../group-by.js';
import { capacityGoals, capacityText, type FigureText, figureText, throughputs } from '../quantities.js';
import { runsOf } from '../repeats.js';
import {
  describeSlice,
  matrixPointsOf,
  type SizedSlice,
  type Slice,
  sizedSlicesOf,
  sizesOf,
  slicesOf,
} from '../slice.js';
import { isLowerBound, nameOf, standingOf, withWaits } from '../standing.js';
import { formatIn, kiloPacketsPerSecond, microseconds, type Unit } from '../units.js';
import type { Choice, Line, Point, View } from './content.js';

/** Every chart that a reader of a run may pick; one without any point is left out. */
export function viewsOf(summary: Summary): View[] {
  return [
    ...throughputViews(summary),
    ...capacityViews(summary),
    ...roundTripViews(summary),
    ...levelViews(summary),
  ].filter(({ lines }) => lines.length > 0);
}

const sizeAxis = 'Frame size in bytes';
const roundTripAxis = 'Round-trip time in µs';
const bySize: Choice = { id: 'throughput', label: 'Throughput by frame size' };
const byMatrix: Choice = { id: 'matrix', label: 'Throughput by threads and queues' };
const capacity: Choice = { id: 'capacity', label: 'Highest load by frame size' };
const byPercentile: Choice = { id: 'round-trips', label: 'Round trips by percentile' };
const byLoad: Choice = { id: 'levels', label: 'Round trips by load' };

function throughputViews(summary: Summary): View[] {
  return slicesOf(summary, 'peak').flatMap((slice) =>
    throughputs.flatMap(({ id, unit, of }) => {
      const figure = { id, label: unit.label };
      const point = (cell: CellSummary) => {
        const found = of(cell);
        return found && rated(cell, unit, found, isLowerBound(cell), figureText(unit, found));
      };
      const y = { title: `Throughput in ${unit.label}`, scale: 'log' as const };
      const more = { figure, y, point, notes: boundNotes };
      return [
        ...pointsOf(slice).map((matrix) => sizeView(summary, slice, { chart: bySize, matrix, ...more })),
        ...(matrixPointsOf(slice.cells).length > 1
          ? sizesOf(slice.cells).map((bytes) => matrixView(summary, slice, bytes, more))
          : []),
      ];
    }),
  );
}

function capacityViews(summary: Summary): View[] {
  return slicesOf(summary, 'capacity').flatMap((slice) =>
    pointsOf(slice).flatMap((matrix) =>
      capacityGoals.map(({ id, title, of }) => {
        const point = (cell: CellSummary) => {
          const found = of(cell);
          if (found === null) return null;
          const text = capacityText(kiloPacketsPerSecond, found);
          return rated(cell, kiloPacketsPerSecond, found.interval, found.bound === 'lower', text);
        };
        const notes = (cells: CellSummary[]) =>
          hollowRemark(
            cells,
            (cell) => of(cell)?.bound === 'lower',
            'a lower bound, the generator was the limit or time was up',
          );
        const y = { title: `Requests in ${kiloPacketsPerSecond.label}`, scale: 'log' as const };
        return sizeView(summary, slice, { chart: capacity, matrix, figure: { id, label: title }, y, point, notes });
      }),
    ),
  );
}

function roundTripViews(summary: Summary): View[] {
  const places = [...percentileColumns.map(({ label }) => label), 'largest'];
  const keys = [...percentileColumns.map(({ key }) => key), 'max'] as const;
  return sizedSlicesOf(summary, 'round-trips').flatMap((slice) =>
    pointsOf(slice).map((matrix) =>
      roundTripView(summary, slice, matrix, {
        chart: byPercentile,
        x: named('Percentile of round trips', places),
        points: (cell) => keys.map((key) => timed(cell, cell.latencyNs?.[key] ?? null, 'plain')),
        notes: () => [],
      }),
    ),
  );
}

const levels: readonly { id: LevelId; label: string }[] = [
  { id: 'equal', label: '10,000/s for all' },
  { id: '10%', label: '10 % of its capacity' },
  { id: '50%', label: '50 %' },
  { id: '90%', label: '90 %' },
];

function levelViews(summary: Summary): View[] {
  const quantiles: readonly { id: keyof LatencySummary; label: string }[] = [
    { id: 'p50', label: 'median' },
    { id: 'p99', label: '99th percentile' },
    { id: 'p99_9', label: '99.9th percentile' },
  ];
  return sizedSlicesOf(summary, 'levels').flatMap((slice) =>
    pointsOf(slice).flatMap((matrix) =>
      quantiles.map((figure) =>
        roundTripView(summary, slice, matrix, {
          ...{
            chart: byLoad,
            figure,
            x: named(
              'Requests offered',
              levels.map(({ label }) => label),
            ),
          },
          points: (cell) =>
            levels.map(({ id }) => {
              const ns = cell.levels.find(({ level }) => level === id)?.latencyNs?.[figure.id] ?? null;
              return timed(cell, ns, id !== 'equal' && isLowerBound(cell) ? 'bound' : 'plain');
            }),
          notes: (cells) => hollowRemark(cells, isLowerBound, 'of a capacity that is a lower bound'),
        }),
      ),
    ),
  );
}

interface Asked {
  figure: Choice;
  y: View['y'];
  point(cell: CellSummary): Point | null;
  notes(cells: CellSummary[]): string[];
}

/** Figures by frame size at a matrix point. */
function sizeView(summary: Summary, slice: Slice, asked: Asked & { chart: Choice; matrix: string }): View {
  const cells = slice.cells.filter((cell) => matrixLabel(cell) === asked.matrix);
  const sizes = sizesOf(cells);
  const lines = byName(cells).map(({ name, own }) => {
    const at = (size: number) => own.find(({ packetBytes }) => packetBytes === size);
    return { name, style: styleOf(summary, name), points: sizes.map((size) => pointOf(asked.point, at(size))) };
  });
  const picked = { matrix: choice(asked.matrix), figure: asked.figure };
  return finished(slice, cells, lines, asked.notes(cells), {
    ...{ chart: asked.chart, facets: picked, y: asked.y },
    x: { title: sizeAxis, labels: sizes.map(String), at: sizes },
  });
}

/** Figures by matrix point at a frame size. */
function matrixView(summary: Summary, slice: Slice, packetBytes: number, { figure, y, point, notes }: Asked): View {
  const cells = slice.cells.filter((cell) => cell.packetBytes === packetBytes);
  const places = matrixPointsOf(cells).map(matrixLabel);
  const lines = byName(cells).map(({ name, own }) => {
    const at = (place: string) => own.find((cell) => matrixLabel(cell) === place);
    return { name, style: styleOf(summary, name), points: places.map((place) => pointOf(point, at(place))) };
  });
  return finished(slice, cells, lines, notes(cells), {
    ...{ chart: byMatrix, facets: { size: bytes(packetBytes), figure }, y },
    x: named('Threads and RX queues', places),
  });
}

interface AskedRoundTrips {
  chart: Choice;
  figure?: Choice;
  x: View['x'];
  points(cell: CellSummary): (Point | null)[];
  notes(cells: CellSummary[]): string[];
}

function roundTripView(summary: Summary, slice: SizedSlice, matrix: string, asked: AskedRoundTrips): View {
  const { chart, figure, x, points, notes } = asked;
  const cells = slice.cells.filter((cell) => matrixLabel(cell) === matrix);
  const lines = cells.map((cell) => ({
    ...{ name: withWaits(nameOf(cell), cell), style: styleOf(summary, nameOf(cell)) },
    points: standingOf(cell) === 'figure' ? points(cell) : [],
  }));
  const picked = { matrix: choice(matrix), size: bytes(slice.packetBytes), ...(figure && { figure }) };
  return finished(slice, cells, lines, notes(cells), {
    ...{ chart, facets: picked, x, y: { title: roundTripAxis, scale: 'log' } },
  });
}

/** A view with the load it is of, and what must be known of all of its cells. */
function finished(
  slice: Slice,
  cells: CellSummary[],
  lines: Line[],
  remarks: string[],
  view: Omit<View, 'lines' | 'notes'>,
): View {
  const drawn = lines.filter(({ points }) => points.some((point) => point !== null));
  const figures = cells.filter((cell) => standingOf(cell) === 'figure');
  const missing = cells.length - figures.length;
  const load = { id: loadId(slice), label: describeSlice(slice) };
  const notes = [
    ...(figures.length > 0 ? [`Of ${runsOf(figures)}.`] : []),
    ...(missing > 0 ? [`Left out: ${missing} of ${cells.length} cells, which have no figure to quote.`] : []),
    ...remarks.map((remark) => `${remark.charAt(0).toUpperCase()}${remark.slice(1)}.`),
  ];
  return { ...view, facets: { load, ...view.facets }, lines: drawn, notes };
}

function byName(cells: readonly CellSummary[]): { name: string; own: CellSummary[] }[] {
  return distinct(cells.map(nameOf)).map((name) => ({ name, own: cells.filter((cell) => nameOf(cell) === name) }));
}

function pointsOf({ cells }: Slice): string[] {
  return matrixPointsOf(cells).map(matrixLabel);
}

function pointOf(point: Asked['point'], cell: CellSummary | undefined): Point | null {
  return cell && standingOf(cell) === 'figure' ? point(cell) : null;
}

function rated(
  { id }: CellSummary,
  { divisor }: Unit,
  { median, low, high, confidence }: Figure,
  isBound: boolean,
  { value, range }: FigureText,
): Point {
  const ends = confidence === 0 ? { low: null, high: null } : { low: low / divisor, high: high / divisor };
  return { y: median / divisor, ...ends, mark: isBound ? 'bound' : 'plain', text: value, range, cell: id };
}

function timed({ id }: CellSummary, ns: number | null, mark: Point['mark']): Point | null {
  if (ns === null) return null;
  const text = formatIn(microseconds, ns);
  return { y: ns / microseconds.divisor, low: null, high: null, mark, text, range: '', cell: id };
}

function boundNotes(cells: CellSummary[]): string[] {
  return hollowRemark(cells, isLowerBound);
}

function named(title: string, labels: string[]): View['x'] {
  return { title, labels, at: labels.map((_, index) => index) };
}

function choice(label: string): Choice {
  return { id: label, label };
}

function bytes(size: number): Choice {
  return { id: String(size), label: `${size} bytes` };
}

function loadId({ engine, functionId, workNs, load }: Slice): string {
  return [functionId, ...(workNs === null ? [] : [`work=${workNs}`]), engine, load].join(' ');
}
