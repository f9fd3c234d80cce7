import type { ChartConfiguration } from 'chart.js';
import { ChartJSNodeCanvas } from 'chartjs-node-canvas';
import type { Config } from './dataset.js';
import { chartSize } from './layout.js';
import { errorBars, legendKeys, paper } from './plugins.js';

/** One chart as files in memory. */
export interface Drawing {
  svg: string;
  png: Buffer;
}

const pngPixelRatio = 2;
const plugins = { modern: [paper, errorBars, legendKeys] };

/** Draws one chart after the other: SVG at its size, PNG with 2 x 2 pixels for each of its own. */
export class Painter {
  readonly #svg = new ChartJSNodeCanvas({ ...chartSize, type: 'svg', plugins });
  readonly #png = new ChartJSNodeCanvas({ ...chartSize, plugins });

  draw(config: Config): Drawing {
    const svg = this.#svg.renderToBufferSync(scaled(config, 1), 'image/svg+xml').toString('utf8');
    return {
      svg: describe(svg, config),
      png: this.#png.renderToBufferSync(scaled(config, pngPixelRatio), 'image/png'),
    };
  }
}

/** A copy, because chart.js writes into the options it is given. */
function scaled(config: Config, devicePixelRatio: number): ChartConfiguration {
  const copy = { ...config, options: { ...config.options, devicePixelRatio } };
  // The renderer's types know only the default points of chart.js.
  return copy as unknown as ChartConfiguration;
}

/** Letters in the SVG are outlines, which look the same everywhere but cannot be read out, so the words stand beside. */
function describe(svg: string, { options, data }: Config): string {
  const scales = options?.scales as Record<string, { title?: { text?: string } }> | undefined;
  const title = String(options?.plugins?.title?.text ?? '');
  const words = [
    ...[options?.plugins?.subtitle?.text ?? []].flat(),
    `Horizontal: ${scales?.x?.title?.text}.`,
    `Vertical: ${scales?.y?.title?.text}.`,
    `Lines: ${data.datasets.map(({ label }) => label).join(', ')}.`,
  ];
  const texts = `<title>${escaped(title)}</title>\n<desc>${escaped(words.join('\n'))}</desc>`;
  // The canvas counts in points, a browser in pixels: 960pt would be shown 1280 pixels wide.
  const sized = (tag: string) => tag.replace('<svg', '<svg role="img"').replace(/="(\d+)pt"/g, '="$1"');
  return svg.replace(/<svg[^>]*>/, (tag) => `${sized(tag)}\n${texts}`);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
