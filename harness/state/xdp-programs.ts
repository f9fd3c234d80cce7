import { readdirSync, readlinkSync } from 'node:fs';
import { readText, tryList, tryRead } from '../../common/process/host-files.js';
import type { XdpProgram } from '../../model/host.js';
import { processNumbers } from './processes.js';

/** The functions that bpf/ has for programs, as the kernel shows them. */
export const programNames = ['collect', 'count_replies', 'generate', 'pass', 'respond', 'steer'];

/** A process that has a program, and whether this one has started it. */
export interface ProgramHolder {
  pid: number;
  whose: 'ours' | 'others';
}

/** How much of a host's processes is seen. */
export type Sight = 'every process' | 'its own PID namespace';

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

/** Who has which program, by a descriptor of itself or of a link. `own`: the processes of this benchmark. */
export function holdersOf(own: ReadonlySet<number>): Map<number, ProgramHolder[]> {
  const holders = new Map<number, ProgramHolder[]>();
  for (const pid of processNumbers()) {
    for (const fd of tryList(readdirSync, `/proc/${pid}/fd`)) {
      if (!tryRead(readlinkSync, `/proc/${pid}/fd/${fd}`)?.startsWith('anon_inode:bpf')) continue;
      const id = /^prog_id:\s*(\d+)$/m.exec(tryRead(readText, `/proc/${pid}/fdinfo/${fd}`) ?? '')?.[1];
      if (id === undefined) continue;
      const one: ProgramHolder = { pid, whose: own.has(pid) ? 'ours' : 'others' };
      holders.set(Number(id), [...(holders.get(Number(id)) ?? []), one]);
    }
  }
  return holders;
}

/** The inode of the first PID namespace, in which every process is seen. */
const firstPidNamespace = 'pid:[4026531836]';

/** Of this process. */
export const sight = (): Sight =>
  tryRead(readlinkSync, '/proc/self/ns/pid') === firstPidNamespace ? 'every process' : 'its own PID namespace';
