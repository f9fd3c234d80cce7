/**
 * The highest rates at which a server loses no more than a goal allows: a multiple-loss-ratio search in the way of
 * draft-ietf-bmwg-mlrsearch. Trials at one rate decide together: a good one proves the rate, three bad ones refute it,
 * or two that lost far more than any goal allows, so that one slow second of the host does not. Pure: the caller
 * measures, this decides.
 */

/** What a trial at one offered rate gave. */
export interface CapacityTrial {
  /** Requests a second asked for. */
  offered: number;
  /** Lost of sent, 0..1; requests that were still queued at the end count as lost. */
  lossRatio: number;
  /** Whether the generator did not send what was asked for. */
  exhausted: boolean;
  /** Whether that is no more than was due while the host had the generator's CPU: it may send it at the next try. */
  disturbed: boolean;
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
  /** The interval between a rate that is proven and one that is refuted becomes this narrow, relative to it. */
  width: number;
}

/** The next rate to try, or what was found. */
export type CapacityStep = { kind: 'trial'; offered: number } | ({ kind: 'done' } & Found);

export interface Found {
  /** The highest proven rates by goal: null where every rate lost more. */
  found: Record<LossGoal['id'], number | null>;
  /** `generator`: a goal's lowest refuted rate was one that could not be sent, so the server may take more. */
  boundBy: 'server' | 'generator';
}

/** Bad trials that refute a rate, and how many do where a lot is lost: close to the knee a slow second looks like it. */
const refuting = 3;
const refutingFar = 2;
const farLossRatio = 0.05;
const firstStride = 0.04;
/** Of the guess: below it nobody's capacity is looked for. */
const lowest = 1 / 64;
/** A search that goes on this long has a server that changes its mind. */
const maxTrials = 40;

/** What the trials say of a goal. */
interface Bracket {
  /** The highest proven rate below every refuted one. */
  proven: number | null;
  /** The lowest refuted rate. */
  refuted: number | null;
  /** A rate with too few trials to decide. */
  open: number | null;
}

/** The next step after these trials, in the order they were made. */
export function nextCapacityStep(trials: readonly CapacityTrial[], question: CapacityQuestion): CapacityStep {
  if (trials.length < maxTrials) {
    for (const goal of question.goals) {
      const offered = nextRate(bracketOf(trials, goal), question);
      if (offered !== null) return { kind: 'trial', offered };
    }
  }
  return { kind: 'done', ...foundUntilNow(trials, question) };
}

/** What the trials have proven, however wide the intervals still are. */
export function foundUntilNow(trials: readonly CapacityTrial[], { goals }: CapacityQuestion): Found {
  const brackets = goals.map((goal) => ({ goal, bracket: bracketOf(trials, goal) }));
  const found = { ndr: null, pdr: null } as Record<LossGoal['id'], number | null>;
  for (const { goal, bracket } of brackets) found[goal.id] = bracket.proven;
  const unsent = brackets.some(({ goal, bracket: { refuted } }) =>
    trials.some(
      ({ offered, exhausted, disturbed, lossRatio }) =>
        offered === refuted && exhausted && !disturbed && lossRatio <= goal.lossRatio,
    ),
  );
  return { found, boundBy: unsent ? 'generator' : 'server' };
}

function bracketOf(trials: readonly CapacityTrial[], goal: LossGoal): Bracket {
  const verdicts = [...new Set(trials.map(({ offered }) => offered))].map((offered) => {
    const own = trials.filter((trial) => trial.offered === offered);
    const isProven = own.some((trial) => !trial.exhausted && trial.lossRatio <= goal.lossRatio);
    return { offered, isProven, isRefuted: !isProven && refute(own) };
  });
  const refuted = verdicts.filter(({ isRefuted }) => isRefuted).map(({ offered }) => offered);
  const bound = refuted.length === 0 ? null : Math.min(...refuted);
  const below = verdicts.filter(({ offered }) => bound === null || offered < bound);
  const proven = below.filter(({ isProven }) => isProven).map(({ offered }) => offered);
  const highest = proven.length === 0 ? null : Math.max(...proven);
  const open = below.find(({ offered, isProven }) => !isProven && offered > (highest ?? 0));
  return { proven: highest, refuted: bound, open: open?.offered ?? null };
}

/** Whether bad trials at one rate are enough to give it up. */
function refute(bad: readonly CapacityTrial[]): boolean {
  // What the generator cannot send undisturbed it cannot send at the second try.
  if (bad.some(({ exhausted, disturbed }) => exhausted && !disturbed)) return true;
  const far = bad.filter(({ lossRatio }) => lossRatio > farLossRatio);
  return bad.length >= refuting || far.length >= refutingFar;
}

/** The rate that the goal wants tried next; null when its interval is narrow enough. */
function nextRate({ proven, refuted, open }: Bracket, { guess, width }: CapacityQuestion): number | null {
  if (open !== null) return open;
  if (proven === null && refuted === null) return whole(guess);
  if (proven === null) {
    const down = (refuted as number) * (1 - strideFrom(guess, refuted as number));
    return down < guess * lowest ? null : whole(down);
  }
  if (refuted === null) return whole(proven * (1 + strideFrom(guess, proven)));
  if ((refuted - proven) / refuted <= width) return null;
  const middle = whole(Math.sqrt(proven * refuted));
  return middle > proven && middle < refuted ? middle : null;
}

/** Twice as far as the way already gone from the guess, so that a bad guess is left quickly. */
function strideFrom(guess: number, rate: number): number {
  return Math.min(0.5, Math.max(firstStride, 2 * Math.abs(rate / guess - 1)));
}

const whole = (rate: number) => Math.round(rate);
