import { type FactDifference, factDifferences } from '../../../model/comparison.js';
import type { Night } from '../../../model/night.js';

/** What is not the same about machine and question in a night and the one before it. */
export interface Surrounding {
  /** Index of the night that has it new. */
  night: number;
  differences: FactDifference[];
}

/** The nights that began with something new, the oldest first. */
export function surroundingsOf(nights: readonly Night[]): Surrounding[] {
  return nights.flatMap(({ facts }, night) => {
    const before = nights[night - 1]?.facts;
    if (before === undefined) return [];
    const differences = factDifferences(before, facts).sort((a, b) => (a.fact < b.fact ? -1 : 1));
    return differences.length === 0 ? [] : [{ night, differences }];
  });
}

/** `kernel: 6.12.1, then 6.12.3`. */
export function describeDifference({ fact, old, new: now }: FactDifference): string {
  return `${fact}: ${old}, then ${now}`;
}
