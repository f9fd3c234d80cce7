import type { LoadContext } from '../common/protocol.js';
import type { Capacity } from '../harness/model.js';
import { type CapacityQuestion, CapacitySearch, isSpoilt, lossGoals, strictest } from './capacity-search.js';
import { makeTrial, type StallReader } from './capacity-trial.js';
import { nowNs, pause } from './clock.js';
import { type LoadEvents, settled, watch } from './engine.js';
import type { PacedEngine } from './paced.js';
import { findPeak } from './saturate.js';
import type { ServerHiccups } from './server-hiccups.js';

const searchWidth = 0.005;
/** A host may be slow for seconds, in which a search that goes down fast is soon at its end. */
const leastSearchNs = 10e9;
/** From the first proven rate on: a machine that changes its speed for seconds keeps a search from its end. */
const mostSearchNs = 18e9;

/** Searches NDR and PDR, then measures at the highest rate without loss (or else with little, or the guess). */
export async function capacity(
  engine: PacedEngine,
  context: LoadContext,
  events: LoadEvents,
  hiccups: ServerHiccups,
): Promise<Capacity> {
  const guess = await findPeak(engine, context, events);
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

/** Makes trials until the question is answered. */
export async function searchCapacity(
  engine: PacedEngine,
  events: LoadEvents,
  hiccups: ServerHiccups,
  question: CapacityQuestion & Pick<LoadContext, 'cpus' | 'sharing'>,
): Promise<Capacity> {
  // Where measured threads share CPUs, each does not run while another does: that is how they work there, no hiccup.
  const ownCpus = question.sharing === 'exclusive';
  const stalls: StallReader = {
    server: async () => (ownCpus ? await hiccups.stalls() : { stalledNs: 0, lost: 0 }),
    generator: () => (ownCpus ? (engine.counters().hiccupTotalNs ?? 0) / question.cpus.length : 0),
  };
  events.phase('search');
  engine.setRate(0);
  await settled(engine);
  const search = new CapacitySearch(question);
  const beganNs = nowNs();
  let lastTrialNs = Number.POSITIVE_INFINITY;
  for (;;) {
    const { found, boundBy } = search.result;
    if (strictest(found) !== null) lastTrialNs = Math.min(lastTrialNs, nowNs() + mostSearchNs);
    const offered = nowNs() > lastTrialNs ? null : search.next(nowNs() - beganNs < leastSearchNs);
    if (offered === null) {
      return {
        ndrPerSecond: found.ndr,
        pdrPerSecond: found.pdr,
        boundBy,
        trials: search.trials.length,
        trialsSpoilt: search.trials.filter((trial) => isSpoilt(trial, question.goals)).length,
        timedOut: search.next(false) !== null,
      };
    }
    search.add(await makeTrial(engine, events, offered, stalls));
  }
}
