import type { CpuTime } from '../../model/host-use.js';

/** Length of a tick of /proc/stat: USER_HZ is 100 on every architecture that matters here. */
export const tickNs = 1e7;

/** A time without whose host it is, which a host does not know. */
export type OwnCpuTime = Omit<CpuTime, 'host'>;

/** CPU time of each CPU since boot, from the text of /proc/stat. */
export function parseCpuTimes(procStat: string): OwnCpuTime[] {
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

/**
 * What passed in the `elapsedNs` between two readings; a CPU that is missing in one of them is left out. Idle and stolen
 * time come from clocks. Of the others a kernel without CONFIG_VIRT_CPU_ACCOUNTING looks at each tick what the CPU does,
 * which for a thread that is woken from idle has little to do with how long it runs: the looks only tell how the time
 * that is left divides, and where there were none it is system time.
 */
export function cpuTimeBetween(
  begin: readonly OwnCpuTime[],
  end: readonly OwnCpuTime[],
  elapsedNs: number,
): OwnCpuTime[] {
  return end.flatMap((after) => {
    const before = begin.find(({ cpu }) => cpu === after.cpu);
    if (before === undefined) return [];
    const passed = (kind: Exclude<keyof OwnCpuTime, 'cpu'>) => after[kind] - before[kind];
    const [idleNs, stealNs] = [passed('idleNs'), passed('stealNs')];
    const busyNs = Math.max(0, elapsedNs - idleNs - stealNs);
    const seenNs = passed('userNs') + passed('systemNs') + passed('softirqNs');
    const share = (kind: 'userNs' | 'softirqNs') => (seenNs === 0 ? 0 : Math.round((busyNs * passed(kind)) / seenNs));
    const [userNs, softirqNs] = [share('userNs'), share('softirqNs')];
    return { cpu: after.cpu, userNs, systemNs: busyNs - userNs - softirqNs, softirqNs, idleNs, stealNs };
  });
}
