import { count } from '../../../common/cli/text.js';
import type { CellSummary, Summary } from '../../../model/summary.js';
import { distinct } from '../group-by.js';
import { hostLine } from '../host.js';
import { runsOf } from '../repeats.js';
import { describeSlice, type SizedSlice, type Slice } from '../slice.js';
import { isLowerBound, nameOf, standingOf, withWaits } from '../standing.js';
import type { Unit } from '../units.js';
import { type Config, type Dataset, type IntervalPoint, isDrawable, measuredDataset } from './dataset.js';
import { chartOptions, logarithmicAxis, namedAxis, sizeAxis, zeroAxis } from './layout.js';
import { type LineStyle, lineStyle } from './palette.js';

/** A chart to draw; `name` is its file name without extension, `title` its first line. */
export interface Chart {
  name: string;
  title: string;
  config: Config;
}

/** A figure of a cell in base units; `low` and `high` are null where it has no interval. */
export type Sized = Omit<IntervalPoint, 'x' | 'y'> & { y: number };

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

interface RateChart {
  name: string;
  title: string;
  subtitle: string[];
  sizes: readonly number[];
  /** What the vertical axis shows, and in which unit. */
  what: string;
  datasets: Dataset[];
}

/** Rates by frame size. */
export function rateChart({ name, title, subtitle, sizes, what, datasets }: RateChart): Chart {
  // An interval may reach far above its point.
  const most = Math.max(0, ...datasets.flatMap(({ data }) => data.map(({ high }) => high ?? 0)));
  const options = chartOptions(title, subtitle, sizeAxis(sizes), zeroAxis(what, most));
  return { name, title, config: { type: 'line', data: { datasets }, options } };
}

interface RoundTripChart {
  summary: Summary;
  slice: SizedSlice;
  /** Those of the slice at the matrix point. */
  cells: readonly CellSummary[];
  point: string;
  /** What file name and title begin with; slice and point follow. */
  name: string;
  what: string;
  /** Title and places of the horizontal axis. */
  axis: string;
  labels: string[];
  /** A cell's point at each place. */
  points(cell: CellSummary): IntervalPoint[];
  /** What hollow points stand for, where there may be some. */
  hollow?: string;
}

/** Round trips of the cells at a matrix point, a line an implementation. */
export function roundTripChart({
  summary,
  slice,
  cells,
  point,
  name,
  what,
  axis,
  labels,
  points,
  hollow,
}: RoundTripChart): Chart {
  const datasets = cells
    .map((cell) => measuredDataset(withWaits(nameOf(cell), cell), styleOf(summary, nameOf(cell)), points(cell)))
    .filter(isDrawable);
  const values = datasets.flatMap(({ data }) => data.flatMap(({ y }) => (y === null ? [] : [y])));
  const title = `${what}: frames of ${slice.packetBytes} bytes at ${point}`;
  const yAxis = logarithmicAxis('Round-trip time in µs, logarithmic', values.length > 0 ? values : [1, 10]);
  const remarks = hollow ? hollowRemark(cells, isLowerBound, hollow) : [];
  const options = chartOptions(title, subtitleOf(summary, slice, cells, remarks), namedAxis(axis, labels), yAxis);
  return {
    name: `${name}-${slice.suffix}-${point}`,
    title,
    config: { type: 'line', data: { labels, datasets }, options },
  };
}

/** What the cells have in common, what to know about the points, and the machine: a line each. */
export function subtitleOf(summary: Summary, slice: Slice, cells: readonly CellSummary[], more: string[]): string[] {
  const missing = cells.filter((cell) => standingOf(cell) !== 'figure').length;
  const figures = cells.filter((cell) => standingOf(cell) === 'figure');
  const remarks = [...(missing > 0 ? [`${count(missing, 'cell')} without a valid figure left out`] : []), ...more];
  const what = `${describeSlice(slice)}${figures.length > 0 ? `, ${runsOf(figures)}` : ''}`;
  return [what, ...(remarks.length > 0 ? [remarks.join('; ')] : []), hostLine(summary.host)].map(capitalised);
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

/** What `nameOf` tells apart looks the same in every chart of a run. */
export function styleOf({ scenario, cells }: Summary, name: string): LineStyle {
  const names = scenario.implementations.flatMap((impl) => {
    const own = distinct(cells.filter((cell) => cell.impl === impl).map(nameOf));
    return own.length > 0 ? own : [impl];
  });
  // From the end: the fastest candidates come last by custom, and the first styles are the strongest.
  return lineStyle(Math.max(0, names.length - 1 - names.indexOf(name)));
}
