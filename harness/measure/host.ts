import { readdirSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { execa } from 'execa';
import { readCpus } from '../../common/process/cpus.js';
import { packageRoot } from '../../common/process/paths.js';
import { packageVersion } from '../../common/process/version.js';
import type { HostFacts } from '../../model/host.js';

const sysctls = [
  'net.core.rmem_default',
  'net.core.rmem_max',
  'net.core.wmem_max',
  'net.core.busy_poll',
  'net.core.netdev_max_backlog',
  'net.core.netdev_budget',
  'net.core.bpf_jit_enable',
  'kernel.unprivileged_bpf_disabled',
];

/** Facts about this machine that a figure depends on; what cannot be read is `unknown`, never left out. */
export async function readHostFacts(): Promise<HostFacts> {
  const { siblings } = readCpus((path) => readFileSync(path, 'utf8'));
  const [lscpu, clang, bpftool, libbpf, libxdp, commit, changes] = await Promise.all([
    output('lscpu', []),
    firstLine('clang', ['--version']),
    firstLine('bpftool', ['version']),
    firstLine('pkg-config', ['--modversion', 'libbpf']),
    firstLine('pkg-config', ['--modversion', 'libxdp']),
    firstLine('git', ['-C', packageRoot(), 'rev-parse', 'HEAD']),
    output('git', ['-C', packageRoot(), 'status', '--porcelain']),
  ]);
  return {
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cpuCount: cpus().length,
    threadsPerCore: Math.max(1, ...siblings.map((group) => group.length)),
    numaNodes: list('/sys/devices/system/node').filter((name) => /^node\d+$/.test(name)).length || 1,
    hypervisor: hypervisor(lscpu, readText('/proc/cpuinfo') ?? ''),
    governor: readText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') ?? 'unknown',
    memoryBytes: totalmem(),
    kernel: release(),
    kernelCommandLine: readText('/proc/cmdline') ?? 'unknown',
    mitigations: Object.fromEntries(
      list('/sys/devices/system/cpu/vulnerabilities').map((name) => [
        name,
        readText(`/sys/devices/system/cpu/vulnerabilities/${name}`) ?? 'unknown',
      ]),
    ),
    sysctls: Object.fromEntries(
      sysctls.map((name) => [name, readText(`/proc/sys/${name.replaceAll('.', '/')}`) ?? 'unknown']),
    ),
    versions: { 'invoker-bench': packageVersion(), node: process.versions.node, clang, bpftool, libbpf, libxdp },
    commit,
    dirty: changes === null ? 'unknown' : changes === '' ? 'clean' : 'dirty',
  };
}

/** The hypervisor's name as lscpu finds it; without that only the CPU's flag tells a guest from bare metal (`none`). */
function hypervisor(lscpu: string | null, cpuInfo: string): string {
  const vendor = /^Hypervisor vendor:\s*(.+)$/m.exec(lscpu ?? '')?.[1];
  return vendor ?? (/^flags\s*:.*\bhypervisor\b/m.test(cpuInfo) ? 'of unknown make' : 'none');
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null; // Absent on this kernel or hidden from this container: the caller names what it then says.
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

async function output(file: string, args: string[]): Promise<string | null> {
  const result = await execa(file, args, {
    reject: false,
    timeout: 5000,
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
  });
  return result.failed ? null : result.stdout.trim();
}

async function firstLine(file: string, args: string[]): Promise<string> {
  return (await output(file, args))?.split('\n')[0] ?? 'unknown';
}
