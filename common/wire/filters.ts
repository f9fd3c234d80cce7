import { programHolders, sight } from '../process/program-holders.js';
import { run, toolError } from './namespaces.js';

/** The function that bpf/ has for a filter, as the kernel shows it; and the handle that says that the qdisc was made for it. */
const [program, qdiscMade] = ['respond_tc', 1];

/** A filter at the ingress of an interface of this network namespace. */
export interface Filter {
  interface: string;
  priority: number;
  handle: number;
}

/** As tc prints it; where it has no `options`, it stands for all of its priority. */
interface TcFilter {
  pref: number;
  options?: { handle?: string | number; prog?: { id: number; name?: string } };
}

/**
 * Those of the tc invoker whose process is gone: nobody has their program. None where processes are hidden from us, and
 * where there is no tc.
 */
export async function leftFilters(): Promise<Filter[]> {
  if (sight() !== 'every process') return [];
  const names = await interfacesWithFilters().catch(() => []);
  const filters = (await Promise.all(names.map(ownFiltersOf))).flat();
  if (filters.length === 0) return [];
  const holders = programHolders();
  return filters.filter(({ programId }) => !holders.has(programId));
}

/** Removes them; resolves to a sentence for each. Rejects with BenchError TOPOLOGY. */
export async function removeLeftFilters(): Promise<string[]> {
  const left = await leftFilters();
  for (const filter of left) {
    await remove(filter).catch((error) => {
      throw toolError(error, `remove the tc filter of ${filter.interface}`);
    });
  }
  return left.map((filter) => `Removed the tc filter that an invoker left on ${filter.interface}`);
}

async function remove({ interface: name, priority, handle }: Filter): Promise<void> {
  const place = ['dev', name, 'ingress', 'pref', `${priority}`, 'handle', `${handle}`, 'protocol', 'all', 'bpf'];
  await run('tc', ['filter', 'delete', ...place]);
  if (handle !== qdiscMade) return;
  const others = await Promise.all(['ingress', 'egress'].map((way) => filtersOf(name, way)));
  if (others.flat().length === 0) await run('tc', ['qdisc', 'delete', 'dev', name, 'clsact']);
}

async function interfacesWithFilters(): Promise<string[]> {
  const qdiscs: { kind: string; dev: string }[] = await tc('qdisc', 'show');
  return qdiscs.filter(({ kind }) => kind === 'clsact' || kind === 'ingress').map(({ dev }) => dev);
}

async function ownFiltersOf(name: string): Promise<(Filter & { programId: number })[]> {
  const filters = await filtersOf(name, 'ingress').catch(() => []);
  return filters.flatMap(({ pref, options: { handle, prog } = {} }) =>
    prog?.name === program ? [{ interface: name, priority: pref, handle: Number(handle), programId: prog.id }] : [],
  );
}

const filtersOf = (name: string, way: string): Promise<TcFilter[]> => tc('filter', 'show', 'dev', name, way);

async function tc<Answer>(...words: string[]): Promise<Answer> {
  return JSON.parse((await run('tc', ['-json', ...words])) || '[]');
}
