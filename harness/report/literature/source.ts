import type { CellDetail } from '../../../model/detail.js';
import type { CellSummary, Summary } from '../../../model/summary.js';
import type { AnyConfig } from '../charts/dataset.js';
import type { Reference } from '../reference.js';
import type { Table } from '../table.js';

/** What a run has to draw from. */
export interface MeasuredRun {
  summary: Summary;
  details: readonly CellDetail[];
}

/** Where figures come from: a run with the published ones laid over, or those alone (`run` is null). */
export interface Source {
  run: MeasuredRun | null;
  published: Reference;
}

/** A picture to draw; `name` is its file name without extension. */
export interface Picture {
  name: string;
  config: AnyConfig;
}

/** A table with its figures one a line; `name` is the name of its files without extension. */
export interface NamedTable {
  name: string;
  table: Table;
  /** The heading, then a record a figure. */
  csv: (string | number | null)[][];
}

/** What was made of a source. */
export interface Made {
  pictures: Picture[];
  tables: NamedTable[];
  /** What the source does not have, in words that follow `no`; null where it has all. */
  lacking: string | null;
}

/** One of the published figures or tables. */
export interface Figure {
  /** As on the command line: `16`, `table6`. */
  id: string;
  title: string;
  make(source: Source): Made;
}

/** Cells that run as their implementation does by default; only those have published counterparts. */
export function plainCells(summary: Summary): Summary {
  return { ...summary, cells: summary.cells.filter(({ variant }: CellSummary) => variant === '') };
}

/** How a published line is named beside a measured one: by the year of the source. */
export function publishedLabel(label: string, { source }: Reference): string {
  return `${label} (${source.split(' ').at(-1)})`;
}

/** Where the published figures are from, in place of the machine of a run. */
export function publishedLine({ source }: Reference): string {
  return `Published figures (${source}): two hosts with 10 Gbit/s, Linux 4.18`;
}
