import type { XdpProgram } from '../../model/host.js';

/** What a cell must leave as it found it. Names are words that tell of a thing to whoever has to look after it. */
export interface HostState {
  /** Values by name: whoever changes one, the figures of before and after are not those of one host. */
  settings: Record<string, string>;
  /** What is there of this benchmark. What goes, the kernel has freed late. */
  ours: string[];
  /** How much is in use, by name. */
  used: Record<string, number>;
}

/** What `after` has that `before` had not, each in a few words; empty for none. What others bring and take is left out. */
export function leftBehind(before: HostState, after: HostState): string[] {
  const had = new Set(before.ours);
  const changed = Object.entries(after.settings).flatMap(([name, value]) => {
    const was = before.settings[name];
    return was === undefined || was === value ? [] : [`${name} ${was} -> ${value}${remedy(name, was)}`];
  });
  const taken = Object.entries(after.used).flatMap(([name, count]) => {
    const was = before.used[name];
    return was === undefined || count <= was ? [] : [`${name} ${was} -> ${count}`];
  });
  return [...after.ours.filter((thing) => !had.has(thing)), ...changed, ...taken];
}

const sysctl = 'sysctl ';

export const nameOfSysctl = (path: string) => `${sysctl}${path.replaceAll('/', '.')}`;

function remedy(name: string, was: string): string {
  if (!name.startsWith(sysctl)) return '';
  const value = /\s/.test(was) ? `'${was}'` : was;
  return ` (sysctl -w ${name.slice(sysctl.length)}=${value})`;
}

/** The functions that bpf/ has for programs, as the kernel shows them. */
export const programNames = ['collect', 'count_replies', 'generate', 'pass', 'respond', 'steer'];

/** A process that has a program, and whether this one has started it. */
export interface ProgramHolder {
  pid: number;
  whose: 'ours' | 'others';
}

/**
 * Those of the programs that this benchmark has to answer for, in words. A program says nothing of who loaded it: whoever
 * runs an invoker, or another benchmark in a container, has such a one too, and a process that holds it. Where nobody does, it
 * is ours if no process is hidden from us (`sees`).
 */
export function oursOf(
  programs: readonly XdpProgram[],
  holders: ReadonlyMap<number, readonly ProgramHolder[]>,
  sees: 'every process' | 'its own PID namespace',
): string[] {
  return programs.flatMap(({ id, name }) => {
    if (!programNames.includes(name)) return [];
    const words = `XDP program ${name} (id ${id})`;
    const all = holders.get(id) ?? [];
    const own = all.find(({ whose }) => whose === 'ours');
    if (own) return [`${words}, held by process ${own.pid}`];
    return all.length === 0 && sees === 'every process' ? [words] : [];
  });
}
