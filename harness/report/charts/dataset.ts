import type { ChartConfiguration, ChartDataset } from 'chart.js';
import { ink, type LineStyle } from './palette.js';

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

export type Dataset = ChartDataset<'line', IntervalPoint[]>;
export type Config = ChartConfiguration<'line', IntervalPoint[]>;

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
    spanGaps: false,
  };
}
