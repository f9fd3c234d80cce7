/** The types of loads and of what they find; part of model.ts, which is what others import. */

/**
 * What sends requests, the fastest first: XDP live frames, AF_XDP sockets, connected UDP sockets with many requests a
 * system call, and with one.
 */
export const engineIds = ['live', 'afxdp', 'sendmmsg', 'socket'] as const;
export type PacedEngineId = (typeof engineIds)[number];
export type EngineId = PacedEngineId | 'none';

/** Gaps between requests of an open loop: all the same, or those of many independent clients (a Poisson process). */
export const arrivals = ['constant', 'poisson'] as const;
export type Arrival = (typeof arrivals)[number];

export type Load =
  /** Offer more until the reply rate stops growing; the result is that peak. */
  | { kind: 'saturate' }
  /** Open loop: requests at a constant rate, whatever comes back. */
  | { kind: 'rate'; perSecond: number }
  /** `connections` sockets with one request outstanding each; the result is the round-trip time. */
  | { kind: 'closed'; connections: number }
  /** The highest rates without loss and with little. */
  | { kind: 'capacity' }
  /** Open loop at shares of the invoker's own capacity and at one rate that is equal for all. */
  | { kind: 'latency-under-load' }
  /** Start the invoker, prove it alive, leave it alone: what it costs when idle. */
  | { kind: 'none' };

/** Round-trip times: pairs of [value in ns (highest equivalent of its bucket), count], ascending. */
export type HistogramPairs = [number, number][];

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

/** A share of the invoker's capacity, or a rate that is equal for all. */
export type LevelId = '10%' | '50%' | '90%' | 'equal';

/** Round trips at one load. */
export interface LatencyLevel {
  level: LevelId;
  offeredPerSecond: number;
  sent: number;
  /** Right replies. */
  replied: number;
  histogram: HistogramPairs;
}
