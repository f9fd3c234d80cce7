import type { ChartOptions } from 'chart.js';
import { ink } from './palette.js';
import { markerRoom, type RowsOptions, rowLabelsWidth } from './plugins/rows.js';

export const family = 'DejaVu Sans';
/** Of the smallest letters, in pixels. */
export const smallestLetters = 11.5;
/** Of the titles of axes. */
export const axisLetters = 13;

type Scales = NonNullable<ChartOptions<'line'>['scales']>;
type Scale = NonNullable<Scales[string]>;

/** Options of every chart: title, subtitle lines, the two axes, and a legend below where the lines are not named. */
export function chartOptions(title: string, subtitle: string[], x: Scale, y: Scale): ChartOptions<'line'> {
  return {
    responsive: false,
    animation: false,
    font: { family, size: 13 },
    color: ink.text,
    layout: { padding: { top: 10, right: 12, bottom: 8, left: 10 } },
    plugins: {
      title: {
        display: true,
        text: title,
        align: 'start',
        color: ink.text,
        font: { size: 17 },
        padding: { bottom: 4 },
      },
      subtitle: {
        display: true,
        text: subtitle,
        align: 'start',
        color: ink.faint,
        font: { size: smallestLetters },
        padding: { bottom: 16 },
      },
      legend: { position: 'bottom', align: 'center', labels: { boxWidth: 44, boxHeight: 12, padding: 14 } },
      tooltip: { enabled: false },
    },
    scales: { x, y },
  };
}

/** Axis of frame sizes in bytes with a tick at each size; a single size stands in the middle. */
export function sizeAxis(sizes: readonly number[]): Scale {
  const least = Math.min(...sizes);
  const most = Math.max(...sizes);
  const margin = least === most ? least / 2 : (most - least) * 0.04;
  return {
    type: 'linear',
    min: least - margin,
    max: most + margin,
    afterBuildTicks: (scale) => {
      scale.ticks = sizes.map((value) => ({ value }));
    },
    ticks: {
      ...tickStyle,
      autoSkip: true,
      autoSkipPadding: 8,
      maxRotation: 0,
      includeBounds: false,
      callback: (value) => String(value),
    },
    ...frame('Frame size in bytes (Ethernet frame without FCS)'),
  };
}

/** Logarithmic axis of amounts of work in µs, ascending, with a tick at each; none at all stands apart at its left end. */
export function workAxis(amounts: readonly number[]): Scale {
  const places = new Map(amounts.map((us) => [workPlace(us, amounts), String(us)]));
  const [first, second = first] = [...places.keys()] as [number, ...number[]];
  const last = [...places.keys()].at(-1) as number;
  const gap = amounts[0] === 0 ? Math.sqrt(first * second) : null;
  if (gap !== null) places.set(gap, '//');
  const { grid, ...look } = frame('Work behind the function in µs (logarithmic, 0 set apart)');
  return {
    type: 'logarithmic',
    min: first / 1.15,
    max: last * 1.15,
    afterBuildTicks: (scale) => {
      scale.ticks = [...places.keys()].map((value) => ({ value }));
    },
    ticks: {
      ...tickStyle,
      autoSkip: true,
      autoSkipPadding: 4,
      maxRotation: 0,
      includeBounds: false,
      callback: (value) => places.get(Number(value)) ?? '',
    },
    ...look,
    grid: {
      ...grid,
      color: ({ tick }: { tick?: { value: number } }) => (tick?.value === gap ? ink.paper : ink.grid),
      tickColor: ink.axis,
    },
  };
}

/** Where an amount of work stands on such an axis: below the least beside 0 there is no logarithm. */
export function workPlace(us: number, amounts: readonly number[]): number {
  const least = Math.min(...amounts.filter((amount) => amount > 0));
  return us >= least ? us : least * apart ** (us / least - 1);
}

/** The first amount is so many times as far right as 0. */
const apart = 4;

/** Linear axis from zero to `most` or what is drawn: a bar or line that starts elsewhere exaggerates differences. */
export function zeroAxis(title: string, most: number): Scale {
  return {
    type: 'linear',
    beginAtZero: true,
    suggestedMax: most,
    grace: '4%',
    ticks: { ...tickStyle, maxRotation: 0, callback: (value) => String(value) },
    ...frame(title),
  };
}

/** Axis of threads with a tick at each number that was measured. */
export function threadAxis(threads: readonly number[]): Scale {
  return {
    type: 'linear',
    min: Math.min(...threads) - 0.2,
    max: Math.max(...threads) + 0.2,
    afterBuildTicks: (scale) => {
      scale.ticks = threads.map((value) => ({ value }));
    },
    ticks: { ...tickStyle, autoSkip: true, includeBounds: false, callback: (value) => String(value) },
    ...frame('Invoker threads'),
  };
}

/** Axis from zero to `most` exactly: of time, or of pieces of it. */
export function courseAxis(title: string, most: number): Scale {
  return {
    type: 'linear',
    min: 0,
    max: most,
    ticks: { ...tickStyle, maxRotation: 0, includeBounds: false, callback: (value) => String(value) },
    ...frame(title),
  };
}

/** How an axis of named stretches looks: lines that divide the plot, or marks below it. */
export function stretchStyle(look: 'divides' | 'names', title: string) {
  const { title: words, grid, border } = frame(title);
  return { title: { ...words, display: title !== '' }, border, grid: { ...grid, drawOnChartArea: look === 'divides' } };
}

/** Vertical axis of a panel among several above each other; of `percent` it holds at least 1 %, so that noise stays small. */
export function panelAxis(title: string, unit: 'percent' | 'any'): Scale {
  return {
    type: 'linear',
    stack: 'panels',
    offset: true,
    beginAtZero: true,
    ...(unit === 'percent' ? { suggestedMax: 1 } : {}),
    ticks: { ...tickStyle, maxTicksLimit: 4, callback: (value) => String(value) },
    ...frame(title),
  };
}

/** Axis of percent of a whole. */
export function shareAxis(title: string): Scale {
  return {
    type: 'linear',
    min: 0,
    max: 100,
    ticks: { ...tickStyle, callback: (value) => String(value) },
    ...frame(title),
  };
}

/** Logarithmic axis around the values with ticks at 1, 2 and 5 of each power of ten. */
export function logarithmicAxis(title: string, values: readonly number[]): Scale {
  const ticks = logarithmicTicks(Math.min(...values), Math.max(...values));
  return {
    type: 'logarithmic',
    min: ticks.at(0) as number,
    max: ticks.at(-1) as number,
    afterBuildTicks: (scale) => {
      scale.ticks = ticks.map((value) => ({ value }));
    },
    ticks: { ...tickStyle, autoSkip: true, autoSkipPadding: 5, maxRotation: 0, callback: (value) => String(value) },
    ...frame(title),
  };
}

/** Logarithmic axis of percentiles: `x` is 1 in so many, 100 at the 99th. */
export function percentileAxis(mostTimes: number): Scale {
  const ticks = percentileTicks.filter(([times]) => times <= Math.max(10, mostTimes));
  return {
    type: 'logarithmic',
    min: 1,
    max: Math.max(10, mostTimes),
    afterBuildTicks: (scale) => {
      scale.ticks = ticks.map(([value]) => ({ value }));
    },
    ticks: {
      ...tickStyle,
      autoSkip: false,
      callback: (value) => ticks.find(([times]) => times === value)?.[1] ?? '',
    },
    ...frame('Percentile of round trips'),
  };
}

/** 1 in so many round trips is longer, and what that is called. */
const percentileTicks: readonly [number, string][] = [
  [2, '50'],
  [10, '90'],
  [100, '99'],
  [1000, '99.9'],
  [10_000, '99.99'],
  [100_000, '99.999'],
  [1_000_000, '99.9999'],
];

/** Options of horizontal bars, whose parts are stacked; `labels` name the rows. */
export function barOptions(title: string, subtitle: string[], x: Scale, rows: RowsOptions): ChartOptions<'bar'> {
  const y: Scale = {
    type: 'category',
    ticks: { ...tickStyle, padding: markerRoom, autoSkip: false },
    grid: { display: false },
    border: { color: ink.axis },
    stacked: true,
    // The layout would give it a quarter of the width at most.
    afterFit: (scale) => {
      scale.width = rowLabelsWidth(scale.chart);
    },
  };
  const base = chartOptions(title, subtitle, { ...x, stacked: true } as Scale, y);
  // The types of lines and bars differ only in what neither sets.
  const options = { ...base, indexAxis: 'y', plugins: { ...base.plugins, rows } };
  return options as unknown as ChartOptions<'bar'>;
}

/** Rows of a matrix, from the top. */
export function rowAxis(labels: readonly string[]): Scale {
  const bare = { grid: { display: false }, border: { display: false } };
  return { type: 'category', labels: [...labels], offset: true, ticks: { ...tickStyle, autoSkip: false }, ...bare };
}

/** Axis of named places, each in the middle of its share of the width. */
export function namedAxis(title: string, labels: readonly string[]): Scale {
  return { type: 'category', labels: [...labels], offset: true, ticks: tickStyle, ...frame(title) };
}

/** 1, 2 and 5 of each power of ten from the last at or below `least` to the first at or above `most`. */
export function logarithmicTicks(least: number, most: number): number[] {
  const first = Math.floor(Math.log10(least));
  const last = Math.floor(Math.log10(most)) + 1;
  const steps = Array.from({ length: last - first + 1 }, (_, index) => first + index)
    // From text, so that 2e-1 is 0.2 and not 0.2 with a rounding error.
    .flatMap((exponent) => [1, 2, 5].map((digit) => Number(`${digit}e${exponent}`)));
  const from = steps.findLastIndex((step) => step <= least);
  const to = steps.findIndex((step) => step >= most);
  return steps.slice(from, from === to ? to + 2 : to + 1);
}

const tickStyle = { color: ink.text, font: { size: 12 }, padding: 6 };

function frame(title: string) {
  return {
    title: { display: true, text: title, color: ink.text, font: { size: axisLetters }, padding: 8 },
    grid: { color: ink.grid, tickColor: ink.axis, tickLength: 6 },
    border: { color: ink.axis },
  };
}
