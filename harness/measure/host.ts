import { cpus, release, totalmem } from 'node:os';
import { readCpus } from '../../common/process/cpus.js';
import { tryList, tryRead } from '../../common/process/host-files.js';
import type { HostSources } from '../../common/process/host-sources.js';
import { packageRoot } from '../../common/process/paths.js';
import { readQuota } from '../../common/process/quota.js';
import { packageDigest, packageVersion } from '../../common/process/version.js';
import type { HostFacts } from '../../model/host.js';

const sysctls = [
  'net.core.rmem_default',
  'net.core.rmem_max',
  'net.core.wmem_max',
  'net.core.busy_poll',
  'net.core.netdev_max_backlog',
  'net.core.netdev_budget',
  'net.core.bpf_jit_enable',
  'net.core.bpf_jit_harden',
  'kernel.unprivileged_bpf_disabled',
];

/** Facts about a machine that a figure depends on; what cannot be read is `unknown`, never left out. */
export async function readHostFacts(sources: HostSources): Promise<HostFacts> {
  const text = (path: string) => tryRead(sources.readText, path)?.trim() ?? null;
  const list = (folder: string) => tryList(sources.list, folder).sort();
  const firstLine = async (file: string, args: string[]) =>
    (await sources.output(file, args))?.split('\n')[0] ?? 'unknown';
  const { siblings } = readCpus(sources.readText);
  const [lscpu, clang, bpftool, libbpf, libxdp, commit, changes] = await Promise.all([
    sources.output('lscpu', []),
    firstLine('clang', ['--version']),
    firstLine('bpftool', ['version']),
    firstLine('pkg-config', ['--modversion', 'libbpf']),
    firstLine('pkg-config', ['--modversion', 'libxdp']),
    firstLine('git', ['-C', packageRoot(), 'rev-parse', 'HEAD']),
    sources.output('git', ['-C', packageRoot(), 'status', '--porcelain']),
  ]);
  return {
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cpuCount: cpus().length,
    threadsPerCore: Math.max(1, ...siblings.map((group) => group.length)),
    numaNodes: list('/sys/devices/system/node').filter((name) => /^node\d+$/.test(name)).length || 1,
    isolatedCpus: text('/sys/devices/system/cpu/isolated') ?? 'unknown',
    cpuQuota: readQuota(sources.readText)?.cpus ?? null,
    hypervisor: hypervisorOf(lscpu, text('/proc/cpuinfo') ?? ''),
    governor: text('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') ?? 'unknown',
    clockSource: text('/sys/devices/system/clocksource/clocksource0/current_clocksource') ?? 'unknown',
    memoryBytes: totalmem(),
    kernel: release(),
    kernelCommandLine: text('/proc/cmdline') ?? 'unknown',
    mitigations: Object.fromEntries(
      list('/sys/devices/system/cpu/vulnerabilities').map((name) => [
        name,
        text(`/sys/devices/system/cpu/vulnerabilities/${name}`) ?? 'unknown',
      ]),
    ),
    sysctls: Object.fromEntries(
      sysctls.map((name) => [name, text(`/proc/sys/${name.replaceAll('.', '/')}`) ?? 'unknown']),
    ),
    versions: {
      ...{ 'invoker-bench': packageVersion(), code: packageDigest().slice(0, 12), node: process.versions.node },
      ...{ clang, bpftool, libbpf, libxdp },
    },
    commit,
    dirty: changes === null ? 'unknown' : changes === '' ? 'clean' : 'dirty',
  };
}

/** The hypervisor's name as lscpu finds it; without that only the CPU's flag tells a guest from bare metal (`none`). */
export function hypervisorOf(lscpu: string | null, cpuInfo: string): string {
  const vendor = /^Hypervisor vendor:\s*(.+)$/m.exec(lscpu ?? '')?.[1];
  return vendor ?? (/^flags\s*:.*\bhypervisor\b/m.test(cpuInfo) ? 'of unknown make' : 'none');
}
