/** Two candidates that take turns: what is asked, what is stored of each turn, and what is said of them. */

import type { Cell, Load, MatrixPoint, Placement } from './cell.js';
import type { ComparedFigure, MetricId, Ratio } from './comparison.js';
import type { HistogramPairs } from './histogram.js';
import type { HostFacts } from './host.js';
import type { EngineId, FunctionId, ImplementationId } from './ids.js';
import type { Capacity, Counters, Run, RunError, Window } from './record.js';
import type { Variant } from './settings.js';

/** A server that is no part of the project: whatever answers on the wire. */
export interface ServerProgram {
  /** For a shell; {interface}, {address} and {port} stand for where it serves. */
  command: string;
  functionId: FunctionId;
  /** Whether replies come from the address and port that was asked, or are frames that went back as they came. */
  replyAddresses: 'swapped' | 'unchanged';
  /** `pass`: an XDP program that lets everything through is attached for it, without which live frames do not arrive. */
  receivePath: 'own' | 'pass';
}

/** A commit of this project whose invoker serves, as built from it. */
export interface Build {
  /** 40 hexadecimal digits. */
  commit: string;
  /** The first line of its message. */
  subject: string;
}

/** Who takes turns. `name` is as on the command line. */
export type Candidate =
  | {
      kind: 'implementation';
      name: string;
      implementation: ImplementationId;
      functionId: FunctionId;
      variant: Variant;
      /** Null: this tree. */
      build: Build | null;
    }
  | { kind: 'program'; name: string; program: ServerProgram };

/** A question that turns answer, resolved and validated. */
export interface PairQuestion {
  candidates: [Candidate, Candidate];
  point: MatrixPoint;
  /** Frame sizes, each a comparison of its own. */
  sizes: number[];
  load: Load;
  turns: number;
  /** Comparisons of the first candidate with itself, at the first size: how often is a difference seen where none is? */
  controls: number;
  durationNs: number;
  warmupNs: number;
}

/** What a program is measured at: a cell without what only the project's own invokers have. */
export type ProgramCell = Pick<
  Cell,
  'functionId' | 'packetBytes' | 'queues' | 'port' | 'load' | 'topology' | 'durationNs' | 'warmupNs'
> & { engine: EngineId; placement: Placement; program: ServerProgram };

/** One attempt at a program. */
export type ProgramRun =
  | {
      state: 'completed';
      windows: Window[];
      histogram: HistogramPairs;
      capacity: Capacity | null;
      counters: { generator: Counters; client: Counters };
    }
  | { state: 'failed'; error: RunError };

/** One candidate's attempt within a turn: a line of turns.ndjson. */
export interface TurnRecord {
  schemaVersion: number;
  runId: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  packetBytes: number;
  /** 0-based number of the comparison of the first candidate with itself; null: of the two candidates. */
  control: number | null;
  /** 0-based. */
  turn: number;
  /** Index of the candidate; in a control, which of the two times. */
  side: 0 | 1;
  run: Run | ProgramRun;
}

/** What is known before the first turn: pair.json. */
export interface PairPrologue {
  schemaVersion: number;
  runId: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  question: PairQuestion;
  host: HostFacts;
}

/**
 * How the second candidate differs from the first. What it could be by chance is what comes of the same turns when the two
 * figures of each change sides or not, every choice being as likely as the other.
 */
export interface Shift {
  /** Second over first within each turn, their geometric mean. */
  ratio: number;
  /** The interval of the true ratio. */
  low: number;
  high: number;
  /** Of the interval: 0.95 or more from 6 turns on. */
  confidence: number;
  /** The share of the choices that differ as much or more. */
  p: number;
  /** What 95 % of the choices stay within: 0.02 is 2 % up or down. */
  noise: number;
}

/** What turns at one frame size say. */
export interface PairComparison {
  packetBytes: number;
  control: number | null;
  /** Turns in which both candidates have a figure. */
  turns: number;
  /** Of both candidates, over these turns; null without a turn. */
  figures: [ComparedFigure, ComparedFigure] | null;
  /** First over second within each turn, the median; null without a turn. */
  ratio: Ratio | null;
  /** Null without a turn. */
  shift: Shift | null;
  /** Of the signed-rank test; 1 without a turn. */
  p: number;
  /** The same, corrected for the number of frame sizes. */
  holmP: number;
  /** Of the sign test, which asks for no symmetry. */
  signP: number;
  /** `unclear`: the interval covers 1, the corrected p is above 0.05, or a lower bound leaves it open. */
  outcome: 'first is more' | 'second is more' | 'unclear';
  /** Why turns are missing, each with their number. */
  objections: { reason: string; turns: number }[];
}

/** What a gate says of the second candidate, the newer one. */
export type GateVerdict =
  /**
   * `regression`, `improvement`: by more than the share that was asked about, and by more than chance makes of equals in 95 %
   * of the cases. `unstable`: neither, and chance alone makes more than the share. `unchanged`: neither.
   */
  | { verdict: 'regression' | 'improvement' | 'unchanged' | 'unstable' }
  /** The figures do not allow to say it. */
  | { verdict: 'untold'; reason: string };

/** How often a difference was seen where there is none. */
export interface FalseAlarms {
  comparisons: number;
  /** Comparisons whose interval does not cover 1, with a p of 0.05 or less: what is claimed of two candidates. */
  alarms: number;
  /** 95 % interval of their share (Clopper and Pearson 1934). */
  low: number;
  high: number;
}

/** The whole of summary.json. */
export interface PairSummary extends PairPrologue {
  metric: MetricId;
  comparisons: PairComparison[];
  controls: PairComparison[];
  /** Null without controls. */
  falseAlarms: FalseAlarms | null;
}
