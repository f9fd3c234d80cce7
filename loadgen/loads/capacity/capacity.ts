import type { LoadContext } from '../../../common/process/protocol.js';
import type { Capacity } from '../../../model/record.js';
import { nowNs, pause } from '../../engines/clock.js';
import { type LoadEvents, settled, watch } from '../../engines/engine.js';
import type { PacedEngine } from '../../engines/paced.js';
import { findPeak } from '../saturate.js';
import type { HostWatch } from './host-watch.js';
import { type CapacityQuestion, CapacitySearch, isSpoilt, lossGoals } from './search.js';
import { makeTrial } from './trial.js';

const searchWidth = 0.005;
/** A host may be slow for seconds, in which a search that goes down fast is soon at its end. */
const leastSearchNs = 10e9;
/** No trial begins later: a machine that changes its speed keeps a search from its end. */
const mostSearchNs = 19e9;
/** The same where no rate is found yet. */
const mostFruitlessNs = 30e9;

/** Searches NDR and PDR, then measures at the highest rate without loss (or else with little, or the guess). */
export async function capacity(
  engine: PacedEngine,
  context: LoadContext,
  events: LoadEvents,
  host: HostWatch,
): Promise<Capacity> {
  const guess = await findPeak(engine, context, events, host);
  const question = { guess, goals: lossGoals, width: searchWidth };
  const found = await searchCapacity(engine, events, host, question);
  const rate = found.ndr?.perSecond ?? found.pdr?.perSecond ?? guess;
  engine.setRate(rate);
  await pause(settleNs);
  events.phase('measure');
  events.window(await watch(engine, 'measure', rate, context.durationNs));
  return found;
}

const settleNs = 20e6;

/** Makes trials until the question is answered; then the host is watched no more. */
export async function searchCapacity(
  engine: PacedEngine,
  events: LoadEvents,
  host: HostWatch,
  question: CapacityQuestion,
): Promise<Capacity> {
  events.phase('search');
  engine.setRate(0);
  await settled(engine);
  const search = new CapacitySearch(question);
  const beganNs = nowNs();
  for (;;) {
    const { found } = search;
    const sinceNs = nowNs() - beganNs;
    const isUp = sinceNs > ((found.ndr ?? found.pdr) === null ? mostFruitlessNs : mostSearchNs);
    const wanted = isUp ? null : search.next(sinceNs < leastSearchNs);
    if (wanted === null) {
      const slowedRatio = host.slowShare(beganNs, nowNs());
      host.stop();
      const { boundBy, trials, answered } = search;
      const pieces = trials.flatMap((trial) => trial.pieces);
      return {
        ...found,
        boundBy,
        trials: trials.length,
        pieces: pieces.length,
        piecesSpoilt: pieces.filter((piece) => isSpoilt(piece, question.goals)).length,
        slowedRatio,
        timedOut: !answered,
      };
    }
    search.add(await makeTrial(engine, events, wanted, host));
  }
}
