import type { Counters } from '../../model/record.js';
import type { InvokerReading } from '../invoker.js';
import { dropsOf } from './drops.js';

/** A reading and when it was made, in ns of CLOCK_MONOTONIC. */
export interface TimedReading extends InvokerReading {
  atNs: number;
}

/** What happened between two readings, a second, to the nearest whole number. */
export interface Rates {
  received: number;
  handled: number;
  replied: number;
  /** By cause. */
  dropped: Counters;
}

/** The rates between two readings of the same invoker, over all threads, those that came or went included. */
export function ratesBetween(before: TimedReading, after: TimedReading): Rates {
  const seconds = (after.atNs - before.atNs) / 1e9;
  const rate = (first: number, last: number) => (seconds > 0 ? Math.round((last - first) / seconds) : 0);
  const rateOf = (name: string) => rate(sumOf(before, name), sumOf(after, name));
  const dropsBefore = dropsOf(before);
  const drops = Object.entries(dropsOf(after)).map(([cause, count]) => [cause, rate(dropsBefore[cause] ?? 0, count)]);
  return {
    received: rateOf('received'),
    handled: rateOf('handled'),
    replied: rateOf('replied'),
    dropped: Object.fromEntries(drops),
  };
}

function sumOf({ threads }: InvokerReading, name: string): number {
  return threads.reduce((sum, { counters }) => sum + (counters[name] ?? 0), 0);
}
