import type { MatrixPoint, Scenario } from './cell.js';
import type { LatencySummary } from './histogram.js';
import type { HostFacts } from './host.js';
import type { EngineId, FunctionId, ImplementationId, LevelId } from './ids.js';
import type { Run } from './record.js';
import type { IdleMode } from './settings.js';

/** Below this number of runs not even their whole range covers the true median with 95 %. */
export const fewestForInterval = 6;

/** A median with the ends of its interval: order statistics from `fewestForInterval` runs on, the range below that. */
export interface Interval {
  median: number;
  low: number;
  high: number;
}

/** `confidence`: the probability (0..1) that the interval covers the true median; 0 of a single run, which has none. */
export interface Figure extends Interval {
  confidence: number;
}

/**
 * What a load is asked for, and so where its answer stands in a CellSummary: `peak` in repliesPerSecond, `capacity` in
 * ndr and pdr, `round-trips` in latencyNs and lossRatio, `levels` in levels, `rest` in invokerCpuRatio.
 */
export type Answer =
  | { kind: 'peak' }
  | { kind: 'capacity' }
  /** `offeredPerSecond` is null where each request waits for a reply. */
  | { kind: 'round-trips'; offeredPerSecond: number | null }
  | { kind: 'levels' }
  | { kind: 'rest' };

export type LimitLabel = 'invoker' | 'generator' | 'path' | 'config' | 'none';

export interface LevelSummary {
  level: LevelId;
  /** Median of the repeats. */
  offeredPerSecond: number;
  /** Lost of sent, over all repeats: round trips are those of what was answered. */
  lossRatio: number;
  latencyNs: LatencySummary | null;
}

/** The capacity for one goal, in requests a second. */
export interface CapacityFigure {
  /** Of the runs; a search in which no load held counts as 0. */
  interval: Figure;
  /**
   * Of a single search: the highest load that held, and the lowest above it that did not (null where none failed before
   * time was up). Null of several runs: their range says more.
   */
  bracket: { low: number; high: number | null } | null;
  /** `lower`: the search that gave the median ended at what the generator can send, or by time; the server may take more. */
  bound: 'exact' | 'lower';
  /** What each run found, null where no load held. */
  byRepeat: (number | null)[];
}

/** What one valid run found; a field is null where its load does not answer with it. */
export interface RepeatFigures {
  /** 0-based. */
  repeat: number;
  repliesPerSecond: number | null;
  ndrPerSecond: number | null;
  pdrPerSecond: number | null;
  latencyNs: LatencySummary | null;
  /** Of all CPUs of the cell. */
  cpuNsPerReply: number | null;
}

/** What a reader sees of a cell. A field is null where the load does not measure it or no run completed. */
export interface CellSummary {
  id: string;
  impl: ImplementationId;
  /** What was set beside its defaults: `batch=64,idle=spin`; blank for the defaults. */
  variant: string;
  /** Nanoseconds of computation behind the function; null where none was asked about. */
  workNs: number | null;
  threads: number;
  queues: number;
  packetBytes: number;
  functionId: FunctionId;
  /** As on the command line: `saturate`, `rate=100000`, `closed=4`, `none`. */
  load: string;
  answer: Answer;
  engine: EngineId;
  /** `failed` and `invalid` where more than a third of the runs were not sound; else those are left out of all figures. */
  state: Run['state'];
  verdict: 'valid' | 'invalid' | null;
  /** Why the cell is invalid, skipped or failed, or why it has no answer. */
  reasons: string[];
  limit: LimitLabel | null;
  warnings: string[];
  /** Runs that the figures rest on. */
  repeats: number;
  repliesPerSecond: Figure | null;
  /** Of frames that hold the replies. */
  bitsPerSecond: Figure | null;
  /** Replies per second when the generator is not paced. */
  overloadRepliesPerSecond: Figure | null;
  /** Requests per second that the generator can send, as the limit was judged by: the median of the runs. */
  generatorCeilingPerSecond: number | null;
  /** Lost of sent in the measure phase. */
  lossRatio: number | null;
  /** Requests of a run that no counter explains, of those it measured; the largest of the runs. */
  residualRatio: number | null;
  /** How the invoker's threads wait: a spinning one is never idle, and answers sooner. */
  idle: IdleMode;
  latencyNs: LatencySummary | null;
  /** Of each level, over all repeats. */
  levels: LevelSummary[];
  /** Null where half of the searches or more found no load that lost nothing. */
  ndr: CapacityFigure | null;
  /** The same of a loss of at most 0.5 %. */
  pdr: CapacityFigure | null;
  /**
   * Busy CPU-ns a reply of the CPUs that run invoker threads (with whatever else runs there), and of all CPUs of the
   * cell, which on veth include the receive work billed to the generator's CPU. Null of a measure phase under 1 s.
   */
  cpuNsPerReply: { invoker: number; total: number } | null;
  /** Busy share (0..1) of the CPUs that run invoker threads over the measure phase; null where that is under 1 s. */
  invokerCpuRatio: number | null;
  /** Of packages and memory of the server's host, whatever else runs there; null where they have no counter (docs/energy.md). */
  joulesPerReply: number | null;
  /** The valid runs, in the order of the repeats. */
  byRepeat: RepeatFigures[];
}

/** An amount of work, and what is left of the lead of an implementation. */
export interface WorkPoint {
  workNs: number;
  /** Id of the cell. */
  cell: string;
  /** Replies/s over those of `workBase` with as much work; null where that has no figure to quote or a lower bound. */
  ratio: Figure | null;
}

/**
 * Nanoseconds of work from which on an implementation stays below `worthwhileRatio`, with the ends of the interval: 0 is
 * below the least that was asked, null beyond the most.
 */
export interface Crossing {
  atNs: number | null;
  lowNs: number | null;
  highNs: number | null;
  /** Probability (0..1) that the interval covers the true one; 0 of single runs, which have none. */
  confidence: number;
}

/** What an implementation answers as work behind the function grows. */
export interface WorkCurve extends MatrixPoint {
  impl: ImplementationId;
  /** What was set beside work and defaults. */
  variant: string;
  packetBytes: number;
  functionId: FunctionId;
  load: string;
  engine: EngineId;
  /** Cells with a figure to quote, by ascending work. */
  points: WorkPoint[];
  /** Null of `workBase`, and where fewer than two points have a ratio. */
  crossing: Crossing | null;
}

/** The whole of results/<runId>/summary.json. */
export interface Summary {
  schemaVersion: number;
  runId: string;
  /** Ids of the runs whose records were merged into this one, the oldest first; empty of a run as it was measured. */
  mergedFrom: string[];
  scenario: Scenario;
  /** Of the server. */
  host: HostFacts;
  /** Of each client; empty where the client is on the same host. */
  clientHosts: HostFacts[];
  startedAt: string;
  cells: CellSummary[];
  /** Empty unless work was an axis and its answer a peak. */
  work: WorkCurve[];
}
