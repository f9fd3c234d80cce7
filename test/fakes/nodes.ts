import { readdirSync } from 'node:fs';

/** The NUMA node of a CPU; "0" where the kernel has no nodes. */
export function nodeOf(cpu: number): string {
  const names = readdirSync(`/sys/devices/system/cpu/cpu${cpu}`);
  return /^node(\d+)$/m.exec(names.join('\n'))?.[1] ?? '0';
}
