import { stringify } from 'csv-stringify/sync';
import { type Table, unbroken } from './table.js';

/**
 * A table as CSV, text as it is printed: a column a heading, behind it `…: range` where a cell has something beside its
 * figure, and `…: mark` (best, bound, bad) where one is set off. Notes are left out: for figures to compute with there
 * are throughput.csv and latency.csv.
 */
export function tableCsv({ columns, rows }: Table): string {
  const parts = columns.map(({ heading }, index) => {
    const name = unbroken(heading) || 'name';
    const cells = rows.map((row) => row[index]);
    return [
      { heading: name, texts: cells.map((cell) => cell?.value ?? '') },
      ...(cells.some((cell) => cell?.detail)
        ? [{ heading: `${name}: range`, texts: cells.map((cell) => cell?.detail ?? '') }]
        : []),
      ...(cells.some((cell) => cell && cell.emphasis !== 'plain')
        ? [{ heading: `${name}: mark`, texts: cells.map((cell) => markOf(cell?.emphasis)) }]
        : []),
    ];
  });
  const flat = parts.flat();
  return stringify([flat.map(({ heading }) => heading), ...rows.map((_, row) => flat.map(({ texts }) => texts[row]))]);
}

function markOf(emphasis: Table['rows'][number][number]['emphasis'] | undefined): string {
  return emphasis === undefined || emphasis === 'plain' ? '' : emphasis;
}
