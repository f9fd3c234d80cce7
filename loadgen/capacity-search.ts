/**
 * The highest rates at which a server loses no more than a goal allows: a multiple-loss-ratio search in the way of
 * draft-ietf-bmwg-mlrsearch. Trials at one rate decide together: a good one proves the rate, three others refute it, so
 * that one slow second of the host does not. Pure: the caller measures, this decides.
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
  /** The interval between a rate that is proven and one that is refuted becomes this narrow, relative to it. */
  width: number;
}

export interface Found {
  /** The highest proven rates by goal: null where none was proven. */
  found: Record<LossGoal['id'], number | null>;
  /**
   * What gave up a goal's lowest refuted rate: `generator`, as it could not be sent, or `host`, as it took a CPU away in
   * some of the trials that refute it. Either way the server may take more.
   */
  boundBy: 'server' | 'generator' | 'host';
}

/** Trials that refute a rate without a good one among them: one second may be slow, or the host had a CPU in it. */
const refuting = 3;
/** Lost of a rate that is well above the knee. */
const farLossRatio = 0.02;
const firstStride = 0.04;
/** Of the guess: down to it every goal is looked for in turn. */
const near = 0.9;
/** Of the guess: below it nobody's capacity is looked for. */
const lowest = 1 / 64;

/** What the trials say of a goal. */
interface Bracket {
  /** The highest proven rate below every refuted one. */
  proven: number | null;
  /** The lowest refuted rate. */
  refuted: number | null;
  /** A rate with too few trials to decide. */
  open: number | null;
  /** Where a server that answers all it can would begin to lose too much, told by what the refuted rate lost. */
  knee: number | null;
  boundBy: Found['boundBy'];
}

/** The rate to try next after these trials, in the order they were made; null when the question is answered. */
export function nextRate(trials: readonly CapacityTrial[], question: CapacityQuestion): number | null {
  const wanted = question.goals.flatMap((goal) => {
    const bracket = bracketOf(trials, goal);
    const rate = nextFor(bracket, question);
    return rate === null ? [] : [{ rate, hopeful: bracket.proven !== null || rate > question.guess * near }];
  });
  // A server that loses a little at every rate has no NDR: the long way down to know that comes last.
  return (wanted.find(({ hopeful }) => hopeful) ?? wanted[0])?.rate ?? null;
}

/** What the trials have proven, however wide the intervals still are. */
export function foundBy(trials: readonly CapacityTrial[], { goals }: CapacityQuestion): Found {
  const found = { ndr: null, pdr: null } as Found['found'];
  const bounds = goals.map((goal) => {
    const { proven, boundBy } = bracketOf(trials, goal);
    found[goal.id] = proven;
    return boundBy;
  });
  const boundBy = (['generator', 'host'] as const).find((one) => bounds.includes(one)) ?? 'server';
  return { found, boundBy };
}

/** Whether a trial says nothing of a goal, as the host had a CPU meanwhile. */
export function isSpoilt(trial: CapacityTrial, goals: readonly LossGoal[]): boolean {
  return goals.some((goal) => outcomeOf(trial, goal) === 'spoilt');
}

function bracketOf(trials: readonly CapacityTrial[], goal: LossGoal): Bracket {
  const rates = [...new Set(trials.map(({ offered }) => offered))].map((offered) => {
    const own = trials.filter((trial) => trial.offered === offered);
    return { offered, own, ...verdictOf(own, goal) };
  });
  const refuted = rates.filter(({ verdict }) => verdict === 'refuted').sort((a, b) => a.offered - b.offered)[0];
  const below = rates.filter(({ offered }) => refuted === undefined || offered < refuted.offered);
  const proven = below.filter(({ verdict }) => verdict === 'proven').map(({ offered }) => offered);
  const highest = proven.length === 0 ? null : Math.max(...proven);
  const open = below.find(({ offered, verdict }) => verdict === 'open' && offered > (highest ?? 0));
  return {
    proven: highest,
    refuted: refuted?.offered ?? null,
    open: open?.offered ?? null,
    knee: refuted ? kneeOf(refuted.own, goal) : null,
    boundBy: refuted?.boundBy ?? 'server',
  };
}

interface Verdict {
  verdict: 'proven' | 'refuted' | 'open';
  /** What refuted it. */
  boundBy: Found['boundBy'];
}

/** What the trials at one rate say together. */
function verdictOf(own: readonly CapacityTrial[], goal: LossGoal): Verdict {
  const outcomes = own.map((trial) => outcomeOf(trial, goal));
  const boundBy = outcomes.includes('unsendable') ? 'generator' : outcomes.includes('spoilt') ? 'host' : 'server';
  if (outcomes.includes('good')) return { verdict: 'proven', boundBy };
  return { verdict: outcomes.length < refuting ? 'open' : 'refuted', boundBy };
}

type Outcome = 'good' | 'bad' | 'unsendable' | 'spoilt';

function outcomeOf(trial: CapacityTrial, goal: LossGoal): Outcome {
  const { lossRatio, leastLossRatio, exhausted, tooShort } = trial;
  if (leastLossRatio > goal.lossRatio) return 'bad';
  if (exhausted) return 'unsendable';
  return tooShort || lossRatio > goal.lossRatio ? 'spoilt' : 'good';
}

/** Only far above it: close to it a noisy machine says more of its noise, and a soft knee is nowhere near. */
function kneeOf(refuting: readonly CapacityTrial[], goal: LossGoal): number | null {
  const [{ offered }] = refuting as [CapacityTrial];
  const least = Math.min(...refuting.map(({ lossRatio }) => lossRatio));
  return least > farLossRatio ? (offered * (1 - least)) / (1 - goal.lossRatio) : null;
}

/** The rate that the goal wants tried next; null when its interval is narrow enough. */
function nextFor({ proven, refuted, open, knee }: Bracket, { guess, width }: CapacityQuestion): number | null {
  if (open !== null) return open;
  const aroundKnee = knee === null ? [] : [knee * (1 - width / 2), knee * (1 + width / 2)];
  if (refuted === null) return whole(proven === null ? guess : proven * (1 + strideFrom(guess, proven)));
  if (proven === null) {
    // A server that loses as much at every rate has its knee always just below.
    const down = Math.min(refuted * (1 - strideFrom(guess, refuted)), aroundKnee[0] ?? refuted);
    const rate = whole(Math.max(down, refuted / 2));
    return rate < guess * lowest ? null : rate;
  }
  if ((refuted - proven) / refuted <= width) return null;
  const margin = 1 + width / 2;
  // Where only some of the threads or queues are too slow, what was lost says little: no step is much shorter than half.
  const most = Math.min(refuted / margin, proven ** 0.25 * refuted ** 0.75);
  const told = aroundKnee.find((rate) => rate > proven * margin && rate < most);
  const rate = whole(told ?? Math.sqrt(proven * refuted));
  return rate > proven && rate < refuted ? rate : null;
}

/** Twice as far as the way already gone from the guess, so that a bad guess is left quickly. */
function strideFrom(guess: number, rate: number): number {
  return Math.min(0.5, Math.max(firstStride, 2 * Math.abs(rate / guess - 1)));
}

const whole = (rate: number) => Math.round(rate);
