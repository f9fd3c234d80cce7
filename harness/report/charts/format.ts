import type { Chart, ChartConfiguration } from 'chart.js';
import { wrap } from '../../../common/cli/text.js';
import type { AnyConfig, Dataset } from './dataset.js';
import { axisLetters, smallestLetters } from './layout.js';
import { endLabelsWidth, labelPitch } from './plugins/end-labels.js';
import { rowEndsWidth } from './plugins/rows.js';

/** What a picture is made for. Widths and heights are pixels that letters and lines are told in. */
export interface Format {
  width: number;
  height: number;
  /** Of the title. */
  letters: number;
  /** Width of a key in the legend. */
  key: number;
  /** Conditions and machine above the chart, and what stands in brackets beside an axis: a caption tells them where there is no room. */
  subtitle: 'show' | 'hide';
  /** Of points and lines, to their size on a screen. */
  marks: number;
}

/** No letters in print are smaller than this, in points. */
const smallestInPrint = 7;
/** Points that a pixel is in print. */
export const pointsPerPixel = smallestInPrint / smallestLetters;

const inPrint = (mm: number) => Math.floor((mm * 72) / 25.4 / pointsPerPixel);

/** For a screen, for the width of a printed page, and for a column of one. */
export const formats = {
  screen: { width: 960, height: 600, letters: 17, key: 44, subtitle: 'show', marks: 1 },
  page: { width: inPrint(170), height: 490, letters: 15, key: 40, subtitle: 'show', marks: 1 },
  column: { width: inPrint(84), height: 310, letters: 12, key: 34, subtitle: 'hide', marks: 0.7 },
} as const satisfies Record<string, Format>;

/** DejaVu Sans needs on average so much of its size a character, and more where it is bold. */
const perCharacter = 0.58;
const perBoldCharacter = 0.68;
/** Least height of a row and of a panel, and what stands above and below all of them. */
const rowHeight = 22;
const panelHeight = 100;
const aroundRows = 200;
/** Height of a line of the legend. */
const legendLine = 27;

/** Height of the chart in a format: many rows, panels or lines of the legend need more of it. */
export function heightOf(config: AnyConfig, format: Format): number {
  const panels = Object.keys(scalesOf(config)).filter((id) => /^y\d/.test(id)).length;
  const height = Math.max(format.height, aroundRows + rowHeight * rowsOf(config) + panelHeight * panels);
  const lines = hasLegend(config, format) ? legendLines(config, format) : 0;
  return height + legendLine * Math.max(0, lines - 1);
}

/** A copy of a chart for a format: words wrapped, lines named at their ends where there is room, else in the legend. */
export function arranged(config: AnyConfig, format: Format, devicePixelRatio: number): ChartConfiguration {
  const { options } = config;
  const { title, subtitle, legend, ...plugins } = options?.plugins ?? {};
  const hasKeys = hasLegend(config, format);
  const hasNames = !hasKeys && legend?.display === undefined;
  const words = (text: unknown, size: number, width: number) =>
    [text].flat().flatMap((line) => wrap(String(line ?? ''), Math.floor((format.width - 40) / (size * width))));
  const copy = {
    ...config,
    data: { ...config.data, datasets: config.data.datasets.map((dataset) => sized(dataset as Dataset, format)) },
    options: {
      ...options,
      devicePixelRatio,
      plugins: {
        ...plugins,
        title: {
          ...title,
          text: words(title?.text, format.letters, perBoldCharacter),
          font: { size: format.letters },
          padding: { bottom: format.subtitle === 'hide' ? 10 : 4 },
        },
        subtitle: {
          ...subtitle,
          display: format.subtitle === 'show',
          text: words(subtitle?.text, smallestLetters, perCharacter),
        },
        legend: {
          ...legend,
          display: hasKeys,
          labels: { ...legend?.labels, boxWidth: format.key },
        },
      },
      scales: {
        ...wrappedScales(config, format),
        ...(hasNames ? { ends: roomRight(endLabelsWidth) } : {}),
        ...(config.type === 'bar' ? { ends: roomRight(rowEndsWidth) } : {}),
      },
    },
  };
  // The renderer's types know only the default points of chart.js.
  return copy as unknown as ChartConfiguration;
}

/** A line with its points, as large as the format has room for; what has no line is left as it is. */
function sized(dataset: Dataset, { marks }: Format): Dataset {
  const { pointRadius, borderWidth } = dataset;
  if (pointRadius === undefined || borderWidth === undefined) return dataset;
  const radii = Array.isArray(pointRadius) ? pointRadius.map((each) => each * marks) : Number(pointRadius) * marks;
  return { ...dataset, pointRadius: radii, borderWidth: Number(borderWidth) * marks };
}

/** Whether lines or parts are named below the chart: at their ends the names must leave the lines most of the picture. */
function hasLegend(config: AnyConfig, { width, height }: Format): boolean {
  const display = config.options?.plugins?.legend?.display;
  if (display !== undefined) return display;
  if (config.type !== 'line') return true;
  const names = (config.data.datasets as Dataset[]).map(({ endLabel, label }) => (endLabel ?? label ?? '').length);
  const widest = Math.max(0, ...names) * 12 * perCharacter;
  return widest > width * 0.3 || names.length * labelPitch > height * 0.6;
}

/** Lines that the legend is broken into. */
function legendLines({ data }: AnyConfig, { width, key }: Format): number {
  let [lines, free] = [1, width - 40];
  for (const { label } of data.datasets) {
    const needed = key + 24 + (label ?? '').length * axisLetters * perCharacter;
    if (needed > free) [lines, free] = [lines + 1, width - 40];
    free -= needed;
  }
  return lines;
}

/** Room right of the plot for what a plugin writes there: an axis without a line, because titles may use that room. */
function roomRight(widthOf: (chart: Chart) => number) {
  return {
    ...{ type: 'linear', axis: 'y', position: 'right', weight: 1 },
    ...{ grid: { display: false }, border: { display: false }, ticks: { display: false } },
    afterFit: (scale: { chart: Chart; width: number }) => {
      scale.width = widthOf(scale.chart);
    },
  };
}

interface ScaleWords {
  type?: string;
  labels?: string[];
  title?: { text?: string };
}

function scalesOf({ options }: AnyConfig): Record<string, ScaleWords> {
  return (options?.scales ?? {}) as Record<string, ScaleWords>;
}

function wrappedScales(config: AnyConfig, { width, height, subtitle }: Format): Record<string, ScaleWords> {
  return Object.fromEntries(
    Object.entries(scalesOf(config)).map(([id, scale]) => {
      const room = id === 'x' ? width * 0.6 : height * 0.55;
      const words = scale.title?.text ?? '';
      const shown = subtitle === 'hide' ? words.replace(/ \(.*\)$/, '') : words;
      const text = wrap(shown, Math.floor(room / (axisLetters * perCharacter)));
      return [id, scale.title ? { ...scale, title: { ...scale.title, text } } : scale];
    }),
  ) as Record<string, ScaleWords>;
}

function rowsOf(config: AnyConfig): number {
  if (config.options?.indexAxis === 'y') return config.data.labels?.length ?? 0;
  const { y } = scalesOf(config);
  return y?.type === 'category' ? (y.labels?.length ?? 0) : 0;
}
