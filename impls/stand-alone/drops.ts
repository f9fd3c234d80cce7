import type { Counters } from '../../model/record.js';
import type { InvokerReading } from '../invoker.js';

/** Counters of a thread that mean a request or reply was dropped, and the cause they are reported with. */
const threadCauses: Record<string, string> = {
  functionFailed: 'function_failed',
  malformed: 'malformed',
  refusedSource: 'refused_source',
  sendFailed: 'send_failed',
  txFull: 'tx_ring_full',
  txLost: 'tx_lost',
  socketDropped: 'socket_dropped',
  ringFull: 'ring_full',
  receiveFailed: 'receive_failed',
};

/**
 * The same of what the threads share. An empty fill ring is no drop: packets lost by it are in `xskRxDropped`. Nor is a queue
 * that is not served: what comes in there is left to the kernel.
 */
const sharedCauses: Record<string, string> = {
  xskRxRingFull: 'xsk_rx_ring_full',
  xskRxDropped: 'xsk_rx_dropped',
  refusedSource: 'refused_source',
  leftToKernel: 'left_to_kernel',
};

const steeringPrefix = /^steer(?=[A-Z])/;

/** What a thread dropped, by cause; causes it does not count are absent. */
export function threadDrops(counters: Counters): Counters {
  return byCause(counters, threadCauses);
}

/** What was dropped on behalf of all threads, by cause. */
export function sharedDrops(shared: Counters): Counters {
  return byCause(shared, sharedCauses);
}

/** All drops of a reading, by cause. */
export function dropsOf({ threads, shared }: InvokerReading): Counters {
  const sums = sharedDrops(shared);
  for (const { counters } of threads) {
    for (const [cause, count] of Object.entries(threadDrops(counters))) sums[cause] = (sums[cause] ?? 0) + count;
  }
  return sums;
}

/** What the steering program decided, packets by verdict: `not_udp`, `no_target`, `redirected`. */
export function verdictsOf(shared: Counters): Counters {
  const verdicts = Object.entries(shared).filter(([name]) => steeringPrefix.test(name));
  return Object.fromEntries(verdicts.map(([name, count]) => [snakeCase(name.replace(steeringPrefix, '')), count]));
}

function byCause(counters: Counters, causes: Record<string, string>): Counters {
  return Object.fromEntries(
    Object.entries(causes).flatMap(([name, cause]) => {
      const value = counters[name];
      return value === undefined ? [] : [[cause, value]];
    }),
  );
}

function snakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase();
}
