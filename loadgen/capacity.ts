import type { LoadContext } from '../common/protocol.js';
import { perSecond } from '../common/window.js';
import type { Capacity, Counters } from '../harness/model.js';
import {
  type CapacityQuestion,
  type CapacityTrial,
  type Found,
  type LossGoal,
  lossGoals,
  nextCapacityStep,
} from './capacity-search.js';
import { pause } from './clock.js';
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
/** Trials that a hiccup spoilt are made again, so often at most: at one rate, and in all. */
const maxAtRate = 2;
const maxMadeAgain = 5;
const hiccupNs = 1e6;

/** Searches NDR and PDR, then measures at the highest rate without loss (or else with little, or the guess). */
export async function capacity(
  engine: PacedEngine,
  context: LoadContext,
  events: LoadEvents,
  hiccups: ServerHiccups,
): Promise<Capacity> {
  const guess = rateOfPeak(await findPeak(engine, context, events));
  const question = { guess, goals: lossGoals, width: searchWidth, generatorThreads: context.cpus.length };
  const { found, boundBy, trials, madeAgain, spoilt } = await searchCapacity(engine, events, hiccups, question);
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
  };
}

const settleNs = 20e6;

/** Just below the offered rate of the peak: that one is a little more than is answered. */
const rateOfPeak = (offered: number) => offered * 0.97;

interface CapacitySearch extends Found {
  trials: CapacityTrial[];
  /** Trials that a hiccup spoilt and that were made again, so that they are not among `trials`. */
  madeAgain: number;
  /** Trials that a hiccup spoilt and that count all the same: too many were. */
  spoilt: number;
}

/** Makes trials until the question is answered. */
export async function searchCapacity(
  engine: PacedEngine,
  events: LoadEvents,
  hiccups: ServerHiccups,
  question: CapacityQuestion & { generatorThreads: number },
): Promise<CapacitySearch> {
  events.phase('search');
  engine.setRate(0);
  await settled(engine);
  const trials: CapacityTrial[] = [];
  const madeAgain: number[] = [];
  let spoilt = 0;
  for (;;) {
    const step = nextCapacityStep(trials, question);
    if (step.kind === 'done') return { ...step, trials, madeAgain: madeAgain.length, spoilt };
    const { offered } = step;
    const before = await hiccups.lost();
    const trial = await makeTrial(engine, events, offered, question.generatorThreads);
    const spoiltNow = wasSpoilt(trial, (await hiccups.lost()) - before, question.goals);
    const again = madeAgain.length < maxMadeAgain && madeAgain.filter((rate) => rate === offered).length < maxAtRate;
    if (spoiltNow && again) {
      madeAgain.push(offered);
      continue;
    }
    if (spoiltNow) spoilt++;
    trials.push(trial);
  }
}

/** Whether a trial might have met a goal had no thread lost its CPU; `lost` while one of the server's had. */
function wasSpoilt(trial: MadeTrial, lost: number, goals: readonly LossGoal[]): boolean {
  if (trial.exhausted && !trial.disturbed) return false;
  // Without its CPU the generator leaves requests out, or bursts: it is to blame for no more than were due meanwhile.
  const rest = trial.lossRatio - (lost + trial.dueInHiccups) / trial.sent;
  return goals.some(({ lossRatio }) => (trial.exhausted || trial.lossRatio > lossRatio) && rest <= lossRatio);
}

interface MadeTrial extends CapacityTrial {
  sent: number;
  /** Requests due while a thread of the generator did not run. */
  dueInHiccups: number;
}

/** One second at a rate; the counters are read when all replies are in. */
async function makeTrial(
  engine: PacedEngine,
  events: LoadEvents,
  offered: number,
  generatorThreads: number,
): Promise<MadeTrial> {
  const before = engine.counters();
  engine.setRate(offered);
  const window = await watch(engine, 'search', offered, trialNs);
  engine.setRate(0);
  const backlog = unanswered(before, engine.counters());
  // A hiccup is counted when it is over.
  await pause(settleNs);
  const stalled = ((engine.counters().hiccupTotalNs ?? 0) - (before.hiccupTotalNs ?? 0)) / generatorThreads;
  await settled(engine);
  const after = engine.counters();
  const sent = (after.sent ?? 0) - (before.sent ?? 0);
  const right = (after.replied ?? 0) - (before.replied ?? 0) - ((after.wrong ?? 0) - (before.wrong ?? 0));
  const lost = Math.max(0, sent - right);
  // Without what is lost: that counts already.
  const queued = Math.max(0, backlog - lost);
  const dueInHiccups = (offered * stalled) / 1e9;
  events.window({ ...window, sent, replied: right });
  return {
    offered,
    lossRatio: (lost + (queued > tolerableBacklog * sent ? queued : 0)) / Math.max(1, sent),
    exhausted: perSecond(window, window.sent) < sendsEnough * offered,
    disturbed: stalled > hiccupNs && sent + dueInHiccups >= (sendsEnough * offered * trialNs) / 1e9,
    sent,
    dueInHiccups,
  };
}

/** Requests sent since `before` that are not answered now. */
function unanswered(before: Counters, now: Counters): number {
  return (now.sent ?? 0) - (before.sent ?? 0) - ((now.replied ?? 0) - (before.replied ?? 0));
}
