import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Summary } from '../model.js';
import { chartsOf } from './charts.js';
import { latencyCsv, throughputCsv } from './csv.js';
import { Painter } from './draw.js';
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

/** Writes beside the target and renames, so that a reader or a killed run never leaves half a file. */
async function place(path: string, content: string | Buffer): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return path;
}
