import { programHolders, type Sight } from '../../common/process/program-holders.js';
import type { XdpProgram } from '../../model/host.js';

/** The functions that bpf/ has for programs, as the kernel shows them. */
export const programNames = ['collect', 'count_replies', 'deliver', 'generate', 'pass', 'respond', 'steer'];

/** A process that has a program, and whether this one has started it. */
export interface ProgramHolder {
  pid: number;
  whose: 'ours' | 'others';
}

/**
 * Those of the programs that this benchmark has to answer for, in words. A program says nothing of who loaded it: whoever
 * runs an invoker, or another benchmark in a container, has such a one too, and a process that holds it. Where nobody does, it
 * is ours if no process is hidden from us (`sees`). Holders are looked for where a program has one of our names.
 */
export function oursOf(
  programs: readonly XdpProgram[],
  lookForHolders: () => ReadonlyMap<number, readonly ProgramHolder[]>,
  sees: Sight,
): string[] {
  const named = programs.filter(({ name }) => programNames.includes(name));
  if (named.length === 0) return [];
  const holders = lookForHolders();
  return named.flatMap(({ id, name }) => {
    const words = `XDP program ${name} (id ${id})`;
    const all = holders.get(id) ?? [];
    const own = all.find(({ whose }) => whose === 'ours');
    if (own) return [`${words}, held by process ${own.pid}`];
    return all.length === 0 && sees === 'every process' ? [words] : [];
  });
}

/** Who has which program. `own`: the processes of this benchmark. */
export function holdersOf(own: ReadonlySet<number>): Map<number, ProgramHolder[]> {
  return new Map(
    [...programHolders()].map(([id, pids]) => [
      id,
      pids.map((pid): ProgramHolder => ({ pid, whose: own.has(pid) ? 'ours' : 'others' })),
    ]),
  );
}
