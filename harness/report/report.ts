import { join } from 'node:path';
import type { CellDetail } from '../../model/detail.js';
import type { Summary } from '../../model/summary.js';
import { chartsOf } from './charts/charts.js';
import { latencyCsv, throughputCsv } from './csv.js';
import { renderLatex } from './latex.js';
import { chartFile, removeLeftovers, tableFile } from './leftovers.js';
import { renderMarkdown } from './markdown.js';
import { readAssets } from './page/frame.js';
import { renderPage } from './page/page.js';
import { place } from './place.js';
import { type Reference, referenceTables } from './reference.js';
import { tableCsv } from './table-csv.js';
import { remarkTables } from './tables/remark-tables.js';
import { figureTables } from './tables/tables.js';

export interface ReportOptions {
  /** Published figures to show beside the measured ones, or null. */
  reference: Reference | null;
}

/**
 * Writes summary.json, throughput.csv, latency.csv, tables/, report.tex, charts/, report.html and at last report.md into a
 * directory, which is made where missing; returns the paths written. Each file appears whole or not at all. What an earlier
 * report has in tables/ and charts/ beyond that goes when all is written. No charts where `missingFont`.
 */
export async function writeReport(
  dir: string,
  summary: Summary,
  details: readonly CellDetail[],
  options: ReportOptions,
): Promise<string[]> {
  // What prints help or a plan is to start without what draws.
  const [{ Painter }, { missingFont }] = await Promise.all([import('./charts/draw.js'), import('./charts/font.js')]);
  const charts = missingFont() === null ? chartsOf(summary, details, options.reference) : [];
  const painter = new Painter();
  const page = renderPage(summary, details, options.reference, readAssets());
  const written = [
    await place(join(dir, 'summary.json'), summaryJson(summary)),
    await place(join(dir, 'throughput.csv'), throughputCsv(summary)),
    await place(join(dir, 'latency.csv'), latencyCsv(summary)),
    await place(join(dir, 'report.tex'), renderLatex(summary, options.reference)),
  ];
  const published = options.reference ? referenceTables(options.reference) : [];
  for (const table of [...figureTables(summary, 'full'), ...remarkTables(summary), ...published]) {
    written.push(await place(join(dir, 'tables', `${table.name}.csv`), tableCsv(table)));
  }
  for (const { name, config } of charts) {
    const { svg, png, pdf, columnSvg, columnPdf } = painter.draw(config);
    const file = (end: string) => join(dir, 'charts', `${name}${end}`);
    written.push(await place(file('.svg'), svg), await place(file('.png'), png));
    written.push(await place(file('.pdf'), pdf), await place(file('-column.pdf'), columnPdf));
    written.push(await place(file('-column.svg'), columnSvg));
  }
  written.push(await place(join(dir, 'report.html'), page));
  written.push(await place(join(dir, 'report.md'), renderMarkdown(summary, charts, options.reference)));
  await removeLeftovers(join(dir, 'tables'), tableFile, written);
  await removeLeftovers(join(dir, 'charts'), chartFile, written);
  return written;
}

/** The document in summary.json. */
export function summaryJson(summary: Summary): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}
