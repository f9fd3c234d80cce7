import type { LevelId } from '../../model/ids.js';
import type { Capacity, LatencyLevel } from '../../model/record.js';
import { pause } from '../engines/clock.js';
import type { LoadEvents } from '../engines/engine.js';
import type { PacedTraffic } from '../traffic/traffic.js';
import { lossGoals } from './capacity/bracket.js';
import { searchCapacity } from './capacity/capacity.js';
import { type Durations, findPeak } from './saturate.js';
import { timeRequests } from './timing.js';

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
/** Longer than a shared host takes the CPU away, as a rule. */
const patienceNs = 200e6;

/** Finds the capacity, then takes round trips at shares of it and at a rate that is the same for all. */
export async function latencyUnderLoad(
  traffic: PacedTraffic,
  durations: Durations,
  events: LoadEvents,
): Promise<{ capacity: Capacity; levels: LatencyLevel[] }> {
  const guess = await findPeak(traffic, durations, events);
  const capacity = await searchCapacity(traffic, events, { guess, goals, width });
  const whole = capacity.pdr?.perSecond ?? guess;
  const levels: LatencyLevel[] = [];
  for (const [level, perSecond] of [
    ...shares.map(([level, share]): [LevelId, number] => [level, Math.round(share * whole)]),
    ['equal', equalPerSecond] as [LevelId, number],
  ]) {
    await traffic.setRate(perSecond);
    await pause(settleNs);
    // The middle one stands for the cell where one figure is asked for.
    const phase = level === '50%' ? 'measure' : 'level';
    events.phase(phase);
    // What is still queued when it ends belongs to this level, and not to the next one.
    const question = { phase, offeredPerSecond: perSecond, durationNs: durations.durationNs } as const;
    const { sent, histogram } = await timeRequests(traffic, question, patienceNs, events);
    levels.push({
      level,
      offeredPerSecond: perSecond,
      sent,
      // Those of its own requests: the counters also have replies to what was sent while the rate settled.
      replied: histogram.reduce((sum, [, count]) => sum + count, 0),
      histogram,
    });
  }
  return { capacity, levels };
}
