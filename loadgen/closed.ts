import type { LoadContext } from '../common/protocol.js';
import { ClosedLoop, type ClosedLoopConfig } from '../native/index.js';
import { parseAddress } from './address.js';
import { pause } from './clock.js';
import { type Engine, type LoadEvents, watch } from './engine.js';

/** Opens `connections` sockets, each with one request outstanding from now on; every reply is compared. */
export function startClosed(config: ClosedLoopConfig): Engine {
  const loop = new ClosedLoop(config);
  return {
    counters: () => loop.counters(),
    record: (on) => loop.record(on),
    roundTrips: () => loop.roundTrips(),
    lags: () => [],
    quiesce: () => loop.quiesce(),
    stop: () => loop.stop(),
  };
}

/** The closed loop that a cell is measured with. */
export function closedCellConfig(context: LoadContext, connections: number): ClosedLoopConfig {
  return {
    ...context,
    serverAddress: parseAddress(context.server.address),
    requests: 'stamped',
    recording: false,
    connections,
  };
}

/** Warms up, then records round trips for the duration. */
export async function closed(engine: Engine, context: LoadContext, events: LoadEvents): Promise<void> {
  events.phase('warmup');
  await pause(context.warmupNs);
  events.phase('measure');
  engine.record(true);
  const window = await watch(engine, 'measure', null, context.durationNs);
  engine.record(false);
  events.window(window);
}
