import type { MatrixPoint } from '../../model/cell.js';
import { matrixLabel } from '../../model/cell.js';
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
import { type Dataset, type IntervalPoint, isDrawable, measuredDataset, referenceDataset } from './dataset.js';
import { distinct } from './group-by.js';
import { loadCharts } from './load-charts.js';
import { isThroughputCell, type Measure, measures, standingOf } from './measure.js';
import { type LineStyle, lineStyle, referenceStyle } from './palette.js';
import type { Reference } from './reference.js';
import {
  isAt,
  type LatencySlice,
  latencySlices,
  matrixPointsOf,
  type Slice,
  sizesOf,
  throughputSlices,
} from './slice.js';
import { percentileColumns } from './tables.js';
import { microseconds } from './units.js';

/** All charts of a run, never cells of two engines, functions or loads in one; a chart without any point is left out. */
export function chartsOf(summary: Summary, reference: Reference | null): Chart[] {
  const slices = throughputSlices(summary);
  return [
    ...slices.flatMap((slice) => measures.map((measure) => implementationsChart(summary, slice, measure, reference))),
    ...slices.flatMap((slice) => matrixCharts(summary, slice, reference)),
    ...latencySlices(summary).flatMap((slice) => latencyCharts(summary, slice)),
    ...loadCharts(summary),
  ].filter(({ config }) => config.data.datasets.length > 0);
}

/** Throughput by size with a line an implementation, all at the smallest matrix point of the slice. */
function implementationsChart(summary: Summary, slice: Slice, measure: Measure, reference: Reference | null): Chart {
  const completed = slice.cells.filter(({ state }) => state === 'completed');
  const point = matrixPointsOf(completed)[0] as MatrixPoint;
  const cells = slice.cells.filter((cell) => isAt(cell, point));
  const lines = distinct(cells.map(({ impl }) => impl)).map((impl) => ({
    label: impl,
    style: styleOf(summary, impl),
    cells: cells.filter((cell) => cell.impl === impl),
    published: { implementation: impl, point, label: impl },
  }));
  const title = `Throughput by frame size at ${matrixLabel(point)}, in ${measure.unit.label}`;
  const name = `throughput-${measure.id}-${slice.suffix}`;
  return throughputChart({ summary, slice, measure, reference, lines, title, name });
}

/** For each implementation that ran at several matrix points: throughput by size with a line a point. */
function matrixCharts(summary: Summary, slice: Slice, reference: Reference | null): Chart[] {
  const measure = measures[0] as Measure;
  const allPoints = matrixPointsOf(summary.cells.filter(isThroughputCell));
  return distinct(slice.cells.map(({ impl }) => impl)).flatMap((impl) => {
    const ofRun = summary.cells.filter((cell) => cell.impl === impl && isThroughputCell(cell));
    if (matrixPointsOf(ofRun.filter(({ state }) => state === 'completed')).length < 2) return [];
    const own = slice.cells.filter((cell) => cell.impl === impl);
    const lines = matrixPointsOf(own).map((point) => ({
      label: matrixLabel(point),
      style: lineStyle(allPoints.findIndex((other) => isAt(other, point))),
      cells: own.filter((cell) => isAt(cell, point)),
      published: { implementation: impl, point, label: matrixLabel(point) },
    }));
    const title = `Throughput of ${impl} by threads and queues, in ${measure.unit.label}`;
    const name = `matrix-${impl}-${slice.suffix}`;
    return [throughputChart({ summary, slice, measure, reference, lines, title, name })];
  });
}

interface Line {
  label: string;
  style: LineStyle;
  cells: CellSummary[];
  /** Which published line belongs to it, and how it is named. */
  published: { implementation: string; point: MatrixPoint; label: string };
}

interface ThroughputChart {
  summary: Summary;
  slice: Slice;
  measure: Measure;
  reference: Reference | null;
  lines: Line[];
  title: string;
  name: string;
}

function throughputChart({ summary, slice, measure, reference, lines, title, name }: ThroughputChart): Chart {
  const cells = lines.flatMap((line) => line.cells);
  const sizes = sizesOf(cells);
  const measured = lines
    .map(({ label, style, cells: own }) => measuredDataset(label, style, pointsBySize(own, measure)))
    .filter(isDrawable);
  const published = reference ? lines.map((line) => publishedDataset(line, measure, reference, sizes)) : [];
  const overlays = published.filter(isDrawable);
  const datasets = measured.length > 0 ? [...measured, ...overlays] : [];
  const remark = overlays.length > 0 ? ['grey: published figures, other hardware'] : [];
  const subtitle = subtitleOf(summary, slice, cells, [...hollowRemark(cells), ...remark]);
  return rateChart({ name, title, subtitle, sizes, what: `Throughput in ${measure.unit.label}`, datasets });
}

/** The published line of the same implementation and matrix point, within the sizes that were measured. */
function publishedDataset(line: Line, measure: Measure, reference: Reference, sizes: number[]): Dataset {
  const { implementation, point, label } = line.published;
  const published = reference.throughput[measure.id].find(
    (candidate) => candidate.implementation === implementation && isAt(candidate, point),
  );
  const [least = 0, most = 0] = [sizes.at(0), sizes.at(-1)];
  const data = (published?.values ?? [])
    .filter(([size]) => size >= least && size <= most)
    .map(([x, y]): IntervalPoint => ({ x, y, low: null, high: null, mark: 'plain' }));
  return referenceDataset(`${label} (${reference.source})`, referenceStyle(line.style), data);
}

/** One chart a matrix point: percentiles with a line an implementation. */
function latencyCharts(summary: Summary, slice: LatencySlice): Chart[] {
  return matrixPointsOf(slice.cells).map((point) =>
    roundTripChart({
      ...{ summary, slice, point },
      name: 'latency',
      what: 'Round-trip time by percentile',
      axis: 'Percentile of round trips',
      labels: percentileColumns.map(({ label }) => label),
      points: latencyPoints,
    }),
  );
}

function latencyPoints(cell: CellSummary): IntervalPoint[] {
  const latency = standingOf(cell) === 'figure' ? cell.latencyNs : null;
  return percentileColumns.map(({ label, of }) => ({
    x: label,
    y: latency && of(latency) / microseconds.divisor,
    low: null,
    high: null,
    mark: 'plain',
  }));
}
