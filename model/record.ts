/** What is stored of a run: runs.ndjson holds one Run a line. */

import type { Cell, PlannedCell, Scenario } from './cell.js';
import type { HistogramPairs } from './histogram.js';
import type { HostFacts } from './host.js';
import type { LevelId, PacedEngineId } from './ids.js';

/** Version of the shapes of runs.ndjson and summary.json. */
export const schemaVersion = 6;

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

/** Gaps between two turns of a loop that never rests, as those of generators. */
export interface Hiccups {
  /** Gaps over 1 ms. */
  count: number;
  maxNs: number;
  totalNs: number;
}

/**
 * Nanoseconds of the measure phase in which a thread was ready to run and did not, beyond 2 us for each time that it woke
 * up: something else had its CPU.
 */
export interface Stalls {
  /** Of each thread; null where nobody counts it: the kernel does not keep it, or a thread is none (`xdp`). */
  invoker: (number | null)[];
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

/** A count of a window as a rate. */
export function perSecond({ beginNs, endNs }: Pick<Window, 'beginNs' | 'endNs'>, count: number): number {
  return (count * 1e9) / (endNs - beginNs);
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

/** A capacity in requests a second. */
export interface CapacityRate {
  /** The highest rate that was tried and is, as likely as not, no higher than the capacity; at least about `low`. */
  perSecond: number;
  /** The capacity lies between these with a likelihood of 90 %, as far as the trials tell. */
  low: number;
  high: number;
}

/**
 * The highest rates at which no request is lost (NDR) and at most 0.5 % are (PDR) in half of the pieces of trials; null
 * where none was found or it was not asked for.
 */
export interface Capacity {
  ndr: CapacityRate | null;
  pdr: CapacityRate | null;
  /** What failed just above the rate that is measured at: `generator` where more could not be sent; the server may take more. */
  boundBy: 'server' | 'generator';
  /** Trials of up to a second that the search took. */
  trials: number;
  /** Pieces of those trials, of up to a quarter of a second. */
  pieces: number;
  /** Of `pieces`: those that say little of a goal, as the host had taken CPU time. */
  piecesSpoilt: number;
  /** Share (0..1) of the search's time that the host took by slowing CPUs, of the side that lost more. */
  slowedRatio: number;
  /** Whether time was up before the capacities were known as well as was asked for: their intervals are wider. */
  timedOut: boolean;
}

/** Round trips at one load. */
export interface LatencyLevel {
  level: LevelId;
  offeredPerSecond: number;
  sent: number;
  /** Right replies. */
  replied: number;
  histogram: HistogramPairs;
}

/** The whole content of one reply in so many is compared: all of them would be a cost of the measured side. */
export const checkEvery = 64;

/** What an engine can send over a wire without an invoker, and how much of it a program at its end can check and count. */
export interface Ceiling {
  engine: PacedEngineId;
  packetBytes: number;
  queues: number;
  /** One CPU a generator thread. */
  cpus: number[];
  /** Whether requests are sent for their round trips, in smaller batches. */
  timed: boolean;
  /** The whole content of one in so many was compared; 0: requests were neither stamped nor checked. */
  checkEvery: number;
  sentPerSecond: number;
  countedPerSecond: number;
}

/** What a load generator counted and found, and what the kernel counted on its side. */
export interface LoadTotals {
  generator: Counters;
  kernel: Counters;
  histogram: HistogramPairs;
  capacity: Capacity | null;
  levels: LatencyLevel[];
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
  hiccups: { generator: Hiccups | null };
  stalls: Stalls;
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

/** What is known of a run of the harness before its first cell: host.json. */
export interface Prologue {
  schemaVersion: number;
  runId: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  scenario: Scenario;
  plan: PlannedCell[];
  host: HostFacts;
  /** What the generators can send without an invoker. */
  ceilings: Ceiling[];
}
