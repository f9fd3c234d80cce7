import type { LoadContext } from '../common/protocol.js';
import { perSecond } from '../common/window.js';
import type { Capacity } from '../harness/model.js';
import {
  type CapacityQuestion,
  type CapacityTrial,
  type Found,
  lossGoals,
  nextCapacityStep,
} from './capacity-search.js';
import { pause } from './clock.js';
import { type LoadEvents, settled, watch } from './engine.js';
import type { PacedEngine } from './paced.js';
import { findPeak } from './saturate.js';

const trialNs = 1e9;
const searchWidth = 0.005;
/** Requests still queued when a trial ends beyond this share of it: the server does not keep up, it only has not lost yet. */
const tolerableBacklog = 0.005;
/** A generator that sends less of what is asked for cannot offer that rate. */
const sendsEnough = 0.99;
/** Trials with a hiccup of the generator that are not good are made again, so often at most: at one rate, and in all. */
const maxDisturbedAtRate = 2;
const maxDisturbed = 5;
const hiccupNs = 1e6;

/** Searches NDR and PDR, then measures at the highest rate without loss (or else with little, or the guess). */
export async function capacity(engine: PacedEngine, context: LoadContext, events: LoadEvents): Promise<Capacity> {
  const guess = rateOfPeak(await findPeak(engine, context, events));
  const { found, boundBy, trials, disturbed } = await searchCapacity(engine, events, {
    guess,
    goals: lossGoals,
    width: searchWidth,
  });
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
    disturbedTrials: disturbed,
  };
}

const settleNs = 20e6;

/** Just below the offered rate of the peak: that one is a little more than is answered. */
const rateOfPeak = (offered: number) => offered * 0.97;

interface CapacitySearch extends Found {
  trials: CapacityTrial[];
  disturbed: number;
}

/** Makes trials until the question is answered. */
export async function searchCapacity(
  engine: PacedEngine,
  events: LoadEvents,
  question: CapacityQuestion,
): Promise<CapacitySearch> {
  events.phase('search');
  engine.setRate(0);
  await settled(engine);
  const trials: CapacityTrial[] = [];
  const disturbed: number[] = [];
  for (;;) {
    const step = nextCapacityStep(trials, question);
    if (step.kind === 'done') return { ...step, trials, disturbed: disturbed.length };
    const { offered } = step;
    const trial = await makeTrial(engine, events, offered);
    const again =
      disturbed.length < maxDisturbed && disturbed.filter((rate) => rate === offered).length < maxDisturbedAtRate;
    // Without its CPU the generator leaves requests out, or bursts.
    if (trial.disturbed && (trial.lossRatio > 0 || trial.exhausted) && again) disturbed.push(offered);
    else trials.push(trial);
  }
}

/** One second at a rate; the counters are read when all replies are in. */
async function makeTrial(engine: PacedEngine, events: LoadEvents, offered: number): Promise<CapacityTrial> {
  const before = engine.counters();
  engine.setRate(offered);
  const window = await watch(engine, 'search', offered, trialNs);
  engine.setRate(0);
  const backlog = unanswered(engine, before);
  await settled(engine);
  const after = engine.counters();
  const sent = (after.sent ?? 0) - (before.sent ?? 0);
  const right = (after.replied ?? 0) - (before.replied ?? 0) - ((after.wrong ?? 0) - (before.wrong ?? 0));
  const lost = Math.max(0, sent - right);
  // Without what is lost: that counts already.
  const queued = Math.max(0, backlog - lost);
  const stalled = (after.hiccupTotalNs ?? 0) - (before.hiccupTotalNs ?? 0);
  events.window({ ...window, sent, replied: right });
  return {
    offered,
    lossRatio: (lost + (queued > tolerableBacklog * sent ? queued : 0)) / Math.max(1, sent),
    exhausted: perSecond(window, window.sent) < sendsEnough * offered,
    disturbed: stalled > hiccupNs,
  };
}

/** Requests sent since `before` that are not answered now. */
function unanswered(engine: PacedEngine, before: Record<string, number>): number {
  const now = engine.counters();
  return (now.sent ?? 0) - (before.sent ?? 0) - ((now.replied ?? 0) - (before.replied ?? 0));
}
