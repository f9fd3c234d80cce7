import type { MatrixPoint } from '../../model/cell.js';
import { matrixLabel } from '../../model/cell.js';
import type { ImplementationId } from '../../model/ids.js';
import type { CellSummary, Interval, Summary } from '../../model/summary.js';
import { type Config, type Dataset, type IntervalPoint, isDrawable, measuredDataset } from './dataset.js';
import { count, hostLine } from './host.js';
import { chartOptions, logarithmicAxis, namedAxis, sizeAxis, zeroAxis } from './layout.js';
import { isLowerBound, standingOf, withWaits } from './measure.js';
import { type LineStyle, lineStyle } from './palette.js';
import { repeatsOf } from './repeats.js';
import { describeSlice, isAt, type LatencySlice, type Slice } from './slice.js';
import type { Unit } from './units.js';

/** A chart to draw; `name` is its file name without extension, `title` its first line. */
export interface Chart {
  name: string;
  title: string;
  config: Config;
}

/** A figure in base units, and the unit it is drawn in. */
interface Figure {
  unit: Unit;
  of(cell: CellSummary): Interval | null;
}

/** A figure of each cell in a unit, by frame size; a gap where there is none to quote. */
export function pointsBySize(cells: readonly CellSummary[], { of, unit }: Figure): IntervalPoint[] {
  return [...cells]
    .sort((a, b) => a.packetBytes - b.packetBytes)
    .map((cell) => {
      const interval = standingOf(cell) === 'figure' ? of(cell) : null;
      if (interval === null) return { x: cell.packetBytes, y: null, low: null, high: null, mark: 'plain' };
      const { median, low, high } = interval;
      // A single run has an interval only of what its search found.
      const ends = low === high ? null : { low: low / unit.divisor, high: high / unit.divisor };
      return {
        x: cell.packetBytes,
        y: median / unit.divisor,
        low: ends?.low ?? null,
        high: ends?.high ?? null,
        mark: isLowerBound(cell) ? 'bound' : 'plain',
      };
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
  slice: LatencySlice;
  point: MatrixPoint;
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
  point,
  name,
  what,
  axis,
  labels,
  points,
  hollow,
}: RoundTripChart): Chart {
  const cells = slice.cells.filter((cell) => isAt(cell, point));
  const datasets = cells
    .map((cell) => measuredDataset(withWaits(cell.impl, cell), styleOf(summary, cell.impl), points(cell)))
    .filter(isDrawable);
  const values = datasets.flatMap(({ data }) => data.flatMap(({ y }) => (y === null ? [] : [y])));
  const title = `${what}: frames of ${slice.packetBytes} bytes at ${matrixLabel(point)}`;
  const yAxis = logarithmicAxis('Round-trip time in µs, logarithmic', values.length > 0 ? values : [1, 10]);
  const remarks = hollow ? hollowRemark(cells, hollow) : [];
  const options = chartOptions(title, subtitleOf(summary, slice, cells, remarks), namedAxis(axis, labels), yAxis);
  return {
    name: `${name}-${slice.suffix}-${matrixLabel(point)}`,
    title,
    config: { type: 'line', data: { labels, datasets }, options },
  };
}

/** What the cells have in common, what to know about the points, and the machine: a line each. */
export function subtitleOf(summary: Summary, slice: Slice, cells: readonly CellSummary[], more: string[]): string[] {
  const missing = cells.filter((cell) => standingOf(cell) !== 'figure').length;
  const figures = cells.filter((cell) => standingOf(cell) === 'figure');
  const remarks = [...(missing > 0 ? [`${count(missing, 'cell')} without a valid figure left out`] : []), ...more];
  const what = `${describeSlice(slice)}${figures.length > 0 ? `, ${repeatsOf(figures)}` : ''}`;
  return [what, ...(remarks.length > 0 ? [remarks.join('; ')] : []), hostLine(summary.host)].map(capitalised);
}

/** Tells what hollow points stand for, where cells have some. */
export function hollowRemark(
  cells: readonly CellSummary[],
  meaning = 'lower bound, the generator was the limit',
): string[] {
  return cells.some((cell) => standingOf(cell) === 'figure' && isLowerBound(cell)) ? [`hollow: ${meaning}`] : [];
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** An implementation looks the same in every chart of a run. */
export function styleOf({ scenario }: Summary, impl: ImplementationId): LineStyle {
  // From the end: the fastest candidates come last by custom, and the first styles are the strongest.
  return lineStyle(Math.max(0, scenario.implementations.length - 1 - scenario.implementations.indexOf(impl)));
}
