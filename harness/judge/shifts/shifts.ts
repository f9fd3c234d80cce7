import { driftOf, squaresOfTwoLevels } from './drift.js';
import { type Split, shortestSegment, standingSplits, weakSplits } from './e-divisive.js';
import { changeAt, nightsToLearn, thresholdOf, thresholdOfNight } from './own-past.js';
import { meanOf, squaresAround, tQuantile } from './student.js';

/** A change of a series of logarithms: indices are of its values. */
export interface Shift {
  kind: 'step' | 'spike' | 'drift';
  /** The first value that is different; of a spike the only one. */
  at: number;
  /** Of the level, natural logarithm; `margin`: half of its 95 % interval, 0 of a spike. */
  shift: number;
  margin: number;
  /** Not corrected for the number of series. */
  p: number;
  threshold: number;
  /** The values from `from` to before `to` are what it was found in. */
  from: number;
  to: number;
}

/** A series with what does not depend on how many others are looked at. */
export interface Prepared {
  values: readonly number[];
  weak: readonly number[];
  thresholdAt(at: number): number;
}

export function prepare(values: readonly number[]): Prepared {
  const known = new Map<number, number>();
  const thresholdAt = (at: number) => {
    const threshold = known.get(at) ?? thresholdOf(values.slice(0, at));
    known.set(at, threshold);
    return threshold;
  };
  return { values, weak: values.length < nightsToLearn ? [] : weakSplits(values), thresholdAt };
}

/** Steps and a drift that have a p of at most `level` each and exceed what the series does by itself, ascending. */
export function shiftsOf(series: Prepared, level: number): Shift[] {
  const { values, weak, thresholdAt } = series;
  const shiftOf = ({ at, from, to }: Split) => meanOf(values.slice(at, to)) - meanOf(values.slice(from, at));
  const restShift = ({ at, from, to }: Split) => {
    const rest = withoutFar(values.slice(at, to), thresholdOfNight(values.slice(0, at)));
    const [before, after] = [meanOf(values.slice(from, at)), meanOf(rest)];
    // A first night that is like those before is not the first: three that have it are still to come.
    const isFirst = rest[0] === values[at] || Math.sign(after - before) * ((values[at] as number) - after) > 0;
    return isFirst ? after - before : 0;
  };
  const stands = (split: Split) =>
    split.p <= level &&
    Math.abs(shiftOf(split)) > thresholdAt(split.at) &&
    Math.sign(shiftOf(split)) * restShift(split) > thresholdAt(split.at);
  const steps = standingSplits(values, weak, stands).map((split): Shift => {
    const { at, from, to, p } = split;
    const margin = marginOf(values.slice(from, at), values.slice(at, to));
    return { kind: 'step', at, from, to, p, margin, shift: shiftOf(split), threshold: thresholdAt(at) };
  });
  return withDrift(series, steps, level);
}

/** The values but for the one that is farthest from the others, if that is too far: a spike makes no step. */
function withoutFar(values: readonly number[], limit: number): readonly number[] {
  const mean = meanOf(values);
  const distance = (value: number) => Math.abs(value - mean);
  const farthest = values.reduce(
    (far, value, index) => (distance(value) > distance(values[far] as number) ? index : far),
    0,
  );
  const others = values.filter((_, index) => index !== farthest);
  return Math.abs((values[farthest] as number) - meanOf(others)) > limit ? others : values;
}

function marginOf(before: readonly number[], after: readonly number[]): number {
  const freedom = before.length + after.length - 2;
  const squares = squaresAround(before, meanOf(before)) + squaresAround(after, meanOf(after));
  return tQuantile(freedom) * Math.sqrt((squares / freedom) * (1 / before.length + 1 / after.length));
}

/** The last steps are a drift where they go the same way and a slope explains the nights better than a staircase. */
function withDrift({ values, thresholdAt }: Prepared, steps: readonly Shift[], level: number): Shift[] {
  const directions = steps.map(({ shift }) => Math.sign(shift));
  let first = directions.length;
  while (first > 0 && directions[first - 1] === directions.at(-1)) first--;
  // Far nights at the end are a spike, or a step whose third night is still to come: no slope either.
  let until = values.length;
  while (until > values.length - shortestSegment + 1 && lastFar(values.slice(0, until), steps) !== null) until--;
  for (; first <= steps.length; first++) {
    const stairs = steps.slice(first);
    const from = steps[first - 1]?.at ?? 0;
    const own = values.slice(from, until);
    const drift = driftOf(own);
    if (drift === null || drift.p > level || (stairs[0] && Math.sign(drift.shift) !== Math.sign(stairs[0].shift)))
      continue;
    const at = from + drift.at;
    // Of a drift from the first night on, its own nights are the past.
    const threshold = thresholdAt(at < nightsToLearn ? values.length : at);
    const ends = [from, ...stairs.map((step) => step.at), until];
    const squares = ends.slice(1).map((end, index) => {
      const level = values.slice(ends[index], end);
      return squaresAround(level, meanOf(level));
    });
    // A step whose third night is still to come is no slope either.
    const steady = Math.min(
      squaresOfTwoLevels(own),
      squares.reduce((sum, each) => sum + each, 0),
    );
    if (Math.abs(drift.shift) <= threshold || drift.squares >= steady) continue;
    const { shift, margin, p } = drift;
    return [...steps.slice(0, first), { kind: 'drift', at, from, to: until, shift, margin, p, threshold }];
  }
  return [...steps];
}

/** Nights alone that are farther from those before than any is by itself, and after which all was as before. */
export function spikesOf(values: readonly number[], shifts: readonly Shift[]): Shift[] {
  const threshold = thresholdOfNight(values);
  const isFar = (at: number) => Math.abs(changeAt(values, at, levelBegin(shifts, at))) > threshold;
  return values.flatMap((_, at): Shift[] => {
    if (at < nightsToLearn || at + 1 >= values.length || shifts.some((shift) => Math.abs(shift.at - at) <= 1))
      return [];
    if (!isFar(at) || isFar(at - 1) || isFar(at + 1)) return [];
    const shift = changeAt(values, at, levelBegin(shifts, at));
    return [{ kind: 'spike', at, from: 0, to: at + 1, shift, margin: 0, p: 1, threshold }];
  });
}

/** How much a shift that was found would be if the values were these; `others`: all that were found in the series. */
export function shiftIn(values: readonly number[], { kind, at, from, to }: Shift, others: readonly Shift[]): number {
  if (kind === 'drift') return driftOf(values.slice(from, to))?.shift ?? 0;
  if (kind === 'spike') return changeAt(values, at, levelBegin(others, at));
  return meanOf(values.slice(at, to)) - meanOf(values.slice(from, at));
}

/** Where the level that holds at `at` begins. */
function levelBegin(shifts: readonly Shift[], at: number): number {
  return shifts.filter((shift) => shift.kind === 'step' && shift.at < at).at(-1)?.at ?? 0;
}

/** The last value against those before, where it is farther from them than any is by itself; else null. */
export function lastFar(
  values: readonly number[],
  shifts: readonly Shift[],
): { shift: number; threshold: number } | null {
  const at = values.length - 1;
  if (at < nightsToLearn) return null;
  const threshold = thresholdOfNight(values.slice(0, at));
  const shift = changeAt(values, at, levelBegin(shifts, at));
  return Math.abs(shift) > threshold ? { shift, threshold } : null;
}
