/** How much is shown: `brief` for a terminal, in one unit and at the ends of the frame sizes; `full` for a file. */
export type Extent = 'brief' | 'full';

/** What stands in one place of a table. */
export interface TableCell {
  /** The figure or word to read. */
  value: string;
  /** What belongs to it, e.g. `97.8–102` or `(a)`; printed behind or below the value. */
  detail: string;
  /** How it is set off: `best` as bold or, where text is plain, by a `*`; the others where a medium can. */
  emphasis: 'plain' | 'best' | 'bound' | 'bad';
}

/** A table without any format. */
export interface Table {
  /** What tells it from the others of a report, as part of a file name: `throughput-kpps-live`. */
  name: string;
  title: string;
  /** Sentences to print below it. */
  notes: string[];
  /**
   * Leading columns to the left are labels. A heading may hold line breaks, which are advice for where columns are
   * narrow; a hyphen before one belongs to the break.
   */
  columns: { heading: string; align: 'left' | 'right' }[];
  /** One cell a column. */
  rows: TableCell[][];
  /** `text`: columns hold sentences, which may be wrapped. */
  content: 'figures' | 'text';
}

/** A plain cell without detail. */
export function textCell(value: string): TableCell {
  return { value, detail: '', emphasis: 'plain' };
}

/** A cell that refers to a footnote instead of giving a figure. */
export function badCell(value: string, key: string): TableCell {
  return { value, detail: `(${key})`, emphasis: 'bad' };
}

/** A heading on one line. */
export function unbroken(heading: string): string {
  return heading.replaceAll('-\n', '').replaceAll('\n', ' ');
}

/** A column to the left with labels and columns to the right with figures. */
export function figureColumns(label: string, headings: readonly (string | number)[]): Table['columns'] {
  const figures = headings.map((heading) => ({ heading: String(heading), align: 'right' as const }));
  return [{ heading: label, align: 'left' }, ...figures];
}
