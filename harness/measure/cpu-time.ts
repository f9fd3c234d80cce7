import type { CpuTime } from '../../model/record.js';

/** Length of a tick of /proc/stat: USER_HZ is 100 on every architecture that matters here. */
export const tickNs = 1e7;

/** CPU time of each CPU since boot, from the text of /proc/stat. */
export function parseCpuTimes(procStat: string): CpuTime[] {
  return [...procStat.matchAll(/^cpu(\d+) (.+)$/gm)].map(([, cpu, fields = '']) => {
    const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = fields
      .split(' ')
      .map((ticks) => Number(ticks) * tickNs);
    return {
      cpu: Number(cpu),
      userNs: user + nice,
      systemNs: system,
      softirqNs: irq + softirq,
      idleNs: idle + iowait,
      stealNs: steal,
    };
  });
}

/** What passed between two readings; a CPU that is missing in one of them is left out. */
export function cpuTimeBetween(begin: readonly CpuTime[], end: readonly CpuTime[]): CpuTime[] {
  return end.flatMap((after) => {
    const before = begin.find(({ cpu }) => cpu === after.cpu);
    if (before === undefined) return [];
    return {
      cpu: after.cpu,
      userNs: after.userNs - before.userNs,
      systemNs: after.systemNs - before.systemNs,
      softirqNs: after.softirqNs - before.softirqNs,
      idleNs: after.idleNs - before.idleNs,
      stealNs: after.stealNs - before.stealNs,
    };
  });
}
