import type { CellDetail } from '../../../model/detail.js';
import type { Summary } from '../../../model/summary.js';
import type { Reference } from '../reference.js';
import type { Chart } from './parts.js';
import { capacityCharts } from './questions/capacity.js';
import { costCharts } from './questions/cost.js';
import { distributionCharts } from './questions/distribution.js';
import { ledgerCharts } from './questions/ledger.js';
import { loadLatencyCharts } from './questions/load-latency.js';
import { machineCharts } from './questions/machine.js';
import { matrixCharts } from './questions/matrix.js';
import { scalingCharts } from './questions/scaling.js';
import { throughputCharts } from './questions/throughput.js';
import { workCharts } from './questions/work.js';

/**
 * All charts of a run, each of which answers one question, in the order in which a reader asks them; never cells of two
 * engines, functions or loads in one, and of two amounts of work only where the question is what that changes. A chart without anything to draw is left out.
 */
export function chartsOf(summary: Summary, details: readonly CellDetail[], reference: Reference | null): Chart[] {
  const byCell = new Map(details.map((detail) => [detail.id, detail]));
  return [
    ...throughputCharts(summary, reference),
    ...workCharts(summary),
    ...capacityCharts(summary),
    ...loadLatencyCharts(summary),
    ...distributionCharts(summary, byCell),
    ...costCharts(summary, byCell),
    ...scalingCharts(summary),
    ...matrixCharts(summary),
    ...ledgerCharts(summary, byCell),
    ...machineCharts(summary, byCell),
  ].filter(({ config }) => config.data.datasets.length > 0);
}
