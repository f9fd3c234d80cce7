import { benchmarkAction } from './benchmark-action.js';
import { csit } from './csit.js';
import { hdrLog } from './hdr.js';
import { otava } from './otava.js';
import type { ExportFile, Subject } from './subject.js';

export const exportIds = ['hdr', 'benchmark-action', 'otava', 'openmetrics', 'csit'] as const;

export type ExportId = (typeof exportIds)[number];

const makers: Record<ExportId, (subject: Subject) => ExportFile[] | Promise<ExportFile[]>> = {
  hdr: hdrLog,
  'benchmark-action': benchmarkAction,
  otava,
  // Loads a library of metrics, for which every report would wait.
  openmetrics: async (subject) => (await import('./openmetrics.js')).openMetrics(subject),
  csit,
};

/** What a cell must have to be in a format. */
export const exportedOf: Record<ExportId, string> = {
  hdr: 'has round trips to quote',
  'benchmark-action': 'has a figure to quote',
  otava: 'has a figure to quote',
  openmetrics: 'has a figure to quote',
  csit: 'ran',
};

/** The files of a format; none where no cell has what it takes. */
export async function exportFiles(id: ExportId, subject: Subject): Promise<ExportFile[]> {
  return makers[id](subject);
}
