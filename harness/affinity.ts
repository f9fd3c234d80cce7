import { readFileSync } from 'node:fs';
import { execa } from 'execa';

/** The CPUs this process may run on, as the kernel's list: `0-3,5`. */
export function allowedCpus(): string {
  const status = readFileSync('/proc/self/status', 'utf8');
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '0';
}

/** Confines this process to a list of CPUs, so that it leaves the measured ones alone. */
export async function keepTo(cpuList: string): Promise<void> {
  await execa('taskset', ['-acp', cpuList, String(process.pid)]);
}
