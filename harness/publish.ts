import { relative } from 'node:path';
import type { Writable } from 'node:stream';
import type { Environment } from '../common/cli/complaint.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import type { Summary } from '../model/summary.js';
import { detailsOf } from './judge/detail.js';
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
  tables: 'hide' | 'print';
  /** NO_COLOR is heard (no-color.org). */
  environment: Environment;
}

const narrowestTable = 80;

/** What a run came to; `unsound`: a cell failed or is invalid; `empty`: no cell was measured, whatever the reasons. */
export type Verdict = 'sound' | 'unsound' | 'empty';

/** Makes all reports of a run from its records alone, and prints tables and findings. */
export async function publish(folder: string, options: PublishOptions): Promise<Verdict> {
  const { stdout, timing, tables, environment } = options;
  const { prologue, runs } = await readRun(folder);
  const summary = summarise(prologue, runs);
  const reference = options.reference && (await loadReference(options.reference.folder, options.reference.id));
  await writeReport(folder, summary, detailsOf(prologue, runs), { reference });
  const colour = stdout.isTTY && !environment.NO_COLOR ? 'ansi' : 'plain';
  if (timing === 'print') stdout.write(`${renderTiming(runs)}\n`);
  if (tables === 'print')
    stdout.write(
      renderTerminal(summary, { width: Math.max(narrowestTable, stdout.columns ?? 100), colour, reference }),
    );
  stdout.write(
    `${tables === 'print' ? '\n' : ''}Records, tables and charts: ${relative(process.cwd(), folder) || folder}\n`,
  );
  return verdictOn(summary);
}

function verdictOn({ cells }: Summary): Verdict {
  if (cells.some(({ state, verdict }) => state === 'failed' || verdict === 'invalid')) return 'unsound';
  return cells.some(({ state }) => state === 'completed') ? 'sound' : 'empty';
}

/** `empty`: what the user says of a run that measured nothing. */
export function exitCodeOf(verdict: Verdict, empty: 'allowed' | 'unmet'): number {
  if (verdict === 'empty') return empty === 'allowed' ? exitCodes.ok : exitCodes.unmet;
  return verdict === 'sound' ? exitCodes.ok : exitCodes.failed;
}
