import type { Chart } from 'chart.js';
import { drawPoint } from 'chart.js/helpers';
import type { Dataset } from '../dataset.js';

/** Datasets of interval points, by their index in the chart; the types of chart.js plugins cannot say so. */
export function linesOf(chart: Chart): { dataset: Dataset; index: number }[] {
  return chart.data.datasets
    .map((dataset, index) => ({ dataset: dataset as unknown as Dataset, index }))
    .filter(({ dataset }) => dataset.data.some((point) => typeof point === 'object' && 'mark' in point));
}

/** The point of a dataset as it is drawn in the chart, filled as the point `at` there. */
export function drawMarker(ctx: Chart['ctx'], dataset: Dataset, x: number, y: number, at = -1): void {
  const fill = dataset.pointBackgroundColor;
  ctx.save();
  ctx.setLineDash([]);
  ctx.strokeStyle = String(dataset.borderColor);
  ctx.fillStyle = String(Array.isArray(fill) ? (fill[at] ?? dataset.borderColor) : fill);
  ctx.lineWidth = Number(dataset.pointBorderWidth);
  const shape = {
    pointStyle: dataset.pointStyle as 'circle',
    radius: Math.max(...[dataset.pointRadius].flat().map(Number)),
  };
  const rotation = Number(dataset.pointRotation ?? 0);
  drawPoint(ctx, { ...shape, rotation, borderWidth: ctx.lineWidth }, x, y);
  ctx.restore();
}
