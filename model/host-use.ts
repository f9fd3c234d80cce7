/** What the hosts of a cell did in its measure phase. */

import type { ClientPlacement } from './cell.js';

/**
 * Of whose CPUs a time is: the server's host, the client's, one of several clients' (numbered from 1), or the one that is
 * server and client. CPU numbers are those of a host.
 */
export type HostSide = 'one' | 'server' | 'client' | `client ${number}`;

/** CPU time of one CPU over the measure phase, in nanoseconds, from /proc/stat. */
export interface CpuTime {
  host: HostSide;
  cpu: number;
  userNs: number;
  systemNs: number;
  softirqNs: number;
  idleNs: number;
  stealNs: number;
}

/** CPU time of processes that are not the benchmark's, on one CPU over the measure phase: at least that much. */
export interface ForeignTime {
  host: HostSide;
  cpu: number;
  ns: number;
}

/** What a part of a host used over the measure phase, by its RAPL counter. */
export interface EnergyUse {
  host: HostSide;
  /** `package-0`, `package-0/dram`. */
  domain: string;
  joules: number;
}

/** A limit of CPU time that a control group of a host sets to the benchmark. */
export interface Quota {
  host: HostSide;
  /** CPUs that it may keep busy. */
  cpus: number;
  /** How long it was held back, all of its CPUs together. */
  throttledNs: number;
}

/** What so many clients, on hosts of their own, are called. */
export function clientSides(clients: number): HostSide[] {
  if (clients === 1) return ['client'];
  return Array.from({ length: clients }, (_, index): HostSide => `client ${index + 1}`);
}

/** Whether a time is of one of these CPUs of the server. */
export function isOnServer({ host, cpu }: Pick<ForeignTime, 'host' | 'cpu'>, cpus: readonly number[]): boolean {
  return (host === 'one' || host === 'server') && cpus.includes(cpu);
}

/** Whether a time is of one of those CPUs of a client that `cpusOf` names. */
export function isOnClient(
  { host, cpu }: Pick<ForeignTime, 'host' | 'cpu'>,
  clients: readonly ClientPlacement[],
  cpusOf: (client: ClientPlacement) => readonly number[] = ({ generatorCpus }) => generatorCpus,
): boolean {
  const sides = clientSides(clients.length);
  return clients.some((client, index) => (host === 'one' || host === sides[index]) && cpusOf(client).includes(cpu));
}
