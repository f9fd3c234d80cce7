import { tickNs } from '../measure/cpu-time.js';

/** A process at one moment. */
export interface ProcessReading {
  pid: number;
  parent: number;
  /** As the kernel names it, up to 15 characters. */
  name: string;
  /** CPU time since its start. */
  ns: number;
}

/** What a process used of one CPU between two readings, 0..1 and above where it has several threads. */
export interface ProcessUse {
  pid: number;
  name: string;
  share: number;
}

/** Texts and folders of a host, as a view has them. */
interface Files {
  text(path: string): string | null;
  list(folder: string): string[];
}

/** All processes but this one, those that started it, and those that it started. */
export function readProcesses({ text, list }: Files): ProcessReading[] {
  const all = list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const stat = text(`/proc/${pid}/stat`);
      return stat === null ? [] : [parseStat(stat)];
    });
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const ours = new Set<number>();
  for (let pid: number | undefined = process.pid; pid && !ours.has(pid); pid = parents.get(pid)) ours.add(pid);
  return all.filter(({ pid, parent }) => !ours.has(pid) && parent !== process.pid);
}

function parseStat(stat: string): ProcessReading {
  // The second field is the command in brackets, which may hold spaces and brackets.
  const [open, close] = [stat.indexOf('('), stat.lastIndexOf(')')];
  const fields = stat.slice(close + 2).split(' ');
  return {
    pid: Number(stat.slice(0, open)),
    name: stat.slice(open + 1, close),
    parent: Number(fields[1]),
    ns: (Number(fields[11]) + Number(fields[12])) * tickNs,
  };
}

/** Of those that were there at both times, the busiest first. */
export function usesBetween(
  before: readonly ProcessReading[],
  after: readonly ProcessReading[],
  elapsedNs: number,
): ProcessUse[] {
  const earlier = new Map(before.map(({ pid, ns }) => [pid, ns]));
  return after
    .flatMap(({ pid, name, ns }) => {
      const then = earlier.get(pid);
      return then === undefined ? [] : [{ pid, name, share: (ns - then) / elapsedNs }];
    })
    .sort((a, b) => b.share - a.share);
}
