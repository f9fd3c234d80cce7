import Table3 from 'cli-table3';
import { count, wrap } from '../../common/cli/text.js';
import type { Summary } from '../../model/summary.js';
import { findings } from './findings/findings.js';
import { hostLines, mergedLine, upTo } from './host.js';
import { type Reference, referenceTables } from './reference.js';
import type { Table, TableCell } from './table.js';
import { remarkTables } from './tables/remark-tables.js';
import { figureTables } from './tables/tables.js';

export interface TerminalOptions {
  /** Columns of the terminal; no line is longer, except for a word that is. */
  width: number;
  /** `ansi` only where the output is a terminal. */
  colour: 'plain' | 'ansi';
  /** Published figures to print after the measured ones, or null. */
  reference: Reference | null;
}

const gap = 2;
const none = '';
/** Only a line below the headings: frames would cost the columns that the figures need. */
const chars = {
  ...{ top: none, 'top-mid': none, 'top-left': none, 'top-right': none },
  ...{ bottom: none, 'bottom-mid': none, 'bottom-left': none, 'bottom-right': none },
  ...{ left: none, 'left-mid': none, right: none, 'right-mid': none },
  ...{ mid: '─', 'mid-mid': '─'.repeat(gap), middle: ' '.repeat(gap) },
};

/** The whole report as text: run and host, tables, footnotes and warnings, and at last the findings; ends with a line break. */
export function renderTerminal(summary: Summary, options: TerminalOptions): string {
  const { width, colour, reference } = options;
  const published = reference ? referenceTables(reference) : [];
  const tables = [...figureTables(summary, 'brief'), ...remarkTables(summary), ...published];
  const { name, repeats } = summary.scenario;
  const intro = [
    `Run ${summary.runId}, scenario ${name}, ${upTo(summary)}${count(repeats, 'repeat')}.`,
    mergedLine(summary),
    ...hostLines(summary).map(({ role, line }) => `${role}: ${line}.`),
  ].filter((line) => line !== '');
  const blocks = [
    intro.map((line) => filled(line, width, '  ')).join('\n'),
    ...tables.map((table) => renderTable(table, options)),
    [
      paint('Findings', 'bold', colour),
      ...findings(summary).map((sentence) => filled(`- ${sentence}`, width, '  ')),
    ].join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** One table with its title and notes, without a final line break. */
export function renderTable(table: Table, options: Pick<TerminalOptions, 'width' | 'colour'>): string {
  const title = paint(filled(table.title, options.width, ''), 'bold', options.colour);
  const body = table.content === 'text' ? textBody(table, options) : figureBody(table, options);
  return [title, body, ...table.notes.map((note) => filled(note, options.width, '  '))].join('\n');
}

type Layout = 'beside' | 'below';

/** Details beside their values where all columns fit, else below them; columns that still do not fit start a new block. */
function figureBody(table: Table, options: Pick<TerminalOptions, 'width' | 'colour'>): string {
  const layout = sum(columnWidths(table, 'beside')) <= options.width ? 'beside' : 'below';
  const labels = table.columns.filter(({ align }) => align === 'left').length;
  return blocksOf(columnWidths(table, layout), labels, options.width)
    .map((columns) => {
      const pick = <T>(values: T[]) => columns.map((index) => values[index] as T);
      const rows = table.rows.map((row) => pick(row).map((cell) => layOut(cell, layout, options.colour)));
      return draw(pick(table.columns), rows, {});
    })
    .join('\n\n');
}

/** Sentences are wrapped in the columns that hold the longest ones, which share what the short ones leave. */
function textBody(table: Table, options: Pick<TerminalOptions, 'width' | 'colour'>): string {
  const natural = columnWidths(table, 'beside').map((width, index) => (index === 0 ? width : width - gap));
  const room = options.width - gap * (natural.length - 1);
  const long = natural.map((width) => width > room / natural.length);
  const short = sum(natural.filter((_, index) => !long[index]));
  const share = Math.floor((room - short) / Math.max(1, long.filter(Boolean).length));
  const colWidths = natural.map((width, index) => (long[index] ? Math.min(width, share) : width));
  const rows = table.rows.map((row) => row.map((cell) => layOut(cell, 'beside', options.colour)));
  // A word longer than its column would be cut off, so then lines break anywhere.
  const fits = table.rows.every((row) =>
    row.every(({ value }, index) => value.split(' ').every((word) => word.length <= (colWidths[index] ?? 0))),
  );
  return draw(table.columns, rows, { colWidths, wordWrap: true, wrapOnWordBoundary: fits });
}

function draw(columns: Table['columns'], rows: string[][], extra: Partial<Table3.TableConstructorOptions>): string {
  const table = new Table3({
    head: columns.map(({ heading }) => heading),
    colAligns: columns.map(({ align }) => align),
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
    chars,
    rowAligns: ['bottom'],
    ...extra,
  });
  table.push(...rows);
  return table.toString().replace(/[ \t]+$/gm, '');
}

/** Widths with the gap to the column before. */
function columnWidths({ columns, rows }: Table, layout: Layout): number[] {
  return columns.map(({ heading }, index) => {
    const lines = rows.flatMap((row) => layOut(row[index] as TableCell, layout, 'plain').split('\n'));
    const widest = Math.max(...[...heading.split('\n'), ...lines].map((line) => line.length));
    return widest + (index === 0 ? 0 : gap);
  });
}

/** Indices of columns for each block, every block beginning with the first columns, `labels` of them. */
function blocksOf(widths: number[], labels: number, width: number): number[][] {
  const indices = [...widths.keys()];
  const head = indices.slice(0, labels);
  const widthOf = (columns: number[]) => sum(columns.map((index) => widths[index] as number));
  const blocks: number[][] = [];
  for (const index of indices.slice(labels)) {
    const last = blocks.at(-1);
    if (last && widthOf([...last, index]) <= width) last.push(index);
    else blocks.push([...head, index]);
  }
  return balanced(blocks, labels).every((block) => widthOf(block) <= width) ? balanced(blocks, labels) : blocks;
}

/** As many blocks with about the same number of columns: a last block of one column is hard to read. */
function balanced(blocks: number[][], labels: number): number[][] {
  const head = blocks[0]?.slice(0, labels) ?? [];
  const figures = blocks.flatMap((block) => block.slice(labels));
  return blocks.map((_, at) => [
    ...head,
    ...figures.slice(share(at, blocks.length, figures.length), share(at + 1, blocks.length, figures.length)),
  ]);
}

/** Where the part `at` of `parts` begins: larger parts come first. */
function share(at: number, parts: number, whole: number): number {
  return Math.ceil((at * whole) / parts);
}

function layOut(cell: TableCell, layout: Layout, colour: TerminalOptions['colour']): string {
  const style = { plain: null, best: 'bold', bound: 'yellow', bad: 'red' } as const;
  const mark = cell.emphasis === 'best' && colour === 'plain' ? '*' : '';
  const value = paint(`${mark}${cell.value}`, style[cell.emphasis], colour);
  if (cell.detail === '') return value;
  return `${value}${layout === 'beside' ? ' ' : '\n'}${paint(cell.detail, 'dim', colour)}`;
}

const codes = { bold: [1, 22], dim: [2, 22], red: [31, 39], yellow: [33, 39] } as const;

function paint(text: string, style: keyof typeof codes | null, colour: TerminalOptions['colour']): string {
  if (colour === 'plain' || style === null) return text;
  const [on, off] = codes[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

function filled(text: string, width: number, indent: string): string {
  return wrap(text, width, indent).join('\n');
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
