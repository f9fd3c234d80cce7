import { expect, it } from 'vitest';
import { readHostCpus } from '../../../harness/plan/host-cpus.js';
import type { Scenario } from '../../../model/cell.js';
import { fakeSummary } from '../../fakes/summary.js';

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
const frequencies = Object.fromEntries(
  [0, 1, 2, 3, 4, 5].map((cpu) => [`${system}/cpu/cpu${cpu}/cpufreq/cpuinfo_max_freq`, `${3_000_000 + cpu}\n`]),
);

function read(asked: Partial<Scenario> = {}, more: Record<string, string> = {}) {
  const readText = (path: string) => {
    const text = { ...files, ...more }[path];
    if (text === undefined) throw new Error(`no ${path}`);
    return text;
  };
  return readHostCpus(readText, { ...fakeSummary().scenario, ...asked });
}

it('are those that are allowed, with cores and nodes', () => {
  expect(read()).toEqual({
    ...{ cpus: [0, 1, 2, 3], siblings: [[0, 1], [2], [3]], nodes: { 0: [0, 1, 2], 1: [3, 4, 5] }, speed: {} },
  });
});

it('may be isolated ones where they are named', () => {
  expect(read({ cpus: [3, 4, 5] }).cpus).toEqual([3, 4, 5]);
  expect(read({ generatorCpus: [5] }).cpus).toEqual([0, 1, 2, 3, 5]);
});

it.each<[Partial<Scenario>, string]>([
  [{ cpus: [2, 6] }, '--cpus: CPU 6 is not online, CPUs 0-5 are'],
  [{ generatorCpus: [9] }, '--generator-cpus: CPU 9 is not online, CPUs 0-5 are'],
])('refuses %j', (asked, message) => {
  expect(() => read(asked)).toThrow(expect.objectContaining({ name: 'UsageError', message }));
});

it('know their speed by capacity, else by frequency, if all do', () => {
  const capacity = Object.fromEntries(
    [0, 1, 2, 3].map((cpu) => [`${system}/cpu/cpu${cpu}/cpu_capacity`, `${cpu + 9}`]),
  );
  expect(read({}, frequencies).speed).toEqual({ 0: 3_000_000, 1: 3_000_001, 2: 3_000_002, 3: 3_000_003 });
  expect(read({}, { ...frequencies, ...capacity }).speed).toEqual({ 0: 9, 1: 10, 2: 11, 3: 12 });
  expect(read({ cpus: [3, 4] }, capacity).speed).toEqual({});
});

it('have no nodes where the kernel names none', () => {
  expect(read({}, { [`${system}/node/online`]: '' }).nodes).toEqual({});
});
