import type { CellSummary, Interval, LatencySummary, LevelId, LevelSummary, MatrixPoint, Summary } from '../model.js';
import { kiloPacketsPerSecond, matrixLabel, microseconds } from '../units.js';
import { type Chart, pointsBySize, styleOf, subtitleOf } from './chart-parts.js';
import { distinct } from './collect.js';
import { type IntervalPoint, isDrawable, measuredDataset } from './dataset.js';
import { count } from './host.js';
import { chartOptions, logarithmicAxis, namedAxis, sizeAxis, zeroAxis } from './layout.js';
import { isLowerBound, standingOf, withWaits } from './measure.js';
import {
  isAt,
  type LatencySlice,
  levelSlices,
  matrixPointsOf,
  type Slice,
  sizesOf,
  throughputSlices,
} from './slice.js';

const goals: readonly { id: string; title: string; of(cell: CellSummary): Interval | null }[] = [
  { id: 'ndr', title: 'Highest rate without loss (NDR)', of: (cell) => cell.ndrPerSecond },
  { id: 'pdr', title: 'Highest rate with a loss of at most 0.5 % (PDR)', of: (cell) => cell.pdrPerSecond },
];

/** From the gentlest load to the hardest, for all but the slowest. */
const levels: readonly { id: LevelId; label: string }[] = [
  { id: 'equal', label: '10,000/s for all' },
  { id: '10%', label: '10 % of its capacity' },
  { id: '50%', label: '50 %' },
  { id: '90%', label: '90 %' },
];

const quantiles: readonly { id: string; title: string; of(latency: LatencySummary): number }[] = [
  { id: 'p50', title: 'Median round-trip time', of: ({ p50 }) => p50 },
  { id: 'p99', title: '99th percentile of the round-trip time', of: ({ p99 }) => p99 },
];

/** Capacities by frame size, and round trips by load: a chart a matrix point and figure, a line an implementation. */
export function loadCharts(summary: Summary): Chart[] {
  const capacities = throughputSlices(summary).filter(({ load }) => load === 'capacity');
  return [
    ...capacities.flatMap((slice) => atEachPoint(slice, (point) => capacityCharts(summary, slice, point))),
    ...levelSlices(summary).flatMap((slice) => atEachPoint(slice, (point) => levelCharts(summary, slice, point))),
  ];
}

function atEachPoint(slice: Slice, charts: (point: MatrixPoint) => Chart[]): Chart[] {
  return matrixPointsOf(slice.cells).flatMap(charts);
}

function capacityCharts(summary: Summary, slice: Slice, point: MatrixPoint): Chart[] {
  const cells = slice.cells.filter((cell) => isAt(cell, point));
  const sizes = sizesOf(cells);
  return goals.map(({ id, title: what, of }) => {
    const without = cells.filter((cell) => standingOf(cell) === 'figure' && of(cell) === null).length;
    const subtitle = subtitleOf(
      summary,
      slice,
      cells,
      without > 0 ? [`${count(without, 'cell')} lost more at every rate`] : [],
    );
    const datasets = distinct(cells.map(({ impl }) => impl))
      .map((impl) => {
        const own = cells.filter((cell) => cell.impl === impl);
        return measuredDataset(impl, styleOf(summary, impl), pointsBySize(own, { unit: kiloPacketsPerSecond, of }));
      })
      .filter(isDrawable);
    const title = `${what} by frame size at ${matrixLabel(point)}`;
    const yAxis = zeroAxis(`Requests in ${kiloPacketsPerSecond.label}`);
    return {
      name: `capacity-${id}-${slice.suffix}-${matrixLabel(point)}`,
      title,
      config: { type: 'line', data: { datasets }, options: chartOptions(title, subtitle, sizeAxis(sizes), yAxis) },
    };
  });
}

function levelCharts(summary: Summary, slice: LatencySlice, point: MatrixPoint): Chart[] {
  const cells = slice.cells.filter((cell) => isAt(cell, point));
  const subtitle = subtitleOf(summary, slice, cells);
  const labels = levels.map(({ label }) => label);
  return quantiles.map(({ id, title: what, of }) => {
    const datasets = cells
      .map((cell) => measuredDataset(withWaits(cell.impl, cell), styleOf(summary, cell.impl), levelPoints(cell, of)))
      .filter(isDrawable);
    const values = datasets.flatMap(({ data }) => data.flatMap(({ y }) => (y === null ? [] : [y])));
    const title = `${what} by load: frames of ${slice.packetBytes} bytes at ${matrixLabel(point)}`;
    const yAxis = logarithmicAxis('Round-trip time in µs, logarithmic', values.length > 0 ? values : [1, 10]);
    return {
      name: `load-latency-${id}-${slice.suffix}-${matrixLabel(point)}`,
      title,
      config: {
        type: 'line',
        data: { labels, datasets },
        options: chartOptions(title, subtitle, namedAxis('Requests offered', labels), yAxis),
      },
    };
  });
}

function levelPoints(cell: CellSummary, of: (latency: LatencySummary) => number): IntervalPoint[] {
  const found = standingOf(cell) === 'figure' ? cell.levels : [];
  return levels.map(({ id, label }) => {
    const latency = latencyAt(found, id);
    const y = latency && of(latency) / microseconds.divisor;
    // Of a capacity that is a lower bound these are the shares.
    return { x: label, y, low: null, high: null, mark: id !== 'equal' && isLowerBound(cell) ? 'bound' : 'plain' };
  });
}

function latencyAt(levelsOfCell: readonly LevelSummary[], id: LevelId): LatencySummary | null {
  return levelsOfCell.find(({ level }) => level === id)?.latencyNs ?? null;
}
