import { describe, expect, it } from 'vitest';
import { cpuTimeBetween, parseCpuTimes } from '../../../harness/measure/cpu-time.js';
import type { CpuTime } from '../../../model/host-use.js';
import { fakeCpuTime } from '../../fakes/runs.js';

const sample = `cpu  30 0 60 90 0 0 0 0 0 0
cpu0 1 2 3 4 5 6 7 8 9 10
cpu11 10 0 20 30 0 0 0 0 0 0
intr 12345 0 9
ctxt 77
btime 1700000000
procs_running 1
`;

describe('parseCpuTimes', () => {
  it('adds up what belongs together, in nanoseconds, without the line of all CPUs', () => {
    expect(parseCpuTimes(sample)).toEqual([
      { cpu: 0, userNs: 3e7, systemNs: 3e7, idleNs: 9e7, softirqNs: 13e7, stealNs: 8e7 },
      { cpu: 11, userNs: 10e7, systemNs: 20e7, idleNs: 30e7, softirqNs: 0, stealNs: 0 },
    ]);
  });

  it.each([
    ['an old kernel with four fields', 'cpu0 1 0 2 3\n', [{ cpu: 0, userNs: 1e7, systemNs: 2e7, idleNs: 3e7 }]],
    ['no CPU at all', 'intr 1\n', []],
    ['nothing', '', []],
  ])('of %s', (_, text, expected) => {
    const times = parseCpuTimes(text);
    expect(times).toHaveLength(expected.length);
    expect(times).toMatchObject(expected);
    for (const time of times) expect(Object.values(time).every(Number.isFinite)).toBe(true);
  });
});

describe('cpuTimeBetween', () => {
  const between = (ticks: Partial<CpuTime>, elapsedNs: number) => {
    const begin = fakeCpuTime(2, { userNs: 1, systemNs: 2, softirqNs: 3, idleNs: 4, stealNs: 5 });
    const end = { ...begin };
    for (const kind of ['userNs', 'systemNs', 'softirqNs', 'idleNs', 'stealNs'] as const) end[kind] += ticks[kind] ?? 0;
    return cpuTimeBetween([begin], [end], elapsedNs);
  };

  it('is what the ticks say where they add up', () => {
    const ticks = { userNs: 10, systemNs: 20, softirqNs: 30, idleNs: 40, stealNs: 50 };
    expect(between(ticks, 150)).toEqual([{ cpu: 2, ...ticks }]);
  });

  it.each([
    ['saw work that is not there', { userNs: 300, systemNs: 600, idleNs: 700 }, { userNs: 100, systemNs: 200 }],
    ['saw some of the work', { userNs: 20, softirqNs: 40, idleNs: 700 }, { userNs: 100, systemNs: 0, softirqNs: 200 }],
    ['saw none of it', { idleNs: 700 }, { userNs: 0, systemNs: 300, softirqNs: 0 }],
    ['are late', { idleNs: 1010 }, { userNs: 0, systemNs: 0, softirqNs: 0 }],
  ])('is what the clocks say where the ticks %s', (_, ticks, expected) => {
    expect(between(ticks, 1000)).toMatchObject([{ idleNs: ticks.idleNs, softirqNs: 0, ...expected }]);
  });

  it('leaves out a CPU that came or went', () => {
    const at = (...cpus: number[]) => cpus.map((cpu) => fakeCpuTime(cpu));
    expect(cpuTimeBetween(at(0, 1), at(1, 2), 1).map(({ cpu }) => cpu)).toEqual([1]);
    expect(cpuTimeBetween([], at(0), 1)).toEqual([]);
    expect(cpuTimeBetween(at(0), [], 1)).toEqual([]);
  });
});
