import type { MatrixPoint } from '../../model/cell.js';
import { matrixLabel } from '../../model/cell.js';
import type { LatencySummary } from '../../model/histogram.js';
import type { LevelId } from '../../model/ids.js';
import type { CellSummary, Summary } from '../../model/summary.js';
import {
  type Chart,
  hollowRemark,
  pointsBySize,
  rateChart,
  roundTripChart,
  styleOf,
  subtitleOf,
} from './chart-parts.js';
import { type IntervalPoint, isDrawable, measuredDataset } from './dataset.js';
import { distinct } from './group-by.js';
import { count } from './host.js';
import { capacityGoals, isLowerBound, standingOf } from './measure.js';
import {
  isAt,
  type LatencySlice,
  levelSlices,
  matrixPointsOf,
  type Slice,
  sizesOf,
  throughputSlices,
} from './slice.js';
import { kiloPacketsPerSecond, microseconds } from './units.js';

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
  return capacityGoals.map(({ id, title: what, of }) => {
    const without = cells.filter((cell) => standingOf(cell) === 'figure' && of(cell) === null).length;
    const remarks = without > 0 ? [`${count(without, 'cell')} without such a rate`] : [];
    const datasets = distinct(cells.map(({ impl }) => impl))
      .map((impl) => {
        const own = cells.filter((cell) => cell.impl === impl);
        return measuredDataset(impl, styleOf(summary, impl), pointsBySize(own, { unit: kiloPacketsPerSecond, of }));
      })
      .filter(isDrawable);
    return rateChart({
      name: `capacity-${id}-${slice.suffix}-${matrixLabel(point)}`,
      title: `${what} by frame size at ${matrixLabel(point)}`,
      subtitle: subtitleOf(summary, slice, cells, [...hollowRemark(cells), ...remarks]),
      sizes: sizesOf(cells),
      what: `Requests in ${kiloPacketsPerSecond.label}`,
      datasets,
    });
  });
}

function levelCharts(summary: Summary, slice: LatencySlice, point: MatrixPoint): Chart[] {
  return quantiles.map(({ id, title, of }) =>
    roundTripChart({
      ...{ summary, slice, point },
      name: `load-latency-${id}`,
      what: `${title} by load`,
      axis: 'Requests offered',
      labels: levels.map(({ label }) => label),
      points: (cell) => levelPoints(cell, of),
      hollow: 'of a capacity that is a lower bound, the generator was the limit',
    }),
  );
}

function levelPoints(cell: CellSummary, of: (latency: LatencySummary) => number): IntervalPoint[] {
  const found = standingOf(cell) === 'figure' ? cell.levels : [];
  return levels.map(({ id, label }) => {
    const latency = found.find(({ level }) => level === id)?.latencyNs ?? null;
    const y = latency && of(latency) / microseconds.divisor;
    // Of a capacity that is a lower bound these are the shares.
    return { x: label, y, low: null, high: null, mark: id !== 'equal' && isLowerBound(cell) ? 'bound' : 'plain' };
  });
}
