import { expect, it } from 'vitest';
import { readHostCpus } from '../../../harness/plan/host-cpus.js';
import type { CpuRoles } from '../../../model/cell.js';
import { anyCpus, fakeSysfs, hosts } from '../../fakes/hosts.js';

const system = '/sys/devices/system';
const files: Record<string, string> = {
  [`${system}/cpu/online`]: '0-5\n',
  [`${system}/cpu/isolated`]: '4-5\n',
  '/proc/self/status': 'Cpus_allowed_list:\t0-3\n',
  [`${system}/node/online`]: '0-1\n',
  [`${system}/node/node0/cpulist`]: '0-2\n',
  [`${system}/node/node1/cpulist`]: '3-5\n',
  [`${system}/cpu/cpu0/topology/thread_siblings_list`]: '0-1\n',
  [`${system}/cpu/cpu1/topology/thread_siblings_list`]: '0-1\n',
};
function read(cpus: Partial<CpuRoles> = {}, more: Record<string, string> = {}) {
  const readText = (path: string) => {
    const text = { ...files, ...more }[path];
    if (text === undefined) throw new Error(`no ${path}`);
    return text;
  };
  return readHostCpus(readText, { cpus: { ...anyCpus, ...cpus }, pinned: [] });
}

it('are those that are allowed, with cores and nodes', () => {
  expect(read()).toEqual({
    ...{ cpus: [0, 1, 2, 3], siblings: [[0, 1], [2], [3]], nodes: { 0: [0, 1, 2], 1: [3, 4, 5] }, kinds: [] },
    ...{ isolated: [4, 5], quota: null },
  });
});

it('may be isolated ones where they are named', () => {
  expect(read({ any: [3, 4, 5] }).cpus).toEqual([3, 4, 5]);
  expect(read({ client: [5] })).toMatchObject({ cpus: [0, 1, 2, 3], siblings: [[0, 1], [2], [3], [5]] });
});

it.each<[Partial<CpuRoles>, string]>([
  [{ any: [2, 6] }, '--cpus: CPU 6 is not online, CPUs 0-5 are'],
  [{ client: [9] }, '--cpus: client: CPU 9 is not online, CPUs 0-5 are'],
])('refuses %j', (asked, message) => {
  expect(() => read(asked)).toThrow(expect.objectContaining({ name: 'UsageError', message }));
});

it('refuses a CPU of a placement that is not online', () => {
  const point = { threads: 1, queues: 1, implementation: null, generatorCpus: null, irqCpus: null };
  const pinned = [{ ...point, invokerCpus: [1], housekeepingCpu: 2 }];
  expect(() => readHostCpus(fakeSysfs(hosts.cloud), { cpus: anyCpus, pinned })).toThrow(
    '--placement: 1T1Q: harness: CPU 2 is not online, CPUs 0-1 are',
  );
});

it('have no nodes where the kernel names none', () => {
  expect(read({}, { [`${system}/node/online`]: '' }).nodes).toEqual({});
});
