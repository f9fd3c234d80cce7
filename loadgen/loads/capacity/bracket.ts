/**
 * The highest load that a server takes at each loss goal, as a bracket: the highest load that held, and the lowest above it
 * that did not. A multiple-loss-ratio search as RFC 9971 (MLRsearch) specifies it, with a goal exceed ratio of one half: a
 * load is offered in pieces; it holds when at most half of `mostPieces` pieces lost more than the goal allows, and each
 * piece answers for every goal. Pure: the caller measures, this decides.
 */

import type { CapacityRate } from '../../../model/record.js';

/** What came of a piece: requests offered at one load for a moment. */
export interface PieceOutcome {
  /** Lost of sent, 0..1; requests that were still queued at the end count as lost. */
  lossRatio: number;
  /** `no` where the generator, though it ran, sent less than was asked for: such a piece is bad for every goal. */
  sent: 'yes' | 'no';
}

/** A loss ratio that is still good. */
export interface LossGoal {
  id: 'ndr' | 'pdr';
  lossRatio: number;
}

/** No drop and partial drop, with the ratios of RFC 9971's examples and FD.io's reports; the lenient first. */
export const lossGoals: readonly LossGoal[] = [
  { id: 'pdr', lossRatio: 0.005 },
  { id: 'ndr', lossRatio: 0 },
];

export interface BracketQuestion {
  /** About where the capacity is: the best reply rate of a quick look. */
  guess: number;
  /** From the most lenient on. */
  goals: readonly LossGoal[];
  /** Of a bracket that is narrow enough, relative to its upper bound. */
  width: number;
}

/** Pieces that decide about a load, where not fewer do. */
const mostPieces = 8;
/** With this many good ones at most half of `mostPieces` can be bad. A tie holds, as in RFC 9971. */
const holdsAt = mostPieces / 2;
/** With this many bad ones more than half of them are. */
const failsAt = mostPieces / 2 + 1;
/** The first step outward from the guess, up or down; each further one is twice as far. */
const firstStep = 0.03;
/** No load is tried this many times above or below the guess. */
const farthest = 64;

/** How the pieces at one load were, for one goal. */
interface Tally {
  good: number;
  bad: number;
  /** Of `bad`: those that the generator could not send. */
  unsent: number;
}

interface GoalState {
  goal: LossGoal;
  /** By load, in requests a second. */
  tallies: Map<number, Tally>;
}

export class BracketSearch {
  readonly #question: BracketQuestion;
  readonly #states: GoalState[];
  /** The load that is tried, and the goal that asks for it. */
  #trying: { load: number; state: GoalState } | null = null;

  constructor(question: BracketQuestion) {
    this.#question = question;
    this.#states = question.goals.map((goal) => ({ goal, tallies: new Map() }));
  }

  /** Loads that were tried. */
  get trials(): number {
    return this.#states[0]?.tallies.size ?? 0;
  }

  /** The load of the next piece, in requests a second; null when every bracket is narrow enough. */
  next(): number | null {
    if (this.#trying && verdictOn(this.#trying.state.tallies.get(this.#trying.load)) === 'open')
      return this.#trying.load;
    // In turn: where one goal is far from its answer the others have their share of the time.
    const last = this.#trying ? this.#states.indexOf(this.#trying.state) : -1;
    for (let i = 1; i <= this.#states.length; i++) {
      const state = this.#states[(last + i) % this.#states.length] as GoalState;
      const load = this.#nextLoad(state);
      if (load !== null) {
        this.#trying = { load, state };
        return load;
      }
    }
    return null;
  }

  /** Counts a piece at the load that `next` asked for, for every goal. */
  add({ lossRatio, sent }: PieceOutcome): void {
    if (this.#trying === null) throw new Error('a piece was made before next() asked for its load');
    const { load } = this.#trying;
    for (const { goal, tallies } of this.#states) {
      const tally = tallies.get(load) ?? { good: 0, bad: 0, unsent: 0 };
      tallies.set(load, tally);
      if (sent === 'yes' && lossRatio <= goal.lossRatio) tally.good++;
      else tally.bad++;
      if (sent === 'no') tally.unsent++;
    }
  }

  /** The bracket of each goal; null where no load held, or the goal was not asked for. */
  get found(): Record<LossGoal['id'], CapacityRate | null> {
    const found: Record<LossGoal['id'], CapacityRate | null> = { ndr: null, pdr: null };
    for (const { goal, tallies } of this.#states) {
      const { held, failed } = boundsOf(tallies);
      if (held === null) continue;
      const tally = failed === null ? undefined : tallies.get(failed);
      const boundBy = tally && tally.unsent > tally.bad / 2 ? 'generator' : 'server';
      found[goal.id] = { perSecond: held, failedPerSecond: failed, boundBy };
    }
    return found;
  }

  #nextLoad({ tallies }: GoalState): number | null {
    const { held, failed } = boundsOf(tallies);
    if (held !== null && failed !== null) {
      // Loads are whole numbers.
      const isNarrow = failed - held <= Math.max(1, this.#question.width * failed);
      return isNarrow ? null : Math.round((held + failed) / 2);
    }
    if (held !== null) return this.#outward(1).find((load) => load > held) ?? null;
    if (failed !== null) return this.#outward(-1).find((load) => load < failed) ?? null;
    return Math.max(1, Math.round(this.#question.guess));
  }

  /** Loads above the guess (1), or below it (-1), from the nearest on. */
  #outward(side: 1 | -1): number[] {
    const loads: number[] = [];
    for (let step = firstStep; 1 + step <= farthest; step *= 2)
      loads.push(Math.round(this.#question.guess * (1 + step) ** side));
    return loads.filter((load) => load >= 1);
  }
}

function verdictOn(tally: Tally | undefined): 'held' | 'failed' | 'open' {
  if (tally === undefined) return 'open';
  return tally.good >= holdsAt ? 'held' : tally.bad >= failsAt ? 'failed' : 'open';
}

/** The highest load that held, and the lowest above it that failed. */
function boundsOf(tallies: ReadonlyMap<number, Tally>): { held: number | null; failed: number | null } {
  const loads = [...tallies.keys()].sort((a, b) => a - b);
  const held = loads.findLast((load) => verdictOn(tallies.get(load)) === 'held') ?? null;
  const failed = loads.find((load) => load > (held ?? 0) && verdictOn(tallies.get(load)) === 'failed') ?? null;
  return { held, failed };
}
