import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BenchError } from '../../common/cli/errors.js';
import { engineIds, functionIds } from '../../model/ids.js';

/** What stands in the names of charts and tables beside words of their own: what was measured, where, and of what. */
const engine = `(?:${[...engineIds, 'none'].join('|')})`;
const words = [
  ...[
    'mbit',
    'kpps',
    'ndr',
    'pdr',
    'peak',
    'capacity',
    'round-trips',
    'levels',
    'at-half',
    'at-10k',
    'a-queue-a-thread',
    'replies',
    'cpu',
    'ratio',
  ],
  ...[
    'saturate',
    'latency-under-load',
    'none',
    'rate\\d+',
    'closed\\d+',
    'p\\d+(?:\\.\\d+)?',
    '\\d+',
    'work\\d+',
    '\\d+Q',
    '\\d+T\\d+Q',
  ],
  ...functionIds,
];
const of = `(?:-(?:${words.join('|')}))*`;
const ends = { picture: '(?:-column)?\\.(?:svg|png|pdf)', table: '\\.(?:csv|md|tex)' };

const charts = 'throughput|work|capacity|load-latency|latency|cost|scaling|matrix|ledger';
const tables = 'throughput|work|capacity|round-trips|levels|rest|cost';
const remarks = 'without-figure|warnings|published-(?:mbit|kpps|round-trips)';

/** Names of files that reports make in `charts/` and `tables/`. */
export const chartFile = new RegExp(`^(?:(?:${charts})${of}-${engine}${of}|machine(?:-worst-run)?)${ends.picture}$`);
export const tableFile = new RegExp(`^(?:(?:${tables})${of}-${engine}${of}|${remarks})${ends.table}$`);

/** Names of files that a published figure or table makes in `figures/`, by its id: `16`, `table6`. */
export function figureFile(id: string): RegExp {
  const name = id.startsWith('table') ? id.replace('table', 'table-') : `figure-${id}`;
  return new RegExp(`^${name}(?:${of}-${engine}${of})?(?:${ends.picture}|${ends.table})$`);
}

/** Removes what an earlier report made and this one did not, by its name: files of other names are the user's own. */
export async function removeLeftovers(folder: string, made: RegExp, written: readonly string[]): Promise<void> {
  const kept = new Set(written.map((path) => basename(path)));
  const found = await readdir(folder, { withFileTypes: true }).catch(noFolder);
  for (const entry of found.filter(({ name }) => made.test(name) && !kept.has(name))) {
    const path = join(folder, entry.name);
    if (entry.isFile()) await rm(path, { force: true }).catch((error) => refuse(path, error));
  }
}

function noFolder(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

function refuse(path: string, error: NodeJS.ErrnoException): never {
  const { code, message } = error;
  throw new BenchError('OUT', `${path} is of an earlier report and cannot be removed (${code ?? message})`, {
    cause: error,
  });
}
