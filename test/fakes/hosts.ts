import { formatCpuList, parseCpuList } from '../../common/cli/cpu-list.js';
import type { ReadText } from '../../common/process/host-files.js';
import { type HostCpus, readHostCpus } from '../../harness/plan/host-cpus.js';

/**
 * Hosts as text, a line for CPUs that are alike: `cpus` are the first hyper-threads of cores, `siblings` the second ones in
 * the same order, `device` is the kernel's name of a kind of core, `capacity` and `kHz` are what sysfs says of each CPU.
 */
export const hosts = {
  /** 2 x Xeon E5-2690 v3: 12 cores each, second threads numbered after all first ones. */
  twoSockets: `
    cpus=0-11 siblings=24-35 node=0 kHz=3500000
    cpus=12-23 siblings=36-47 node=1 kHz=3500000`,
  /** 2 x EPYC 7601: 4 dies a socket, each a node of 8 cores. */
  eightNodes: [0, 1, 2, 3, 4, 5, 6, 7]
    .map((node) => `cpus=${8 * node}-${8 * node + 7} siblings=${64 + 8 * node}-${71 + 8 * node} node=${node}`)
    .join('\n'),
  /** Core i7-1260P: 4 performance cores of 2 threads, 8 efficiency cores of one. */
  hybridLaptop: `
    cpus=0,2,4,6 siblings=1,3,5,7 node=0 kHz=4700000 device=cpu_core
    cpus=8-15 node=0 kHz=3400000 device=cpu_atom`,
  /** 2 x EPYC 7763: 64 cores each, a node a socket. */
  cpus256: `
    cpus=0-63 siblings=128-191 node=0
    cpus=64-127 siblings=192-255 node=1`,
  /** A virtual machine that has one core: the hyper-threads of it. */
  cloud: `
    cpus=0 siblings=1 node=0`,
  /** Ampere Altra Q80-30: 80 cores of one thread. */
  armServer: `
    cpus=0-79 node=0 capacity=1024 kHz=3000000`,
  /** RK3588: 4 Cortex-A55, 4 Cortex-A76, the slow ones first. */
  armBoard: `
    cpus=0-3 capacity=397 kHz=1800000
    cpus=4-7 capacity=1024 kHz=2400000`,
  /** Xeon E5-2630 v2 as the published experiment numbers it: 0 and 1 are one core. */
  thesis: `
    cpus=0,2,4,6,8,10 siblings=1,3,5,7,9,11 node=0 kHz=3100000`,
};

/** A reader of what sysfs has of such a host, where `isolated` CPUs are not among those that a process has by itself. */
export function fakeSysfs(host: string, isolated = ''): ReadText {
  const system = '/sys/devices/system';
  const files = new Map<string, string>();
  const all: number[] = [];
  const add = (path: string, cpus: readonly number[]) =>
    files.set(path, formatCpuList([...parseCpuList(files.get(path) ?? ''), ...cpus]));
  for (const line of host.trim().split('\n')) {
    const fields: Record<string, string> = Object.fromEntries(
      line
        .trim()
        .split(' ')
        .map((field) => field.split('=')),
    );
    const first = parseCpuList(fields.cpus ?? '');
    const second = parseCpuList(fields.siblings ?? '');
    for (const [index, cpu] of first.entries()) {
      const core = [cpu, ...second.slice(index, index + 1)];
      for (const thread of core) {
        files.set(`${system}/cpu/cpu${thread}/topology/thread_siblings_list`, formatCpuList(core));
        if (fields.capacity) files.set(`${system}/cpu/cpu${thread}/cpu_capacity`, fields.capacity);
        if (fields.kHz) files.set(`${system}/cpu/cpu${thread}/cpufreq/cpuinfo_max_freq`, fields.kHz);
      }
    }
    const own = [...first, ...second];
    all.push(...own);
    if (fields.device) add(`/sys/devices/${fields.device}/cpus`, own);
    if (!fields.node) continue;
    add(`${system}/node/node${fields.node}/cpulist`, own);
    add(`${system}/node/online`, [Number(fields.node)]);
  }
  files.set(`${system}/cpu/online`, formatCpuList(all));
  files.set(`${system}/cpu/isolated`, isolated);
  const allowed = all.filter((cpu) => !parseCpuList(isolated).includes(cpu));
  files.set('/proc/self/status', `Cpus_allowed_list:\t${formatCpuList(allowed)}\n`);
  return (path) => {
    const text = files.get(path);
    if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    return text;
  };
}

/** No CPU is named. */
export const anyCpus = { any: null, server: null, client: null, irq: null };

/** What placement reads of such a host, where no CPU is named. */
export function realHost(name: keyof typeof hosts): HostCpus {
  return readHostCpus(fakeSysfs(hosts[name]), { cpus: anyCpus, pinned: [] });
}

/** A host whose CPUs are cores of their own, all alike, of no node. */
export function plainHost(cpus: readonly number[], changes: Partial<HostCpus> = {}): HostCpus {
  return {
    cpus: [...cpus],
    siblings: cpus.map((cpu) => [cpu]),
    nodes: {},
    kinds: [],
    isolated: [],
    quota: null,
    ...changes,
  };
}
