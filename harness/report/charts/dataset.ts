import type { ChartConfiguration, ChartDataset } from 'chart.js';
import { ink, type LineStyle, partShades } from './palette.js';

/** A point in the chart's units; y is null where there is no figure to quote, which breaks the line. */
export interface IntervalPoint {
  x: number | string;
  y: number | null;
  /** Ends of the interval; null where there is none. */
  low: number | null;
  high: number | null;
  /** `bound`: the figure is a lower bound and its point hollow. */
  mark: 'plain' | 'bound';
}

/** `endLabel`: words at the end of the line; without them its label stands there. */
export type Dataset = ChartDataset<'line', IntervalPoint[]> & { endLabel?: string };
export type Config = ChartConfiguration<'line', IntervalPoint[]>;

export type BarDataset = ChartDataset<'bar', number[]>;
export type BarConfig = ChartConfiguration<'bar', number[], string>;

/** A field of a matrix, at two named places. */
export interface HeatPoint {
  x: string;
  y: string;
  /** 0..1 of the colours; null where there is no figure. */
  share: number | null;
  text: string;
}

export type HeatConfig = ChartConfiguration<'line', HeatPoint[]>;

/** Whatever a chart may be. */
export type AnyConfig = Config | BarConfig | HeatConfig;

/** A point without an interval; a line without a figure breaks there. */
export function plainPoint(x: number | string, y: number | null): IntervalPoint {
  return { x, y, low: null, high: null, mark: 'plain' };
}

/** A line through measured points. */
export function measuredDataset(label: string, style: LineStyle, data: IntervalPoint[]): Dataset {
  return {
    ...strokes(label, style, data),
    borderWidth: 2.25,
    pointRadius: 5,
    pointBorderWidth: 1.75,
    pointBackgroundColor: data.map(({ mark }) => (mark === 'bound' ? ink.paper : style.colour)),
    order: 0,
  };
}

/** A part of horizontal bars, a value a row. */
export function barDataset(label: string, colour: string, data: number[]): BarDataset {
  const edge = { borderColor: ink.paper, borderWidth: 0.75, borderSkipped: false } as const;
  return {
    label,
    data,
    backgroundColor: colour,
    ...edge,
    categoryPercentage: 0.8,
    barPercentage: 0.85,
    maxBarThickness: 34,
  };
}

/** A faint line through published points, below the measured ones. */
export function referenceDataset(label: string, style: LineStyle, data: IntervalPoint[]): Dataset {
  // A point without a line to its neighbours would hide behind a measured one, so it becomes a ring around it.
  const alone = data.length === 1;
  return {
    ...strokes(label, style, data),
    borderWidth: 1.25,
    pointRadius: alone ? 9 : 3.5,
    pointBorderWidth: 1,
    pointBackgroundColor: alone ? 'transparent' : ink.paper,
    order: 1,
  };
}

/** Steps of one of several panels above each other, filled down to zero. */
export function panelDataset(label: string, panel: number, data: IntervalPoint[]): Dataset {
  const steps = { stepped: 'after', fill: 'origin', pointRadius: 0, borderWidth: 1, spanGaps: false } as const;
  return { label, data, yAxisID: `y${panel}`, borderColor: partShades[0], backgroundColor: partShades[2], ...steps };
}

/** The datasets hold at least one point to draw. */
export function isDrawable({ data }: Dataset): boolean {
  return data.some(({ y }) => y !== null);
}

function strokes(label: string, style: LineStyle, data: IntervalPoint[]) {
  return {
    label,
    data,
    borderColor: style.colour,
    borderDash: style.dash,
    pointBorderColor: style.colour,
    pointStyle: style.point,
    pointRotation: style.rotation,
    spanGaps: false,
  };
}
