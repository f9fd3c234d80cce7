import { expect, it } from 'vitest';
import { type OwnQuota, readQuota } from '../../../common/process/quota.js';

const group = '/sys/fs/cgroup';

it.each<[string, Record<string, string>, OwnQuota | null]>([
  ['no control groups', {}, null],
  ['version 2 without a limit', { '/proc/self/cgroup': '0::/a\n', [`${group}/a/cpu.max`]: 'max 100000\n' }, null],
  [
    'version 2',
    {
      '/proc/self/cgroup': '0::/a/b\n',
      [`${group}/a/b/cpu.max`]: '150000 100000\n',
      [`${group}/a/b/cpu.stat`]: 'usage_usec 9\nnr_throttled 2\nthrottled_usec 1234\n',
    },
    { cpus: 1.5, throttledNs: 1_234_000 },
  ],
  [
    'the tightest level',
    {
      '/proc/self/cgroup': '0::/a/b\n',
      [`${group}/cpu.max`]: '400000 100000\n',
      [`${group}/a/cpu.max`]: '50000 100000\n',
      [`${group}/a/b/cpu.max`]: '200000 100000\n',
    },
    { cpus: 0.5, throttledNs: 0 },
  ],
  [
    'a container that sees its own group as the root',
    { '/proc/self/cgroup': '0::/\n', [`${group}/cpu.max`]: '200000 100000\n' },
    { cpus: 2, throttledNs: 0 },
  ],
  [
    'version 1',
    {
      '/proc/self/cgroup': '4:memory:/x\n2:cpu,cpuacct:/a\n',
      [`${group}/cpu,cpuacct/a/cpu.cfs_quota_us`]: '250000\n',
      [`${group}/cpu,cpuacct/a/cpu.cfs_period_us`]: '100000\n',
      [`${group}/cpu,cpuacct/a/cpu.stat`]: 'nr_throttled 3\nthrottled_time 77\n',
    },
    { cpus: 2.5, throttledNs: 77 },
  ],
  [
    'version 1 without a limit',
    {
      '/proc/self/cgroup': '1:cpu:/\n0::/\n',
      [`${group}/cpu/cpu.cfs_quota_us`]: '-1\n',
      [`${group}/cpu/cpu.cfs_period_us`]: '100000\n',
    },
    null,
  ],
])('%s', (_, files, quota) => {
  const read = (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error(`no ${path}`);
    return text;
  };
  expect(readQuota(read)).toEqual(quota);
});
