import { readdirSync } from 'node:fs';
import { nowNs } from '../../common/process/clock.js';
import { type ReadText, readText } from '../../common/process/host-files.js';
import { thisHost } from '../../common/process/host-sources.js';
import { type OwnQuota, readQuota } from '../../common/process/quota.js';
import type { CpuTime, EnergyUse, ForeignTime, HostSide, Quota } from '../../model/host-use.js';
import { cpuTimeBetween, type OwnCpuTime, parseCpuTimes, tickNs } from './cpu-time.js';
import { type EnergyCounter, energyBetween, readEnergy } from './energy.js';

/** CPU time of a thread since its start, and the CPU it was on last. */
export interface ThreadTime {
  tid: number;
  cpu: number;
  ns: number;
}

/** What the host has done since its start, and our processes of that. */
export interface HostReading {
  /** CLOCK_MONOTONIC of that host. */
  atNs: number;
  cpu: OwnCpuTime[];
  own: ThreadTime[];
  quota: OwnQuota | null;
  energy: EnergyCounter[];
}

/** What passed between two readings. */
export interface HostUse {
  cpu: CpuTime[];
  /** By others, a line a CPU. */
  foreign: ForeignTime[];
  quota: Quota | null;
  energy: EnergyUse[];
}

/** A host that a cell uses. */
export interface MeasuredHost {
  side: HostSide;
  /** Reads it now; `children`: the cell's processes there. */
  read(children: readonly number[]): Promise<HostReading>;
}

/**
 * Reads the host now; ours are this process, `others`, and the children that are named with all that they started: none of
 * them may be there twice.
 */
export function readHost(children: readonly number[], others: readonly number[] = []): HostReading {
  const own = [
    ...[process.pid, ...others].flatMap((pid) => readThreads(pid, readText, readdirSync, 'alone')),
    ...children.flatMap((pid) => readThreads(pid, readText, readdirSync, 'with descendants')),
  ];
  const [atNs, procStat] = [nowNs(), readText('/proc/stat')];
  return { atNs, cpu: parseCpuTimes(procStat), own, quota: readQuota(readText), energy: readEnergy(thisHost) };
}

/** Every thread of a process; what has ended meanwhile is left out. */
export function readThreads(
  pid: number,
  readText: ReadText,
  list: (folder: string) => string[],
  whose: 'alone' | 'with descendants',
): ThreadTime[] {
  const folder = `/proc/${pid}/task`;
  const attempt = <T>(read: () => T): T[] => {
    try {
      return [read()];
    } catch {
      return [];
    }
  };
  return attempt(() => list(folder))
    .flat()
    .flatMap((tid) => {
      const read = (name: string) => readText(`${folder}/${tid}/${name}`);
      const own = attempt(() => threadTime(Number(tid), read('stat'), attempt(() => read('schedstat'))[0] ?? null));
      if (whose === 'alone') return own;
      const children = attempt(() => read('children')).flatMap((text) => text.split(' ').filter(Boolean));
      return [...own, ...children.flatMap((child) => readThreads(Number(child), readText, list, whose))];
    });
}

/** Of the texts of stat and schedstat, the second of which has nanoseconds; without it time comes in ticks. */
function threadTime(tid: number, stat: string, schedstat: string | null): ThreadTime {
  // The second field is the command in brackets, which may hold spaces; `state`, the third, is the first after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [utime = 0, stime = 0, cpu = 0] = [fields[11], fields[12], fields[36]].map(Number);
  const ns = schedstat === null ? (utime + stime) * tickNs : Number(schedstat.split(' ')[0]);
  return { tid, cpu, ns };
}

/**
 * What others did is the user and system time of a CPU without that of our threads there. A lower bound: where the
 * kernel bills receive work to the thread that it interrupts, ours seem to have taken more. Ticks of 10 ms.
 */
export function useBetween(host: HostSide, begin: HostReading, end: HostReading): HostUse {
  const cpu = cpuTimeBetween(begin.cpu, end.cpu, end.atNs - begin.atNs).map((time) => ({ host, ...time }));
  const before = new Map(begin.own.map(({ tid, ns }) => [tid, ns]));
  const foreign = cpu.map((time) => {
    const ownNs = end.own
      .filter((thread) => thread.cpu === time.cpu)
      .reduce((sum, { tid, ns }) => sum + ns - (before.get(tid) ?? 0), 0);
    return { host, cpu: time.cpu, ns: Math.max(0, Math.round(time.userNs + time.systemNs - ownNs)) };
  });
  const throttledNs = (end.quota?.throttledNs ?? 0) - (begin.quota?.throttledNs ?? 0);
  const energy = energyBetween(begin.energy, end.energy).map((use) => ({ host, ...use }));
  return { cpu, foreign, quota: end.quota && { host, cpus: end.quota.cpus, throttledNs }, energy };
}
