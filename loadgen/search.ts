/**
 * Where the reply rate stops growing: offered rates are doubled until replies fall clearly behind, then the
 * neighbourhood of the best reply rate is tried. Pure: the caller measures, this decides.
 */

/** What a trial at one offered rate gave, per second. */
export interface Trial {
  offered: number;
  sent: number;
  replied: number;
}

/** What to do next: try a rate, or take `offered` as the rate of the peak. */
export type Step =
  | { kind: 'ramp'; offered: number }
  | { kind: 'refine'; offered: number }
  | { kind: 'done'; offered: number };

const firstOffered = 50_000;
const growth = 2;
/** Replies below this share of the offered rate: past the knee. */
const behind = 0.75;
/** The generator sends less than this share of what is offered: there is no point in asking for more. */
const exhausted = 0.9;
/** Offered rates tried around the best reply rate; just above it is where most peaks are. */
const neighbourhood = [1.02, 1.08, 1.15, 1.3];
/** A ramp that never ends means a broken counter. */
const maxTrials = 40;

/** The next step after these trials, in the order they were made. */
export function nextStep(trials: readonly Trial[]): Step {
  const last = trials.at(-1);
  if (last === undefined) return { kind: 'ramp', offered: firstOffered };
  const best = trials.reduce((a, b) => (b.replied > a.replied ? b : a));
  const rampEnd = trials.findIndex(
    ({ offered, sent, replied }) => replied < behind * offered || sent < exhausted * offered,
  );
  if (rampEnd === -1) {
    if (trials.length >= maxTrials) return { kind: 'done', offered: best.offered };
    return { kind: 'ramp', offered: last.offered * growth };
  }
  const refined = trials.length - rampEnd - 1;
  const factor = neighbourhood[refined];
  // The neighbourhood is that of the ramp's best: a lucky trial of the refinement must not move it.
  const rampBest = trials.slice(0, rampEnd + 1).reduce((a, b) => (b.replied > a.replied ? b : a));
  if (factor !== undefined && rampBest.replied > 0) return { kind: 'refine', offered: rampBest.replied * factor };
  return { kind: 'done', offered: best.offered };
}
