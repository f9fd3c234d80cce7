/**
 * Where a capacity is likely to be, told by pieces of trials of which each may be good or bad by chance: the capacity is
 * the rate at which half of them are good. A Bayesian posterior of such a threshold, of how gradual it is and of how often
 * a piece is bad at any rate, as in the psi method (Kontsevich and Tyler 1999, Bayesian adaptive estimation of psychometric
 * slope and threshold; with lapses: Prins 2012, The adaptive psi method and the lapse rate). Pieces are taken to be
 * independent: a host that is slow for seconds makes it too sure.
 */

/** What pieces at a rate, in requests a second, say; a part of one where it says little. */
export interface Verdicts {
  rate: number;
  good: number;
  bad: number;
}

/** Of the guess: nobody's capacity is looked for below or above. */
const lowest = 1 / 64;
const highest = 64;
/** A quick look is right within a few per cent as a rule, seldom within a third, or it says nothing. */
const priors = [
  { share: 0.7, scale: 0.03 },
  { share: 0.25, scale: 0.3 },
];
const priorAnywhere = 0.05;
/** That no rate is good enough. */
const priorNone = 0.005;
/** How gradually pieces become bad around the capacity, as a scale of the logistic function of the rate's logarithm. */
const spreads = [0.001, 0.003, 0.01, 0.03, 0.1];
/** How often a piece is bad at any rate, as the host had the CPUs, and how likely that often is. */
const lapses = [
  { ratio: 0, likelihood: 0.6 },
  { ratio: 0.15, likelihood: 0.25 },
  { ratio: 0.35, likelihood: 0.15 },
];
/** A piece that is good or bad whatever the rate and the host. */
const byChance = 0.01;
/** So many rates are told apart in an interval as narrow as it shall become. */
const finer = 4;

/** What a spread and a lapse ratio make of every rate. */
interface Shape {
  spread: number;
  lapse: number;
  /** Of a capacity at each of the rates. */
  weights: Float64Array;
}

export class CapacityBelief {
  /** Logarithms of the rates that the capacity may be. */
  readonly #rates: Float64Array;
  readonly #shapes: Shape[];
  #none = priorNone;

  /** `width`: of the interval that is looked for, relative to the rate. */
  constructor(guess: number, width: number) {
    const step = width / finer;
    const count = Math.ceil(Math.log(highest / lowest) / step);
    this.#rates = Float64Array.from({ length: count }, (_, i) => Math.log(guess * lowest) + i * step);
    const prior = this.#rates.map((rate) => priorOf(rate - Math.log(guess)) * step * (1 - priorNone));
    this.#shapes = spreads.flatMap((spread) =>
      lapses.map(({ ratio, likelihood }) => ({
        spread,
        lapse: ratio,
        weights: prior.map((weight) => (weight * likelihood) / spreads.length),
      })),
    );
  }

  add({ rate, good, bad }: Verdicts): void {
    const at = Math.log(rate);
    this.#none *= likelihoodOf(byChance / 2, good, bad);
    let total = this.#none;
    for (const { spread, lapse, weights } of this.#shapes) {
      // Where half of all pieces are good more than half of those that do not lapse are.
      const odds = 1 / (2 * (1 - lapse) - 1);
      for (let i = 0; i < weights.length; i++) {
        const isGood = (1 - lapse) / (1 + Math.exp((at - (this.#rates[i] as number)) / spread) / odds);
        const weight = (weights[i] as number) * likelihoodOf(byChance / 2 + (1 - byChance) * isGood, good, bad);
        weights[i] = weight;
        total += weight;
      }
    }
    this.#none /= total;
    for (const { weights } of this.#shapes)
      for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] as number) / total;
  }

  /** The rate that the capacity is below with a likelihood of `share`, 0..1; 0 where as likely no rate is good enough. */
  quantile(share: number): number {
    let passed = this.#none;
    if (passed >= share) return 0;
    let i = 0;
    for (; i < this.#rates.length - 1; i++) {
      for (const { weights } of this.#shapes) passed += weights[i] as number;
      if (passed >= share) break;
    }
    return Math.exp(this.#rates[i] as number);
  }
}

function priorOf(distance: number): number {
  let density = priorAnywhere / Math.log(highest / lowest);
  for (const { share, scale } of priors) density += (share / (2 * scale)) * Math.exp(-Math.abs(distance) / scale);
  return density;
}

const likelihoodOf = (isGood: number, good: number, bad: number) => isGood ** good * (1 - isGood) ** bad;
