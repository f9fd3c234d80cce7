import type { LoadContext } from '../../common/process/protocol.js';
import { ClosedLoop, type ClosedLoopConfig } from '../../native/index.js';
import { addressBytes } from './bytes.js';
import type { Engine } from './engine.js';

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
    serverAddress: addressBytes(context.server.address),
    requests: 'stamped',
    recording: false,
    connections,
  };
}
