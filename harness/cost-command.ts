import { complaint } from '../common/cli/complaint.js';
import { BenchError, UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { type MergeCost, measureMerging } from './merge-cost.js';
import { readRun } from './store/store.js';
import type { OutputSurroundings } from './surroundings.js';

const usage = `usage: npm run merge-cost -- DIR
Prints what it takes to merge what many generators say at the end of a cell, with the round trips of the run in DIR.
`;

const columns: [heading: string, of: (cost: MergeCost) => number][] = [
  ['generators', ({ generators }) => generators],
  ['MB of lines', ({ bytes }) => bytes / 1e6],
  ['ms to read', ({ parseMs }) => parseMs],
  ['ms to merge', ({ mergeMs }) => mergeMs],
  ['MB of memory', ({ heapBytes }) => heapBytes / 1e6],
  ['buckets', ({ buckets }) => buckets],
];

/** The merge-cost command: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(
  argv: readonly string[],
  { stdout, stderr, environment }: OutputSurroundings,
): Promise<number> {
  try {
    const [folder, ...rest] = argv;
    if (folder === undefined || rest.length > 0)
      throw new UsageError('DIR: one folder of a run such as results/latest');
    if (folder === '--help' || folder === '-h') {
      stdout.write(usage);
      return exitCodes.ok;
    }
    const { runs } = await readRun(folder);
    const timed = runs.filter((run) => run.state === 'completed').filter(({ histogram }) => histogram.length > 0);
    if (timed.length === 0)
      throw new BenchError('NO_ROUND_TRIPS', `${folder} has no round trips: bench with --load closed=4`);
    // As node --expose-gc has it.
    const collect = globalThis.gc ?? (() => {});
    const print = (words: readonly string[]) => stdout.write(`${words.map((word) => word.padStart(14)).join(' ')}\n`);
    print(columns.map(([heading]) => heading));
    measureMerging(timed, 100, collect); // The first one is compiled meanwhile.
    for (const generators of [1, 10, 100, 1000]) {
      const cost = measureMerging(timed, generators, collect);
      print(columns.map(([, of]) => String(Number(of(cost).toPrecision(2)))));
    }
    return exitCodes.ok;
  } catch (error) {
    stderr.write(complaint(error, environment));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}
