import type { Piece, RoundTrips, Watched, WatchQuestion } from '../../common/process/questions.js';

/** Requests, as a load has them sent and counted: by an engine of this process, or by those of several clients. */
export interface Traffic {
  /** Lets the duration pass and resolves to what was counted in it. */
  watch(question: WatchQuestion): Promise<Watched>;
  /** Records the round trips of the requests that are sent from now on. */
  record(): Promise<void>;
  /**
   * Sends nothing any more, and resolves to the round trips when all requests since record() are answered, or no reply has
   * come for `patienceNs`: a server that stood at the end would otherwise not show in them.
   */
  collect(patienceNs: number): Promise<RoundTrips>;
  /** Sends nothing any more, and waits for what is under way. */
  settle(): Promise<void>;
}

/** Traffic whose rate can be set. */
export interface PacedTraffic extends Traffic {
  /** Requests a second; 0 pauses, `unpacedRate` sends as fast as possible. */
  setRate(perSecond: number): Promise<void>;
  /**
   * Offers a load for up to a quarter of a second. The counters are read when all replies are in, and the queue is empty
   * when the next piece begins.
   */
  piece(perSecond: number): Promise<Piece>;
}
