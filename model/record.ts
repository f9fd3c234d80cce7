/** What is stored of a run: runs.ndjson holds one Run a line. */

import type { Cell, PlannedCell, Scenario } from './cell.js';
import type { HistogramPairs } from './histogram.js';
import type { HostFacts } from './host.js';
import type { CpuTime, EnergyUse, ForeignTime, HostSide, Quota } from './host-use.js';
import type { LevelId, PacedEngineId } from './ids.js';

/** Version of the shapes of runs.ndjson and summary.json. */
export const schemaVersion = 11;

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
  /** Of each thread; null where nobody counts it: the kernel does not keep it, or a thread is none (`tc`, `xdp`). */
  invoker: (number | null)[];
}

/** `search`: trials of a capacity search; `level`: a load beside the one that is measured. */
export type PhaseName = 'warmup' | 'ramp' | 'search' | 'measure' | 'level' | 'overload' | 'drain';

/**
 * What happened between two readings of the generator's counters. Of several clients the sums, by the clock of the first:
 * each has read its own, and the window is as long as makes the rate of requests the sum of their rates.
 */
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
  /** Replies that came back; of a search, those that did not come from a queue that was too deep. */
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

/** The kernel counts CPU time in ticks of 10 ms: a share of less than a second is off by several percent. */
export const shortestForCpuTimeNs = 1e9;

/** From this length on a measure phase is told in pieces: of a shorter one the only piece would be the whole. */
export const shortestInPiecesNs = 2e9;

/** What a measure phase was like in pieces of about a second; lists are empty where nothing was recorded. */
export interface Timeline {
  /** Round trips of each piece, by the clock of the generator; empty unless one generator records them. */
  roundTrips: { beginNs: number; endNs: number; histogram: HistogramPairs }[];
  /** What the CPUs of the cell did in each piece, each host by its own clock. */
  hosts: { host: HostSide; beginNs: number; endNs: number; cpu: CpuTime[]; foreign: ForeignTime[] }[];
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
  /** The highest load that held: the lower bound. */
  perSecond: number;
  /** The lowest load above it that did not hold; null where none failed (time was up). */
  failedPerSecond: number | null;
  /** What failed there: `generator` where the load could not be sent, so the server may take more. */
  boundBy: 'server' | 'generator';
}

/**
 * The highest loads at which at least half of the pieces lost no request (NDR), and at most 0.5 % of them (PDR); null
 * where no load held or it was not asked for.
 */
export interface Capacity {
  ndr: CapacityRate | null;
  pdr: CapacityRate | null;
  /** Loads that were tried. */
  trials: number;
  /** Pieces of those trials that count, each of up to a quarter of a second. */
  pieces: number;
  /**
   * Pieces that were made again beside those: the generator did not run all the time, or replies of the piece before
   * came in. At most `mostPiecesRepeated`.
   */
  piecesRepeated: number;
  /** Whether time was up before every bracket was as narrow as was asked for. */
  timedOut: boolean;
}

/** Pieces of a search that are made again: on a busy host it might never end. */
export const mostPiecesRepeated = 16;

/** Round trips at one load. */
export interface LatencyLevel {
  level: LevelId;
  offeredPerSecond: number;
  sent: number;
  /** Right replies to them. */
  replied: number;
  histogram: HistogramPairs;
}

/** The whole content of one reply in so many is compared: all of them would be a cost of the measured side. */
export const checkEvery = 64;
/**
 * Below this rate the content of every reply is compared: it costs little, and one in 64 may be none in a short window.
 */
const sparsePerSecond = 10_000;

/** The content of one reply in so many is compared at a rate, or where it varies (null). */
export function checkEveryAt(perSecond: number | null): number {
  return perSecond !== null && perSecond < sparsePerSecond ? 1 : checkEvery;
}

/**
 * What an engine can send over a wire without an invoker, and how much of it a program at its end can check and count.
 */
export interface Ceiling {
  engine: PacedEngineId;
  packetBytes: number;
  queues: number;
  /** Of each client, one CPU a generator thread. */
  cpus: number[][];
  /** Whether requests are sent for their round trips, in smaller batches. */
  timed: boolean;
  /** The whole content of one in so many was compared; 0, of `live`: requests were neither stamped nor checked. */
  checkEvery: number;
  sentPerSecond: number;
  countedPerSecond: number;
}

/** Of which engine, and with what, a ceiling is to be measured. */
export type CeilingQuestion = Omit<Ceiling, 'sentPerSecond' | 'countedPerSecond'>;

/** What one of several clients counted. */
export interface ClientTotals {
  /** As ssh takes it. */
  host: string;
  /** Its measure phase, by its own clock. */
  window: Window | null;
  generator: Counters;
  kernel: Counters;
}

/** What load generators counted and found, and what the kernel counted on their side. */
export interface LoadTotals {
  generator: Counters;
  kernel: Counters;
  histogram: HistogramPairs;
  capacity: Capacity | null;
  levels: LatencyLevel[];
  /** What the counters above are the sums of; empty of a single client. */
  clients: ClientTotals[];
}

export interface RunError {
  code: string;
  message: string;
  /** The failed system or library call, where there was one. */
  call?: string;
  errno?: number;
  /** The last lines that the failed process wrote to its stderr, where it was a process that failed. */
  stderr?: string[];
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
  timeline: Timeline;
  cpu: CpuTime[];
  /** Of the CPUs of invoker and generator. */
  foreign: ForeignTime[];
  /** Over the measure phase; null without a quota. */
  quota: Quota | null;
  /** Over the measure phase; empty where no host has counters that may be read. */
  energy: EnergyUse[];
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
  /** What those of generator and client are the sums of; empty of a single client. */
  clients: ClientTotals[];
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
  /** Of the server. */
  host: HostFacts;
  /** Of each client; empty where the client is on the same host. */
  clientHosts: HostFacts[];
  /** What the generators can send without an invoker. */
  ceilings: Ceiling[];
}
