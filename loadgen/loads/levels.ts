import type { LoadContext } from '../../common/process/protocol.js';
import { recordedSince } from '../../model/histogram.js';
import type { LevelId } from '../../model/ids.js';
import type { Capacity, LatencyLevel } from '../../model/record.js';
import { pause } from '../engines/clock.js';
import { type LoadEvents, settled, watch } from '../engines/engine.js';
import type { PacedEngine } from '../engines/paced.js';
import { lossGoals } from './capacity/bracket.js';
import { searchCapacity } from './capacity/capacity.js';
import { findPeak } from './saturate.js';

/** Shares of an implementation's own capacity at which its round trips are taken. */
const shares: readonly [LevelId, number][] = [
  ['10%', 0.1],
  ['50%', 0.5],
  ['90%', 0.9],
];
/** One rate for all, which every implementation can take. */
const equalPerSecond = 10_000;
const goals = lossGoals.filter(({ id }) => id === 'pdr');
/** The levels need the capacity no better. */
const width = 0.02;
const settleNs = 100e6;

/** Finds the capacity, then takes round trips at shares of it and at a rate that is the same for all. */
export async function latencyUnderLoad(
  engine: PacedEngine,
  context: LoadContext,
  events: LoadEvents,
): Promise<{ capacity: Capacity; levels: LatencyLevel[] }> {
  const guess = await findPeak(engine, context, events);
  const capacity = await searchCapacity(engine, context, events, { guess, goals, width });
  const whole = capacity.pdr?.perSecond ?? guess;
  const levels: LatencyLevel[] = [];
  for (const [level, perSecond] of [
    ...shares.map(([level, share]): [LevelId, number] => [level, Math.round(share * whole)]),
    ['equal', equalPerSecond] as [LevelId, number],
  ]) {
    engine.setRate(perSecond);
    await pause(settleNs);
    // The middle one stands for the cell where one figure is asked for.
    const phase = level === '50%' ? 'measure' : 'level';
    events.phase(phase);
    const before = engine.roundTrips();
    // First: a reply that is recorded and a request that is counted are then of the same requests, but for those that
    // leave between these two lines. They are recorded and not counted, and so do not look like a loss.
    engine.record(true);
    const countersBefore = engine.counters();
    events.window(await watch(engine, phase, perSecond, context.durationNs));
    engine.setRate(0);
    // What is still queued belongs to this level, and not to the next one.
    await settled(engine, countersBefore);
    engine.record(false);
    const histogram = recordedSince(before, engine.roundTrips());
    levels.push({
      level,
      offeredPerSecond: perSecond,
      sent: (engine.counters().sent ?? 0) - (countersBefore.sent ?? 0),
      // Those of its own requests: the counters also have replies to what was sent while the rate settled.
      replied: histogram.reduce((sum, [, count]) => sum + count, 0),
      histogram,
    });
  }
  return { capacity, levels };
}
