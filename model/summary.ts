import type { Scenario } from './cell.js';
import type { LatencySummary } from './histogram.js';
import type { HostFacts } from './host.js';
import type { EngineId, FunctionId, ImplementationId, LevelId } from './ids.js';
import type { Run } from './record.js';
import type { IdleMode } from './settings.js';

/** Median with an interval: 95 % from 6 repeats on, the range of the repeats below that (see `confidence`). */
export interface Interval {
  median: number;
  low: number;
  high: number;
}

export type LimitLabel = 'invoker' | 'generator' | 'path' | 'config' | 'none';

export interface LevelSummary {
  level: LevelId;
  /** Median of the repeats. */
  offeredPerSecond: number;
  /** Lost of sent, over all repeats: round trips are those of what was answered. */
  lossRatio: number;
  latencyNs: LatencySummary | null;
}

/** What one repeat of a cell measured: what a comparison is made of. A field is null where the load does not measure it. */
export interface RepeatFigures {
  /** 0-based. */
  repeat: number;
  repliesPerSecond: number | null;
  ndrPerSecond: number | null;
  pdrPerSecond: number | null;
  latencyNs: LatencySummary | null;
  /** Busy CPU-ns a reply of the CPUs that run invoker threads. */
  cpuNsPerReply: number | null;
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
  /** Of each completed run, in the order of the records. */
  byRepeat: RepeatFigures[];
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

/** The whole of results/<runId>/summary.json. */
export interface Summary {
  schemaVersion: number;
  runId: string;
  scenario: Scenario;
  host: HostFacts;
  startedAt: string;
  cells: CellSummary[];
}
