import { relative } from 'node:path';
import type { Writable } from 'node:stream';
import type { Environment } from '../common/cli/complaint.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import type { Summary } from '../model/summary.js';
import { detailsOf } from './judge/detail.js';
import { summarise } from './judge/summary.js';
import { chartFault } from './report/charts/fault.js';
import { loadReference, type ReferenceId } from './report/reference.js';
import { summaryJson, writeReport } from './report/report.js';
import { renderTerminal } from './report/terminal.js';
import { readRun } from './store/store.js';
import { renderTiming } from './timing.js';

export interface PublishOptions {
  stdout: Writable & { isTTY?: boolean; columns?: number };
  stderr: Writable;
  /** Published figures to lay over the charts, and where they are. */
  reference: { id: ReferenceId; folder: string } | null;
  timing: 'hide' | 'print';
  /** `json`: the summary as one document and nothing else on stdout; what else is said goes to stderr. */
  show: 'nothing' | 'tables' | 'json';
  /** NO_COLOR is heard (no-color.org). */
  environment: Environment;
}

const narrowestTable = 80;

/** What a run came to; `unsound`: a cell failed or is invalid; `empty`: no cell was measured, whatever the reasons. */
export type Verdict = 'sound' | 'unsound' | 'empty';

/** Makes all reports of a run from its records alone, and prints tables and findings, or the summary. */
export async function publish(folder: string, options: PublishOptions): Promise<Verdict> {
  const { stdout, timing, show, environment } = options;
  const notes = show === 'json' ? options.stderr : stdout;
  const { prologue, runs } = await readRun(folder);
  const summary = summarise(prologue, runs);
  const reference = options.reference && (await loadReference(options.reference.folder, options.reference.id));
  await writeReport(folder, summary, detailsOf(prologue, runs), { reference });
  const colour = stdout.isTTY && !environment.NO_COLOR ? 'ansi' : 'plain';
  if (timing === 'print') notes.write(`${renderTiming(runs)}\n`);
  if (show === 'json') stdout.write(summaryJson(summary));
  if (show === 'tables')
    stdout.write(
      `${renderTerminal(summary, { width: Math.max(narrowestTable, stdout.columns ?? 100), colour, reference })}\n`,
    );
  notes.write(`Records, tables and charts: ${relative(process.cwd(), folder) || folder}\n`);
  const fault = await chartFault();
  if (fault !== null) notes.write(`${fault}\n`);
  return verdictOn(summary);
}

/** What is to be said of a run by an exit code. */
export function verdictOn({ cells }: Summary): Verdict {
  if (cells.some(({ state, verdict }) => state === 'failed' || verdict === 'invalid')) return 'unsound';
  return cells.some(({ state }) => state === 'completed') ? 'sound' : 'empty';
}

/** `empty`: what the user says of a run that measured nothing. */
export function exitCodeOf(verdict: Verdict, empty: 'allowed' | 'unmet'): number {
  if (verdict === 'empty') return empty === 'allowed' ? exitCodes.ok : exitCodes.unmet;
  return verdict === 'sound' ? exitCodes.ok : exitCodes.failed;
}
