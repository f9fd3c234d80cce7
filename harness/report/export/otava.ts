import { stringify } from 'csv-stringify/sync';
import { stringify as yaml } from 'yaml';
import { type Quantity, quantitiesOf, tidy } from './quantities.js';
import type { ExportFile, Subject } from './subject.js';

const csvName = 'otava.csv';

/** otava.csv: one row, the run's figures by cell; otava.yaml: a configuration of Apache Otava (once Hunter) that reads it. */
export function otava({ summary }: Subject): ExportFile[] {
  const quantities = quantitiesOf(summary);
  if (quantities.length === 0) return [];
  const { startedAt, runId, host } = summary;
  const headings = ['time', 'run', 'commit', ...quantities.map(columnOf)];
  const row = [startedAt, runId, host.commit, ...quantities.map(({ value }) => tidy(value))];
  const test = {
    type: 'csv',
    file: csvName,
    time_column: 'time',
    attributes: ['run', 'commit'],
    metrics: Object.fromEntries(
      quantities.map((quantity) => [
        columnOf(quantity),
        { column: columnOf(quantity), direction: quantity.better === 'more' ? 1 : -1, scale: 1 },
      ]),
    ),
    csv_options: { delimiter: ',', quote_char: '"' },
  };
  return [
    { name: csvName, text: stringify([headings, row]) },
    { name: 'otava.yaml', text: yaml({ tests: { 'invoker-bench': test } }, { lineWidth: 0 }) },
  ];
}

function columnOf({ cell, level, name }: Quantity): string {
  return [cell.id, level, name].filter((part) => part !== '').join('.');
}
