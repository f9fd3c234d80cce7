import type { ChartOptions } from 'chart.js';
import { wrap } from '../../../common/cli/text.js';
import { ink } from './palette.js';

/** Width and height of every chart in CSS pixels. */
export const chartSize = { width: 960, height: 600 } as const;

const family = 'DejaVu Sans';
const subtitleSize = 11.5;
/** DejaVu Sans needs on average 0.58 of its size a character. */
const subtitleCharacters = Math.floor((chartSize.width - 50) / (subtitleSize * 0.58));

type Scales = NonNullable<ChartOptions<'line'>['scales']>;
type Scale = NonNullable<Scales[string]>;

/** Options of every chart: title, subtitle lines, the two axes, and a legend below. */
export function chartOptions(title: string, subtitle: string[], x: Scale, y: Scale): ChartOptions<'line'> {
  return {
    responsive: false,
    animation: false,
    font: { family, size: 13 },
    color: ink.text,
    layout: { padding: { top: 10, right: 24, bottom: 8, left: 10 } },
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
        text: subtitle.flatMap((line) => wrap(line, subtitleCharacters)),
        align: 'start',
        color: ink.faint,
        font: { size: subtitleSize },
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
      includeBounds: false,
      callback: (value) => String(value),
    },
    ...frame('Frame size in bytes (Ethernet frame without FCS)'),
  };
}

/** Linear axis from zero to `most` or what is drawn: a bar or line that starts elsewhere exaggerates differences. */
export function zeroAxis(title: string, most: number): Scale {
  return {
    type: 'linear',
    beginAtZero: true,
    suggestedMax: most,
    grace: '4%',
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
    ticks: { ...tickStyle, autoSkip: false, callback: (value) => String(value) },
    ...frame(title),
  };
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
    title: { display: true, text: title, color: ink.text, font: { size: 13 }, padding: 8 },
    grid: { color: ink.grid, tickColor: ink.axis, tickLength: 6 },
    border: { color: ink.axis },
  };
}
