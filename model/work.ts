import type { ImplementationId } from './ids.js';
import { median } from './median.js';

/** What the others are held against as work grows, and the lead over it that is worth a change of datapath. */
export const workBase: ImplementationId = 'recvmmsg';
export const worthwhileRatio = 1.1;

/**
 * The most work: requests still come faster than 10,000 are answered a second, the rate from which on searches begin, and what
 * waits in a queue of 1024 is answered long before it counts as lost. eBPF could do a thousand times as much (bpf_loop).
 */
export const mostWorkNs = 100_000;

/** Steps of work that take so many nanoseconds on CPUs whose time a step is known, in nanoseconds; 1 at least. */
export function stepsIn(workNs: number, stepNs: readonly number[]): number {
  return Math.max(1, Math.round(workNs / median(stepNs)));
}
