import { CapacityBelief } from './belief.js';

/**
 * The highest rates at which a server loses no more than a goal allows in half of the pieces of trials: a
 * multiple-loss-ratio search with the exceed ratio of one half of RFC 9971 (MLRsearch), in which a trial answers for every
 * goal; the next rate is the median of what is believed, as in QUEST (Watson and Pelli 1983). A server on a shared host
 * has no one rate that it always or never takes; the median repeats where the best that was seen does not. The caller
 * measures, this decides.
 */

/** What a piece of a trial gave. */
export interface Losses {
  /**
   * Lost of sent, 0..1, without what the kernel had no room for just while an invoker thread did not run; requests that
   * were still queued at the end count as lost.
   */
  lossRatio: number;
  /** Whether the host took so much CPU time that a loss proves little. */
  disturbed: boolean;
  /** Whether the generator did not send what was asked for while the host left it its CPU. */
  exhausted: boolean;
  /** Whether the host had the generator's CPU for so long that the rest proves little. */
  tooShort: boolean;
}

/** A trial at one offered rate. */
export interface CapacityTrial {
  /** Requests a second asked for. */
  offered: number;
  pieces: readonly Losses[];
}

/** What to try next: a rate, and the goal that asks for it. */
export interface Wanted {
  rate: number;
  goal: LossGoal;
}

/** A loss ratio that is still good. */
export interface LossGoal {
  id: 'ndr' | 'pdr';
  lossRatio: number;
}

/** The partial drop of FD.io's reports and no drop (RFC 2544 calls both throughput at a loss rate), the lenient first. */
export const lossGoals: readonly LossGoal[] = [
  { id: 'pdr', lossRatio: 0.005 },
  { id: 'ndr', lossRatio: 0 },
];

export interface CapacityQuestion {
  /** About where the knee is: the best reply rate of a quick look. */
  guess: number;
  /** From the most lenient on. */
  goals: readonly LossGoal[];
  /** The capacity is to be known this well, relative to it. */
  width: number;
}

/** How likely a capacity is below and above the interval that is told. */
const tail = 0.05;
/** Trials just above a capacity that tell what failed. */
const telling = 3;
/** What a piece counts that lost too much while it was disturbed: were it nothing, the same rate would be tried for ever. */
const spoiltCounts = 0.2;

/** One early trial in so many is at the guess, where what was found is below this share of it. */
const everySo = 4;
const farBelow = 0.9;

/** A capacity that is known well enough, and the interval that has it with 90 %. */
interface CapacityRate {
  perSecond: number;
  low: number;
  high: number;
}

/** What one goal has found so far. */
interface GoalState {
  goal: LossGoal;
  belief: CapacityBelief;
}

export class CapacitySearch {
  readonly trials: CapacityTrial[] = [];
  readonly #states: GoalState[];

  constructor(private readonly question: CapacityQuestion) {
    const { goals, guess, width } = question;
    this.#states = goals.map((goal) => ({ goal, belief: new CapacityBelief(guess, width) }));
  }

  /** Whether every capacity is known as well as was asked for. */
  get answered(): boolean {
    return this.#states.every((state) => this.#isAnswered(state));
  }

  /** By goal: null where no rate is good enough, or none that is likely to be was tried. */
  get found(): Record<LossGoal['id'], CapacityRate | null> {
    const found = { ndr: null, pdr: null } as Record<LossGoal['id'], CapacityRate | null>;
    for (const state of this.#states) found[state.goal.id] = this.#foundFor(state);
    return found;
  }

  /**
   * What failed just above the rate of the strictest goal that has one: `generator` where that could not be sent, so that
   * the server may take more.
   */
  get boundBy(): 'server' | 'generator' {
    const { goal, rate } = this.#strictest();
    const failed = this.trials
      .map(({ offered, pieces }) => ({ offered, failures: pieces.filter((piece) => isFailure(piece, goal)) }))
      .filter(({ offered, failures }) => offered > rate && failures.length > 0)
      .sort((a, b) => a.offered - b.offered)
      .slice(0, telling)
      .flatMap(({ failures }) => failures);
    return failed.filter(({ exhausted }) => exhausted).length > failed.length / 2 ? 'generator' : 'server';
  }

  /**
   * What to try next; null when all is answered, unless it is too `early` for that: a host that was slow for seconds shows
   * when the guess, or the rate just above an answer, is tried again.
   */
  next(early: boolean): Wanted | null {
    // By turns: where one is far from its answer the other has its share of the time.
    const open = this.#states.filter((state) => !this.#isAnswered(state));
    const state = open[this.trials.length % open.length];
    const again = early ? this.#again(state === undefined) : null;
    return again ?? (state ? { goal: state.goal, rate: this.#middleOf(state) } : null);
  }

  add(trial: CapacityTrial): void {
    this.trials.push(trial);
    for (const { goal, belief } of this.#states) {
      const { good, bad, spoilt } = verdictsOn(trial, goal);
      belief.add({ rate: trial.offered, good, bad: bad + spoiltCounts * spoilt });
    }
  }

  #again(answered: boolean): Wanted | null {
    const { guess, width } = this.question;
    const { goal, rate } = this.#strictest();
    if (rate < farBelow * guess && this.trials.length % everySo === everySo - 1)
      return { goal, rate: Math.round(guess) };
    return answered ? { goal, rate: Math.round(Math.max((rate || guess) * (1 + width), rate + 1)) } : null;
  }

  /** The strictest goal that has a rate, and that; the first one and 0 where none has. */
  #strictest(): { goal: LossGoal; rate: number } {
    const { goals } = this.question;
    const { found } = this;
    const goal = goals.findLast(({ id }) => found[id] !== null) ?? (goals[0] as LossGoal);
    return { goal, rate: found[goal.id]?.perSecond ?? 0 };
  }

  #isAnswered({ goal, belief }: GoalState): boolean {
    // Without a failure above it no rate is the highest.
    if (!this.trials.some(({ pieces }) => pieces.some((piece) => isFailure(piece, goal)))) return false;
    const [low, middle, high] = quantilesOf(belief);
    // Rates are whole numbers.
    return middle < 1 || high - low <= Math.max(1, this.question.width * middle);
  }

  #middleOf({ belief }: GoalState): number {
    return this.trials.length === 0 ? Math.round(this.question.guess) : Math.max(1, Math.floor(belief.quantile(0.5)));
  }

  /** The highest rate that was tried up to the middle of the belief; at least what the capacity is very likely above. */
  #foundFor({ goal, belief }: GoalState): CapacityRate | null {
    const [low, middle, high] = quantilesOf(belief);
    const rates = [...new Set(this.trials.map(({ offered }) => offered))];
    const tried = rates.map((rate) => {
      const pieces = this.trials.flatMap((trial) => (trial.offered === rate ? trial.pieces : []));
      return { rate, ...verdictsOn({ pieces }, goal) };
    });
    const highestGood = Math.max(...tried.filter(({ good }) => good > 0).map(({ rate }) => rate));
    const reached = tried
      // The middle of what is left between a good rate and a bad one may be a little below the good one.
      .filter(({ rate, good, bad }) => rate <= middle || (rate <= middle * (1 + this.question.width) && good > bad))
      .map(({ rate }) => rate);
    // What is promised was seen, there or above.
    const perSecond = Math.max(0, ...[Math.floor(low), ...reached].filter((rate) => rate <= highestGood));
    // Between two rates that were tried the interval may be so narrow that it has neither.
    return perSecond === 0 ? null : { perSecond, low: Math.min(perSecond, low), high: Math.max(perSecond, high) };
  }
}

/** The ends and the middle of what is believed. */
function quantilesOf(belief: CapacityBelief): [low: number, middle: number, high: number] {
  return [belief.quantile(tail), belief.quantile(0.5), belief.quantile(1 - tail)];
}

type Outcome = 'good' | 'bad' | 'unsendable' | 'spoilt';

function outcomeOf({ lossRatio, disturbed, exhausted, tooShort }: Losses, goal: LossGoal): Outcome {
  if (exhausted) return 'unsendable';
  if (tooShort) return 'spoilt';
  if (lossRatio <= goal.lossRatio) return 'good';
  return disturbed ? 'spoilt' : 'bad';
}

const isFailure = (piece: Losses, goal: LossGoal) => ['bad', 'unsendable'].includes(outcomeOf(piece, goal));

/** Whether a piece says little of a goal, as the host had CPU time meanwhile. */
export function isSpoilt(piece: Losses, goals: readonly LossGoal[]): boolean {
  return goals.some((goal) => outcomeOf(piece, goal) === 'spoilt');
}

/** How many pieces of a trial were good, bad and spoilt. */
export function verdictsOn({ pieces }: Pick<CapacityTrial, 'pieces'>, goal: LossGoal) {
  const count = (matches: (piece: Losses) => boolean) => pieces.filter(matches).length;
  return {
    good: count((piece) => outcomeOf(piece, goal) === 'good'),
    bad: count((piece) => isFailure(piece, goal)),
    spoilt: count((piece) => outcomeOf(piece, goal) === 'spoilt'),
  };
}
