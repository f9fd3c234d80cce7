import type { LoadContext } from '../common/protocol.js';
import { type Engine, type LoadEvents, watch } from './engine.js';

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
