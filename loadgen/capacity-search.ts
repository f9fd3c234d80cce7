import { type Answer, beliefOf, lowest, reachedBy } from './capacity-belief.js';

/**
 * The highest rates at which a server loses no more than a goal allows: a multiple-loss-ratio search in the way of
 * draft-ietf-bmwg-mlrsearch, in which a trial answers for every goal. A good trial proves its rate; a bad one only makes
 * it less likely, as the host may have been slow in that second. Pure: the caller measures, this decides.
 */

/** What a trial at one offered rate gave. */
export interface CapacityTrial {
  /** Requests a second asked for. */
  offered: number;
  /**
   * Lost of sent, 0..1, without what the kernel had no room for just while an invoker thread did not run; requests that
   * were still queued at the end count as lost.
   */
  lossRatio: number;
  /** The same without all that was due while an invoker thread did not run: the server lost no less by itself. */
  leastLossRatio: number;
  /** Whether the generator did not send what was asked for while the host left it its CPU. */
  exhausted: boolean;
  /** Whether the host had the generator's CPU for so long that the rest proves nothing. */
  tooShort: boolean;
}

/** A loss ratio that is still good. */
export interface LossGoal {
  id: 'ndr' | 'pdr';
  lossRatio: number;
}

/** No drop, and the partial drop of FD.io's reports (RFC 2544 calls both throughput at a loss rate). */
export const lossGoals: readonly LossGoal[] = [
  { id: 'ndr', lossRatio: 0 },
  { id: 'pdr', lossRatio: 0.005 },
];

export interface CapacityQuestion {
  /** About where the knee is: the best reply rate of a quick look. */
  guess: number;
  goals: readonly LossGoal[];
  /** What is proven is this close to the capacity, relative to it. */
  width: number;
}

export interface Found {
  /** The highest proven rates by goal: null where none was proven. */
  found: Record<LossGoal['id'], number | null>;
  /**
   * What failed just above a goal's proven rate: `generator`, as the rate could not be sent, or `host`, as it took a CPU
   * away in most of the trials. Either way the server may take more.
   */
  boundBy: 'server' | 'generator' | 'host';
}

/** How likely the capacity is above what is proven when the search ends. */
const doubt = 0.05;
/** Trials just above what is proven that tell what failed. */
const telling = 3;
/** Of the guess: down to it every goal is looked for in turn. */
const near = 0.9;

/** The rate to try next after these trials; null when the question is answered. */
export function nextRate(trials: readonly CapacityTrial[], question: CapacityQuestion): number | null {
  const wanted = question.goals.flatMap((goal) => {
    const answers = answersTo(goal, trials);
    const rate = nextFor(answers, question);
    return rate === null ? [] : [{ rate, hopeful: reachedBy(answers) !== null || rate > question.guess * near }];
  });
  // A server that loses a little at every rate has no NDR: the long way down to know that comes last.
  return (wanted.find(({ hopeful }) => hopeful) ?? wanted[0])?.rate ?? null;
}

/** What the trials have proven, however likely it is that there is more. */
export function foundBy(trials: readonly CapacityTrial[], { goals }: CapacityQuestion): Found {
  const found = { ndr: null, pdr: null } as Found['found'];
  const bounds = goals.map((goal) => {
    const proven = reachedBy(answersTo(goal, trials));
    found[goal.id] = proven;
    const above = trials.filter(({ offered }) => offered > (proven ?? 0)).sort((a, b) => a.offered - b.offered);
    return boundOf(above.slice(0, telling).map((trial) => outcomeOf(trial, goal)));
  });
  const boundBy = (['generator', 'host'] as const).find((one) => bounds.includes(one)) ?? 'server';
  return { found, boundBy };
}

function boundOf(failed: readonly Outcome[]): Found['boundBy'] {
  const most = (outcome: Outcome) => failed.filter((one) => one === outcome).length > failed.length / 2;
  return most('unsendable') ? 'generator' : most('spoilt') ? 'host' : 'server';
}

/** Whether a trial says nothing of a goal, as the host had a CPU meanwhile. */
export function isSpoilt(trial: CapacityTrial, goals: readonly LossGoal[]): boolean {
  return goals.some((goal) => outcomeOf(trial, goal) === 'spoilt');
}

type Outcome = 'good' | 'bad' | 'unsendable' | 'spoilt';

function outcomeOf(trial: CapacityTrial, goal: LossGoal): Outcome {
  const { lossRatio, leastLossRatio, exhausted, tooShort } = trial;
  if (leastLossRatio > goal.lossRatio) return 'bad';
  if (exhausted) return 'unsendable';
  return tooShort || lossRatio > goal.lossRatio ? 'spoilt' : 'good';
}

const answersTo = (goal: LossGoal, trials: readonly CapacityTrial[]): Answer[] =>
  trials.map((trial) => ({ rate: trial.offered, good: outcomeOf(trial, goal) === 'good' }));

/** The rate that the goal wants tried next; null when what is proven is near enough to the capacity, or there is none. */
function nextFor(answers: readonly Answer[], { guess, width }: CapacityQuestion): number | null {
  if (answers.length === 0) return Math.round(guess);
  const proven = reachedBy(answers);
  const { median, above } = beliefOf(answers, guess, width);
  if (proven === null) {
    // Rounded up, a bad trial would say nothing of the median, and the same rate would be asked for for ever.
    const rate = Math.floor(median);
    return rate > guess * lowest * (1 + width) ? rate : null;
  }
  if (above(proven * (1 + width)) < doubt) return null;
  const rate = Math.round(Math.max(median, proven * (1 + width / 2)));
  return rate > proven ? rate : null;
}
