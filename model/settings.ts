import type { FunctionId } from './ids.js';
import type { Tuning } from './tuning.js';

/**
 * How an invoker thread waits for work: `poll` blocks in the kernel, `spin` burns its CPU, `adaptive` spins a while
 * after the last request and blocks then.
 */
export const idleModes = ['spin', 'poll', 'adaptive'] as const;

export type IdleMode = (typeof idleModes)[number];

/** A function that an invoker serves on a UDP port, with so many threads for each RX queue. */
export interface Service {
  port: number;
  functionId: FunctionId;
  threadsPerQueue: number;
}

/**
 * How an implementation is run, and its host and interface are set, where that is not left to the defaults: an axis of a
 * question, part of a cell's identity.
 */
export interface Variant {
  /** How threads wait for work; null: as the implementation does by default. */
  idle: IdleMode | null;
  settings: Partial<ImplementationSettings>;
  tuning: Tuning;
}

/** All as it is by default. */
export const noVariant: Variant = { idle: null, settings: {}, tuning: {} };

/** A variant as it is named in ids, tables and on the command line: `batch=64,idle=spin,channels=4`; blank for the defaults. */
export function formatVariant({ idle, settings, tuning }: Variant): string {
  const parts = Object.entries({ ...settings, ...(idle === null ? {} : { idle }), ...tuning });
  return parts.map(([name, value]) => `${name}=${value}`).join(',');
}

/** The same without the amount of work, which is no setting of a datapath but part of what is asked of it. */
export function withoutWork(variant: string): string {
  const parts = variant.split(',').filter((part) => !part.startsWith('workNs='));
  return parts.join(',');
}

/** What an implementation can be set to, every value resolved. Which implementation takes which stands in its file in impls/. */
export interface ImplementationSettings {
  /** Requests taken at once. */
  batch: number;
  /**
   * Nanoseconds of computation on each payload behind the function (docs/work.md), 0 to 100,000, made steps by the time
   * that one takes on the CPUs of the invoker: the same in every implementation.
   */
  workNs: number;
  /**
   * Nanoseconds that a thread is kept busy after each request, 0 to 1,000,000: a known cost, to see whether a measurement
   * shows it. Up to one reading of the clock (some 30 ns) longer.
   */
  delayNs: number;
  /**
   * Requests that may wait for a thread, a power of two: entries of an AF_XDP socket's RX ring and its queue's fill ring,
   * room in a UDP socket's receive buffer.
   */
  depthPackets: number;
  /** Microseconds of SO_BUSY_POLL, 0 for none: helps on NICs, veth ignores it. */
  busyPollUs: number;
  /** Bytes of each socket's receive and send buffer; 0: what `depthPackets` takes. */
  socketBufferBytes: number;
  /** How the sockets that share a port share its requests: by the kernel's hash of the flow, or by source port. */
  steering: 'hash' | 'port';
  /** Many datagrams of a flow in one message, both ways (UDP_GRO, UDP_SEGMENT). */
  gro: 'on' | 'off';
  /** Entries of AF_XDP TX and completion rings, a power of two. */
  ringSize: number;
  /** Bytes of a UMEM chunk, a power of two. */
  frameSize: number;
  /** Where the XDP program runs: in the driver, or after it on any driver's packets. */
  attach: 'native' | 'skb';
  copyMode: 'copy' | 'zerocopy' | 'auto';
  /** A reply's UDP checksum: none (allowed on IPv4), completed when it is sent (Linux 6.8), or computed. */
  checksum: 'zero' | 'offload' | 'full';
  /** UMEM on huge pages of 2 MiB, where there are any. */
  hugePages: 'on' | 'off';
  /** Frames that one system call may send, 32 or more (XDP_MAX_TX_SKB_BUDGET, Linux 6.17; older kernels have 32). */
  txBudget: number;
  /** The device of DPDK: `net_af_xdp`, another one as its --vdev takes it, or a PCI address (docs/dpdk.md). */
  dpdkVdev: string;
  /** `2018`: the loop of the published experiment, with its stalls, for study (docs/afxdp.md). */
  loop: 'current' | '2018';
}
