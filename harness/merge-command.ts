import { join } from 'node:path';
import { readArguments } from '../common/cli/arguments.js';
import { complaint } from '../common/cli/complaint.js';
import { UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { count } from '../common/cli/text.js';
import { parsePath } from '../common/cli/values.js';
import { mergeRuns, type StoredRun } from './judge/merge-runs.js';
import { newRunId, readRun, writeRun } from './store/store.js';
import type { OutputSurroundings } from './surroundings.js';

const usage = `Usage: npm run merge -- DIR DIR... [--out DIR]

Makes one run of several, which npm run report reads: of one question, on the same hosts, of the
same code. What several of them measured of a cell are repeats of it; cells that differ stand
beside each other. The folders that are read stay as they are.

  --out DIR   the folder to make (default a new one in results)
  -h, --help  print this

Exit codes:
  0    merged
  1    a folder cannot be read or written
  2    wrong usage, or runs that are not to be merged
`;

/** The merge command: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(
  argv: readonly string[],
  { stdout, stderr, environment }: OutputSurroundings,
): Promise<number> {
  try {
    const { values, positionals: folders } = parse([...argv]);
    if (values.help) {
      stdout.write(usage);
      return exitCodes.ok;
    }
    if (folders.length < 2) throw new UsageError('DIR: two or more are needed, folders of runs such as results/latest');
    for (const folder of folders) parsePath('DIR', folder, 'folder');
    if (values.out !== undefined) parsePath('--out', values.out, 'folder');
    const stored: StoredRun[] = [];
    for (const folder of folders) stored.push({ folder, ...(await readRun(folder)) });
    const runId = newRunId(new Date());
    const merged = mergeRuns(stored, runId);
    const out = values.out ?? join('results', runId);
    await writeRun(out, merged);
    const { prologue, runs } = merged;
    const what = [count(folders.length, 'run'), count(prologue.plan.length, 'cell'), count(runs.length, 'record')];
    stdout.write(`Merged ${what.join(', ')}: ${out}\nTables and charts: npm run report -- ${out}\n`);
    return exitCodes.ok;
  } catch (error) {
    stderr.write(complaint(error, environment));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

function parse(args: string[]) {
  return readArguments({
    args,
    allowPositionals: true,
    options: { out: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
}
