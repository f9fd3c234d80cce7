import { count } from '../../common/cli/text.js';
import type { Summary } from '../../model/summary.js';
import { findings } from './findings/findings.js';
import { hostLines, mergedLine, upTo } from './host.js';
import { type Reference, referenceTables } from './reference.js';
import { type Table, type TableCell, unbroken } from './table.js';
import { remarkTables } from './tables/remark-tables.js';
import { figureTables } from './tables/tables.js';

/** A chart to show: its file name without directory and extension, and its title. */
export interface ChartLink {
  name: string;
  title: string;
}

const howToRead = [
  '- Throughput counts replies that came back to the client. Frame size is the Ethernet frame without FCS: 42 bytes of' +
    ' headers and the payload. Mbit/s = replies/s x bytes of the frame that holds the reply x 8 / 10^6.',
  '- `saturate` raises the offered load until the reply rate stops growing: the answer is that peak.',
  '- `capacity` searches the highest load without loss (NDR) and with at most 0.5 % (PDR).',
  '- `latency-under-load` measures round trips at 10, 50 and 90 % of the PDR and at 10,000 requests a second.',
  '- `rate=N` offers N requests a second, whatever comes back; `closed=N` keeps N connections with one request outstanding' +
    ' each. The answer of both is round-trip times; replies at an offered rate are no throughput.',
  '- `none` sends nothing: the answer is what the invoker uses at rest.',
  '- Cells fed by different engines are never compared: each has its own tables and charts.',
  '- `low–high` beside a figure are the ends of its interval. `≥` is a lower bound. `!` is an invalid figure and not to be' +
    ' quoted. `–` has no figure. A letter in brackets names the reason below.',
  '- A percentile needs 10 round trips beyond it. The largest of N round trips grows with N: it is no percentile.',
  '- In a chart a bar through a point is its interval, a hollow point is a lower bound or, of round trips, was measured at' +
    ' a share of one, and points without a figure to quote are left out.',
  '- Figures depend on the machine. Compare ratios within a run, not figures of different runs.',
].join('\n');

/** report.md: findings, host, tables, charts, how to read them, then what went wrong; links are relative to the file. */
export function renderMarkdown(summary: Summary, charts: readonly ChartLink[], reference: Reference | null): string {
  const { scenario } = summary;
  const merged = mergedLine(summary);
  const figures = figureTables(summary, 'full');
  const remarks = remarkTables(summary);
  const published = reference ? referenceTables(reference) : [];
  const blocks = [
    `# invoker-bench: ${escaped(scenario.name)}`,
    findings(summary)
      .map((sentence) => `- ${escaped(sentence)}`)
      .join('\n'),
    hostLines(summary)
      .map(({ role, line }) => `**${escaped(role)}.** ${escaped(line)}.`)
      .join('<br>\n'),
    `**Run.** ${escaped(summary.runId)}, started ${summary.startedAt}, ${upTo(summary)}${count(scenario.repeats, 'repeat')},` +
      ` ${scenario.durationNs / 1e9} s measured after ${scenario.warmupNs / 1e9} s of warm-up` +
      `${merged === '' ? `, seed ${scenario.seed}.` : `. ${escaped(merged)}`}`,
    ...(figures.length > 0 ? ['## Tables', ...figures.map(renderTable)] : []),
    ...(charts.length > 0 ? ['## Charts', ...charts.map(renderLink)] : []),
    '## How to read it',
    howToRead,
    ...(remarks.length > 0 ? ['## What went wrong', ...remarks.map(renderTable)] : []),
    ...(published.length > 0 ? ['## Published figures, other hardware', ...published.map(renderTable)] : []),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function renderLink({ name, title }: ChartLink): string {
  return `![${escaped(title)}](charts/${name}.svg)`;
}

/** One table as Markdown, under a heading of the third level. */
export function renderTable(table: Table): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const rows = table.rows.map((row) => line(row.map(cellText)));
  const grid = [
    line(table.columns.map(({ heading }) => escaped(unbroken(heading)))),
    line(table.columns.map(({ align }) => (align === 'right' ? '--:' : ':--'))),
    ...rows,
  ];
  const notes = table.notes.length > 0 ? [table.notes.map(escaped).join('<br>\n')] : [];
  return [`### ${escaped(table.title)}`, grid.join('\n'), ...notes].join('\n\n');
}

function cellText({ value, detail, emphasis }: TableCell): string {
  const figure = emphasis === 'best' ? `**${escaped(value)}**` : escaped(value);
  return detail === '' ? figure : `${figure} ${escaped(detail)}`;
}

/** Text that Markdown leaves as it is. */
export function escaped(text: string): string {
  return text.replace(/[\\|<>*_`]/g, '\\$&').replaceAll('\n', ' ');
}
