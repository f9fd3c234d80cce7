import { describe, expect, it } from 'vitest';
import { thisHost } from '../../../common/process/host-sources.js';
import { readHostFacts } from '../../../harness/measure/host.js';
import { fakeHost } from '../../fakes/host.js';

const system = '/sys/devices/system';

const facts = (files: Record<string, string>, outputs: Record<string, string> = {}) =>
  readHostFacts(fakeHost(files, outputs));

const least = { [`${system}/cpu/online`]: '0-3\n' };

describe('host facts', () => {
  it('are those of the files of the kernel', async () => {
    const read = await facts({
      ...least,
      [`${system}/cpu/cpu0/topology/thread_siblings_list`]: '0,2\n',
      [`${system}/cpu/isolated`]: '2-3\n',
      [`${system}/node/node0/cpulist`]: '0-1\n',
      [`${system}/node/node1/cpulist`]: '2-3\n',
      [`${system}/node/possible`]: '0-1\n',
      [`${system}/clocksource/clocksource0/current_clocksource`]: 'kvm-clock\n',
      [`${system}/cpu/vulnerabilities/meltdown`]: 'Not affected\n',
      '/proc/sys/net/core/bpf_jit_harden': '2\n',
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/cpu.max': '150000 100000\n',
    });
    expect(read).toMatchObject({
      ...{ threadsPerCore: 2, numaNodes: 2, isolatedCpus: '2-3', cpuQuota: 1.5, clockSource: 'kvm-clock' },
      ...{ mitigations: { meltdown: 'Not affected' }, hypervisor: 'none', governor: 'unknown', dirty: 'unknown' },
    });
    expect(read.sysctls).toMatchObject({ 'net.core.bpf_jit_harden': '2', 'net.core.rmem_max': 'unknown' });
  });

  it('are unknown where nothing says', async () => {
    expect(await facts(least)).toMatchObject({
      isolatedCpus: 'unknown',
      cpuQuota: null,
      clockSource: 'unknown',
      numaNodes: 1,
    });
  });

  it.each([
    ['Architecture: x86_64\nHypervisor vendor:   KVM\n', '', 'KVM'],
    ['Architecture: x86_64\n', 'flags\t: fpu hypervisor lahf_lm\n', 'of unknown make'],
    ['Architecture: x86_64\n', 'flags\t: fpu\n', 'none'],
  ])('lscpu %j', async (lscpu, cpuInfo, hypervisor) => {
    expect(await facts({ ...least, '/proc/cpuinfo': cpuInfo }, { lscpu })).toMatchObject({ hypervisor });
  });

  it('are asked for in English, whatever the language of the user', async () => {
    const before = process.env.LC_ALL;
    process.env.LC_ALL = 'de_DE.UTF-8';
    try {
      expect(await thisHost.output('env', [])).toMatch(/^LC_ALL=C$/m);
    } finally {
      if (before === undefined) delete process.env.LC_ALL;
      else process.env.LC_ALL = before;
    }
  });
});
