import type { Counters } from './record.js';

/** Sums by name; of a counter of a longest time that of all. */
export function mergeCounters(counters: readonly Counters[]): Counters {
  const names = new Set(counters.flatMap((own) => Object.keys(own)));
  return Object.fromEntries(
    [...names].map((name) => {
      const values = counters.flatMap((own) => own[name] ?? []);
      return [name, name.endsWith('MaxNs') ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0)];
    }),
  );
}
