/** What the choices of the project are called: implementations, functions, engines, topologies, levels. */

import { runtimeIds } from './runtimes.js';

/** The ways that a request can take through a host, each as fast as it gets: what `all` stands for. */
export const datapathIds = [
  ...(['dgram', 'recvfrom', 'recvmmsg', 'iouring'] as const),
  ...(['afpacket', 'afxdp', 'tc', 'xdp'] as const),
] as const;

export type DatapathId = (typeof datapathIds)[number];

/** On DPDK, which few hosts have: by its driver for AF_XDP or another device, and by that for packet sockets. */
export const dpdkIds = ['dpdk', 'dpdk-packet'] as const;

export type DpdkId = (typeof dpdkIds)[number];

/** Datapaths, those of DPDK, and what languages make of UDP sockets. */
export const implementationIds = [...datapathIds, ...dpdkIds, ...runtimeIds] as const;

export type ImplementationId = (typeof implementationIds)[number];

export const functionIds = ['reverse', 'echo', 'expand', 'upper', 'sha256', 'lookup'] as const;

export type FunctionId = (typeof functionIds)[number];

export const topologyIds = ['veth', 'nic', 'remote'] as const;

export type TopologyId = (typeof topologyIds)[number];

/**
 * What sends requests, the fastest first: XDP live frames, AF_XDP sockets, connected UDP sockets with many requests a
 * system call, and with one.
 */
export const engineIds = ['live', 'afxdp', 'sendmmsg', 'socket'] as const;

export type PacedEngineId = (typeof engineIds)[number];

export type EngineId = PacedEngineId | 'none';

/** Gaps between requests of an open loop: all the same, or those of many independent clients (a Poisson process). */
export const arrivals = ['constant', 'poisson'] as const;

export type Arrival = (typeof arrivals)[number];

/** A share of the invoker's capacity, or a rate that is equal for all. */
export type LevelId = '10%' | '50%' | '90%' | 'equal';
