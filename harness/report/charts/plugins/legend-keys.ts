import type { Chart, LegendElement, LegendItem, Plugin } from 'chart.js';
import type { Dataset } from '../dataset.js';
import { ink } from '../palette.js';
import { drawMarker, linesOf } from './lines.js';

/** Legend keys as drawn in the chart, dashes and point: chart.js can show the one or the other. */
export const legendKeys: Plugin = {
  id: 'legendKeys',
  beforeInit(chart) {
    const labels = chart.options.plugins?.legend?.labels;
    if (labels && linesOf(chart).length > 0) labels.generateLabels = blankItems;
  },
  afterDraw(chart) {
    const legend = chart.legend as PlacedLegend | undefined;
    const lines = linesOf(chart);
    if (!legend?.options.display) return;
    legend.legendHitBoxes.forEach(({ left, top, height }, index) => {
      const line = lines[index];
      if (line) drawKey(chart.ctx, line.dataset, left, top + height / 2, legend.options.labels.boxWidth);
    });
  },
};

/** What chart.js 4 knows and its types leave out. */
type PlacedLegend = LegendElement<'line'> & {
  legendHitBoxes: { left: number; top: number; width: number; height: number }[];
};

function blankItems(chart: Chart): LegendItem[] {
  return linesOf(chart).map(({ dataset, index }) => ({
    text: dataset.label ?? '',
    datasetIndex: index,
    fillStyle: 'transparent',
    strokeStyle: 'transparent',
    lineWidth: 0,
    fontColor: ink.text,
  }));
}

function drawKey(ctx: Chart['ctx'], dataset: Dataset, left: number, y: number, width: number): void {
  ctx.save();
  ctx.strokeStyle = String(dataset.borderColor);
  ctx.lineWidth = Number(dataset.borderWidth);
  ctx.setLineDash(dataset.borderDash as number[]);
  ctx.beginPath();
  ctx.moveTo(left, y);
  ctx.lineTo(left + width, y);
  ctx.stroke();
  ctx.restore();
  drawMarker(ctx, dataset, left + width / 2, y);
}
