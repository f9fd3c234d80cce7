import type { CellDetail } from '../../../model/detail.js';
import type { Summary } from '../../../model/summary.js';

/** What is exported: the summary of a run, and the details of its cells. */
export interface Subject {
  summary: Summary;
  details: readonly CellDetail[];
}

/** A file to write; its name is a path below the folder of exports. */
export interface ExportFile {
  name: string;
  text: string;
}
