import type { LoadContext } from '../harness/protocol.js';
import { type Engine, type LoadEvents, watch } from './engine.js';

/** Sends nothing: what an invoker costs when nobody asks. */
export function startIdle(): Engine {
  return { counters: () => ({ offered: 0, sent: 0, replied: 0 }), quiesce: () => {}, finish: () => [] };
}

/** Lets the duration pass. */
export async function idle(engine: Engine, context: LoadContext, events: LoadEvents): Promise<void> {
  events.phase('measure');
  events.window(await watch(engine, 'measure', 0, context.durationNs));
}
