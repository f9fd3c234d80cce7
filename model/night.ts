/**
 * What is remembered of nights, and what is said of them. A history is a folder: `<machine>/<runId>.ndjson` holds a night
 * and is never changed, `<machine>/events.ndjson` what was decided since, and is only appended to.
 */

import type { FactDifference, MetricId, Ratio } from './comparison.js';
import type { EngineId, FunctionId, ImplementationId, TopologyId } from './ids.js';
import type { Interval } from './summary.js';

/** Of the lines of a history, which outlive the records that they were made of. */
export const historyVersion = 1;

/** The first line of a night's file, `kind: 'night'`. */
export interface NightHead {
  historyVersion: number;
  /** Sorts by time: `20261122-020000-3f9a`. */
  runId: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** Names the machine and keeps its id to itself: the first digits of a hash of it. */
  machine: string;
  /** As the kernel has it; null where it was not recorded. */
  bootId: string | null;
  /** Name of the scenario: nights of one name are compared with each other. */
  profile: string;
  topology: TopologyId;
  /** Of the code that was measured; `unknown` where there is no repository. */
  commit: string;
  dirty: 'clean' | 'dirty' | 'unknown';
  /**
   * What a figure depends on beside the code, as text by its path (`kernel`, `sysctls.net.core.rmem_max`,
   * `client.0.kernel`, `tuning.governor`): of server and clients, and of the question.
   */
  facts: Record<string, string>;
  /** `partial`: it ended before all of its plan was measured. */
  state: 'complete' | 'partial';
  /** The report's folder, relative to the machine's folder of the history or absolute; null: none. */
  report: string | null;
  /** Lines of each kind that follow: a file that was cut short is known by them. */
  cells: number;
  pairs: number;
}

/** A figure of a cell. Rates are per second, times are ns, CPU is ns a reply of all CPUs of the cell. */
export interface NightFigure extends Interval {
  metric: MetricId;
  /** Of the valid repeats, in their order. */
  values: number[];
  /**
   * What nights are compared by: the median of the better half of the values (a hinge of Tukey 1977). What else runs on
   * a host only slows, so the better half moves least by itself.
   */
  level: number;
  /** `lower`: the server may take more, as the generator was the limit. */
  bound: 'exact' | 'lower';
}

/** A cell of a night, `kind: 'cell'`. */
export interface NightCell {
  /** The same from night to night: `afxdp-2T2Q-200-reverse-saturate`. */
  cell: string;
  impl: ImplementationId;
  /** What was set beside its defaults; blank for these. */
  variant: string;
  threads: number;
  queues: number;
  packetBytes: number;
  functionId: FunctionId;
  /** As on the command line: `saturate`, `closed=4`. */
  load: string;
  engine: EngineId;
  state: 'measured' | 'skipped' | 'failed' | 'invalid';
  /** Why it has no figure; null where it has one. */
  reason: string | null;
  /** Empty where it has none; at most one a metric. */
  figures: NightFigure[];
}

/** What turns of two builds within the night say of a cell, `kind: 'pair'`. */
export interface NightPair {
  cell: string;
  metric: MetricId;
  /** Commit of the other build. */
  against: string;
  /** Tonight's build over the other. */
  ratio: Ratio;
  /** Corrected for the number of cells that took turns. */
  p: number;
  /** The 95th percentile of |ratio - 1| where nothing differs: what the cell does by itself. */
  nullSpread: number;
  verdict: 'better' | 'worse' | 'unclear' | 'unstable';
  /** 1; 2 where the cell took turns again that night, as the first ones made a suspicion. */
  attempt: number;
}

/** A night as it is read. */
export interface Night extends NightHead {
  measured: NightCell[];
  turns: NightPair[];
}

/** A line of events.ndjson. */
export type HistoryEvent = {
  historyVersion: number;
  /** ISO 8601, UTC. */
  at: string;
  reason: string;
} & (
  | { kind: 'withdrawn'; runId: string }
  /** A second one of an alert adds changes to it that came to light later. */
  | { kind: 'raised'; alert: number; changes: Change[] }
  | { kind: 'cleared'; alert: number }
  | { kind: 'acknowledged'; alert: number }
);

/** A cell's figure that is not what it was. */
export interface Change {
  cell: string;
  metric: MetricId;
  /** `step`: from one night on; `spike`: of a night alone; `drift`: a little every night. */
  kind: 'step' | 'spike' | 'drift';
  direction: 'better' | 'worse';
  /** runId of the first night that has it, and of the last one before. */
  firstNight: string;
  lastGoodNight: string;
  /** Of these two nights: what changed in the code is between them. */
  commits: { good: string; bad: string };
  /** What it is from then on over what it was before; of a drift, what it is now. */
  ratio: Ratio;
  /** Corrected for the number of figures that were looked at; of a spike, 1: a night alone is no evidence. */
  p: number;
  /** How much (0.05: 5 %) a change of this figure must be to be one, by its own past. */
  threshold: number;
  /** What is not the same about the machine or the question on these two nights: an excuse, if there is any. */
  facts: FactDifference[];
  /** `turns`: of two builds within a night; `history`: of the nights before. */
  witness: 'turns' | 'history';
}

/** Changes that came in the same night, in the same direction: one cause, as far as can be told. */
export interface ChangeGroup {
  kind: Change['kind'];
  direction: Change['direction'];
  firstNight: string;
  lastGoodNight: string;
  commits: { good: string; bad: string };
  /** Geometric means of those of the changes. */
  ratio: Interval;
  facts: FactDifference[];
  /** `environment`: the machine or the question changed in the same night, so the code may not be why. */
  excuse: 'none' | 'environment';
  /** `taken back`: all of it went the other way again, or was found to be nothing. */
  fate: 'stands' | 'taken back';
  /** The largest first. */
  changes: Change[];
}

/** A regression that somebody has to look at: its state is what events say, whatever is found later. */
export interface Alert {
  /** From 1, in the order in which they were raised. */
  alert: number;
  state: 'open' | 'acknowledged' | 'cleared';
  raisedAt: string;
  /** Of the last event, and its reason. */
  changedAt: string;
  reason: string;
  /** As they were when it was raised. */
  changes: Change[];
}

/** A figure that is worse tonight by one witness that was heard once: it fails nothing. */
export interface Suspicion {
  cell: string;
  metric: MetricId;
  /** Tonight over what it was. */
  ratio: Interval;
  threshold: number;
  witness: 'turns' | 'history';
}

/** What the gate says of a night. */
export interface NightVerdict {
  runId: string;
  /**
   * `suspicion`: measure those cells again tonight; `regression`: an alert is open, exit code 3; `unstable`: figures cannot be held
   * against those before, or the turns of a cell tell nothing; `unfit`: no figure to judge.
   */
  outcome: 'pass' | 'suspicion' | 'regression' | 'unstable' | 'unfit';
  /** What a person needs, a sentence or a command each. */
  text: string[];
  suspicions: Suspicion[];
  /** Cells that the night before had a figure of and this one has not, and the other way round. */
  vanished: string[];
  appeared: string[];
}

/** The whole of what is said of a history. */
export interface HistoryJudgement {
  /** What was judged: nights of the newest one's profile and machine that are not withdrawn, the oldest first. */
  nights: Night[];
  withdrawn: { runId: string; at: string; reason: string }[];
  /** The newest first. */
  groups: ChangeGroup[];
  alerts: Alert[];
  verdict: NightVerdict;
  /** Whatever is odd about the history itself: two nights of a date, a clock that went back. */
  warnings: string[];
  /** What is to be appended to the events, so that the next judgement knows of it. */
  events: HistoryEvent[];
}
