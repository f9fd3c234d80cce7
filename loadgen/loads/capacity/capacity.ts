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
  const { capacity: found } = await searchCapacity(engine, events, host, question);
  const rate = found.ndr?.perSecond ?? found.pdr?.perSecond ?? guess;
  engine.setRate(rate);
  await pause(settleNs);
  events.phase('measure');
  events.window(await watch(engine, 'measure', rate, context.durationNs));
  return found;
}

const settleNs = 20e6;

/** What was found, and what the search says of itself beside that. */
export interface Searched {
  capacity: Capacity;
  boundBy: 'server' | 'generator';
  piecesSpoilt: number;
  slowedRatio: number;
}

/** Makes trials until the question is answered; then the host is watched no more. */
export async function searchCapacity(
  engine: PacedEngine,
  events: LoadEvents,
  host: HostWatch,
  question: CapacityQuestion,
): Promise<Searched> {
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
      const rateOf = (rate: { perSecond: number } | null) =>
        rate && { perSecond: rate.perSecond, failedPerSecond: null, boundBy };
      return {
        capacity: {
          ndr: rateOf(found.ndr),
          pdr: rateOf(found.pdr),
          trials: trials.length,
          pieces: pieces.length,
          piecesRepeated: 0,
          timedOut: !answered,
        },
        boundBy,
        piecesSpoilt: pieces.filter((piece) => isSpoilt(piece, question.goals)).length,
        slowedRatio,
      };
    }
    search.add(await makeTrial(engine, events, wanted, host));
  }
}
