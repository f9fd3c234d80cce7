import type { Placement } from './cell.js';
import type { HistogramPairs } from './histogram.js';
import type { HostSide } from './host-use.js';
import type { Ledger, PhaseName, RunError } from './record.js';

/** What a reader may look at of a cell beside its summary. Figures are those of the runs that the summary rests on. */
export interface CellDetail {
  /** Of the CellSummary. */
  id: string;
  /** As it was planned. */
  placement: Placement;
  /** Of the first run that completed; empty where none did. */
  granted: Record<string, string>;
  /** Sums over the runs; null where none completed. */
  ledger: Ledger | null;
  /** Round trips of all runs; of levels, those of each in `levels`. */
  histogram: HistogramPairs;
  levels: { level: string; offeredPerSecond: number; histogram: HistogramPairs }[];
  /** Busy CPU-ns a reply by class, all CPUs of the cell, of the run whose sum is the median; null where it cannot be told. */
  cpuNsPerReply: CpuClasses | null;
  /** Requests that each invoker thread handled and packets that each RX queue received, sums over the runs. */
  handledByThread: number[];
  receivedByQueue: number[];
  /** Each run that completed over time, in the order of the repeats. */
  courses: Course[];
  /** Of runs that failed. */
  errors: RunError[];
}

/** Nanoseconds; `other`: of processes that are not the benchmark's. */
export interface CpuClasses {
  user: number;
  system: number;
  softirq: number;
  other: number;
}

/** A run over time; seconds since its first reading, each host by its own clock. */
export interface Course {
  /** 0-based. */
  repeat: number;
  /** Whether figures rest on the run, too. */
  isCounted: boolean;
  phases: { phase: PhaseName; beginS: number; endS: number }[];
  /** Between two readings of the generator's counters; empty of several clients. */
  rates: { endS: number; sentPerSecond: number; repliesPerSecond: number; hiccupNs: number | null }[];
  /** Pieces of about a second of the measure phase; empty where no round trips are recorded. */
  roundTrips: { endS: number; histogram: HistogramPairs }[];
  /** Shares (0..1) of the time of the cell's CPUs of a host, pieces of about a second of the measure phase. */
  hosts: { host: HostSide; endS: number; busyRatio: number; stealRatio: number; foreignRatio: number }[];
}
