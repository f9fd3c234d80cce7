import type { Capacity } from '../../../model/record.js';
import { nowNs } from '../../engines/clock.js';
import type { LoadEvents } from '../../engines/engine.js';
import type { PacedTraffic } from '../../traffic/traffic.js';
import { type Durations, findPeak, measureAt, offer } from '../saturate.js';
import { type BracketQuestion, BracketSearch, lossGoals } from './bracket.js';
import { Pieces } from './pieces.js';

const bracketWidth = 0.01;
/** No piece begins later: a machine that changes its speed keeps a bracket from closing. */
const mostSearchNs = 30e9;

/** Searches NDR and PDR, then measures at the NDR (or else at the PDR, or at the guess). */
export async function capacity(traffic: PacedTraffic, durations: Durations, events: LoadEvents): Promise<Capacity> {
  const guess = await findPeak(traffic, durations, events);
  const found = await searchCapacity(traffic, events, { guess, goals: lossGoals, width: bracketWidth });
  const rate = found.ndr?.perSecond ?? found.pdr?.perSecond ?? guess;
  await offer(traffic, rate);
  await measureAt(traffic, rate, durations, events);
  return found;
}

/** Makes pieces until the question is answered, or time is up. */
export async function searchCapacity(
  traffic: PacedTraffic,
  events: LoadEvents,
  question: BracketQuestion,
): Promise<Capacity> {
  events.phase('search');
  await traffic.settle();
  const search = new BracketSearch(question);
  const pieces = new Pieces(traffic, events);
  const untilNs = nowNs() + mostSearchNs;
  let load = search.next();
  for (; load !== null && nowNs() < untilNs; load = search.next()) {
    const outcome = await pieces.offer(load);
    if (outcome !== null) search.add(outcome);
  }
  return {
    ...search.found,
    trials: search.trials,
    pieces: pieces.counted,
    piecesRepeated: pieces.repeated,
    timedOut: load !== null,
  };
}
