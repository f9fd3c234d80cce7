import type { CellSummary, Summary } from '../../../../model/summary.js';
import { throughputs } from '../../quantities.js';
import type { Reference } from '../../reference.js';
import { atEachPoint, isAt, type Slice, sizesOf, slicesOf } from '../../slice.js';
import { isLowerBound } from '../../standing.js';
import { type Dataset, isDrawable, measuredDataset, plainPoint, referenceDataset } from '../dataset.js';
import { referenceStyle } from '../palette.js';
import {
  byName,
  type Chart,
  hollowRemark,
  pointsBySize,
  rateChart,
  sizedThroughput,
  styleOf,
  subtitleOf,
  withLastFigure,
} from '../parts.js';

const [throughput] = throughputs;

/** Who answers most, and by how much? Peaks by frame size: a chart a matrix point, a line an implementation. */
export function throughputCharts(summary: Summary, reference: Reference | null): Chart[] {
  return slicesOf(summary, 'peak', 'ends').flatMap((slice) =>
    atEachPoint(slice, (cells, point) => [throughputChart(summary, slice, cells, point, reference)]),
  );
}

function throughputChart(
  summary: Summary,
  slice: Slice,
  cells: readonly CellSummary[],
  point: string,
  reference: Reference | null,
): Chart {
  const sizes = sizesOf(cells);
  const lines = byName(cells).map((line) => ({ ...line, style: styleOf(summary, line.name) }));
  const measured = lines
    .map(({ name, style, cells: own }) => {
      const data = pointsBySize(own, throughput.unit, (cell) => sizedThroughput(throughput, cell));
      return { ...measuredDataset(name, style, data), endLabel: withLastFigure(name, data) };
    })
    .filter(isDrawable);
  const overlays = lines
    .map(({ name, style, cells: [cell] }) => {
      const data = publishedPoints(reference, name, cell, sizes);
      return referenceDataset(`${name} (${reference?.source})`, referenceStyle(style), data);
    })
    .filter(isDrawable);
  const remark = overlays.length > 0 ? ['grey: published figures, other hardware'] : [];
  return rateChart({
    name: `throughput-${slice.suffix}-${point}`,
    title: `Who answers most requests, and by how much? Throughput at ${point}`,
    subtitle: subtitleOf(summary, slice, cells, [...hollowRemark(cells, isLowerBound), ...remark]),
    sizes,
    what: 'Thousand replies/s',
    datasets: measured.length > 0 ? [...measured, ...overlays] : [],
  });
}

/** Published figures of the same implementation and matrix point, within the sizes that were measured. */
function publishedPoints(
  reference: Reference | null,
  name: string,
  cell: CellSummary,
  sizes: number[],
): Dataset['data'] {
  // Nobody published figures of a function with work behind it.
  if (cell.workNs) return [];
  const published = reference?.throughput[throughput.id].find(
    (candidate) => candidate.implementation === name && isAt(candidate, cell),
  );
  const [least = 0, most = 0] = [sizes.at(0), sizes.at(-1)];
  return (published?.values ?? [])
    .filter(([size]) => size >= least && size <= most)
    .map(([size, figure]) => plainPoint(size, figure));
}
