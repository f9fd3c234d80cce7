import { count } from '../../../common/cli/text.js';
import type { CellDetail } from '../../../model/detail.js';
import type { HostFacts } from '../../../model/host.js';
import type { CellSummary, Summary } from '../../../model/summary.js';
import { findings } from '../findings/findings.js';
import { hostLines, upTo } from '../host.js';
import { howToRead } from '../how-to-read.js';
import { type Reference, referenceTables } from '../reference.js';
import { standingOf } from '../standing.js';
import type { Table } from '../table.js';
import { remarkTables } from '../tables/remark-tables.js';
import { figureTables } from '../tables/tables.js';
import { cellAddress } from './address.js';
import { factTable } from './cell-tables.js';
import { cellViews } from './cells.js';
import { type Assets, framed } from './frame.js';
import { type Html, html } from './html.js';
import { limitsOf } from './limits.js';
import { packed } from './packing.js';
import { listHtml, tableHtml } from './tables.js';
import { viewsOf } from './views.js';

/** report.html: the answer in words and what limits it, charts to pick, tables, what went wrong, and a page a cell. */
export function renderPage(
  summary: Summary,
  details: readonly CellDetail[],
  reference: Reference | null,
  assets: Assets,
): string {
  const { scenario, runId, startedAt } = summary;
  const views = viewsOf(summary);
  const phases = `${scenario.durationNs / 1e9} s measured after ${scenario.warmupNs / 1e9} s of warm-up`;
  const intro = html`<p>Run ${runId}, started ${startedAt}, ${upTo(summary)}${count(scenario.repeats, 'repeat')}, ${phases}.</p>
${hostLines(summary).map(({ role, line }) => html`<p><strong>${role}.</strong> ${line}.</p>`)}`;
  const main = html`<div id="report">
<section><h2>The answer</h2>${listHtml(findings(summary))}</section>
<section><h2>What limits it</h2>${listHtml(limitsOf(summary))}</section>
${views.length > 0 ? charts : ''}
${section('Tables', figureTables(summary, 'full'))}
${section('What went wrong', remarkTables(summary))}
${section('Published figures, other hardware', reference ? referenceTables(reference) : [])}
${summary.cells.length > 0 ? cellsSection(summary.cells.length) : ''}
<section><h2>How to read it</h2>${listHtml(howToRead.map(coded))}</section>
${files}
</div>
<div id="cell" hidden></div>
<section><h2>${summary.clientHosts.length > 0 ? 'Hosts' : 'Host'}</h2>${hostsOf(summary).map(folded)}</section>`;
  const content = { summary, views, cells: cellViews(summary, details), cellList: cellList(summary.cells).text };
  return framed({ title: `invoker-bench: ${scenario.name}`, intro, main, content: packed(content) }, assets);
}

/** The script fills it. */
const charts = html`<section id="charts" hidden><h2>Charts</h2>
<form id="pickers"></form>
<figure id="chart"><figcaption></figcaption><div class="plot"></div></figure>
<details id="chart-table"><summary>The figures of this chart as a table</summary><div class="scroll" tabindex="0" role="group" aria-label="Figures of the chart"></div></details>
</section>
<noscript><p>Charts and the pages of cells need JavaScript; the tables below have the same figures.</p></noscript>`;

const files = html`<section><h2>Raw data</h2>
<p><button type="button" id="download" hidden>Save summary.json</button> The whole summary is in this page. Beside it, in the folder of the run:
<a href="runs.ndjson">runs.ndjson</a> (every run), <a href="host.json">host.json</a>, <a href="summary.json">summary.json</a>,
<a href="throughput.csv">throughput.csv</a>, <a href="latency.csv">latency.csv</a>, <a href="report.md">report.md</a>.</p></section>`;

/** Tables under a heading; nothing where there is none. */
export function section(title: string, tables: readonly Table[]): Html {
  return tables.length === 0 ? html`` : html`<section><h2>${title}</h2>${tables.map(tableHtml)}</section>`;
}

/** The script fills it. */
function cellsSection(cells: number): Html {
  return html`<section id="cell-list" hidden><h2>Cells</h2><p>Each has a page of its own: what was lost and where, a run over time, and the command that measures it again.</p>
<details id="cells"><summary>${count(cells, 'cell')}</summary><div class="scroll" tabindex="0" role="group" aria-label="Cells"></div></details></section>`;
}

function cellList(cells: readonly CellSummary[]): Html {
  if (cells.length === 0) return html``;
  const rows = cells.map((cell) => {
    const standing = standingOf(cell);
    const set = standing === 'figure' ? '' : html` class="bad"`;
    return html`<tr><th scope="row"><a href="${cellAddress(cell.id)}">${cell.id}</a><td${set}>${standing === 'figure' ? 'valid' : standing}<td>${cell.limit ?? ''}<td>${cell.repeats}<td>${cell.warnings.length}\n`;
  });
  const headings = ['cell', 'state', 'limit', 'runs', 'warnings'].map((heading) => html`<th scope="col">${heading}`);
  return html`<table class="text"><caption class="unseen">Cells of the run</caption><thead><tr>${headings}</thead><tbody>${rows}</tbody></table>`;
}

/** Words in backticks as code. */
function coded(sentence: string): Html {
  return html`${sentence.split('`').map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}

function folded(table: Table): Html {
  return html`<details><summary>${table.title}</summary>${tableHtml(table)}</details>`;
}

/** The facts of each host. */
function hostsOf(summary: Summary): Table[] {
  const roles = hostLines(summary).map(({ role }) => role);
  return [summary.host, ...summary.clientHosts].map((host, index) =>
    factTable(`${roles[index]}: all that is known`, factsOf(host)),
  );
}

function factsOf(host: HostFacts): [string, string][] {
  return Object.entries(host).flatMap(([name, value]): [string, string][] => {
    if (value === null || typeof value !== 'object') return [[worded(name), String(value ?? 'no limit')]];
    return Object.entries(value as Record<string, string>).map(([key, each]) => [`${worded(name)}: ${key}`, each]);
  });
}

/** `kernelCommandLine` as words. */
function worded(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => ` ${letters.toLowerCase()}`);
}
