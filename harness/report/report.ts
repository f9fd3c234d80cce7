import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../common/cli/replace-file.js';
import type { Summary } from '../../model/summary.js';
import { chartsOf } from './charts/charts.js';
import { latencyCsv, throughputCsv } from './csv.js';
import { renderMarkdown } from './markdown.js';
import type { Reference } from './reference.js';

export interface ReportOptions {
  /** Published figures to show beside the measured ones, or null. */
  reference: Reference | null;
}

/**
 * Writes summary.json, throughput.csv, latency.csv, charts/*.svg, charts/*.png and at last report.md into a directory,
 * which is made where missing; returns the paths written. Each file appears whole or not at all.
 */
export async function writeReport(dir: string, summary: Summary, options: ReportOptions): Promise<string[]> {
  const charts = chartsOf(summary, options.reference);
  // What prints help or a plan is to start without what draws.
  const { Painter } = await import('./charts/draw.js');
  const painter = new Painter();
  const written = [
    await place(join(dir, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`),
    await place(join(dir, 'throughput.csv'), throughputCsv(summary)),
    await place(join(dir, 'latency.csv'), latencyCsv(summary)),
  ];
  for (const { name, config } of charts) {
    const { svg, png } = painter.draw(config);
    written.push(await place(join(dir, 'charts', `${name}.svg`), svg));
    written.push(await place(join(dir, 'charts', `${name}.png`), png));
  }
  written.push(await place(join(dir, 'report.md'), renderMarkdown(summary, charts, options.reference)));
  return written;
}

async function place(path: string, content: string | Buffer): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, content);
  return path;
}
