import type { LoadContext } from '../common/protocol.js';
import type { Capacity, Counters } from '../harness/model.js';
import {
  type CapacityQuestion,
  type CapacityTrial,
  type Found,
  foundUntilNow,
  type LossGoal,
  lossGoals,
  nextCapacityStep,
} from './capacity-search.js';
import { nowNs, pause } from './clock.js';
import { type LoadEvents, settled, watch } from './engine.js';
import type { PacedEngine } from './paced.js';
import { findPeak } from './saturate.js';
import type { ServerHiccups } from './server-hiccups.js';

const trialNs = 1e9;
const searchWidth = 0.005;
/** Requests still queued when a trial ends beyond this share of it: the server does not keep up, it only has not lost yet. */
const tolerableBacklog = 0.005;
/** A generator that sends less of what is asked for cannot offer that rate. */
const sendsEnough = 0.99;
const stallEndsNs = 5e6;
/** Trials go on no longer: a machine that changes its speed for seconds keeps a search from its end. */
const mostSearchNs = 22e9;

/** Searches NDR and PDR, then measures at the highest rate without loss (or else with little, or the guess). */
export async function capacity(
  engine: PacedEngine,
  context: LoadContext,
  events: LoadEvents,
  hiccups: ServerHiccups,
): Promise<Capacity> {
  const guess = rateOfPeak(await findPeak(engine, context, events));
  const question = { ...context, guess, goals: lossGoals, width: searchWidth };
  const { found, boundBy, trials, madeAgain, spoilt, timedOut } = await searchCapacity(
    engine,
    events,
    hiccups,
    question,
  );
  const rate = found.ndr ?? found.pdr ?? guess;
  engine.setRate(rate);
  await pause(settleNs);
  events.phase('measure');
  events.window(await watch(engine, 'measure', rate, context.durationNs));
  return {
    ndrPerSecond: found.ndr,
    pdrPerSecond: found.pdr,
    boundBy,
    trials: trials.length,
    trialsMadeAgain: madeAgain,
    trialsSpoilt: spoilt,
    timedOut,
  };
}

const settleNs = 20e6;

/** Just below the offered rate of the peak: that one is a little more than is answered. */
const rateOfPeak = (offered: number) => offered * 0.97;

interface CapacitySearch extends Found {
  trials: CapacityTrial[];
  /** Trials that hiccups spoilt and that were made again, so that they are not among `trials`. */
  madeAgain: number;
  /** Trials that hiccups spoilt and that count all the same, without the loss that hiccups explain. */
  spoilt: number;
  timedOut: boolean;
}

/** Makes trials until the question is answered. */
export async function searchCapacity(
  engine: PacedEngine,
  events: LoadEvents,
  hiccups: ServerHiccups,
  question: CapacityQuestion & Pick<LoadContext, 'cpus' | 'sharing'>,
): Promise<CapacitySearch> {
  // Where measured threads share CPUs, each does not run while another does: that is how they work there, no hiccup.
  const ownCpus = question.sharing === 'exclusive';
  const serverStalledNs = async () => (ownCpus ? await hiccups.stalledNs() : 0);
  const stalledNs = () => (ownCpus ? (engine.counters().hiccupTotalNs ?? 0) / question.cpus.length : 0);
  events.phase('search');
  engine.setRate(0);
  await settled(engine);
  const trials: CapacityTrial[] = [];
  // Once a rate: shared hosts have hiccups every second.
  const madeAgain = new Set<number>();
  let spoilt = 0;
  const lastTrialNs = nowNs() + mostSearchNs;
  for (;;) {
    const step = nextCapacityStep(trials, question);
    const timedOut = step.kind === 'trial' && nowNs() > lastTrialNs;
    if (step.kind === 'done' || timedOut)
      return { ...foundUntilNow(trials, question), trials, madeAgain: madeAgain.size, spoilt, timedOut };
    const { offered } = step;
    const before = await serverStalledNs();
    const { sent, caughtUp, ...trial } = await makeTrial(engine, events, offered, stalledNs);
    const dueInStalls = (offered * ((await serverStalledNs()) - before)) / 1e9;
    const restRatio = Math.max(0, trial.lossRatio - (dueInStalls + caughtUp) / Math.max(1, sent));
    if (!wasSpoilt(trial, restRatio, question.goals)) {
      trials.push(trial);
    } else if (!madeAgain.has(offered)) {
      madeAgain.add(offered);
    } else {
      spoilt++;
      trials.push({ ...trial, lossRatio: restRatio });
    }
  }
}

/** Whether a trial might have met a goal had no thread lost its CPU; it lost `restRatio` besides. */
function wasSpoilt(trial: CapacityTrial, restRatio: number, goals: readonly LossGoal[]): boolean {
  if (trial.exhausted && !trial.disturbed) return false;
  return goals.some(({ lossRatio }) => (trial.exhausted || trial.lossRatio > lossRatio) && restRatio <= lossRatio);
}

interface MadeTrial extends CapacityTrial {
  sent: number;
  /** Requests due while a thread of the generator did not run, which it sent in a burst afterwards: the rest it left out. */
  caughtUp: number;
}

/** One second at a rate; the counters are read when all replies are in. `stalledNs` grows while a thread does not run. */
async function makeTrial(
  engine: PacedEngine,
  events: LoadEvents,
  offered: number,
  stalledNs: () => number,
): Promise<MadeTrial> {
  const before = engine.counters();
  const stalledBefore = stalledNs();
  engine.setRate(offered);
  const window = await watch(engine, 'search', offered, trialNs);
  engine.setRate(0);
  const backlog = unanswered(before, engine.counters());
  // A stall is counted when it is over.
  await pause(stallEndsNs);
  const dueInStalls = (offered * (stalledNs() - stalledBefore)) / 1e9;
  await settled(engine);
  const after = engine.counters();
  const sent = (after.sent ?? 0) - (before.sent ?? 0);
  const right = (after.replied ?? 0) - (before.replied ?? 0) - ((after.wrong ?? 0) - (before.wrong ?? 0));
  const lost = Math.max(0, sent - right);
  // Without what is lost: that counts already.
  const queued = Math.max(0, backlog - lost);
  const due = (offered * (window.endNs - window.beginNs)) / 1e9;
  const leftOut = Math.max(0, due - window.sent);
  const tolerated = (1 - sendsEnough) * due;
  events.window({ ...window, sent, replied: right });
  return {
    offered,
    lossRatio: (lost + (queued > tolerableBacklog * sent ? queued : 0)) / Math.max(1, sent),
    exhausted: leftOut > tolerated,
    disturbed: leftOut - dueInStalls <= tolerated,
    sent,
    caughtUp: Math.max(0, dueInStalls - leftOut),
  };
}

/** Requests sent since `before` that are not answered now. */
function unanswered(before: Counters, now: Counters): number {
  return (now.sent ?? 0) - (before.sent ?? 0) - ((now.replied ?? 0) - (before.replied ?? 0));
}
