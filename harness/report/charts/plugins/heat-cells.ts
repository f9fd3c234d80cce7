import type { Plugin } from 'chart.js';
import type { HeatPoint } from '../dataset.js';
import { heatColour, ink, inkOn } from '../palette.js';

/** Fields of a matrix with their figures in them, on two axes of named places. */
export const heatCells: Plugin = {
  id: 'heatCells',
  afterDatasetsDraw(chart) {
    const { ctx, scales, chartArea } = chart;
    const { x, y } = scales;
    if (!x || !y) return;
    // Ticks are fewer where there is no room for all names.
    const [columns, rows] = [x.getLabels(), y.getLabels()];
    const width = (chartArea.right - chartArea.left) / columns.length;
    const height = (chartArea.bottom - chartArea.top) / rows.length;
    ctx.save();
    ctx.font = `12px "${chart.options.font?.family}"`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    for (const field of chart.data.datasets.flatMap(({ data }) => data as unknown as HeatPoint[])) {
      if (typeof field !== 'object' || !('share' in field)) continue;
      const [left, top] = [
        x.getPixelForValue(columns.indexOf(field.x)) - width / 2,
        y.getPixelForValue(rows.indexOf(field.y)) - height / 2,
      ];
      ctx.fillStyle = field.share === null ? ink.paper : heatColour(field.share);
      ctx.fillRect(left + 1, top + 1, width - 2, height - 2);
      ctx.fillStyle = inkOn(field.share ?? 0);
      ctx.fillText(field.text, left + width / 2, top + height / 2);
    }
    ctx.restore();
  },
};
