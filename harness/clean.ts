import { BenchError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { topologies } from '../common/wire/table.js';
import type { BenchSurroundings } from './surroundings.js';

/** Removes what killed runs left, of every topology. Each run does so for its own when it begins. */
export async function clean({ stdout, privileges }: Pick<BenchSurroundings, 'stdout' | 'privileges'>): Promise<number> {
  if (privileges !== 'root') throw new BenchError('PRIVILEGES', '--clean needs root: it deletes network namespaces');
  const removed = (await Promise.all(Object.values(topologies).map((topology) => topology.clean()))).flat();
  stdout.write(removed.length === 0 ? 'Nothing was left.\n' : `Removed ${removed.join(', ')}.\n`);
  return exitCodes.ok;
}
