import { describe, expect, it } from 'vitest';
import {
  type HostReading,
  readHost,
  readThreads,
  type ThreadTime,
  useBetween,
} from '../../../harness/measure/host-reading.js';
import { fakeCpuTime } from '../../fakes/runs.js';

const reading = (changes: Partial<HostReading> = {}): HostReading => ({
  ...{ atNs: 0, cpu: [], own: [], quota: null, energy: [] },
  ...changes,
});
const thread = (tid: number, cpu: number, ns: number): ThreadTime => ({ tid, cpu, ns });
const idle = (cpu: number) => ({ ...fakeCpuTime(cpu), idleNs: 0 });

describe('what others did on a CPU', () => {
  it.each<[string, number, ThreadTime[], ThreadTime[], number]>([
    ['nothing of ours', 700, [], [], 700],
    ['all of it ours', 700, [thread(1, 3, 100)], [thread(1, 3, 800)], 0],
    ['two of ours', 700, [thread(1, 3, 100), thread(2, 3, 50)], [thread(1, 3, 400), thread(2, 3, 150)], 300],
    ['ours on another CPU', 700, [thread(1, 2, 0)], [thread(1, 2, 700)], 700],
    ['one of ours that began meanwhile', 700, [], [thread(1, 3, 200)], 500],
    ['ours billed with receive work', 700, [], [thread(1, 3, 900)], 0],
  ])('%s', (_, busyNs, before, after, foreignNs) => {
    const begin = reading({ cpu: [idle(3)], own: before });
    const busy = { ...idle(3), userNs: busyNs - 100, systemNs: 100, softirqNs: 5000 };
    const end = reading({ atNs: busyNs + 5000, cpu: [busy], own: after });
    expect(useBetween('one', begin, end).foreign).toEqual([{ host: 'one', cpu: 3, ns: foreignNs }]);
  });

  it('has the time in which a quota held us back', () => {
    const begin = reading({ quota: { cpus: 2, throttledNs: 10 } });
    expect(useBetween('client', begin, reading({ quota: { cpus: 2, throttledNs: 25 } })).quota).toEqual({
      host: 'client',
      cpus: 2,
      throttledNs: 15,
    });
  });
});

describe('the threads of a process', () => {
  const stat = (command: string, cpu: number, utime: number, stime: number) => {
    const fields = new Array(50).fill(0);
    return `7 (${command}) S ${Object.assign(fields, { 10: utime, 11: stime, 35: cpu }).join(' ')}`;
  };
  const files: Record<string, string> = {
    '/proc/7/task/7/stat': stat('node', 1, 5, 6),
    '/proc/7/task/7/schedstat': '123456 7 8\n',
    '/proc/7/task/7/children': '9 ',
    '/proc/7/task/8/stat': stat('a) S 1 (b', 3, 5, 6),
    '/proc/9/task/9/stat': stat('worker', 2, 1, 0),
    '/proc/9/task/9/schedstat': '5 0 0\n',
  };
  const readText = (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error(`no ${path}`);
    return text;
  };
  const list = (folder: string) => {
    if (folder === '/proc/7/task') return ['7', '8', '10'];
    if (folder === '/proc/9/task') return ['9'];
    throw new Error(`no ${folder}`);
  };

  it('are those of its descendants, too; one that ended is none, one without nanoseconds has ticks', () => {
    const ofSeven = [thread(7, 1, 123456), thread(9, 2, 5), thread(8, 3, 110e6)];
    expect(readThreads(7, readText, list, 'with descendants')).toEqual(ofSeven);
    expect(readThreads(7, readText, list, 'alone')).toEqual(ofSeven.filter(({ tid }) => tid !== 9));
    expect(readThreads(11, readText, list, 'with descendants')).toEqual([]);
  });

  it('are read on this host', () => {
    const { own, cpu } = readHost([]);
    expect(own.map(({ tid }) => tid)).toContain(process.pid);
    expect(own.find(({ tid }) => tid === process.pid)?.ns).toBeGreaterThan(0);
    expect(cpu.length).toBeGreaterThan(0);
  });
});
