import { median } from '../model/median.js';
import type { Run } from '../model/record.js';

/** What setting a cell up and taking it down cost, as a line; empty if no run completed. */
export function renderTiming(runs: readonly Run[]): string {
  const timings = runs.flatMap((run) => (run.state === 'completed' ? [run.timing] : []));
  if (timings.length === 0) return '';
  const ms = (values: number[]) => `${Math.round(median(values) / 1e6)} ms`;
  const setup = ms(timings.map(({ setupNs }) => setupNs));
  const teardown = ms(timings.map(({ teardownNs }) => teardownNs));
  const both = ms(timings.map(({ setupNs, teardownNs }) => setupNs + teardownNs));
  return `Set-up and tear-down of a cell, median of ${timings.length} runs: ${setup} + ${teardown}, together ${both}.\n`;
}
