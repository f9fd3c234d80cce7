import { percentileColumns } from '../../../model/histogram.js';
import type { CellSummary, Summary } from '../../../model/summary.js';
import { atEachPoint, sizedSlicesOf } from '../slice.js';
import { standingOf } from '../standing.js';
import { microseconds } from '../units.js';
import type { IntervalPoint } from './dataset.js';
import { type Chart, roundTripChart } from './parts.js';

const largest = 'largest';

/** Round trips at one load: percentiles, a chart a matrix point, a line an implementation. */
export function roundTripCharts(summary: Summary): Chart[] {
  return sizedSlicesOf(summary, 'round-trips').flatMap((slice) =>
    atEachPoint(slice, (cells, point) => [
      roundTripChart({
        ...{ summary, slice, cells, point },
        name: 'latency',
        what: 'Round-trip time by percentile',
        axis: 'Percentile of round trips',
        labels: [...percentileColumns.map(({ label }) => label), largest],
        points: percentilePoints,
      }),
    ]),
  );
}

function percentilePoints(cell: CellSummary): IntervalPoint[] {
  const latency = standingOf(cell) === 'figure' ? cell.latencyNs : null;
  const at = (x: string, ns: number | null): IntervalPoint => ({
    ...{ x, y: ns === null ? null : ns / microseconds.divisor },
    ...{ low: null, high: null, mark: 'plain' },
  });
  return [
    ...percentileColumns.map(({ key, label }) => at(label, latency?.[key] ?? null)),
    at(largest, latency?.max ?? null),
  ];
}
