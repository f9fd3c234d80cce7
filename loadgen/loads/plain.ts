/** The loads that keep to what they were told: a rate, a number of connections, nothing. */

import type { LoadContext } from '../../common/process/protocol.js';
import { pause } from '../engines/clock.js';
import { type Engine, type LoadEvents, settled, watch } from '../engines/engine.js';
import type { PacedEngine } from '../engines/paced.js';

/** After this time without a reply those that are missing are lost, or late. */
const replyTimeoutNs = 1e9;

/** Offers a constant rate for the duration, after a warm-up at the same rate. */
export async function openLoop(
  engine: PacedEngine,
  context: LoadContext,
  perSecond: number,
  events: LoadEvents,
): Promise<void> {
  events.phase('warmup');
  engine.setRate(perSecond);
  await pause(context.warmupNs);
  await measureRoundTrips(engine, perSecond, context, events);
}

/** Warms up, then records round trips for the duration. */
export async function closed(engine: Engine, context: LoadContext, events: LoadEvents): Promise<void> {
  events.phase('warmup');
  await pause(context.warmupNs);
  await measureRoundTrips(engine, null, context, events);
}

/**
 * Records the round trips of the requests that are sent within the duration, also those that end after it: a server
 * that stands at its end would otherwise not show in them.
 */
async function measureRoundTrips(
  engine: Engine,
  offeredPerSecond: number | null,
  { durationNs }: LoadContext,
  events: LoadEvents,
): Promise<void> {
  events.phase('measure');
  const before = engine.counters();
  engine.record(true);
  const window = await watch(engine, 'measure', offeredPerSecond, durationNs);
  // While everything still runs: the harness reads the host when it hears of the window, and not before.
  events.window(window);
  engine.quiesce();
  await settled(engine, before, replyTimeoutNs);
  engine.record(false);
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
export async function idle(engine: Engine, context: LoadContext, events: LoadEvents): Promise<void> {
  events.phase('measure');
  events.window(await watch(engine, 'measure', 0, context.durationNs));
}
