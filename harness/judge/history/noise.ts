/** Whether a night was too noisy to be judged by those before. */

import { median } from '../../../model/median.js';
import type { Night } from '../../../model/night.js';
import { fence, nightsToLearn } from '../shifts/own-past.js';
import { lastFar } from '../shifts/shifts.js';
import type { Course } from './changes.js';

/** Why tonight's figures cannot be held against their past, as a sentence; null where they can. */
export function whyUnstable(courses: readonly Course[], nights: readonly Night[]): string | null {
  const tonight = nights.length - 1;
  const judged = courses.filter(
    ({ series: { points } }) => points.length > nightsToLearn && points.at(-1)?.night === tonight,
  );
  const most = judged.length / 2;
  const wide = judged.filter(({ series: { points } }) => {
    const spreads = points.map(({ figure }) => spreadOf(figure.values));
    return (spreads.at(-1) as number) > fence(spreads.slice(0, -1));
  });
  if (wide.length > most)
    return `the repeats of ${wide.length} of ${judged.length} figures scatter more than ever: something else ran on the machine`;
  const far = judged.filter(({ values, shifts }) => lastFar(values, shifts) !== null);
  if (far.length > most)
    return `${far.length} of ${judged.length} figures moved at once: the machine, or all of the build`;
  return null;
}

/** The middle half of the values over their median. */
function spreadOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.ceil(sorted.length / 2);
  return (median(sorted.slice(-half)) - median(sorted.slice(0, half))) / median(sorted);
}
