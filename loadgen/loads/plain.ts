/** The loads that keep to what they were told: a rate, a number of connections, nothing. */

import { pause } from '../engines/clock.js';
import type { Engine, LoadEvents } from '../engines/engine.js';
import type { PacedTraffic, Traffic } from '../traffic/traffic.js';
import type { Durations } from './saturate.js';
import { timeRequests } from './timing.js';

/** After this time without a reply those that are missing are lost, or late. */
const patienceNs = 1e9;

/** Offers a constant rate for the duration, after a warm-up at the same rate. */
export async function openLoop(
  traffic: PacedTraffic,
  durations: Durations,
  perSecond: number,
  events: LoadEvents,
): Promise<void> {
  events.phase('warmup');
  await traffic.setRate(perSecond);
  await pause(durations.warmupNs);
  await measureRoundTrips(traffic, perSecond, durations, events);
}

/** Warms up, then records round trips for the duration. */
export async function closed(traffic: Traffic, durations: Durations, events: LoadEvents): Promise<void> {
  events.phase('warmup');
  await pause(durations.warmupNs);
  await measureRoundTrips(traffic, null, durations, events);
}

async function measureRoundTrips(
  traffic: Traffic,
  offeredPerSecond: number | null,
  { durationNs }: Durations,
  events: LoadEvents,
): Promise<void> {
  events.phase('measure');
  await timeRequests(traffic, { phase: 'measure', offeredPerSecond, durationNs }, patienceNs, events);
}

/** Sends nothing: what an invoker costs when nobody asks. */
export function startIdle(): Engine {
  const nothing = () => {};
  return {
    counters: () => ({ offered: 0, sent: 0, replied: 0 }),
    record: nothing,
    roundTrips: () => [],
    lags: () => [],
    quiesce: nothing,
    stop: nothing,
  };
}

/** Lets the duration pass. */
export async function idle(traffic: Traffic, { durationNs }: Durations, events: LoadEvents): Promise<void> {
  events.phase('measure');
  const { window } = await traffic.watch({ phase: 'measure', offeredPerSecond: 0, durationNs });
  events.window(window);
}
