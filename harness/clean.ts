import { BenchError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { removeLeftFilters } from '../common/wire/filters.js';
import { removeLeftPrograms } from '../common/wire/left-programs.js';
import { cards } from '../common/wire/nic.js';
import { localTopologies } from '../common/wire/table.js';
import { removeControlFolders } from './far/control-folder.js';
import type { BenchSurroundings } from './surroundings.js';
import { restoreAbandoned } from './tuning/restore.js';

/**
 * Undoes what killed runs have set on this host and brings back what they have moved. Resolves to a sentence for each;
 * rejects with BenchError for what stays.
 */
export async function restoreLeft(): Promise<string[]> {
  // Settings first: those of an interface are undone where it was set.
  return [
    ...(await restoreAbandoned()),
    ...(await cards.clean()),
    ...(await removeLeftFilters()),
    ...(await removeLeftPrograms()),
  ];
}

/** The same, told before another run begins. */
export async function restoreFirst(stderr: BenchSurroundings['stderr']): Promise<void> {
  for (const text of await restoreLeft()) stderr.write(`invoker-bench: left by a killed run: ${text}\n`);
}

type Cleaning = Pick<BenchSurroundings, 'stdout' | 'privileges'>;

/**
 * Undoes and removes what killed runs left, of every topology. Each run does so for its own when it begins. `undo`
 * resolves to a sentence for each thing that it has set back.
 */
export async function clean({ stdout, privileges }: Cleaning, undo = () => restoreAbandoned()): Promise<number> {
  if (privileges !== 'root')
    throw new BenchError('PRIVILEGES', '--clean needs root: it deletes network namespaces and undoes tuning');
  // Settings first: those of a namespace go with it.
  const restored = await undo();
  const removed = [
    ...(await Promise.all(localTopologies.map((topology) => topology.clean()))).flat(),
    ...(await removeLeftFilters()),
    ...(await removeLeftPrograms()),
    ...removeControlFolders(),
  ];
  for (const text of [...restored, ...removed]) stdout.write(`${text}.\n`);
  if (removed.length + restored.length === 0) stdout.write('Nothing was left.\n');
  return exitCodes.ok;
}
