import { BenchError } from '../cli/errors.js';

/** The CPUs a run may use. */
export interface Cpus {
  /** Online and allowed to this process, ascending. */
  cpus: number[];
  /** Hyper-threads of one physical core, a group a core. */
  siblings: number[][];
}

/** Reads a text file, throws when it cannot. */
export type ReadText = (path: string) => string;

/** Reads the online and allowed CPUs and their cores; BenchError `no-cpus` when the kernel says neither. */
export function readCpus(readText: ReadText): Cpus {
  const online = tryRead(readText, '/sys/devices/system/cpu/online');
  const status = tryRead(readText, '/proc/self/status');
  const allowed = status === null ? null : (/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? null);
  if (online === null && allowed === null) {
    throw new BenchError('no-cpus', 'neither /sys/devices/system/cpu/online nor /proc/self/status names the CPUs');
  }
  const onlineCpus = parseCpuList(online ?? allowed ?? '');
  // Cpus_allowed_list names CPUs that may be plugged in later, too: only those of both lists can run a thread now.
  const allowedCpus = new Set(parseCpuList(allowed ?? online ?? ''));
  const cpus = onlineCpus.filter((cpu) => allowedCpus.has(cpu));
  const groups = cpus.map((cpu) => {
    // A container may hide the topology: each CPU then counts as a core of its own.
    const list = tryRead(readText, `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`);
    return list === null ? [cpu] : parseCpuList(list);
  });
  const unique = new Map(groups.map((group) => [formatCpuList(group), group]));
  return { cpus, siblings: [...unique.values()] };
}

/** CPU numbers, ascending, from the kernel's `0-3,5`; blank is no CPU; BenchError `bad-cpu-list` for anything else. */
export function parseCpuList(text: string): number[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const cpus = trimmed.split(',').flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (!match || last < first)
      throw new BenchError('bad-cpu-list', `${JSON.stringify(trimmed)} is not a list of CPUs`);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  return [...new Set(cpus)].sort((a, b) => a - b);
}

/** The inverse of parseCpuList: `0-3,5`. */
export function formatCpuList(cpus: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const cpu of [...new Set(cpus)].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && run[1] === cpu - 1) run[1] = cpu;
    else runs.push([cpu, cpu]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

function tryRead(readText: ReadText, path: string): string | null {
  try {
    return readText(path);
  } catch {
    return null; // Absent is an answer here: every caller says what it then assumes.
  }
}
