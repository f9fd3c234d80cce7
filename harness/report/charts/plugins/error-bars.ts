import type { Plugin } from 'chart.js';
import { linesOf } from './lines.js';

/** Half the width of an error bar's end in pixels. */
const capWidth = 4;

/** Thin bars from `low` to `high` of every point that has an interval. */
export const errorBars: Plugin = {
  id: 'errorBars',
  beforeDatasetDraw(chart, { index, meta }) {
    const found = linesOf(chart).find((line) => line.index === index);
    const scale = chart.scales[meta.yAxisID ?? 'y'];
    if (!found || !scale) return;
    const { dataset } = found;
    const { ctx } = chart;
    ctx.save();
    ctx.strokeStyle = String(dataset.borderColor);
    ctx.lineWidth = 1.25;
    ctx.beginPath();
    dataset.data.forEach(({ low, high }, at) => {
      const x = meta.data[at]?.x;
      if (low === null || high === null || x === undefined) return;
      const ends = [low, high].map((value) => scale.getPixelForValue(Math.max(value, scale.min)));
      const [bottom, top] = ends as [number, number];
      ctx.moveTo(x, bottom);
      ctx.lineTo(x, top);
      for (const y of ends) {
        ctx.moveTo(x - capWidth, y);
        ctx.lineTo(x + capWidth, y);
      }
    });
    ctx.stroke();
    ctx.restore();
  },
};
