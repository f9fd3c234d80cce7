import { count } from '../../../common/cli/text.js';
import { type MatrixPoint, matrixLabel } from '../../../model/cell.js';
import type { ImplementationId } from '../../../model/ids.js';
import type { CellSummary, Summary } from '../../../model/summary.js';
import { distinct } from '../group-by.js';
import { hostLine } from '../host.js';
import type { Throughput } from '../quantities.js';
import { runsOf } from '../repeats.js';
import { describeSlice, isAt, matrixPointsOf, type Slice, sizesOf } from '../slice.js';
import { isLowerBound, nameOf, standingOf } from '../standing.js';
import { figureFormat, type Unit } from '../units.js';
import type { AnyConfig, Dataset, IntervalPoint } from './dataset.js';
import { chartOptions, logarithmicAxis, sizeAxis } from './layout.js';
import { type LineStyle, variantStyle } from './palette.js';

/** A chart to draw; `name` is its file name without extension, `title` its first line: what it answers. */
export interface Chart {
  name: string;
  title: string;
  config: AnyConfig;
}

/** A figure of a cell in base units; `low` and `high` are null where it has no interval. */
export type Sized = Omit<IntervalPoint, 'x' | 'y'> & { y: number };

/** The throughput of a cell with its interval; null where it has none. */
export function sizedThroughput({ of }: Throughput, cell: CellSummary): Sized | null {
  const figure = of(cell);
  if (figure === null) return null;
  const { median, low, high, confidence } = figure;
  const ends = confidence === 0 ? { low: null, high: null } : { low, high };
  return { y: median, ...ends, mark: isLowerBound(cell) ? 'bound' : 'plain' };
}

/** A figure of each cell in a unit, by frame size; a gap where there is none to quote. */
export function pointsBySize(
  cells: readonly CellSummary[],
  { divisor }: Unit,
  of: (cell: CellSummary) => Sized | null,
): IntervalPoint[] {
  const scaled = (value: number | null) => (value === null ? null : value / divisor);
  return cells
    .toSorted((a, b) => a.packetBytes - b.packetBytes)
    .map((cell) => {
      const found = standingOf(cell) === 'figure' ? of(cell) : null;
      const { y, low, high, mark } = found ?? { y: null, low: null, high: null, mark: 'plain' };
      return { x: cell.packetBytes, y: scaled(y), low: scaled(low), high: scaled(high), mark };
    });
}

/** A line's name with the figure where it ends. */
export function withLastFigure(name: string, points: readonly IntervalPoint[]): string {
  const last = points.findLast(({ y }) => y !== null);
  if (typeof last?.y !== 'number') return name;
  const { y: median, low, high, mark } = last;
  const format = figureFormat({ label: '', divisor: 1 }, { median, low: low ?? median, high: high ?? median });
  return `${name} ${mark === 'bound' ? '≥' : ''}${format(median)}`;
}

interface RateChart {
  name: string;
  title: string;
  subtitle: string[];
  sizes: readonly number[];
  /** What the vertical axis shows, and in which unit. */
  what: string;
  datasets: Dataset[];
}

/** Rates by frame size. The ceiling is tens of times what sockets answer: only on a logarithmic axis all can be told apart. */
export function rateChart({ name, title, subtitle, sizes, what, datasets }: RateChart): Chart {
  const axis = logarithmicAxis(`${what}, logarithmic`, valuesOf(datasets));
  const options = chartOptions(title, subtitle, sizeAxis(sizes), axis);
  return { name, title, config: { type: 'line', data: { datasets }, options } };
}

/** What a logarithmic axis of these lines must hold: points and ends of intervals. */
export function valuesOf(datasets: readonly Dataset[]): number[] {
  const values = datasets.flatMap(({ data }) => data.flatMap(({ y, low, high }) => [y, low, high]));
  return values.filter((value) => value !== null && value > 0) as number[];
}

/** What the cells have in common, what to know about the points, and the machine: a line each. */
export function subtitleOf(summary: Summary, slice: Slice, cells: readonly CellSummary[], more: string[]): string[] {
  const missing = cells.filter((cell) => standingOf(cell) !== 'figure').length;
  const figures = cells.filter((cell) => standingOf(cell) === 'figure');
  const remarks = [...(missing > 0 ? [`${count(missing, 'cell')} without a valid figure left out`] : []), ...more];
  const what = `${describeSlice(slice)}${figures.length > 0 ? `, ${runsOf(figures)}` : ''}; ${pointWords(cells)}`;
  return [what, ...(remarks.length > 0 ? [remarks.join('; ')] : []), hostLine(summary.host)].map(capitalised);
}

/** What `1T1Q` means, to somebody who reads it for the first time. */
function pointWords(cells: readonly CellSummary[]): string {
  const point = matrixPointsOf(cells).at(-1) as MatrixPoint;
  return `${matrixLabel(point)}: ${count(point.threads, 'thread')} on ${count(point.queues, 'RX queue')}`;
}

/** Tells what hollow points stand for, where cells have some. */
export function hollowRemark(
  cells: readonly CellSummary[],
  isBound: (cell: CellSummary) => boolean,
  meaning = 'a lower bound, the generator was the limit',
): string[] {
  return cells.some((cell) => standingOf(cell) === 'figure' && isBound(cell)) ? [`hollow: ${meaning}`] : [];
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** How what `nameOf` names is drawn: its settings decide the dash, in the order of the run. */
export function styleOf({ cells }: Summary, name: string): LineStyle {
  const [impl] = name.split(' ') as [ImplementationId];
  const variants = distinct(cells.filter((cell) => cell.impl === impl).map(nameOf)).filter((one) => one !== impl);
  return variantStyle(impl, name === impl ? 0 : variants.indexOf(name) + 1);
}

/** Cells by what was run, in the order of the run. */
export function byName(cells: readonly CellSummary[]): { name: string; cells: [CellSummary, ...CellSummary[]] }[] {
  return distinct(cells.map(nameOf)).map((name) => ({
    name,
    cells: cells.filter((cell) => nameOf(cell) === name) as [CellSummary, ...CellSummary[]],
  }));
}

/** Cells of one frame size at a matrix point, which is named as `1T1Q`. */
export interface Ends {
  cells: CellSummary[];
  packetBytes: number;
  point: string;
}

/** What a chart of a single frame size shows: the smallest matrix point at its smallest and at its largest frame. */
export function endsOf({ cells }: Slice): Ends[] {
  const point = matrixPointsOf(cells)[0] as MatrixPoint;
  const atPoint = cells.filter((cell) => isAt(cell, point));
  const sizes = sizesOf(atPoint);
  return distinct([sizes[0] as number, sizes.at(-1) as number]).map((packetBytes) => ({
    packetBytes,
    point: matrixLabel(point),
    cells: atPoint.filter((cell) => cell.packetBytes === packetBytes),
  }));
}
