import { describe, expect, it } from 'vitest';
import { formatCpuList, parseCpuList } from '../../../common/cli/cpu-list.js';
import { BenchError } from '../../../common/cli/errors.js';
import { readCpus } from '../../../common/process/cpus.js';

/** A /sys and /proc of the given files; everything else is absent. */
function files(contents: Record<string, string>): (path: string) => string {
  return (path) => {
    const text = contents[path];
    if (text === undefined) throw new Error(`ENOENT: ${path}`);
    return text;
  };
}

const online = '/sys/devices/system/cpu/online';
const status = '/proc/self/status';
const siblingsOf = (cpu: number) => `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`;

describe('parseCpuList', () => {
  it.each([
    ['0-3,5', [0, 1, 2, 3, 5]],
    ['0\n', [0]],
    ['5,0-1,1', [0, 1, 5]],
    ['', []],
    ['\n', []],
  ])('%j', (text, cpus) => expect(parseCpuList(text)).toEqual(cpus));

  it.each(['a', '1-', '-1', '3-1', '1,,2', '0-3/2'])('refuses %s', (text) => {
    expect(() => parseCpuList(text)).toThrow(new BenchError('bad-cpu-list', `"${text}" is not a list of CPUs`));
  });

  it.each([
    [[0, 1, 2, 3, 5], '0-3,5'],
    [[5, 1, 0, 1], '0-1,5'],
    [[], ''],
  ])('formatCpuList writes %j', (cpus, text) => expect(formatCpuList(cpus)).toBe(text));
});

describe('readCpus', () => {
  it('takes CPUs that are online and allowed, and groups hyper-threads', () => {
    const read = files({
      [online]: '0-3,6\n',
      [status]: 'Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t1-7\nMems_allowed_list:\t0\n',
      [siblingsOf(1)]: '1,3\n',
      [siblingsOf(3)]: '1,3\n',
      [siblingsOf(2)]: '0,2\n',
    });
    expect(readCpus(read)).toEqual({
      cpus: [1, 2, 3, 6],
      siblings: [[1, 3], [0, 2], [6]],
    });
  });

  it.each([
    ['affinity alone', { [status]: 'Cpus_allowed_list:\t2-3\n' }, [2, 3]],
    ['online alone', { [online]: '0-1\n' }, [0, 1]],
    ['a status without the line', { [online]: '0-1\n', [status]: 'Name:\tnode\n' }, [0, 1]],
  ])('makes do with %s', (_, contents, cpus) => {
    expect(readCpus(files(contents))).toEqual({ cpus, siblings: cpus.map((cpu) => [cpu]) });
  });

  it('says so when the kernel names no CPU', () => {
    expect(() => readCpus(files({}))).toThrow('neither /sys/devices/system/cpu/online nor /proc/self/status names');
  });
});
