import type { LoadContext } from '../harness/protocol.js';
import { ClosedLoop } from '../native/index.js';
import { parseAddress } from './address.js';
import { pause } from './clock.js';
import { type Engine, type LoadEvents, watch } from './engine.js';

/** A closed loop and the switch of its histogram. */
export interface ClosedEngine extends Engine {
  record(on: boolean): void;
}

/** Opens `connections` sockets, each with one request outstanding from now on; every reply is compared. */
export function startClosed(context: LoadContext, connections: number): ClosedEngine {
  const { cpus } = context;
  const loop = new ClosedLoop({
    ...context,
    serverAddress: parseAddress(context.server.address),
    cpus: Array.from({ length: connections }, (_, i) => cpus[i % cpus.length] ?? 0),
  });
  return {
    counters: () => loop.counters(),
    record: (on) => loop.record(on),
    quiesce: () => loop.stop(),
    finish: () => loop.histogram(),
  };
}

/** Warms up, then records round trips for the duration. */
export async function closed(engine: ClosedEngine, context: LoadContext, events: LoadEvents): Promise<void> {
  events.phase('warmup');
  await pause(context.warmupNs);
  events.phase('measure');
  engine.record(true);
  const window = await watch(engine, 'measure', null, context.durationNs);
  engine.record(false);
  events.window(window);
}
