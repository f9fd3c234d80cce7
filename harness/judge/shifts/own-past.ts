/** What a figure does by itself, by its own past. */

import { median } from '../../../model/median.js';
import { shortestSegment } from './e-divisive.js';
import { meanOf } from './student.js';

/** Nights before anything is said of a figure: quartiles of fewer say nothing. */
export const nightsToLearn = 14;

/** Nights that tonight's is held against. */
const nightsBefore = 10;

/**
 * How much the level of three nights must differ from that of the nights before: more than it ever does by itself. The
 * third quartile and 3 interquartile ranges of what it did, as rustc-perf has it; Infinity for too short a past.
 */
export function thresholdOf(past: readonly number[]): number {
  return fence(changesOf(past, shortestSegment));
}

function changesOf(past: readonly number[], nights: number): number[] {
  if (past.length < nightsToLearn) return [];
  const changes: number[] = [];
  for (let at = shortestSegment; at + nights <= past.length; at++)
    changes.push(
      Math.abs(meanOf(past.slice(at, at + nights)) - meanOf(past.slice(Math.max(0, at - nightsBefore), at))),
    );
  return changes;
}

/** The same threshold of a night alone. */
export function thresholdOfNight(past: readonly number[]): number {
  if (past.length < nightsToLearn) return Number.POSITIVE_INFINITY;
  return fence(past.map((_, at) => Math.abs(changeAt(past, at))).slice(shortestSegment));
}

/**
 * The value at `at` less the median of those before, which an odd one among them does not move; those before `since`
 * were of another level. 0 where there are none.
 */
export function changeAt(values: readonly number[], at: number, since = 0): number {
  const before = values.slice(Math.max(since, at - nightsBefore), at);
  return before.length === 0 ? 0 : (values[at] as number) - median(before);
}

/** Above it values are far out (Tukey 1977). */
export function fence(values: readonly number[]): number {
  if (values.length === 0) return Number.POSITIVE_INFINITY;
  const sorted = [...values].sort((a, b) => a - b);
  const [first, third] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
  return third + 3 * (third - first);
}

/** Of values in ascending order, interpolated between its neighbours. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] as number;
  return below + (place - Math.floor(place)) * ((sorted[Math.ceil(place)] as number) - below);
}
