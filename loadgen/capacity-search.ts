import { type Answer, beliefOf, lowest, reachedBy } from './capacity-belief.js';

/**
 * The highest rates at which a server loses no more than a goal allows: a multiple-loss-ratio search in the way of
 * draft-ietf-bmwg-mlrsearch, in which a trial answers for every goal. A good trial proves its rate; a bad one only makes
 * it less likely, as the host may have been slow in that second. The caller measures, this decides.
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
  /** The same without all that the host took the CPU time for: the server lost no less by itself. */
  leastLossRatio: number;
  /** Whether the generator did not send what was asked for while the host left it its CPU. */
  exhausted: boolean;
  /** Whether the host had the generator's CPU for so long that the rest proves nothing. */
  tooShort: boolean;
  /** How long it lasted in pieces that lost nothing but what the kernel had no room for while a thread did not run. */
  losslessNs: number;
  /** Pieces of it that were made again, as the host took CPU time. */
  repeated: number;
  /** Whether it was made in full; else it was ended as it had lost too much for the goal that asked for it. */
  complete: boolean;
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

/**
 * The partial drop of FD.io's reports and no drop (RFC 2544 calls both throughput at a loss rate), in the order in which
 * they are looked for: a server that loses a little at every rate has no NDR, and the long way down to know that comes last.
 */
export const lossGoals: readonly LossGoal[] = [
  { id: 'pdr', lossRatio: 0.005 },
  { id: 'ndr', lossRatio: 0 },
];

/** Of a search: too soon to end, or soon at its end whatever it has found. */
export type Stage = 'early' | 'middle' | 'late';

export interface CapacityQuestion {
  /** About where the knee is: the best reply rate of a quick look. */
  guess: number;
  /** From the most lenient on. */
  goals: readonly LossGoal[];
  /** What is proven is this close to the capacity, relative to it. */
  width: number;
}

export interface Found {
  /** The highest proven rates by goal: null where none was proven. */
  found: Record<LossGoal['id'], number | null>;
  /**
   * What failed just above the proven rate of the strictest goal that has one: `generator`, as the rate could not be sent,
   * or `host`, as it took a CPU away in most of the trials, there or above that of another goal. Either way the server may
   * take more.
   */
  boundBy: 'server' | 'generator' | 'host';
}

/** How long a trial lasts. */
export const trialNs = 1e9;
/** How likely the capacity is above what is proven when a goal is answered. */
const doubt = 0.05;
/** Bad trials just above an answer that confirm it; at the guess, where no rate is good. */
const confirming = 2;
/** Trials just above what is proven that tell what failed. */
const telling = 3;

/**
 * What to try next. A host that is slow for seconds makes every trial bad meanwhile, so the rate just above an answer is
 * tried again (the guess, where no rate was good): if that is good the bad trials before it count no more.
 */
export class CapacitySearch {
  readonly trials: CapacityTrial[] = [];
  /** Bad ones count from this one on: after the last answer that proved too low. */
  #since = 0;
  #confirmed = 0;
  #wanted: Wanted | null;

  constructor(private readonly question: CapacityQuestion) {
    this.#wanted = this.#wantedNext();
  }

  /** Whether the trials answer the question, be that confirmed or not. */
  get answered(): boolean {
    return this.#wanted === null;
  }

  /** What the trials have proven, however likely it is that there is more. */
  get result(): Found {
    return foundBy(this.trials, this.question.goals);
  }

  /**
   * What to try next; null when the answer is confirmed, unless it is too early for that. Late, some answer to the
   * strictest goal is worth more than a better one to another.
   */
  next(stage: Stage): Wanted | null {
    if (this.#wanted !== null) return (stage === 'late' ? this.#wantedAtLeast() : null) ?? this.#wanted;
    if (stage !== 'early' && this.#confirmed >= confirming) return null;
    const { goals, guess, width } = this.question;
    const { found } = this.result;
    const goal = goals.findLast(({ id }) => found[id] !== null) ?? (goals[0] as LossGoal);
    const proven = found[goal.id];
    return { goal, rate: proven === null ? Math.round(guess) : justAbove(proven, width) };
  }

  add(trial: CapacityTrial): void {
    const { answered } = this;
    const proven = strictest(this.result.found);
    this.trials.push(trial);
    const more = strictest(this.result.found) !== proven;
    if (answered && more) this.#since = this.trials.length;
    // A spoilt one confirms nothing.
    if (!answered || more) this.#confirmed = 0;
    else if (!isSpoilt(trial, this.question.goals)) this.#confirmed++;
    this.#wanted = this.#wantedNext();
  }

  #wantedNext(): Wanted | null {
    for (const goal of this.question.goals) {
      const wanted = this.#wantedFor(goal);
      if (wanted !== null) return wanted;
    }
    return null;
  }

  #wantedAtLeast(): Wanted | null {
    const goal = this.question.goals.at(-1);
    return goal === undefined || this.result.found[goal.id] !== null ? null : this.#wantedFor(goal);
  }

  #wantedFor(goal: LossGoal): Wanted | null {
    const proven = provenBy(goal, this.trials);
    const answers = answersTo(goal, this.trials, this.#since).map((answer) =>
      // Any proof is worth more than a try at a rate that this host does not leave the time for.
      proven === null && answer.verdict === 'spoilt' ? { ...answer, verdict: 'bad' as const } : answer,
    );
    // Pieces of several trials may have proven it.
    if (proven !== null && proven !== reachedBy(answers)) answers.push({ rate: proven, verdict: 'good' });
    const rate = nextFor(answers, proven, this.question);
    return rate === null ? null : { rate, goal };
  }
}

/** The highest proven rate of the strictest goal that has one: what the load measures at. */
export const strictest = (found: Found['found']): number | null => found.ndr ?? found.pdr;

function foundBy(trials: readonly CapacityTrial[], goals: readonly LossGoal[]): Found {
  const found = { ndr: null, pdr: null } as Found['found'];
  const bounds: Partial<Record<LossGoal['id'], Found['boundBy']>> = {};
  for (const goal of goals) {
    const proven = provenBy(goal, trials);
    found[goal.id] = proven;
    const above = trials
      .filter((trial) => says(trial, goal) && trial.offered > (proven ?? 0))
      .sort((a, b) => a.offered - b.offered);
    bounds[goal.id] = boundOf(above.slice(0, telling).map((trial) => outcomeOf(trial, goal)));
  }
  const measuredAt = goals.findLast(({ id }) => found[id] !== null) ?? goals[0];
  const own = (measuredAt && bounds[measuredAt.id]) ?? 'server';
  return { found, boundBy: own === 'server' && Object.values(bounds).includes('host') ? 'host' : own };
}

function boundOf(failed: readonly Outcome[]): Found['boundBy'] {
  const most = (outcome: Outcome) => failed.filter((one) => one === outcome).length > failed.length / 2;
  return most('unsendable') ? 'generator' : most('spoilt') ? 'host' : 'server';
}

/** Whether a trial, or a piece of one, says nothing of a goal, as the host had CPU time meanwhile. */
export function isSpoilt(trial: Losses, goals: readonly LossGoal[]): boolean {
  return goals.some((goal) => outcomeOf(trial, goal) === 'spoilt');
}

type Outcome = 'good' | 'bad' | 'unsendable' | 'spoilt';

/** What a trial, or a piece of one, tells of a rate. */
export type Losses = Pick<CapacityTrial, 'lossRatio' | 'leastLossRatio' | 'exhausted' | 'tooShort'>;

function outcomeOf(trial: Losses, goal: LossGoal): Outcome {
  const { lossRatio, leastLossRatio, exhausted, tooShort } = trial;
  if (leastLossRatio > goal.lossRatio) return 'bad';
  if (exhausted) return 'unsendable';
  return tooShort || lossRatio > goal.lossRatio ? 'spoilt' : 'good';
}

/** Bad ones from the trial `since` on. */
function answersTo(goal: LossGoal, trials: readonly CapacityTrial[], since = 0): Answer[] {
  return trials.flatMap((trial, i) => {
    const outcome = outcomeOf(trial, goal);
    const verdict = outcome === 'unsendable' ? 'bad' : outcome;
    return says(trial, goal) && (verdict === 'good' || i >= since) ? [{ rate: trial.offered, verdict }] : [];
  });
}

/**
 * The highest rate of a good trial, or at which and above which pieces that lost nothing make up a whole trial: where the
 * host spoils a part of each, none is good as a whole.
 */
function provenBy(goal: LossGoal, trials: readonly CapacityTrial[]): number | null {
  const reached = reachedBy(answersTo(goal, trials));
  const sound = trials.filter((trial) => ['good', 'spoilt'].includes(outcomeOf(trial, goal)));
  let losslessNs = 0;
  for (const trial of sound.sort((a, b) => b.offered - a.offered)) {
    losslessNs += trial.losslessNs;
    if (losslessNs >= trialNs) return Math.max(reached ?? 0, trial.offered);
  }
  return reached;
}

/** A trial that was ended for a stricter goal says nothing of one that it met until then. */
const says = ({ complete, lossRatio }: CapacityTrial, goal: LossGoal) => complete || lossRatio > goal.lossRatio;

/** The rate that the goal wants tried next; null when what is proven is near enough to the capacity, or there is none. */
function nextFor(answers: readonly Answer[], proven: number | null, { guess, width }: CapacityQuestion): number | null {
  if (answers.length === 0) return Math.round(guess);
  const { median, above } = beliefOf(answers, guess, width);
  if (proven === null) {
    // Rounded up, a bad trial would say nothing of the median, and the same rate would be asked for for ever.
    const rate = Math.floor(median);
    return rate > guess * lowest * (1 + width) ? rate : null;
  }
  if (above(justAbove(proven, width)) < doubt) return null;
  const rate = Math.round(Math.max(median, proven * (1 + width / 2)));
  return rate > proven ? rate : null;
}

/** The rate that a search of this width tells from what is proven. */
const justAbove = (proven: number, width: number): number => Math.max(Math.round(proven * (1 + width)), proven + 1);
