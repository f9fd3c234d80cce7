import { count } from '../../common/cli/text.js';
import type { HostFacts } from '../../model/host.js';

/** The machine in one line: CPU model, CPUs, hypervisor, kernel, Node and commit. */
export function hostLine(host: HostFacts): string {
  const threads = host.threadsPerCore === 1 ? '' : `, ${host.threadsPerCore} threads a core`;
  return [
    host.cpuModel,
    `${count(host.cpuCount, 'CPU')}${threads}`,
    host.hypervisor === 'none' ? 'bare metal' : `hypervisor ${host.hypervisor}`,
    `Linux ${host.kernel}`,
    `Node ${host.versions.node ?? 'unknown'}`,
    `commit ${host.commit.slice(0, 12)}${host.dirty === 'clean' ? '' : ` (${host.dirty})`}`,
  ].join(', ');
}
