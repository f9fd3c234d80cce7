import { droppedByQueues, notTakenByWire } from '../../common/wire/drops.js';
import type { HistogramPairs, LatencySummary } from '../../model/histogram.js';
import { mergeHistograms, percentiles } from '../../model/histogram.js';
import type { Counters, LedgerLine } from '../../model/record.js';
import type { LoadRequest } from './options.js';
import type { Source } from './source.js';

/** What a load was and what came of it: the content of `-json`. Times in ns. */
export interface LoadResult {
  schemaVersion: 1;
  /** ISO 8601, UTC. */
  startedAt: string;
  request: Omit<LoadRequest, 'kind' | 'listen' | 'json' | 'live'>;
  /** What sent the requests, a source a port. */
  engines: string[];
  durationNs: number;
  /** Of all ports together. */
  counters: Counters;
  perSecond: { requests: number; responses: number };
  /** From the write of a request, or from when it was due, to its reply; null if no reply was right. */
  latencyNs: LatencySummary | null;
  /** How late requests left; null in a closed loop, which has no schedule. */
  lagNs: LatencySummary | null;
  /** Where requests without a right reply went. */
  losses: LedgerLine[];
  histogram: HistogramPairs;
}

const notTakenName = 'not taken by the wire';

/** Counters of all ports together. */
export function countersOf(sources: readonly Pick<Source, 'counters'>[]): Counters {
  return summed(sources.map((source) => source.counters()));
}

/** The same, also after a source died. */
export function lastCountersOf(sources: readonly Pick<Source, 'lastCounters'>[]): Counters {
  return summed(sources.map((source) => source.lastCounters()));
}

function summed(readings: readonly Counters[]): Counters {
  const sum: Counters = {};
  for (const [name, value] of readings.flatMap((counters) => Object.entries(counters))) {
    sum[name] = name.endsWith('MaxNs') ? Math.max(sum[name] ?? 0, value) : (sum[name] ?? 0) + value;
  }
  return sum;
}

/** Round trips of all ports together. */
export function roundTripsOf(sources: readonly Pick<Source, 'roundTrips'>[]): HistogramPairs {
  return mergeHistograms(sources.map((source) => source.roundTrips()));
}

/** Percentiles in ns, or null of an empty histogram. */
export function percentilesOf(pairs: HistogramPairs): LatencySummary | null {
  return pairs.length === 0 ? null : percentiles(pairs);
}

/** Below this share of what was asked for a load has not been sent as asked. */
const leastShare = 0.95;

/** One line if far less was sent than was asked for, or null. */
export function shortfallOf({ request: { loop }, counters, durationNs, losses }: LoadResult): string | null {
  const notTaken = losses.find(({ name }) => name === notTakenName)?.count ?? 0;
  const left = (counters.sent ?? 0) - notTaken;
  const asked =
    loop.kind === 'open' ? (loop.perSecond * durationNs) / 1e9 : (counters.sent ?? 0) + (counters.sendFailed ?? 0);
  // As many as a random schedule may ask for less.
  const chance = loop.kind === 'open' && loop.arrival === 'poisson' ? 4 * Math.sqrt(asked) : 1;
  if (left >= leastShare * asked - chance) return null;
  return `only ${left} of ${Math.round(asked)} requests were sent (a slower -rate, more -cores or a faster -engine may do; is the interface up?)`;
}

/**
 * Where the requests without a right reply went, as far as this side can see; `kernel` is what its interface and its UDP
 * counted meanwhile. What remains was lost on the way or by the server.
 */
export function lossesOf(counters: Counters, kernel: Counters): LedgerLine[] {
  const of = (name: string) => counters[name] ?? 0;
  const notTaken = notTakenByWire(kernel, of('sent'));
  const seen = [
    { name: notTakenName, count: notTaken },
    { name: 'wrong length', count: of('wrongLength') },
    { name: 'wrong content', count: of('wrongContent') },
    { name: 'answered late', count: of('late') },
    { name: 'refused on the way back', count: of('receiveFailed') },
    { name: "dropped by our interface's send side", count: (kernel['dev.txDropped'] ?? 0) - notTaken },
    { name: "dropped by our interface's receive queues", count: droppedByQueues(kernel) },
    { name: "dropped by our socket's full buffer", count: kernel['udp.RcvbufErrors'] ?? 0 },
    { name: 'bad checksum', count: kernel['udp.InCsumErrors'] ?? 0 },
  ];
  const right = of('replied') - of('wrong');
  const rest = seen.reduce((left, { count }) => left - count, of('sent') - right);
  return [...seen, { name: 'lost on the way or by the server', count: Math.max(0, rest) }].filter(
    ({ count }) => count > 0,
  );
}
