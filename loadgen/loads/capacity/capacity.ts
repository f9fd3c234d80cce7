import type { LoadContext } from '../../../common/process/protocol.js';
import type { Capacity } from '../../../model/record.js';
import { nowNs, pause } from '../../engines/clock.js';
import { type LoadEvents, settled, watch } from '../../engines/engine.js';
import type { PacedEngine } from '../../engines/paced.js';
import { findPeak } from '../saturate.js';
import { type BracketQuestion, BracketSearch, lossGoals } from './bracket.js';
import { Pieces } from './pieces.js';

const bracketWidth = 0.01;
/** No piece begins later: a machine that changes its speed keeps a bracket from closing. */
const mostSearchNs = 30e9;
const settleNs = 20e6;

/** Searches NDR and PDR, then measures at the NDR (or else at the PDR, or at the guess). */
export async function capacity(engine: PacedEngine, context: LoadContext, events: LoadEvents): Promise<Capacity> {
  const guess = await findPeak(engine, context, events);
  const found = await searchCapacity(engine, context, events, { guess, goals: lossGoals, width: bracketWidth });
  const rate = found.ndr?.perSecond ?? found.pdr?.perSecond ?? guess;
  engine.setRate(rate);
  await pause(settleNs);
  events.phase('measure');
  events.window(await watch(engine, 'measure', rate, context.durationNs));
  return found;
}

/** Makes pieces until the question is answered, or time is up. */
export async function searchCapacity(
  engine: PacedEngine,
  context: Pick<LoadContext, 'sharing' | 'cpus'>,
  events: LoadEvents,
  question: BracketQuestion,
): Promise<Capacity> {
  events.phase('search');
  engine.setRate(0);
  await settled(engine);
  const search = new BracketSearch(question);
  const pieces = new Pieces(engine, context, events);
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
