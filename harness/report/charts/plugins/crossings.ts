import type { Chart, ChartType, Plugin } from 'chart.js';
import { drawPoint } from 'chart.js/helpers';
import type { LineStyle } from '../palette.js';

/** Where lines cross a level for good, in the units of the axes. */
export interface CrossingsOptions {
  level: number;
  marks: {
    style: LineStyle;
    at: number;
    /** Ends of the interval; null at a side on which it goes on beyond the chart. */
    low: number | null;
    high: number | null;
  }[];
}

declare module 'chart.js' {
  interface PluginOptionsByType<TType extends ChartType> {
    crossings?: CrossingsOptions | undefined;
  }
}

/** Height of a row of marks and half the height of an interval's end, in pixels. */
const row = 13;
const cap = 4;

/** From each crossing a dotted line down to a mark of its own at the foot of the plot, with its interval. */
export const crossings: Plugin = {
  id: 'crossings',
  afterDatasetsDraw(chart) {
    const options = (chart.config.options as { plugins?: { crossings?: CrossingsOptions } } | undefined)?.plugins
      ?.crossings;
    const { x, y } = chart.scales;
    if (!options || !x || !y) return;
    const { ctx, chartArea } = chart;
    ctx.save();
    options.marks.forEach(({ style, at, low, high }, index) => {
      const place = chartArea.bottom - row * (options.marks.length - index - 0.4);
      const [middle, from, to] = [
        x.getPixelForValue(at),
        low === null ? chartArea.left : x.getPixelForValue(low),
        high === null ? chartArea.right : x.getPixelForValue(high),
      ];
      ctx.strokeStyle = style.colour;
      ctx.fillStyle = style.colour;
      ctx.lineWidth = 1;
      ctx.setLineDash([1, 3]);
      stroke(ctx, [middle, y.getPixelForValue(options.level)], [middle, place]);
      ctx.setLineDash([]);
      ctx.lineWidth = 1.5;
      stroke(ctx, [from, place], [to, place]);
      for (const end of [...(low === null ? [] : [from]), ...(high === null ? [] : [to])])
        stroke(ctx, [end, place - cap], [end, place + cap]);
      drawPoint(ctx, { pointStyle: style.point, radius: 4, rotation: style.rotation, borderWidth: 1.5 }, middle, place);
    });
    ctx.restore();
  },
};

function stroke(ctx: Chart['ctx'], from: [number, number], to: [number, number]): void {
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}
