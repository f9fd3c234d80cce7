/**
 * The types that flow through the project. No behaviour lives here: every room may import this file.
 * Times are nanoseconds of CLOCK_MONOTONIC (`process.hrtime.bigint()`), rates are per second, sizes are bytes.
 */

import type { Capacity, EngineId, HistogramPairs, LatencyLevel, LevelId, Load } from './load-model.js';

export * from './load-model.js';

/** Version of the shapes of runs.ndjson and summary.json. */
export const schemaVersion = 6;

/** Ethernet 14 + IPv4 20 + UDP 8 bytes. A frame of `packetBytes` (no FCS) carries `packetBytes - headerBytes` of payload. */
export const headerBytes = 42;
/** Bytes at the front of a request's payload that hold its sequence number and send time. */
export const stampBytes = 18;
export const minPacketBytes = headerBytes + stampBytes;
/** An Ethernet MTU of 1500 plus the Ethernet header. */
export const maxPacketBytes = 1514;

export const implementationIds = ['dgram', 'recvfrom', 'recvmmsg', 'iouring', 'afxdp', 'xdp'] as const;
export type ImplementationId = (typeof implementationIds)[number];

export const functionIds = ['reverse', 'echo', 'expand', 'upper'] as const;
export type FunctionId = (typeof functionIds)[number];

export const topologyIds = ['veth'] as const;
export type TopologyId = (typeof topologyIds)[number];

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

/** What an implementation can be set to, every value resolved. Which implementation takes which stands in its file in impls/. */
export interface ImplementationSettings {
  /** Requests taken at once. */
  batch: number;
  /** Microseconds of SO_BUSY_POLL, 0 for none: helps on NICs, veth ignores it. */
  busyPollUs: number;
  /** Bytes of each socket's receive and send buffer. */
  socketBufferBytes: number;
  /** How the sockets that share a port share its requests: by the kernel's hash of the flow, or by source port. */
  steering: 'hash' | 'port';
  /** Many datagrams of a flow in one message, both ways (UDP_GRO, UDP_SEGMENT). */
  gro: 'on' | 'off';
  /** Entries of each AF_XDP ring, a power of two. */
  ringSize: number;
  /** Bytes of a UMEM chunk, a power of two. */
  frameSize: number;
  /** Where the XDP program runs: in the driver, or after it on any driver's packets. */
  attach: 'native' | 'skb';
  copyMode: 'copy' | 'zerocopy' | 'auto';
  /** A reply's UDP checksum: none (allowed on IPv4), completed when it is sent (Linux 6.8), or computed. */
  checksum: 'zero' | 'offload' | 'full';
  /** UMEM on huge pages, where there are any. */
  hugePages: 'on' | 'off';
  /** Frames that one system call may send, 32 or more (XDP_MAX_TX_SKB_BUDGET, Linux 6.17; older kernels have 32). */
  txBudget: number;
  /** `2018`: the loop of the published experiment, with its stalls, for study (docs/afxdp.md). */
  loop: 'current' | '2018';
}

/** Threads x RX queues, written `2T1Q`. */
export interface MatrixPoint {
  threads: number;
  queues: number;
}

/** One load with the axes it runs over. */
export interface LoadPlan {
  load: Load;
  matrix: MatrixPoint[];
  sizes: number[];
}

/** A question: everything a run needs, resolved and validated by scenario.ts. Below it nothing has a default. */
export interface Scenario {
  name: string;
  implementations: ImplementationId[];
  functionId: FunctionId;
  loads: LoadPlan[];
  topology: TopologyId;
  durationNs: number;
  warmupNs: number;
  repeats: number;
  seed: number;
}

/** Which CPU does what. CPU numbers are the kernel's. */
export interface Placement {
  /** One CPU a generator thread. */
  generatorCpus: number[];
  /** One CPU an invoker thread. */
  invokerCpus: number[];
  /** Where the JavaScript threads of the harness, generator and native invokers run. */
  housekeepingCpu: number;
  /** `shared`: a CPU runs more than one busy thread. */
  sharing: 'exclusive' | 'shared';
  /** `shared`: busy threads have hardware threads of the same core, where each slows the other. */
  cores: 'own' | 'shared';
  /** What a reader must know, in a sentence each. */
  warnings: string[];
}

/** One point of the matrix, every value resolved. */
export interface Cell {
  /** Derived from the values below, e.g. `afxdp-2T2Q-200-reverse-saturate`. */
  id: string;
  implementation: ImplementationId;
  threads: number;
  queues: number;
  packetBytes: number;
  functionId: FunctionId;
  /** UDP port the function is served on. */
  port: number;
  load: Load;
  engine: EngineId;
  topology: TopologyId;
  idle: IdleMode;
  placement: Placement;
  durationNs: number;
  warmupNs: number;
}

/** A cell of the plan, or the reason why this host cannot run it. */
export type PlannedCell = { state: 'runnable'; cell: Cell } | { state: 'skipped'; cell: Cell; reason: string };

/** Monotonic counters by name, all counted since the process that reports them started. */
export type Counters = Record<string, number>;

/** A reading of monotonic counters. */
export interface Sample {
  source: 'generator' | 'invoker';
  /** CLOCK_MONOTONIC. */
  atNs: number;
  counters: Counters;
}

/** Counters of an invoker: a list a thread, what the threads share, and what the kernel counted on its side. */
export interface InvokerCounters {
  threads: Counters[];
  shared: Counters;
  kernel: Counters;
}

/** Longest gaps between two turns of a thread's loop. */
export interface Hiccups {
  /** Gaps over 1 ms. */
  count: number;
  maxNs: number;
  totalNs: number;
}

/** `search`: trials of a capacity search; `level`: a load beside the one that is measured. */
export type PhaseName = 'warmup' | 'ramp' | 'search' | 'measure' | 'level' | 'overload' | 'drain';

/** What happened between two readings of the generator's counters. */
export interface Window {
  phase: PhaseName;
  /** Rate asked of the generator; null when it was not paced. */
  offeredPerSecond: number | null;
  beginNs: number;
  endNs: number;
  /** Requests the schedule asked for within the window. */
  offered: number;
  /** Requests that left the generator. */
  sent: number;
  /** Replies that came back. */
  replied: number;
  /** Replies whose content was checked. */
  checked: number;
  /** Replies of the wrong length or content. */
  wrong: number;
}

/** CPU time of one CPU over the measure phase, in nanoseconds, from /proc/stat. */
export interface CpuTime {
  cpu: number;
  userNs: number;
  systemNs: number;
  softirqNs: number;
  idleNs: number;
  stealNs: number;
}

/** A named place where requests or replies were lost. */
export interface LedgerLine {
  name: string;
  count: number;
}

/** sent = verified + wrong + sum(drops) + residual, counted over the whole run. */
export interface Ledger {
  sent: number;
  handled: number;
  replied: number;
  /** Right replies seen by the client. */
  right: number;
  wrong: number;
  drops: LedgerLine[];
  residual: number;
}

export interface RunError {
  code: string;
  message: string;
  /** The failed system or library call, where there was one. */
  call?: string;
  errno?: number;
}

export interface RunTiming {
  setupNs: number;
  teardownNs: number;
}

interface RunBase {
  schemaVersion: number;
  runId: string;
  cell: Cell;
  /** 0-based. */
  repeat: number;
  /** ISO 8601, UTC. */
  startedAt: string;
}

export interface CompletedRun extends RunBase {
  state: 'completed';
  timing: RunTiming;
  /** What the invoker says it was granted, e.g. { attach: 'native', copyMode: 'copy' }. */
  granted: Record<string, string>;
  windows: Window[];
  samples: Sample[];
  cpu: CpuTime[];
  ledger: Ledger;
  /** Empty unless the load measures round trips. */
  histogram: HistogramPairs;
  /** Null unless the load searches it, for its own sake or for levels that are shares of it. */
  capacity: Capacity | null;
  /** Empty unless the load has several. */
  levels: LatencyLevel[];
  /** Requests handled by each invoker thread. */
  handledByThread: number[];
  /** Packets each RX queue of the server received. */
  receivedByQueue: number[];
  /** Null where a thread that blocks cannot tell a hiccup from rest. */
  hiccups: { invoker: Hiccups | null; generator: Hiccups | null };
  /** All counters as they stood at the end, as the processes and the kernel named them. */
  counters: { invoker: InvokerCounters; generator: Counters; client: Counters };
}

export interface SkippedRun extends RunBase {
  state: 'skipped';
  reason: string;
}

export interface FailedRun extends RunBase {
  state: 'failed';
  error: RunError;
}

/** One attempt at a cell: the unit that is stored. */
export type Run = CompletedRun | SkippedRun | FailedRun;

/** Median with an interval: 95 % from 6 repeats on, the range of the repeats below that (see `confidence`). */
export interface Interval {
  median: number;
  low: number;
  high: number;
}

export type LimitLabel = 'invoker' | 'generator' | 'path' | 'config' | 'none';

export interface LatencySummary {
  p50: number;
  p90: number;
  p99: number;
  p99_9: number;
  p99_99: number;
  max: number;
}

export interface LevelSummary {
  level: LevelId;
  /** Median of the repeats. */
  offeredPerSecond: number;
  /** Lost of sent, over all repeats: round trips are those of what was answered. */
  lossRatio: number;
  latencyNs: LatencySummary | null;
}

/** What a reader sees of a cell. A field is null where the load does not measure it or no run completed. */
export interface CellSummary {
  id: string;
  impl: ImplementationId;
  threads: number;
  queues: number;
  packetBytes: number;
  functionId: FunctionId;
  /** As on the command line: `saturate`, `rate=100000`, `closed=4`, `none`. */
  load: string;
  engine: EngineId;
  state: Run['state'];
  verdict: 'valid' | 'invalid' | null;
  /** Why the verdict is invalid, or why the cell was skipped or failed. */
  reasons: string[];
  limit: LimitLabel | null;
  warnings: string[];
  repeats: number;
  /** Probability that the interval covers the true median. */
  confidence: number | null;
  repliesPerSecond: Interval | null;
  bitsPerSecond: Interval | null;
  /** Replies per second when the generator is not paced. */
  overloadRepliesPerSecond: Interval | null;
  /** Requests per second the generator reached when it was not paced. */
  generatorCeilingPerSecond: number | null;
  /** Lost of sent in the measure phase. */
  lossRatio: number | null;
  /** Sent requests that no counter explains, of all sent; the largest of the runs. */
  residualRatio: number | null;
  /** How the invoker's threads wait: a spinning one is never idle, and answers sooner. */
  idle: IdleMode;
  latencyNs: LatencySummary | null;
  /** Of each level, over all repeats. */
  levels: LevelSummary[];
  ndrPerSecond: Interval | null;
  pdrPerSecond: Interval | null;
  /**
   * Busy CPU-ns a reply of the CPUs that run invoker threads (with whatever else runs there), and of all CPUs of the
   * cell, which on veth include the receive work billed to the generator's CPU.
   */
  cpuNsPerReply: { invoker: number; total: number } | null;
  /** Busy share (0..1) of the CPUs that run invoker threads over the measure phase. */
  invokerCpuRatio: number | null;
}

/** Facts about the machine that a figure depends on. */
export interface HostFacts {
  cpuModel: string;
  cpuCount: number;
  threadsPerCore: number;
  numaNodes: number;
  hypervisor: string;
  governor: string;
  memoryBytes: number;
  kernel: string;
  kernelCommandLine: string;
  mitigations: Record<string, string>;
  sysctls: Record<string, string>;
  versions: Record<string, string>;
  commit: string;
  dirty: 'clean' | 'dirty' | 'unknown';
}

/** The whole of results/<runId>/summary.json. */
export interface Summary {
  schemaVersion: number;
  runId: string;
  scenario: Scenario;
  host: HostFacts;
  startedAt: string;
  cells: CellSummary[];
}
