import type { HistogramPairs } from '../../model/histogram.js';
import type { PhaseName, Window } from '../../model/record.js';

/** What a load asks of the generator of each client where it has several, and what each answers. */
export type LoadQuestion =
  /** Requests a second from now on. */
  | { ask: 'rate'; perSecond: number }
  | ({ ask: 'watch' } & WatchQuestion)
  /** So many requests a second for a moment, from an empty queue. */
  | { ask: 'piece'; perSecond: number }
  /** Round trips of what is sent from now on. */
  | { ask: 'record' }
  /** Those that were recorded, when nothing is sent any more. */
  | { ask: 'collect'; patienceNs: number }
  /** Nothing is sent any more, and what is under way comes back. */
  | { ask: 'settle' };

export interface LoadAnswers {
  rate: null;
  watch: Watched;
  piece: Piece;
  record: null;
  collect: RoundTrips;
  settle: null;
}

export interface WatchQuestion {
  phase: PhaseName;
  /** As the record names it; null: not paced. */
  offeredPerSecond: number | null;
  durationNs: number;
}

/** What was counted in a window. */
export interface Watched {
  window: Window;
  /** How long in it the generator's threads did not run; the mean of them. */
  awayNs: number;
}

/** Recorded round trips. */
export interface RoundTrips {
  /** Requests that left meanwhile. */
  sent: number;
  histogram: HistogramPairs;
}

/** Requests that were offered at one rate for a moment. */
export interface Piece {
  /** While they were offered. */
  window: Window;
  /** Until all replies were in, or no more came. */
  sent: number;
  replied: number;
  wrong: number;
  /** Requests without a reply when the window ended. */
  backlog: number;
  /** Requests that were due in the window and did not leave. */
  leftOut: number;
  /** How long the generator's threads did not run; the mean of them. */
  awayNs: number;
}
