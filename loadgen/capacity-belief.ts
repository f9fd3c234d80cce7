/**
 * Where a capacity is likely to be, told by trials of which any may be wrong: probabilistic bisection (Horstein 1963,
 * Sequential transmission using noiseless feedback; Waeber, Frazier and Henderson 2013, Bisection search with noisy
 * responses). A good trial is hardly ever wrong; how often a bad one is shows below a rate that was reached.
 */

/** What a trial at a rate, in requests a second, says of the goal; `spoilt`: next to nothing. */
export interface Answer {
  rate: number;
  verdict: 'good' | 'bad' | 'spoilt';
}

export interface Belief {
  /** As likely to be below the capacity as above. */
  median: number;
  /** How likely the capacity is above a rate, 0..1. */
  above(rate: number): number;
}

/** Of the guess: nobody's capacity is looked for below or above. */
export const lowest = 1 / 64;
const highest = 8;
/** A quick look is right within a few per cent as a rule, seldom within a third, or it says nothing. */
const priors = [
  { share: 0.7, scale: 0.03 },
  { share: 0.25, scale: 0.3 },
];
const priorAnywhere = 0.05;
/** A good trial above the capacity. */
const goodByChance = 0.01;
/** How much likelier a trial is spoilt above the capacity, where the least disturbance does it, than below. */
const spoiltAbove = 1.5;
/** Beyond this share a bad trial below the capacity is no chance any more: that is how the server is. */
const mostBadByChance = 2 / 3;
/** Before anything is known: one in three. */
const badByChanceAtFirst = { bad: 1, trials: 3 };
/** So many rates are told apart in an interval as narrow as it shall become. */
const finer = 4;

/** `width`: of the interval that is looked for, relative to the rate. */
export function beliefOf(answers: readonly Answer[], guess: number, width: number): Belief {
  const step = width / finer;
  const byChance = badByChance(answers);
  const candidates = Array.from({ length: Math.ceil(Math.log(highest / lowest) / step) }, (_, i) => {
    const rate = guess * lowest * Math.exp(i * step);
    return { rate, weight: prior(Math.log(rate / guess)) * likelihood(answers, rate, byChance) };
  });
  const weightAbove = (rate: number) => candidates.reduce((sum, one) => (one.rate > rate ? sum + one.weight : sum), 0);
  const total = weightAbove(0);
  return { median: medianOf(candidates, total), above: (rate) => weightAbove(rate) / total };
}

function medianOf(candidates: readonly { rate: number; weight: number }[], total: number): number {
  let passed = 0;
  for (const { rate, weight } of candidates) {
    passed += weight;
    if (passed >= total / 2) return rate;
  }
  throw new Error('no weight at any rate');
}

/** How often a trial at a rate below the capacity is bad all the same, as far as trials at or below a good one tell. */
function badByChance(answers: readonly Answer[]): number {
  const reached = reachedBy(answers) ?? 0;
  const below = answers.filter(({ rate, verdict }) => rate <= reached && verdict !== 'spoilt');
  const bad = below.filter(({ verdict }) => verdict === 'bad').length;
  return Math.min(mostBadByChance, (bad + badByChanceAtFirst.bad) / (below.length + badByChanceAtFirst.trials));
}

/** The highest rate of a good trial. */
export function reachedBy(answers: readonly Answer[]): number | null {
  const good = answers.filter(({ verdict }) => verdict === 'good').map(({ rate }) => rate);
  return good.length === 0 ? null : Math.max(...good);
}

function prior(distance: number): number {
  let density = priorAnywhere / Math.log(highest / lowest);
  for (const { share, scale } of priors) density += (share / (2 * scale)) * Math.exp(-Math.abs(distance) / scale);
  return density;
}

/** Of the answers, if `capacity` were the one. */
function likelihood(answers: readonly Answer[], capacity: number, byChance: number): number {
  let product = 1;
  for (const { rate, verdict } of answers) {
    const below = rate <= capacity;
    if (verdict === 'spoilt') product *= below ? 1 : spoiltAbove;
    else if (below) product *= verdict === 'good' ? 1 - byChance : byChance;
    else product *= verdict === 'good' ? goodByChance : 1 - goodByChance;
  }
  return product;
}
