import type { Chart, Plugin } from 'chart.js';
import type { Dataset } from '../dataset.js';
import { ink } from '../palette.js';
import { drawMarker, linesOf } from './lines.js';

/** Room of a label beside its words: from the plot to its marker, and from that to the words, in pixels. */
const beforeMarker = 16;
const beforeWords = 11;
/** From where the longest line ends back to the end of one that is still led to its name, in pixels. */
const longestLeader = 100;
/** From one line of labels to the next, for letters of 12 pixels. */
export const labelPitch = 16;

/** A line's words, and where it ends. */
interface Ended {
  dataset: Dataset;
  index: number;
  /** Of the last point that is drawn. */
  at: number;
}

/** Names at the ends of the lines, where the axis `ends` leaves room for them: the eye need not go to and fro. */
export const endLabels: Plugin = {
  id: 'endLabels',
  afterDraw(chart) {
    if (!chart.scales.ends) return;
    const { ctx, chartArea } = chart;
    const ended = endedOf(chart);
    const wanted = ended.map(({ index, at }) => chart.getDatasetMeta(index).data[at]?.y ?? chartArea.top);
    const places = spread(wanted, labelPitch, chartArea.top, chartArea.bottom);
    const rightmost = Math.max(...ended.map(({ index, at }) => chart.getDatasetMeta(index).data[at]?.x ?? 0));
    ctx.save();
    ctx.font = fontOf(chart);
    ctx.textBaseline = 'middle';
    ended.forEach(({ dataset, index, at }, position) => {
      const point = chart.getDatasetMeta(index).data[at];
      const y = places[position] as number;
      const x = chartArea.right + beforeMarker;
      // Past what other lines still show it would look like a line of figures.
      if (point && point.x > rightmost - longestLeader) drawLeader(ctx, [point.x + 7, point.y], [x - 7, y]);
      drawMarker(ctx, dataset, x, y, at);
      ctx.fillStyle = ink.text;
      ctx.fillText(wordsOf(dataset), x + beforeWords, y);
    });
    ctx.restore();
  },
};

/** Width that the labels need right of the plot, in pixels. */
export function endLabelsWidth(chart: Chart): number {
  const { ctx } = chart;
  ctx.save();
  ctx.font = fontOf(chart);
  const widths = linesOf(chart).map(({ dataset }) => ctx.measureText(wordsOf(dataset)).width);
  ctx.restore();
  return beforeMarker + beforeWords + Math.max(0, ...widths) + 2;
}

/** Places as near to those that are wanted as lets each have `pitch` for itself between top and bottom, in their order. */
export function spread(wanted: readonly number[], pitch: number, top: number, bottom: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] as number) - (wanted[b] as number));
  const places = [...wanted];
  let free = top;
  for (const index of order) {
    places[index] = Math.max(places[index] as number, free);
    free = (places[index] as number) + pitch;
  }
  let limit = bottom;
  for (const index of order.toReversed()) {
    places[index] = Math.min(places[index] as number, limit);
    limit = (places[index] as number) - pitch;
  }
  return places;
}

function endedOf(chart: Chart): Ended[] {
  return linesOf(chart)
    .map(({ dataset, index }) => ({ dataset, index, at: dataset.data.findLastIndex(({ y }) => y !== null) }))
    .filter(({ at }) => at >= 0);
}

function wordsOf({ endLabel, label }: Dataset): string {
  return endLabel ?? label ?? '';
}

function fontOf({ options }: Chart): string {
  return `12px "${options.font?.family}"`;
}

/** Dots in grey: a line of the implementation's own would be taken for its figures. */
function drawLeader(ctx: Chart['ctx'], from: [number, number], to: [number, number]): void {
  if (from[0] > to[0]) return;
  ctx.save();
  ctx.strokeStyle = ink.axis;
  ctx.setLineDash([1, 3]);
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
  ctx.restore();
}
