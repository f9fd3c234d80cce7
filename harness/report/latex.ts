import { count } from '../../common/cli/text.js';
import type { Summary } from '../../model/summary.js';
import { hostLines, mergedLine, upTo } from './host.js';
import { type Reference, referenceTables } from './reference.js';
import type { Table, TableCell } from './table.js';
import { remarkTables } from './tables/remark-tables.js';
import { figureTables } from './tables/tables.js';

/**
 * report.tex: a document for pdfLaTeX with run, host and all tables, each a `table` environment with a label `tab:NAME`
 * to take over into a text of one's own, which needs no package but booktabs.
 */
export function renderLatex(summary: Summary, reference: Reference | null): string {
  const { scenario } = summary;
  const published = reference ? referenceTables(reference) : [];
  const tables = [...figureTables(summary, 'full'), ...remarkTables(summary), ...published];
  const run =
    `Run ${summary.runId}, scenario ${scenario.name}, started ${summary.startedAt}, ${upTo(summary)}` +
    `${count(scenario.repeats, 'repeat')}, ${scenario.durationNs / 1e9} s measured after ${scenario.warmupNs / 1e9} s.`;
  const sentences = [run, mergedLine(summary), ...hostLines(summary).map(({ role, line }) => `${role}: ${line}.`)];
  const intro = sentences.filter((sentence) => sentence !== '').map(latexText);
  return `${[
    '\\documentclass{article}',
    '\\usepackage{booktabs}',
    // Seven frame sizes are wider than a page of text.
    '\\setlength{\\oddsidemargin}{0pt}\\setlength{\\textwidth}{6.5in}',
    '\\begin{document}',
    '\\raggedright',
    intro.join('\n\n'),
    '\\clearpage',
    tables.map(renderTable).join('\n\n'),
    '\\end{document}',
  ].join('\n\n')}\n`;
}

/** What a page holds; LaTeX lets a table run over its foot. */
const longestRows = 24;

/** One table as a `table` environment, of a long one as many as it takes. */
export function renderTable(table: Table): string {
  const pages = Math.max(1, Math.ceil(table.rows.length / longestRows));
  return Array.from({ length: pages }, (_, page) => {
    const rows = table.rows.slice(page * longestRows, (page + 1) * longestRows);
    return environment(table, rows, page);
  }).join('\n\n');
}

function environment({ name, title, notes, columns, content }: Table, rows: TableCell[][], page: number): string {
  const line = (texts: string[]) => `${texts.join(' & ')} \\\\`;
  const headings = columns.map(headingOf);
  const body = rows.flatMap((row) => [
    line(row.map(content === 'text' ? sentence : figure)),
    ...(content === 'figures' && row.some(({ detail }) => detail !== '') ? [line(row.map(detailBelow))] : []),
  ]);
  return [
    '\\begin{table}[htbp]',
    '\\centering',
    '\\footnotesize',
    '\\setlength{\\tabcolsep}{3pt}',
    `\\caption{${latexText(title)}${page === 0 ? '' : ' (continued)'}}`,
    `\\label{tab:${latexLabel(name)}${page === 0 ? '' : `-${page + 1}`}}`,
    `\\begin{tabular}{${specOf(columns, content)}}`,
    '\\toprule',
    line(headings),
    '\\midrule',
    ...body,
    '\\bottomrule',
    '\\end{tabular}',
    ...(notes.length > 0 ? ['', '\\smallskip\\raggedright', notes.map(latexText).join('\\\\\n')] : []),
    '\\end{table}',
  ].join('\n');
}

/** On several lines where it may be. */
function headingOf({ heading, align }: Table['columns'][number]): string {
  const lines = heading.split('\n').map(latexText);
  return lines.length === 1 ? (lines[0] as string) : `\\shortstack[${align[0]}]{${lines.join('\\\\')}}`;
}

/** Sentences need columns that break lines: the last ones, which share what the first leave. */
function specOf(columns: Table['columns'], content: Table['content']): string {
  if (content === 'figures') return columns.map(({ align }) => (align === 'left' ? 'l' : 'r')).join('');
  const wide = Math.min(2, columns.length);
  return columns
    .map((_, index) => (index < columns.length - wide ? 'l' : `p{${(0.8 / wide).toFixed(2)}\\textwidth}`))
    .join('');
}

function figure({ value, emphasis }: TableCell): string {
  return emphasis === 'best' ? `\\textbf{${latexText(value)}}` : latexText(value);
}

function detailBelow({ detail }: TableCell): string {
  return detail === '' ? '' : `{\\scriptsize ${latexText(detail)}}`;
}

function sentence(cell: TableCell): string {
  return [figure(cell), latexText(cell.detail)].filter((text) => text !== '').join(' ');
}

/** What pdfLaTeX has no letter for in its first fonts, or reads as a command. */
const commands: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '$<$',
  '>': '$>$',
  '|': '$|$',
  '"': "''",
  '–': '--',
  '—': '---',
  '…': '\\ldots{}',
  '≥': '$\\geq$',
  '≤': '$\\leq$',
  '×': '$\\times$',
  '→': '$\\to$',
  µ: '$\\mu$',
  μ: '$\\mu$',
  '®': '\\textregistered{}',
  '©': '\\textcopyright{}',
  '™': '\\texttrademark{}',
  '\u00a0': '~',
};

/** Text that LaTeX prints as it is, on one line; a letter that its first fonts lack is told by its number, `U+4E2D`. */
export function latexText(text: string): string {
  return [...text.normalize('NFC')]
    .map((letter) => {
      const code = letter.codePointAt(0) as number;
      if (Object.hasOwn(commands, letter)) return commands[letter];
      if (code < 0x20 || code === 0x7f) return ' ';
      // Accented Latin letters are made of others.
      return code < 0x7f || (code >= 0xc0 && code <= 0x17f)
        ? letter
        : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    })
    .join('');
}

/** A label may hold letters, digits and a few signs. */
function latexLabel(name: string): string {
  return name.replace(/[^\w.-]/g, '-');
}
