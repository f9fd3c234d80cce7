import { type LatencySummary, percentileColumns } from '../../../../model/histogram.js';
import type { CellSummary, Summary } from '../../../../model/summary.js';
import { atEachPoint, type SizedSlice, sizedSlicesOf } from '../../slice.js';
import { isLowerBound, nameOf, standingOf, withWaits } from '../../standing.js';
import { formatShare, kiloPacketsPerSecond, microseconds } from '../../units.js';
import { type IntervalPoint, isDrawable, measuredDataset } from '../dataset.js';
import { chartOptions, logarithmicAxis } from '../layout.js';
import { type Chart, hollowRemark, styleOf, subtitleOf, valuesOf } from '../parts.js';

type Percentile = (typeof percentileColumns)[number];

/** The 90th tells nothing that its neighbours do not. */
const shown = percentileColumns.filter(({ key }) => key !== 'p90');

/** A loss that a reader of round trips must know of: those that were lost have none. */
const worthTelling = 0.005;

/** When does it hurt? Round trips by offered load: a chart a matrix point and percentile, a line an implementation. */
export function loadLatencyCharts(summary: Summary): Chart[] {
  return sizedSlicesOf(summary, 'levels', 'ends').flatMap((slice) =>
    atEachPoint(slice, (cells, point) =>
      shown.map((percentile) => percentileChart({ summary, slice, cells, point, percentile })),
    ),
  );
}

interface PercentileChart {
  summary: Summary;
  slice: SizedSlice;
  /** Those of the slice at the matrix point. */
  cells: readonly CellSummary[];
  point: string;
  percentile: Percentile;
}

function percentileChart({ summary, slice, cells, point, percentile: { key, label } }: PercentileChart): Chart {
  const datasets = cells
    .map((cell) =>
      measuredDataset(withWaits(nameOf(cell), cell), styleOf(summary, nameOf(cell)), pointsByLoad(cell, key)),
    )
    .filter(isDrawable);
  const offered = datasets.flatMap(({ data }) => data.map(({ x }) => Number(x)));
  const what = key === 'p50' ? 'Median round trip' : `${label}th percentile of round trips`;
  const title = `When does it hurt? ${what} by load: ${slice.packetBytes} bytes, ${point}`;
  const remarks = [
    'each line: 10,000/s, and 10, 50 and 90 % of what the implementation takes (PDR)',
    ...hollowRemark(cells, isLowerBound, 'of a capacity that is a lower bound, the generator was the limit'),
    ...lossRemarks(cells),
  ];
  const options = chartOptions(
    title,
    subtitleOf(summary, slice, cells, remarks),
    logarithmicAxis('Thousand requests/s offered, logarithmic', orAny(offered)),
    logarithmicAxis('Round trip in µs, logarithmic', orAny(valuesOf(datasets))),
  );
  const name = `load-latency-${key.replace('_', '.')}-${slice.suffix}-${point}`;
  return { name, title, config: { type: 'line', data: { datasets }, options } };
}

function pointsByLoad(cell: CellSummary, key: keyof Pick<LatencySummary, Percentile['key']>): IntervalPoint[] {
  const levels = standingOf(cell) === 'figure' ? cell.levels : [];
  return levels
    .toSorted((a, b) => a.offeredPerSecond - b.offeredPerSecond)
    .map(({ level, offeredPerSecond, latencyNs }) => {
      const ns = latencyNs?.[key] ?? null;
      return {
        x: offeredPerSecond / kiloPacketsPerSecond.divisor,
        y: ns === null ? null : ns / microseconds.divisor,
        ...{ low: null, high: null },
        // Of a capacity that is a lower bound these are the shares.
        mark: level !== 'equal' && isLowerBound(cell) ? 'bound' : 'plain',
      };
    });
}

function lossRemarks(cells: readonly CellSummary[]): string[] {
  const lost = cells
    .filter((cell) => standingOf(cell) === 'figure')
    .flatMap((cell) =>
      cell.levels
        .filter(({ lossRatio }) => lossRatio > worthTelling)
        .map(({ level, lossRatio }) => {
          const at = level === 'equal' ? '10,000/s' : level.replace('%', ' %');
          return `${nameOf(cell)} ${formatShare(lossRatio)} % at ${at}`;
        }),
    );
  return lost.length > 0 ? [`lost: ${lost.join(', ')}`] : [];
}

/** A chart without any point is left out; until then it needs an axis. */
function orAny(values: number[]): number[] {
  return values.length > 0 ? values : [1, 10];
}
