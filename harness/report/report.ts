import { join } from 'node:path';
import type { CellDetail } from '../../model/detail.js';
import type { Summary } from '../../model/summary.js';
import { chartsOf } from './charts/charts.js';
import { chartFault } from './charts/fault.js';
import type { Chart } from './charts/parts.js';
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
 * report has in tables/ and charts/ beyond that goes when all is written. No charts where `chartFault` has a reason.
 */
export async function writeReport(
  dir: string,
  summary: Summary,
  details: readonly CellDetail[],
  options: ReportOptions,
): Promise<string[]> {
  const charts = (await chartFault()) === null ? chartsOf(summary, details, options.reference) : [];
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
  if (charts.length > 0) written.push(...(await writeCharts(join(dir, 'charts'), charts)));
  written.push(await place(join(dir, 'report.html'), page));
  written.push(await place(join(dir, 'report.md'), renderMarkdown(summary, charts, options.reference)));
  await removeLeftovers(join(dir, 'tables'), tableFile, written);
  await removeLeftovers(join(dir, 'charts'), chartFile, written);
  return written;
}

async function writeCharts(dir: string, charts: readonly Chart[]): Promise<string[]> {
  // What prints help or a plan, or has no charts, is to start without what draws.
  const { draw } = await import('./charts/draw.js');
  const written: string[] = [];
  for (const { name, config } of charts) {
    const { svg, png, pdf, columnPdf } = draw(config);
    const file = (end: string) => join(dir, `${name}${end}`);
    written.push(await place(file('.svg'), svg), await place(file('.png'), png));
    written.push(await place(file('.pdf'), pdf), await place(file('-column.pdf'), columnPdf));
  }
  return written;
}

/** The document in summary.json. */
export function summaryJson(summary: Summary): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}
