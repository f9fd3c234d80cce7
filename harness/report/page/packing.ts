import type { CellView, PageContent } from './content.js';

/**
 * A page's content with a column for each part of the pages of cells: of two thousand, like beside like takes half the room
 * that cell after cell does, once it is compressed.
 */
export interface PackedContent extends Omit<PageContent, 'cells'> {
  ids: string[];
  html: string[];
  curves: CellView['curves'][];
  courses: CellView['course'][];
}

export function packed({ summary, views, cells, cellList }: PageContent): PackedContent {
  const own = Object.values(cells);
  return {
    ...{ summary, views, cellList },
    ids: Object.keys(cells),
    html: own.map(({ html }) => html),
    curves: own.map(({ curves }) => curves),
    courses: own.map(({ course }) => course),
  };
}

/** What was packed, as it was. */
export function unpacked({ ids, html, curves, courses, ...more }: PackedContent): PageContent {
  // Without a prototype: a cell's id may be any text.
  const cells: PageContent['cells'] = Object.create(null);
  for (const [at, id] of ids.entries())
    cells[id] = { html: html[at] ?? '', curves: curves[at] ?? [], course: courses[at] ?? null };
  return { ...more, cells };
}
