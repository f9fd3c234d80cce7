import { relative } from 'node:path';
import type { Writable } from 'node:stream';
import type { Summary } from '../model/summary.js';
import { summarise } from './judge/summary.js';
import { loadReference, type ReferenceId } from './report/reference.js';
import { writeReport } from './report/report.js';
import { renderTerminal } from './report/terminal.js';
import { readRun } from './store/store.js';
import { renderTiming } from './timing.js';

export interface PublishOptions {
  stdout: Writable & { isTTY?: boolean; columns?: number };
  /** Published figures to lay over the charts, and where they are. */
  reference: { id: ReferenceId; folder: string } | null;
  timing: 'hide' | 'print';
}

const narrowestTable = 80;

/** Makes all reports of a run from its records alone, and prints tables and findings. `unsound`: a cell failed or is invalid. */
export async function publish(folder: string, options: PublishOptions): Promise<'sound' | 'unsound'> {
  const { stdout, timing } = options;
  const { prologue, runs } = await readRun(folder);
  const summary = summarise(prologue, runs);
  const reference = options.reference && (await loadReference(options.reference.folder, options.reference.id));
  await writeReport(folder, summary, { reference });
  const colour = stdout.isTTY ? 'ansi' : 'plain';
  if (timing === 'print') stdout.write(`${renderTiming(runs)}\n`);
  stdout.write(renderTerminal(summary, { width: Math.max(narrowestTable, stdout.columns ?? 100), colour, reference }));
  stdout.write(`\nRecords, tables and charts: ${relative(process.cwd(), folder) || folder}\n`);
  return isSound(summary) ? 'sound' : 'unsound';
}

function isSound({ cells }: Summary): boolean {
  return cells.every(({ state, verdict }) => state !== 'failed' && verdict !== 'invalid');
}
