import type { MatrixPoint } from '../../../model/cell.js';
import { matrixLabel } from '../../../model/cell.js';
import type { CellSummary, Summary } from '../../../model/summary.js';
import { distinct } from '../group-by.js';
import { type Throughput, throughputs } from '../quantities.js';
import type { Reference } from '../reference.js';
import { isAt, matrixPointsOf, type Slice, sizesOf, slicesOf } from '../slice.js';
import { isLowerBound, nameOf } from '../standing.js';
import { type Dataset, type IntervalPoint, isDrawable, measuredDataset, referenceDataset } from './dataset.js';
import { type LineStyle, lineStyle, referenceStyle } from './palette.js';
import { type Chart, hollowRemark, pointsBySize, rateChart, type Sized, styleOf, subtitleOf } from './parts.js';

/** Peaks by frame size: a line an implementation, and for each that ran at several points a line a point. */
export function throughputCharts(summary: Summary, reference: Reference | null): Chart[] {
  const slices = slicesOf(summary, 'peak');
  return [
    ...slices.flatMap((slice) => throughputs.map((unit) => implementationsChart(summary, slice, unit, reference))),
    ...slices.flatMap((slice) => matrixCharts(summary, slice, reference)),
  ];
}

/** Throughput by size with a line an implementation, all at the smallest matrix point of the slice. */
function implementationsChart(
  summary: Summary,
  slice: Slice,
  throughput: Throughput,
  reference: Reference | null,
): Chart {
  const completed = slice.cells.filter(({ state }) => state === 'completed');
  const point = matrixPointsOf(completed)[0] as MatrixPoint;
  const cells = slice.cells.filter((cell) => isAt(cell, point));
  const lines = distinct(cells.map(nameOf)).map((name) => ({
    label: name,
    style: styleOf(summary, name),
    cells: cells.filter((cell) => nameOf(cell) === name),
    published: { implementation: name, point, label: name },
  }));
  const title = `Throughput by frame size at ${matrixLabel(point)}, in ${throughput.unit.label}`;
  const name = `throughput-${throughput.id}-${slice.suffix}`;
  return throughputChart({ summary, slice, throughput, reference, lines, title, name });
}

/** For each implementation that ran at several matrix points: throughput by size with a line a point. */
function matrixCharts(summary: Summary, slice: Slice, reference: Reference | null): Chart[] {
  const [throughput] = throughputs;
  const peaks = summary.cells.filter(({ answer }) => answer.kind === 'peak');
  const allPoints = matrixPointsOf(peaks);
  return distinct(slice.cells.map(nameOf)).flatMap((name) => {
    const ofRun = peaks.filter((cell) => nameOf(cell) === name);
    if (matrixPointsOf(ofRun.filter(({ state }) => state === 'completed')).length < 2) return [];
    const own = slice.cells.filter((cell) => nameOf(cell) === name);
    const lines = matrixPointsOf(own).map((point) => ({
      label: matrixLabel(point),
      style: lineStyle(allPoints.findIndex((other) => isAt(other, point))),
      cells: own.filter((cell) => isAt(cell, point)),
      published: { implementation: name, point, label: matrixLabel(point) },
    }));
    const title = `Throughput of ${name} by threads and queues, in ${throughput.unit.label}`;
    const file = `matrix-${name.replaceAll(/[ =]/g, '-')}-${slice.suffix}`;
    return [throughputChart({ summary, slice, throughput, reference, lines, title, name: file })];
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
  throughput: Throughput;
  reference: Reference | null;
  lines: Line[];
  title: string;
  name: string;
}

function throughputChart({ summary, slice, throughput, reference, lines, title, name }: ThroughputChart): Chart {
  const cells = lines.flatMap((line) => line.cells);
  const sizes = sizesOf(cells);
  const measured = lines
    .map(({ label, style, cells: own }) =>
      measuredDataset(label, style, pointsBySize(own, throughput.unit, sized(throughput))),
    )
    .filter(isDrawable);
  const published = reference ? lines.map((line) => publishedDataset(line, throughput, reference, sizes)) : [];
  const overlays = published.filter(isDrawable);
  const datasets = measured.length > 0 ? [...measured, ...overlays] : [];
  const remark = overlays.length > 0 ? ['grey: published figures, other hardware'] : [];
  const subtitle = subtitleOf(summary, slice, cells, [...hollowRemark(cells, isLowerBound), ...remark]);
  return rateChart({ name, title, subtitle, sizes, what: `Throughput in ${throughput.unit.label}`, datasets });
}

/** The published line of the same implementation and matrix point, within the sizes that were measured. */
function publishedDataset(line: Line, throughput: Throughput, reference: Reference, sizes: number[]): Dataset {
  const { implementation, point, label } = line.published;
  const published = reference.throughput[throughput.id].find(
    (candidate) => candidate.implementation === implementation && isAt(candidate, point),
  );
  const [least = 0, most = 0] = [sizes.at(0), sizes.at(-1)];
  const data = (published?.values ?? [])
    .filter(([size]) => size >= least && size <= most)
    .map(([x, y]): IntervalPoint => ({ x, y, low: null, high: null, mark: 'plain' }));
  return referenceDataset(`${label} (${reference.source})`, referenceStyle(line.style), data);
}

function sized({ of }: Throughput): (cell: CellSummary) => Sized | null {
  return (cell) => {
    const figure = of(cell);
    if (figure === null) return null;
    const { median, low, high, confidence } = figure;
    const ends = confidence === 0 ? { low: null, high: null } : { low, high };
    return { y: median, ...ends, mark: isLowerBound(cell) ? 'bound' : 'plain' };
  };
}
