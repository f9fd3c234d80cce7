import { join, relative } from 'node:path';
import type { Writable } from 'node:stream';
import { exitCodes } from '../common/cli/exit-codes.js';
import { detailsOf } from './judge/detail.js';
import { summarise } from './judge/summary.js';
import { exitCodeOf, verdictOn } from './publish.js';
import { type ExportId, exportedOf, exportFiles } from './report/export/exports.js';
import { place } from './report/place.js';
import { readRun } from './store/store.js';

export interface ExportOptions {
  stdout: Writable;
  stderr: Writable;
  /** Folder that gets the files, made where missing. */
  out: string;
  /** What a run that measured nothing is. */
  empty: 'allowed' | 'unmet';
}

/** Writes a run for another tool and prints the paths, one a line. Resolves to the exit code, as of the run. */
export async function exportRun(folder: string, id: ExportId, options: ExportOptions): Promise<number> {
  const { stdout, stderr, out, empty } = options;
  const { prologue, runs } = await readRun(folder);
  const summary = summarise(prologue, runs);
  const files = await exportFiles(id, { summary, details: detailsOf(prologue, runs) });
  if (files.length === 0) {
    stderr.write(`invoker-bench: ${folder}: nothing to export as ${id}: no cell ${exportedOf[id]}\n`);
    if (verdictOn(summary) === 'unsound') return exitCodes.failed;
    return empty === 'allowed' ? exitCodes.ok : exitCodes.unmet;
  }
  for (const { name, text } of files) {
    const path = await place(join(out, name), text);
    stdout.write(`${relative(process.cwd(), path) || path}\n`);
  }
  return exitCodeOf(verdictOn(summary), empty);
}
