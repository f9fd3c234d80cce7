import type { FactDifference, Ratio } from '../../../model/comparison.js';
import { factDifferences, metricIds } from '../../../model/comparison.js';
import type { Change, Night } from '../../../model/night.js';
import { shortestSegment } from '../shifts/e-divisive.js';
import { nightsToLearn } from '../shifts/own-past.js';
import { type Prepared, prepare, type Shift, shiftIn, shiftsOf, spikesOf } from '../shifts/shifts.js';
import { meanOf } from '../shifts/student.js';
import { feedFact } from './groups.js';
import type { Point, Series } from './series.js';

/** The chance that a judgement names a change of any cell of a figure where there is none. */
const falseChance = 0.05;

/** What a series did, night by night. */
export interface Course {
  series: Series;
  values: readonly number[];
  /** Steps and a drift, ascending. */
  shifts: Shift[];
  spikes: Shift[];
}

/**
 * The changes of all series. The p-values of each metric are corrected for the number of its cells by Holm's method (1979),
 * which is Bonferroni's made stricter on nobody: a gate that fails a job must not be wrong about any of its cells, while
 * Benjamini and Hochberg's would allow for a share of wrong ones.
 */
export function coursesOf(series: readonly Series[]): Course[] {
  return metricIds.flatMap((metric) => family(series.filter((one) => one.metric === metric)));
}

function family(series: readonly Series[]): Course[] {
  const prepared = series.map(({ points }) => prepare(points.map(({ log }) => log)));
  const found = new Map<Prepared, Shift[]>();
  const learned = prepared.filter(({ values }) => values.length >= nightsToLearn);
  // Step down: whoever is rejected is none of those that the next are corrected for.
  for (let before = -1; before < found.size; ) {
    before = found.size;
    const cells = learned.length - found.size;
    for (const one of learned.filter((candidate) => !found.has(candidate))) {
      const shifts = shiftsOf(one, falseChance / cells);
      if (shifts.length > 0)
        found.set(
          one,
          shifts.map((shift) => ({ ...shift, p: Math.min(1, shift.p * cells) })),
        );
    }
  }
  return series.map((own, index) => {
    const one = prepared[index] as Prepared;
    const shifts = found.get(one) ?? [];
    return { series: own, values: one.values, shifts, spikes: spikesOf(one.values, shifts) };
  });
}

/** What is said of a series' shifts. */
export function changesOf(course: Course, nights: readonly Night[]): Change[] {
  const { series, shifts, spikes } = course;
  return [...shifts, ...spikes].flatMap((shift) => {
    const sure = withoutBounds(course, shift);
    return sure === null ? [] : [changeOf(series, sure, nights)];
  });
}

function changeOf({ cell, metric, better, points }: Series, shift: Shift, nights: readonly Night[]): Change {
  const [good, bad] = [points[shift.at - 1] as Point, points[shift.at] as Point];
  const [before, first] = [nights[good.night] as Night, nights[bad.night] as Night];
  const { kind, p } = shift;
  return {
    ...{ cell, metric, kind, p, witness: 'history' },
    direction: shift.shift > 0 === (better === 'more') ? 'better' : 'worse',
    firstNight: first.runId,
    lastGoodNight: before.runId,
    commits: { good: before.commit, bad: first.commit },
    ratio: ratioOf(shift),
    threshold: Math.expm1(shift.threshold),
    facts: factsAround(points, shift, nights),
  };
}

function ratioOf({ kind, shift, margin }: Shift): Ratio {
  const [median, low, high] = [shift, shift - margin, shift + margin].map(Math.exp) as [number, number, number];
  return { median, low, high, confidence: kind === 'spike' ? 0 : 0.95 };
}

/**
 * A lower bound may be more in truth: on the side that is said to be less it counts as no less than the other side. The shift that
 * is left; null where that is none, or has too few other nights.
 */
function withoutBounds({ series: { points }, values, shifts }: Course, shift: Shift): Shift | null {
  const { at, from, to, kind } = shift;
  const isLess = (index: number) =>
    index >= from && index < to && (shift.shift < 0 ? index >= at : index < at) && (kind !== 'spike' || index <= at);
  const less = points.filter((_, index) => isLess(index));
  const exact = less.filter(({ figure }) => figure.bound === 'exact');
  if (exact.length === less.length) return shift;
  if (exact.length < Math.min(shortestSegment, less.length)) return null;
  const other = meanOf(shift.shift < 0 ? values.slice(from, at) : values.slice(at, to));
  const most = values.map((value, index) =>
    isLess(index) && points[index]?.figure.bound === 'lower' ? Math.max(value, other) : value,
  );
  const left = shiftIn(most, shift, shifts);
  return Math.sign(left) === Math.sign(shift.shift) && Math.abs(left) > shift.threshold
    ? { ...shift, shift: left }
    : null;
}

/** The place of a step is known to a night on either side; what changed within these may be why. */
function factsAround(points: readonly Point[], { at, kind }: Shift, nights: readonly Night[]): FactDifference[] {
  const aside = kind === 'spike' ? 0 : 1;
  const good = points[Math.max(0, at - 1 - aside)] as Point;
  const bad = points[Math.min(points.length - 1, at + aside)] as Point;
  return [...environmentChange(nights, good.night, bad.night), ...feedChange(good, bad)];
}

/** What is not the same about machine and question on two nights. */
export function environmentChange(nights: readonly Night[], good: number, bad: number): FactDifference[] {
  const [before, first] = [nights[good] as Night, nights[bad] as Night];
  const facts = factDifferences(before.facts, first.facts);
  return isNewBoot(nights, good, bad) ? [{ fact: 'boot', old: told(before), new: told(first) }, ...facts] : facts;
}

const told = ({ bootId }: Night) => bootId?.slice(0, 8) ?? 'not recorded';

/** Whether the machine was booted between two nights; of one that is booted before every night it says nothing. */
function isNewBoot(nights: readonly Night[], good: number, bad: number): boolean {
  const bootOf = (night: number) => nights[night]?.bootId ?? null;
  if (bootOf(good) === null || bootOf(bad) === null || bootOf(good) === bootOf(bad)) return false;
  return bootOf(good - 1) === bootOf(good) || bootOf(bad + 1) === bootOf(bad);
}

/** A cell that another engine feeds is another measurement. */
function feedChange({ cell: before }: Point, { cell: after }: Point): FactDifference[] {
  return before.engine === after.engine ? [] : [{ fact: feedFact, old: before.engine, new: after.engine }];
}
