import type { Summary } from '../../../model/summary.js';
import { describeCells, footnotesOf, warningsOf } from '../footnotes.js';
import { type Table, type TableCell, textCell } from '../table.js';

/** What the keys in the tables of figures stand for, and the warnings; a table without rows is left out. */
export function remarkTables(summary: Summary): Table[] {
  const missing = footnotesOf(summary).map(({ key, standing, reason, cells }) =>
    [`(${key})`, standing, reason, describeCells(cells, summary.cells)].map(textCell),
  );
  const warnings = warningsOf(summary).map(({ text, cells }) =>
    [text, describeCells(cells, summary.cells)].map(textCell),
  );
  return [
    textTable('without-figure', 'Cells without a figure to quote', ['key', 'state', 'reason', 'cells'], missing),
    textTable('warnings', 'Warnings', ['what was seen', 'cells'], warnings),
  ].filter((table) => table.rows.length > 0);
}

function textTable(name: string, title: string, headings: string[], rows: TableCell[][]): Table {
  const columns = headings.map((heading) => ({ heading, align: 'left' as const }));
  return { name, title, notes: [], columns, rows, content: 'text' };
}
