import { count } from '../../common/cli/text.js';
import type { Summary } from '../../model/summary.js';
import { findings } from './findings/findings.js';
import { hostLines, mergedLine, upTo } from './host.js';
import { howToRead } from './how-to-read.js';
import { type Reference, referenceTables } from './reference.js';
import { type Table, type TableCell, unbroken } from './table.js';
import { remarkTables } from './tables/remark-tables.js';
import { figureTables } from './tables/tables.js';

/** A chart to show: its file name without directory and extension, and its title. */
export interface ChartLink {
  name: string;
  title: string;
}

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
    howToRead.map((sentence) => `- ${sentence}`).join('\n'),
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
