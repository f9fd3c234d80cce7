import { Canvas, createCanvas } from 'canvas';
import { Chart, type ChartItem, registerables } from 'chart.js';
import type { AnyConfig } from './dataset.js';
import { arranged, type Format, formats, heightOf, pointsPerPixel } from './format.js';
import { crossings } from './plugins/crossings.js';
import { endLabels } from './plugins/end-labels.js';
import { errorBars } from './plugins/error-bars.js';
import { heatCells } from './plugins/heat-cells.js';
import { legendKeys } from './plugins/legend-keys.js';
import { paper } from './plugins/paper.js';
import { rows } from './plugins/rows.js';

/** One chart as files in memory. */
export interface Drawing {
  svg: string;
  png: Buffer;
  /** As wide as a printed page has room, 170 mm. */
  pdf: Buffer;
  /** As wide as a column of it, 84 mm, without the lines below the title. */
  columnPdf: Buffer;
}

Chart.register(...registerables, paper, errorBars, legendKeys, endLabels, rows, heatCells, crossings);

/** Draws a chart: SVG at its size, PNG with 2 x 2 pixels for each of its own, PDF in two widths. */
export function draw(config: AnyConfig): Drawing {
  const { screen, page, column } = formats;
  return {
    svg: described(drawn(config, screen, 'svg').toString('utf8'), config),
    png: drawn(config, screen, 'png'),
    pdf: drawn(config, page, 'pdf'),
    columnPdf: drawn(config, column, 'pdf'),
  };
}

const pixelRatios = { svg: 1, png: 2, pdf: pointsPerPixel } as const;

function drawn(config: AnyConfig, format: Format, type: keyof typeof pixelRatios): Buffer {
  const canvas = createCanvas(format.width, heightOf(config, format), type === 'png' ? undefined : type);
  // An opaque PNG has a quarter less to compress. Letters as outlines would be most of a PDF, and could not be searched.
  const context = canvas.getContext('2d', { alpha: type !== 'png' });
  if (type === 'pdf') context.textDrawingMode = 'glyph';
  // The types ask for an element of a page; what is drawn on needs no page.
  const chart = new Chart(canvas as unknown as ChartItem, arranged(config, format, pixelRatios[type]));
  // Of lines on plain paper any filter makes more bytes, in twice the time.
  const file = type === 'png' ? canvas.toBuffer('image/png', { filters: Canvas.PNG_FILTER_NONE }) : canvas.toBuffer();
  chart.destroy();
  return file;
}

/** Letters in the SVG are outlines, which look the same everywhere but cannot be read out, so the words stand beside. */
function described(svg: string, config: AnyConfig): string {
  const { title, subtitle } = config.options?.plugins ?? {};
  const words = [...[subtitle?.text ?? []].flat(), ...contentsOf(config)];
  const texts = `<title>${escaped([title?.text ?? ''].flat().join(' '))}</title>\n<desc>${escaped(words.join('\n'))}</desc>`;
  // The canvas counts in points, a browser in pixels: 960pt would be shown 1280 pixels wide.
  const sized = (tag: string) => tag.replace('<svg', '<svg role="img"').replace(/="(\d+)pt"/g, '="$1"');
  return svg.replace(/<svg[^>]*>/, (tag) => `${sized(tag)}\n${texts}`);
}

/** What is drawn, in words: axes, rows, and lines or the parts of bars. */
function contentsOf({ type, options, data }: AnyConfig): string[] {
  const scales = options?.scales as Record<string, { title?: { text?: string }; labels?: string[] }> | undefined;
  const { x, y } = scales ?? {};
  const hasRows = options?.indexAxis === 'y';
  const rowNames = hasRows ? data.labels : y?.labels;
  const ends = options?.plugins?.rows?.ends ?? [];
  const named = (rowNames ?? []).map((name, index) => (ends[index] ? `${name} (${ends[index]})` : String(name)));
  // Of panels each has the same.
  const labels = [...new Set(data.datasets.map(({ label }) => label))].join(', ');
  return [
    ...(x?.title?.text ? [`Horizontal: ${x.title.text}.`] : []),
    ...(y?.title?.text ? [`Vertical: ${y.title.text}.`] : []),
    ...(named.length > 0 ? [`Rows: ${named.join(', ')}.`] : []),
    ...(labels === '' ? [] : [`${hasRows ? 'Parts' : type === 'bar' ? 'Bars' : 'Lines'}: ${labels}.`]),
  ];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
