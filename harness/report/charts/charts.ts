import type { Answer, Summary } from '../../../model/summary.js';
import type { Reference } from '../reference.js';
import { capacityCharts } from './capacity-charts.js';
import { levelsCharts } from './levels-charts.js';
import type { Chart } from './parts.js';
import { roundTripCharts } from './round-trip-charts.js';
import { throughputCharts } from './throughput-charts.js';

/** Charts of each answer; a handful of shares of a CPU needs none. */
const makers: Record<Answer['kind'], (summary: Summary, reference: Reference | null) => Chart[]> = {
  peak: throughputCharts,
  capacity: capacityCharts,
  'round-trips': roundTripCharts,
  levels: levelsCharts,
  rest: () => [],
};

/** All charts of a run, never cells of two engines, functions or loads in one; a chart without any point is left out. */
export function chartsOf(summary: Summary, reference: Reference | null): Chart[] {
  return Object.values(makers)
    .flatMap((make) => make(summary, reference))
    .filter(({ config }) => config.data.datasets.length > 0);
}
