import { formatCpuList, parseCpuList } from '../cli/cpu-list.js';
import { BenchError } from '../cli/errors.js';
import { type ReadText, tryRead } from './host-files.js';

/** The CPUs a run may use. */
export interface Cpus {
  /** Online and allowed to this process, ascending. */
  cpus: number[];
  /** Hyper-threads of one physical core, a group a core. */
  siblings: number[][];
}

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
  return { cpus, siblings: readCores(readText, cpus) };
}

/** The hyper-threads of each core that has one of the CPUs. */
export function readCores(readText: ReadText, cpus: readonly number[]): number[][] {
  const groups = cpus.map((cpu) => {
    // A container may hide the topology: each CPU then counts as a core of its own.
    const list = tryRead(readText, `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`);
    return list === null ? [cpu] : parseCpuList(list);
  });
  return [...new Map(groups.map((group) => [formatCpuList(group), group])).values()];
}
