import { median } from './median.js';

/** The most that a CPU may be kept from everything else by one request inside eBPF: it is in its receive context. */
export const mostWorkInEbpfNs = 1e6;

/** Steps of work that take so many nanoseconds on CPUs whose time a step is known, in nanoseconds; 1 at least. */
export function stepsIn(workNs: number, stepNs: readonly number[]): number {
  return Math.max(1, Math.round(workNs / median(stepNs)));
}
