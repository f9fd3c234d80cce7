import { readFileSync, statSync } from 'node:fs';

/**
 * Names of host objects say which process made them: `ivb-<pid>-<start time>-<PID namespace>-<side>`. The start time
 * tells a process from a later one with the same number, so that what a killed run left behind can be told from what is
 * in use. Containers may share the objects and number their processes for themselves: of another PID namespace nobody
 * here can say whether the process lives, so its objects are left alone.
 */
const prefix = 'ivb';

/** The name of an object of this process. */
export function ownName(side: string): string {
  return `${prefix}-${process.pid}-${startTime(process.pid)}-${pidNamespace()}-${side}`;
}

/** Whether a name is of this process. */
export function isOwn(name: string): boolean {
  return name.startsWith(ownName(''));
}

/**
 * Environment of the processes that this one starts for a cell. It tells them from those of others wherever they end up:
 * whoever loses his parent gets another one.
 */
export function ownMark(): { IVB_OWNER: string } {
  return { IVB_OWNER: ownName('') };
}

/** Whether a name is of this project and its process, of our PID namespace, is gone. */
export function isOrphan(name: string): boolean {
  const [, pid, start, namespace] = /^ivb-(\d+)-(\d+)-(\d+)-[a-zA-Z0-9]+$/.exec(name) ?? [];
  return namespace === pidNamespace() && startTime(Number(pid)) !== start;
}

/** The inode that stands for this process's PID namespace. */
function pidNamespace(): string {
  return String(statSync('/proc/self/ns/pid').ino);
}

/** Start time of a process in clock ticks since boot, or null if there is none. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in brackets, which may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
