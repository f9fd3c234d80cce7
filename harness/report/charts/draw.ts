import type { ChartConfiguration } from 'chart.js';
import { ChartJSNodeCanvas } from 'chartjs-node-canvas';
import type { AnyConfig } from './dataset.js';
import { arranged, type Format, formats, heightOf, pointsPerPixel } from './format.js';
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
  /** As wide as a column of it, 84 mm, or as a telephone, without the lines below the title. */
  columnPdf: Buffer;
  columnSvg: string;
}

const pngPixelRatio = 2;
const plugins = { modern: [paper, errorBars, legendKeys, endLabels, rows, heatCells] };

/** Draws one chart after the other: SVG at its size, PNG with 2 x 2 pixels for each of its own, PDF in two widths. */
export class Painter {
  readonly #canvases = new Map<string, ChartJSNodeCanvas>();

  draw(config: AnyConfig): Drawing {
    const { screen, page, column } = formats;
    return {
      svg: this.#svg(config, screen),
      png: this.#render(config, screen, 'png', pngPixelRatio),
      pdf: this.#render(config, page, 'pdf', pointsPerPixel),
      columnPdf: this.#render(config, column, 'pdf', pointsPerPixel),
      columnSvg: this.#svg(config, column),
    };
  }

  #svg(config: AnyConfig, format: Format): string {
    return described(this.#render(config, format, 'svg', 1).toString('utf8'), config);
  }

  #render(config: AnyConfig, format: Format, type: keyof typeof mimeTypes, pixelRatio: number): Buffer {
    const height = heightOf(config, format);
    const canvas = this.#canvas(format.width, height, type);
    return canvas.renderToBufferSync(arranged(config, format, pixelRatio) as ChartConfiguration, mimeTypes[type]);
  }

  #canvas(width: number, height: number, type: keyof typeof mimeTypes): ChartJSNodeCanvas {
    const key = `${type} ${width} ${height}`;
    const found = this.#canvases.get(key);
    if (found) return found;
    const made = new ChartJSNodeCanvas({ width, height, plugins, ...(type === 'png' ? {} : { type }) });
    this.#canvases.set(key, made);
    return made;
  }
}

const mimeTypes = { svg: 'image/svg+xml', png: 'image/png', pdf: 'application/pdf' } as const;

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
