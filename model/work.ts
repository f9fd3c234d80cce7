import type { ImplementationId } from './ids.js';
import { median } from './median.js';

/** What the others are held against as work grows, and the lead over it that is worth a change of datapath. */
export const workBase: ImplementationId = 'recvmmsg';
export const worthwhileRatio = 1.1;

/** The most that a CPU may be kept from everything else by one request inside eBPF: it is in its receive context. */
export const mostWorkInEbpfNs = 1e6;

/** Steps of work that take so many nanoseconds on CPUs whose time a step is known, in nanoseconds; 1 at least. */
export function stepsIn(workNs: number, stepNs: readonly number[]): number {
  return Math.max(1, Math.round(workNs / median(stepNs)));
}
