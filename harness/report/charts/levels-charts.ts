import type { LatencySummary } from '../../../model/histogram.js';
import type { LevelId } from '../../../model/ids.js';
import type { CellSummary, Summary } from '../../../model/summary.js';
import { atEachPoint, sizedSlicesOf } from '../slice.js';
import { isLowerBound, standingOf } from '../standing.js';
import { microseconds } from '../units.js';
import type { IntervalPoint } from './dataset.js';
import { type Chart, roundTripChart } from './parts.js';

/** From the gentlest load to the hardest, for all but the slowest. */
const levels: readonly { id: LevelId; label: string }[] = [
  { id: 'equal', label: '10,000/s for all' },
  { id: '10%', label: '10 % of its capacity' },
  { id: '50%', label: '50 %' },
  { id: '90%', label: '90 %' },
];

const quantiles: readonly { id: 'p50' | 'p99'; title: string }[] = [
  { id: 'p50', title: 'Median round-trip time' },
  { id: 'p99', title: '99th percentile of the round-trip time' },
];

/** Round trips by load: a chart a matrix point and percentile, a line an implementation. */
export function levelsCharts(summary: Summary): Chart[] {
  return sizedSlicesOf(summary, 'levels').flatMap((slice) =>
    atEachPoint(slice, (cells, point) =>
      quantiles.map(({ id, title }) =>
        roundTripChart({
          ...{ summary, slice, cells, point },
          name: `load-latency-${id}`,
          what: `${title} by load`,
          axis: 'Requests offered',
          labels: levels.map(({ label }) => label),
          points: (cell) => levelPoints(cell, id),
          hollow: 'of a capacity that is a lower bound, the generator was the limit',
        }),
      ),
    ),
  );
}

function levelPoints(cell: CellSummary, quantile: keyof Pick<LatencySummary, 'p50' | 'p99'>): IntervalPoint[] {
  const found = standingOf(cell) === 'figure' ? cell.levels : [];
  return levels.map(({ id, label }) => {
    const ns = found.find(({ level }) => level === id)?.latencyNs?.[quantile] ?? null;
    const y = ns === null ? null : ns / microseconds.divisor;
    // Of a capacity that is a lower bound these are the shares.
    return { x: label, y, low: null, high: null, mark: id !== 'equal' && isLowerBound(cell) ? 'bound' : 'plain' };
  });
}
