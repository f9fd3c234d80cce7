import type { Chart, ChartType, Plugin } from 'chart.js';
import { drawPoint } from 'chart.js/helpers';
import { ink, type LineStyle } from '../palette.js';

/** What stands at both ends of a row of horizontal bars. */
export interface RowsOptions {
  /** A row's implementation, drawn as its lines are; null: none. */
  styles: (LineStyle | null)[];
  /** Words at the end of a row's bar. */
  ends: string[];
}

declare module 'chart.js' {
  interface PluginOptionsByType<TType extends ChartType> {
    rows?: RowsOptions | undefined;
  }
}

/** From the plot to a row's marker, in pixels: the labels of the axis leave room for it. */
export const markerRoom = 24;

/** Each row of bars begins with the point of its implementation and ends with its figure. */
export const rows: Plugin = {
  id: 'rows',
  afterDraw(chart) {
    const options = rowsOf(chart);
    const scale = chart.scales.y;
    if (!options || !scale) return;
    const { ctx, chartArea } = chart;
    ctx.save();
    ctx.font = fontOf(chart);
    ctx.textBaseline = 'middle';
    options.ends.forEach((words, row) => {
      const y = scale.getPixelForValue(row);
      const style = options.styles[row];
      if (style) drawStyle(ctx, style, chartArea.left - markerRoom / 2 - 3, y);
      ctx.fillStyle = ink.text;
      ctx.fillText(words, endOf(chart, row) + 7, y);
    });
    ctx.restore();
  },
};

/** Width that the words right of the bars need, in pixels. */
export function rowEndsWidth(chart: Chart): number {
  return widest(chart, rowsOf(chart)?.ends ?? []) + 8;
}

/** Width of the names of the rows and of their markers, in pixels. */
export function rowLabelsWidth(chart: Chart): number {
  return widest(chart, (chart.data.labels ?? []).map(String)) + markerRoom + 10;
}

function widest(chart: Chart, texts: readonly string[]): number {
  const { ctx } = chart;
  ctx.save();
  ctx.font = fontOf(chart);
  const widths = texts.map((text) => ctx.measureText(text).width);
  ctx.restore();
  return Math.max(0, ...widths);
}

/** As it was given: what chart.js resolves would take lists for options. */
function rowsOf(chart: Chart): RowsOptions | undefined {
  return (chart.config.options as { plugins?: { rows?: RowsOptions } } | undefined)?.plugins?.rows;
}

function endOf(chart: Chart, row: number): number {
  const ends = chart.getSortedVisibleDatasetMetas().map(({ data }) => data[row]?.x ?? chart.chartArea.left);
  return Math.max(chart.chartArea.left, ...ends);
}

function fontOf({ options }: Chart): string {
  return `12px "${options.font?.family}"`;
}

function drawStyle(ctx: Chart['ctx'], { colour, point, rotation }: LineStyle, x: number, y: number): void {
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = 1.75;
  drawPoint(ctx, { pointStyle: point, radius: 5, rotation, borderWidth: 1.75 }, x, y);
}
