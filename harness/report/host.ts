import { count } from '../../common/cli/text.js';
import type { HostFacts } from '../../model/host.js';
import type { Summary } from '../../model/summary.js';

/** The machine in one line: CPU model, CPUs, hypervisor, kernel, Node and commit. */
export function hostLine(host: HostFacts): string {
  const threads = host.threadsPerCore === 1 ? '' : `, ${host.threadsPerCore} threads a core`;
  return [
    host.cpuModel,
    `${count(host.cpuCount, 'CPU')}${threads}`,
    host.hypervisor === 'none' ? 'bare metal' : `hypervisor ${host.hypervisor}`,
    `Linux ${host.kernel}`,
    `Node ${host.versions.node ?? 'unknown'}`,
    `commit ${host.commit.slice(0, 12)}${host.dirty === 'clean' || host.commit === 'unknown' ? '' : ` (${host.dirty})`}`,
  ].join(', ');
}

/** What must be known of figures that were not measured by one run; blank of a run as it was measured. */
export function mergedLine({ mergedFrom }: Pick<Summary, 'mergedFrom'>): string {
  if (mergedFrom.length === 0) return '';
  const note =
    'cells of different runs did not take turns, so what changed on the machine between them is in their ratios';
  return `Merged from ${count(mergedFrom.length, 'run')} (${mergedFrom.join(', ')}): ${note}.`;
}

/** Comes before the number of repeats: cells that not all merged runs have were repeated less often. */
export const upTo = ({ mergedFrom }: Pick<Summary, 'mergedFrom'>): string => (mergedFrom.length === 0 ? '' : 'up to ');

/** A line of each host with what it was: `Host`, or `Server` and `Client` with the name of the host. */
export function hostLines({ scenario, host, clientHosts }: Summary): { role: string; line: string }[] {
  if (clientHosts.length === 0) return [{ role: 'Host', line: hostLine(host) }];
  const { sides } = scenario;
  const named = (role: string, target = '') => (target === '' ? role : `${role} ${target}`);
  return [
    { role: named('Server', sides?.server.target), line: hostLine(host) },
    ...clientHosts.map((client, index) => ({
      role: named('Client', sides?.clients[index]?.target),
      line: hostLine(client),
    })),
  ];
}
