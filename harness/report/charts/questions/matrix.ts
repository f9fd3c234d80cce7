import type { CellSummary, Figure, Summary } from '../../../../model/summary.js';
import { figureText, throughputs } from '../../quantities.js';
import { linesOf, matrixPointsOf, type Slice, sizesOf, slicesOf } from '../../slice.js';
import { isLowerBound, standingOf } from '../../standing.js';
import type { HeatPoint } from '../dataset.js';
import { chartOptions, namedAxis, rowAxis } from '../layout.js';
import { type Chart, subtitleOf } from '../parts.js';

const [{ unit, of }] = throughputs;

/** Which threads and queues at which frame size? Peaks as a matrix, where several points were measured. */
export function matrixCharts(summary: Summary): Chart[] {
  return slicesOf(summary, 'peak', 'ends')
    .filter(({ cells }) => matrixPointsOf(cells).length > 1)
    .map((slice) => matrixChart(summary, slice));
}

function matrixChart(summary: Summary, slice: Slice): Chart {
  const lines = linesOf(slice.cells);
  const sizes = sizesOf(slice.cells).map(String);
  const rates = slice.cells.flatMap((cell) => rateOf(cell)?.median ?? []).map(Math.log);
  const [least, most] = [Math.min(...rates), Math.max(...rates)];
  const shareOf = (rate: number) => (most === least ? 0.5 : (Math.log(rate) - least) / (most - least));
  const fields = lines.flatMap(({ label, cells }) =>
    cells.map((cell): HeatPoint => {
      const rate = rateOf(cell);
      const text = rate === null ? '–' : `${isLowerBound(cell) ? '≥' : ''}${figureText(unit, rate).value}`;
      return { x: String(cell.packetBytes), y: label, share: rate === null ? null : shareOf(rate.median), text };
    }),
  );
  const title = 'Which threads and queues pay at which frame size? Thousand replies/s';
  const subtitle = subtitleOf(summary, slice, slice.cells, ['the darker, the more, by ratio; ≥: a lower bound']);
  const options = chartOptions(
    title,
    subtitle,
    { ...namedAxis('Frame size in bytes (Ethernet frame without FCS)', sizes), grid: { display: false } },
    rowAxis(lines.map(({ label }) => label)),
  );
  const datasets = rates.length > 0 ? [{ label: '', data: fields, showLine: false, pointRadius: 0 }] : [];
  const hidden = { ...options, plugins: { ...options.plugins, legend: { display: false } } };
  return { name: `matrix-${slice.suffix}`, title, config: { type: 'line', data: { datasets }, options: hidden } };
}

function rateOf(cell: CellSummary): Figure | null {
  const rate = standingOf(cell) === 'figure' ? of(cell) : null;
  return rate !== null && rate.median > 0 ? rate : null;
}
