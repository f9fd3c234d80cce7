import { readFileSync } from 'node:fs';
import { type ExecaError, execa } from 'execa';
import { BenchError } from '../../common/cli/errors.js';
import { toolEnvironment } from '../../common/process/tools.js';

/** The CPUs this process may run on, as the kernel's list: `0-3,5`. */
export function allowedCpus(): string {
  const status = readFileSync('/proc/self/status', 'utf8');
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '0';
}

/** Confines a process, this one by default, to a list of CPUs, so that it leaves the measured ones alone. */
export async function keepTo(cpuList: string, pid = process.pid): Promise<void> {
  try {
    await execa('taskset', ['-acp', cpuList, String(pid)], { env: toolEnvironment });
  } catch (error) {
    const { code, shortMessage } = error as ExecaError;
    const remedy = code === 'ENOENT' ? ' (apt-get install util-linux)' : '';
    throw new BenchError('AFFINITY', `cannot keep to CPUs ${cpuList}${remedy}: ${shortMessage.split('\n')[0]}`, {
      call: 'taskset',
      cause: error,
    });
  }
}
