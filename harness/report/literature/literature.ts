import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { UsageError } from '../../../common/cli/errors.js';
import { quote } from '../../../common/cli/text.js';
import { refuseTwice, splitList } from '../../../common/cli/values.js';
import type { AnyConfig } from '../charts/dataset.js';
import type { Drawing } from '../charts/draw.js';
import { renderTable as renderLatex } from '../latex.js';
import { figureFile, removeLeftovers } from '../leftovers.js';
import { renderTable } from '../markdown.js';
import { place } from '../place.js';
import type { Table } from '../table.js';
import { courseFigures } from './course-figures.js';
import { placementTables } from './placement-tables.js';
import { rateTables } from './rate-tables.js';
import type { Figure, Source } from './source.js';
import { throughputFigures } from './throughput-figures.js';

const byNumber = (a: Figure, b: Figure) => (a.id < b.id ? -1 : 1);

/** The figures and then the tables of the published experiment, each in the order of their numbers. */
export const literature: readonly Figure[] = [
  ...[...throughputFigures, ...courseFigures].sort(byNumber),
  ...[...rateTables, ...placementTables].sort(byNumber),
];

/** Figures from `16`, `16,25,table6` or `all`; throws UsageError with the list. */
export function parseFigures(option: string, text: string): Figure[] {
  if (text.trim() === 'all') return [...literature];
  const ids = splitList(option, text);
  refuseTwice(option, ids);
  return ids.map((id) => {
    const found = literature.find((figure) => figure.id === id);
    if (found) return found;
    const known = [...literature.map((figure) => figure.id), 'all'].join(', ');
    throw new UsageError(`${option}: ${quote(id)} is not one of ${known}`);
  });
}

/** What was written of a figure. */
export interface Written {
  figure: Figure;
  paths: string[];
  tables: Table[];
  /** Pictures that there was no painter for. */
  undrawn: number;
  /** What the source does not have; null where it has all. */
  lacking: string | null;
}

/**
 * Draws a figure into a folder, which is made where missing: pictures as those of a report, tables as Markdown, CSV and
 * LaTeX. What was made of it before and is not made now goes.
 */
export async function writeFigure(
  folder: string,
  figure: Figure,
  source: Source,
  draw: ((config: AnyConfig) => Drawing) | null,
): Promise<Written> {
  const { pictures, tables, lacking } = figure.make(source);
  const files = [
    ...pictures.flatMap(({ name, config }) => {
      if (draw === null) return [];
      const { svg, png, pdf, columnPdf } = draw(config);
      return [
        { name: `${name}.svg`, content: svg },
        { name: `${name}.png`, content: png },
        { name: `${name}.pdf`, content: pdf },
        { name: `${name}-column.pdf`, content: columnPdf },
      ];
    }),
    ...tables.flatMap(({ name, table, csv }) => [
      { name: `${name}.md`, content: `${renderTable(table)}\n` },
      { name: `${name}.csv`, content: stringify(csv) },
      { name: `${name}.tex`, content: `${renderLatex(table)}\n` },
    ]),
  ];
  const paths: string[] = [];
  for (const { name, content } of files) {
    paths.push(await place(join(folder, name), content));
  }
  const undrawn = draw === null ? pictures.length : 0;
  // What cannot be drawn again stays as it was.
  if (undrawn === 0) await removeLeftovers(folder, figureFile(figure.id), paths);
  return { figure, paths, tables: tables.map(({ table }) => table), undrawn, lacking };
}
