/**
 * Where the reply rate stops growing: offered rates are doubled until replies fall clearly behind, then the
 * neighbourhood of the best reply rate is tried, and twice the best rate for more. Pure: the caller measures, this decides.
 */

/** What a trial at one offered rate gave, per second. */
export interface Trial {
  offered: number;
  sent: number;
  replied: number;
}

/** What to do next: try a rate, or take `offered` as the rate of the peak. */
export type Step = { kind: 'ramp' | 'refine' | 'confirm' | 'done'; offered: number };

/** Slow enough for every implementation, so that the search starts below the knee. */
export const firstOffered = 5_000;
const growth = 2;
/** Replies below this share of the offered rate: past the knee. */
const behind = 0.75;
/** Replies above this share of the offered rate: before the knee. */
const keepsUp = 0.95;
/** The generator sends less than this share of what is offered: there is no point in asking for more. */
const exhausted = 0.9;
/** Replies above this multiple of the most so far: the peak is still to come. */
export const stillGrowing = 1.1;
/** One trial past the knee may be a hiccup of the host; two in a row are not. */
const trialsPastKnee = 2;
/** Offered rates tried around the ramp's best reply rate; just above it is where most peaks are. */
const neighbourhood = [1.02, 1.08, 1.15, 1.3];
/** Beyond the neighbourhood, while the server still keeps up: the ramp's doubling stepped over its knee. */
const stride = 1.15;
/** So many get from the neighbourhood to twice the ramp's best: beyond, the ramp had not come to a knee. */
const mostStrides = 4;
/** Reply rates this close to the best are the same: the gentlest of their offered rates is taken. */
const tied = 0.95;
/** A ramp that never ends means a broken counter. */
const maxTrials = 40;

/** The next step after these trials, in the order they were made. */
export function nextStep(trials: readonly Trial[]): Step {
  let from = 0;
  while (trials.length < maxTrials) {
    const own = trials.slice(from);
    const rampTrials = rampLength(own);
    const first = own[0]?.offered ?? firstOffered;
    if (rampTrials === null) return { kind: 'ramp', offered: first * growth ** own.length };

    // The neighbourhood is that of the ramp's best: a lucky trial of the refinement must not move it.
    const { replied } = best(own.slice(0, rampTrials));
    let tried = rampTrials;
    for (const factor of replied > 0 ? neighbourhood : []) {
      if (tried === own.length) return { kind: 'refine', offered: replied * factor };
      tried++;
    }
    for (let strides = 0; strides < mostStrides; strides++) {
      const last = own[tried - 1];
      if (last === undefined || last.replied <= keepsUp * last.offered) break;
      if (tried === own.length) return { kind: 'refine', offered: last.offered * stride };
      tried++;
    }

    // A host that had the CPUs for two trials in a row made a knee where none is: a look back from far above it tells.
    const before = best(trials.slice(0, from + tried));
    const confirming = own[tried];
    if (confirming === undefined) return { kind: 'confirm', offered: before.offered * growth };
    if (confirming.replied <= stillGrowing * before.replied) break;
    from += tried;
  }
  return { kind: 'done', offered: gentlestBest(trials) };
}

/** How many trials the ramp took, or null while it goes on. */
function rampLength(trials: readonly Trial[]): number | null {
  let past = 0;
  let most = 0;
  for (const [i, { offered, sent, replied }] of trials.entries()) {
    // Replies that still grow are no knee yet, however short of its schedule the generator falls.
    const grows = replied > stillGrowing * most;
    past = !grows && (replied < behind * offered || sent < exhausted * offered) ? past + 1 : 0;
    if (past === trialsPastKnee) return i + 1;
    most = Math.max(most, replied);
  }
  return null;
}

/** The trial of the highest reply rate, of one or more. */
export function best(trials: readonly Trial[]): Trial {
  return trials.reduce((a, b) => (b.replied > a.replied ? b : a));
}

/**
 * The lowest offered rate that gave (nearly) the best reply rate and is no lower than it: more would only be overload,
 * less would leave the server short of its peak.
 */
function gentlestBest(trials: readonly Trial[]): number {
  const { replied, offered } = best(trials);
  const equals = trials.filter((trial) => trial.replied >= tied * replied && trial.offered >= replied);
  return Math.min(offered, ...equals.map((trial) => trial.offered));
}
