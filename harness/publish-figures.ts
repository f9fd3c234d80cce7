import { join, relative } from 'node:path';
import type { Writable } from 'node:stream';
import { exitCodes } from '../common/cli/exit-codes.js';
import { detailsOf } from './judge/detail.js';
import { summarise } from './judge/summary.js';
import { chartFault } from './report/charts/fault.js';
import { type Written, writeFigure } from './report/literature/literature.js';
import type { Figure, MeasuredRun } from './report/literature/source.js';
import { loadReference, type ReferenceId } from './report/reference.js';
import { renderTable } from './report/terminal.js';
import { readRun } from './store/store.js';

export interface FiguresOptions {
  figures: readonly Figure[];
  /** The folder of a run; null: the published figures alone. */
  run: string | null;
  /** Gets a folder `figures`. */
  out: string;
  reference: { id: ReferenceId; folder: string };
  stdout: Writable & { columns?: number };
  stderr: Writable;
}

const measuredBy = 'measured by npm run bench -- --scenario scenarios/thesis.yaml';

/**
 * Draws figures of the published experiment, prints tables and paths; resolves to the exit code. Tables are made also where
 * no picture can be.
 */
export async function publishFigures(options: FiguresOptions): Promise<number> {
  const { figures, out, reference, stdout, stderr } = options;
  const fault = await chartFault();
  const draw = fault === null ? (await import('./report/charts/draw.js')).draw : null;
  const run = options.run === null ? null : await readMeasured(options.run);
  const source = { run, published: await loadReference(reference.folder, reference.id) };
  let [made, undrawn] = [0, 0];
  for (const figure of figures) {
    const written = await writeFigure(join(out, 'figures'), figure, source, draw);
    made += written.paths.length;
    undrawn += written.undrawn;
    for (const table of written.tables)
      stdout.write(`${renderTable(table, { width: stdout.columns ?? 100, colour: 'plain' })}\n\n`);
    for (const path of written.paths) stdout.write(`${relative(process.cwd(), path) || path}\n`);
    if (written.lacking !== null) stderr.write(`invoker-bench: ${lackingWords(written, run)}\n`);
  }
  if (undrawn > 0) {
    stderr.write(`invoker-bench: ${fault}\n`);
    return exitCodes.failed;
  }
  return made > 0 ? exitCodes.ok : exitCodes.unmet;
}

function lackingWords({ figure, paths, lacking }: Written, run: MeasuredRun | null): string {
  const what = `--figure ${figure.id}${paths.length > 0 ? '' : ' is not drawn'}`;
  return run === null ? `${what}: no ${lacking}` : `${what}: the run has no ${lacking}, ${measuredBy}`;
}

async function readMeasured(folder: string): Promise<MeasuredRun> {
  const { prologue, runs } = await readRun(folder);
  return {
    summary: summarise(prologue, runs),
    details: detailsOf(prologue, runs),
  };
}
