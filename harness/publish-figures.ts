import { join, relative } from 'node:path';
import type { Writable } from 'node:stream';
import { BenchError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { detailsOf } from './judge/detail.js';
import { summarise } from './judge/summary.js';
import { Painter } from './report/charts/draw.js';
import { missingFont } from './report/charts/font.js';
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

/** Draws figures of the published experiment, prints tables and paths; resolves to the exit code. */
export async function publishFigures(options: FiguresOptions): Promise<number> {
  const { figures, out, reference, stdout, stderr } = options;
  const fault = missingFont();
  if (fault !== null) throw new BenchError('REPORT', fault);
  const run = options.run === null ? null : await readMeasured(options.run);
  const source = { run, published: await loadReference(reference.folder, reference.id) };
  const painter = new Painter();
  let drawn = 0;
  for (const figure of figures) {
    const written = await writeFigure(join(out, 'figures'), figure, source, painter);
    drawn += written.paths.length;
    for (const table of written.tables)
      stdout.write(`${renderTable(table, { width: stdout.columns ?? 100, colour: 'plain' })}\n\n`);
    for (const path of written.paths) stdout.write(`${relative(process.cwd(), path) || path}\n`);
    if (written.lacking !== null) stderr.write(`invoker-bench: ${lackingWords(written, run)}\n`);
  }
  return drawn > 0 ? exitCodes.ok : exitCodes.unmet;
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
