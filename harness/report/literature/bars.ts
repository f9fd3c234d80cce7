import type { ChartDataset, LegendItem, Plugin } from 'chart.js';
import type { AnyConfig, IntervalPoint } from '../charts/dataset.js';
import { chartOptions, namedAxis, zeroAxis } from '../charts/layout.js';
import { ink, type LineStyle } from '../charts/palette.js';

/** A point of upright bars: `x` names its place. */
type BarPoint = Omit<IntervalPoint, 'x' | 'mark'> & { x: string };
type Bars = ChartDataset<'bar', BarPoint[]>;

/** Bars of one kind in a panel. */
export interface BarSeries {
  label: string;
  style: LineStyle;
  /** `faint`: published figures beside measured ones, which share one key. */
  kind: 'full' | 'faint';
  points: IntervalPoint[];
}

/** A panel of upright bars. */
export interface BarPanel {
  /** Of the vertical axis. */
  title: string;
  series: BarSeries[];
}

const keySide = 16;
const edge = 1.5;
const capWidth = 4;

/** Panels of upright bars, one below the other, over the same named places; `faintLabel` is the key of all faint ones. */
export function barPanels(
  title: string,
  subtitle: string[],
  axis: string,
  labels: string[],
  panels: readonly BarPanel[],
  faintLabel: string,
): AnyConfig {
  const idOf = (index: number) => (index === 0 ? 'y' : `y${index + 1}`);
  const datasets = panels.flatMap(({ series }, index) =>
    series.filter(({ points }) => points.some(({ y }) => y !== null)).map((one) => barsOf(one, labels, idOf(index))),
  );
  const values = datasets.flatMap(({ data }) => data.map(({ y, high }) => Math.ceil(high ?? y ?? 0)));
  const digits = String(Math.max(0, ...values)).length;
  // Chart.js leaves too little room where the axes of a stack are not equally wide.
  const equal = { afterFit: (scale: { width: number }) => Object.assign(scale, { width: 44 + 8 * digits }) };
  const yAxes = panels.map(({ title, series }, index): [string, object] => {
    const most = Math.max(0, ...series.flatMap(({ points }) => points.map(({ high }) => high ?? 0)));
    return [idOf(index), { ...zeroAxis(title, most), ...inStack, ...equal, stacked: false, stackWeight: 10 }];
  });
  // The first of a stack is at the bottom.
  const stack = yAxes
    .toReversed()
    .flatMap((one, index) => (index === 0 ? [one] : [['yGap', { ...gap, ...equal }] as const, one]));
  const x = namedAxis(axis, labels);
  const { plugins, ...options } = chartOptions(title, subtitle, x, zeroAxis('', 0));
  const [{ series: keyed }] = panels as [BarPanel];
  const keys = { ...plugins?.legend?.labels, boxWidth: keySide, generateLabels: () => keysOf(keyed, faintLabel) };
  const config = {
    type: 'bar',
    data: { labels, datasets },
    options: {
      ...options,
      plugins: { ...plugins, legend: { ...plugins?.legend, labels: keys } },
      scales: { x, ...Object.fromEntries(stack) },
    },
    plugins: [ranges],
  };
  // Options of lines and bars alike, and painters look at the points of lines only.
  return config as unknown as AnyConfig;
}

const inStack = { position: 'left', stack: 'panels' } as const;
const hidden = { display: false } as const;
/** Room between panels. */
const gap = { type: 'linear', ...inStack, stackWeight: 2, ticks: hidden, grid: hidden, border: hidden } as const;

/** A lower bound is hollow, a published figure grey with an edge in the colour of the measured one. */
function barsOf({ label, style, kind, points }: BarSeries, labels: readonly string[], axis: string): Bars {
  const placed = points.filter(({ x }) => labels.includes(String(x)));
  const fillOf = ({ mark }: IntervalPoint) => (mark === 'bound' ? ink.paper : style.colour);
  return {
    ...{ label, yAxisID: axis, borderColor: style.colour },
    data: placed.map(({ x, y, low, high }) => ({ x: String(x), y, low, high })) as BarPoint[],
    // Bars of one stack have one place, each in its panel.
    stack: label,
    borderWidth: placed.map(({ mark }) => (kind === 'faint' || mark === 'bound' ? edge : 0)),
    backgroundColor: kind === 'faint' ? ink.grid : placed.map(fillOf),
  };
}

/** One for what has a colour of its own, and one for all that is faint. */
function keysOf(series: readonly BarSeries[], faintLabel: string): LegendItem[] {
  const full = series.filter(({ kind }) => kind === 'full');
  const keys = full.map(({ label, style: { colour } }) => ({ text: label, fillStyle: colour, strokeStyle: colour }));
  const faint = full.length < series.length ? [{ text: faintLabel, fillStyle: ink.grid, strokeStyle: ink.text }] : [];
  return [...keys, ...faint].map((key) => ({ ...key, lineWidth: edge, fontColor: ink.text }));
}

/** Thin bars from `low` to `high` of every bar that has an interval. */
const ranges: Plugin = {
  id: 'ranges',
  afterDatasetsDraw(chart) {
    const { ctx } = chart;
    ctx.save();
    ctx.strokeStyle = ink.text;
    ctx.lineWidth = 1.25;
    ctx.beginPath();
    chart.data.datasets.forEach(({ data }, index) => {
      const meta = chart.getDatasetMeta(index);
      (data as unknown as BarPoint[]).forEach(({ low, high }, at) => {
        const [x, scale] = [meta.data[at]?.x, meta.yScale];
        if (low === null || high === null || x === undefined || !scale) return;
        const ends = [low, high].map((value) => scale.getPixelForValue(value)) as [number, number];
        ctx.moveTo(x, ends[0]);
        ctx.lineTo(x, ends[1]);
        for (const y of ends) {
          ctx.moveTo(x - capWidth, y);
          ctx.lineTo(x + capWidth, y);
        }
      });
    });
    ctx.stroke();
    ctx.restore();
  },
};
