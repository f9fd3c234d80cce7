import type { Chart, LegendElement, LegendItem, Plugin } from 'chart.js';
import { drawPoint } from 'chart.js/helpers';
import type { Dataset, IntervalPoint } from './dataset.js';
import { ink } from './palette.js';

/** Half the width of an error bar's end in pixels. */
const capWidth = 4;

/** White paper: the default is transparent, which a dark viewer shows as black. */
export const paper: Plugin<'line'> = {
  id: 'paper',
  beforeDraw({ ctx, width, height }) {
    ctx.save();
    ctx.fillStyle = ink.paper;
    ctx.fillRect(0, 0, width, height);
    ctx.restore();
  },
};

/** Thin bars from `low` to `high` of every point that has an interval. */
export const errorBars: Plugin<'line'> = {
  id: 'errorBars',
  beforeDatasetDraw(chart, { index }) {
    const dataset = datasetAt(chart, index);
    const scale = chart.scales.y;
    if (!scale) return;
    const { ctx } = chart;
    ctx.save();
    ctx.strokeStyle = String(dataset.borderColor);
    ctx.lineWidth = 1.25;
    chart.getDatasetMeta(index).data.forEach(({ x }, at) => {
      const { low, high } = dataset.data[at] as IntervalPoint;
      if (low === null || high === null) return;
      const [bottom, top] = [scale.getPixelForValue(low), scale.getPixelForValue(high)];
      ctx.beginPath();
      ctx.moveTo(x, bottom);
      ctx.lineTo(x, top);
      for (const y of [bottom, top]) {
        ctx.moveTo(x - capWidth, y);
        ctx.lineTo(x + capWidth, y);
      }
      ctx.stroke();
    });
    ctx.restore();
  },
};

/** Legend keys as drawn in the chart, dashes and point: chart.js can show the one or the other. */
export const legendKeys: Plugin<'line'> = {
  id: 'legendKeys',
  beforeInit(chart) {
    const labels = chart.options.plugins?.legend?.labels;
    if (labels) labels.generateLabels = blankItems;
  },
  afterDraw(chart) {
    const legend = chart.legend as PlacedLegend | undefined;
    const boxWidth = legend?.options.labels.boxWidth ?? 0;
    legend?.legendHitBoxes.forEach(({ left, top, height }, index) => {
      drawKey(chart.ctx, datasetAt(chart, index), left, top + height / 2, boxWidth);
    });
  },
};

/** What chart.js 4 knows and its types leave out. */
type PlacedLegend = LegendElement<'line'> & {
  legendHitBoxes: { left: number; top: number; width: number; height: number }[];
};

function blankItems(chart: Chart): LegendItem[] {
  return chart.data.datasets.map(({ label }, datasetIndex) => ({
    text: label ?? '',
    datasetIndex,
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
  ctx.setLineDash([]);
  const { pointBackgroundColor: fill } = dataset;
  ctx.fillStyle = typeof fill === 'string' ? fill : String(dataset.borderColor);
  const shape = { pointStyle: dataset.pointStyle as 'circle', radius: Number(dataset.pointRadius) };
  drawPoint(ctx, { ...shape, borderWidth: Number(dataset.pointBorderWidth) }, left + width / 2, y);
  ctx.restore();
}

/** All our datasets are lines of interval points; the types of chart.js plugins cannot say so. */
function datasetAt(chart: Chart, index: number): Dataset {
  return chart.data.datasets[index] as unknown as Dataset;
}
