import type { LoadContext, Stalls } from '../common/protocol.js';
import type { Capacity, Counters } from '../harness/model.js';
import {
  type CapacityQuestion,
  type CapacityTrial,
  foundBy,
  isSpoilt,
  lossGoals,
  nextRate,
} from './capacity-search.js';
import { nowNs, pause } from './clock.js';
import { type LoadEvents, settled, watch, watchWhile } from './engine.js';
import type { PacedEngine } from './paced.js';
import { findPeak } from './saturate.js';
import type { ServerHiccups } from './server-hiccups.js';

const trialNs = 1e9;
const searchWidth = 0.005;
/** Requests still queued when a trial ends beyond this share of it: the server does not keep up, it only has not lost yet. */
const tolerableBacklog = 0.005;
/** So many unanswered, of what the whole trial asks for, do not come back in time: the rest of it tells nothing new. */
const hopelessBacklog = 0.1;
const glanceNs = 100e6;
/** A generator that sends less of what is asked for cannot offer that rate. */
const sendsEnough = 0.99;
/** A server that did not run for more than this share of a trial was not tried. */
const mostStalled = 0.05;
const stallEndsNs = 5e6;
/** Shorter than after a load: a reply that comes later spoils one trial of many. */
const quietNs = 100e6;
/** Once a rate is proven trials go on no longer: a machine that changes its speed for seconds keeps a search from its end. */
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
  const found = await searchCapacity(engine, events, hiccups, question);
  const rate = found.ndrPerSecond ?? found.pdrPerSecond ?? guess;
  engine.setRate(rate);
  await pause(settleNs);
  events.phase('measure');
  events.window(await watch(engine, 'measure', rate, context.durationNs));
  return found;
}

const settleNs = 20e6;

/** Just below the offered rate of the peak: that one is a little more than is answered. */
const rateOfPeak = (offered: number) => offered * 0.97;

/** Makes trials until the question is answered. */
export async function searchCapacity(
  engine: PacedEngine,
  events: LoadEvents,
  hiccups: ServerHiccups,
  question: CapacityQuestion & Pick<LoadContext, 'cpus' | 'sharing'>,
): Promise<Capacity> {
  // Where measured threads share CPUs, each does not run while another does: that is how they work there, no hiccup.
  const ownCpus = question.sharing === 'exclusive';
  const stalls: BothStalls = {
    ofServer: async () => (ownCpus ? await hiccups.stalls() : { stalledNs: 0, lost: 0 }),
    ofGeneratorNs: () => (ownCpus ? (engine.counters().hiccupTotalNs ?? 0) / question.cpus.length : 0),
  };
  events.phase('search');
  engine.setRate(0);
  await settled(engine, quietNs);
  const trials: CapacityTrial[] = [];
  const lastTrialNs = nowNs() + mostSearchNs;
  for (;;) {
    const offered = nextRate(trials, question);
    const { found, boundBy } = foundBy(trials, question);
    const timedOut = offered !== null && nowNs() > lastTrialNs && Object.values(found).some((rate) => rate !== null);
    if (offered === null || timedOut) {
      return {
        ndrPerSecond: found.ndr,
        pdrPerSecond: found.pdr,
        boundBy,
        trials: trials.length,
        trialsSpoilt: trials.filter((trial) => isSpoilt(trial, question.goals)).length,
        timedOut,
      };
    }
    trials.push(await makeTrial(engine, events, offered, stalls));
  }
}

/** How long measured threads did not run, until now. */
interface BothStalls {
  ofServer(): Promise<Stalls>;
  ofGeneratorNs(): number;
}

/** One second at a rate, or until that is hopeless; the counters are read when all replies are in. */
async function makeTrial(
  engine: PacedEngine,
  events: LoadEvents,
  offered: number,
  stalls: BothStalls,
): Promise<CapacityTrial> {
  const serverBefore = await stalls.ofServer();
  const before = engine.counters();
  const generatorBeforeNs = stalls.ofGeneratorNs();
  const dueIn = (ns: number) => (offered * ns) / 1e9;
  engine.setRate(offered);
  const beganNs = nowNs();
  const window = await watchWhile(engine, 'search', offered, async () => {
    while (nowNs() - beganNs < trialNs && unanswered(before, engine.counters()) < hopelessBacklog * dueIn(trialNs))
      await pause(Math.min(glanceNs, trialNs - (nowNs() - beganNs)));
  });
  engine.setRate(0);
  const backlog = unanswered(before, engine.counters());
  // A stall is counted when it is over.
  await pause(stallEndsNs);
  const dueUnsent = dueIn(stalls.ofGeneratorNs() - generatorBeforeNs);
  const serverAfter = await stalls.ofServer();
  await settled(engine, quietNs);
  const after = engine.counters();
  const sent = (after.sent ?? 0) - (before.sent ?? 0);
  const right = (after.replied ?? 0) - (before.replied ?? 0) - ((after.wrong ?? 0) - (before.wrong ?? 0));
  const lost = Math.max(0, sent - right);
  // Without what is lost: that counts already.
  const queued = Math.max(0, backlog - lost);
  const missing = lost + (queued > tolerableBacklog * sent ? queued : 0);
  const lastedNs = window.endNs - window.beginNs;
  const stalledNs = serverAfter.stalledNs - serverBefore.stalledNs;
  const lostInStalls = stalledNs > mostStalled * lastedNs ? 0 : serverAfter.lost - serverBefore.lost;
  const leftOut = Math.max(0, dueIn(lastedNs) - window.sent);
  const tolerated = (1 - sendsEnough) * dueIn(lastedNs);
  events.window({ ...window, sent, replied: right });
  const ratio = (requests: number) => Math.max(0, requests) / Math.max(1, sent);
  return {
    offered,
    lossRatio: ratio(missing - lostInStalls),
    leastLossRatio: ratio(missing - Math.max(lostInStalls, dueIn(stalledNs))),
    exhausted: leftOut > tolerated,
    disturbed: leftOut - dueUnsent <= tolerated,
  };
}

/** Requests sent since `before` that are not answered now. */
function unanswered(before: Counters, now: Counters): number {
  return (now.sent ?? 0) - (before.sent ?? 0) - ((now.replied ?? 0) - (before.replied ?? 0));
}
