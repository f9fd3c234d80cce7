import type { LoadContext } from '../../common/process/protocol.js';
import type { PacedEngineId } from '../../model/ids.js';
import { type Counters, checkEveryAt } from '../../model/record.js';
import { PacedLoad, type PacedLoadConfig } from '../../native/index.js';
import { addressBytes, macBytes } from './bytes.js';
import type { Engine } from './engine.js';

/** Distinct source ports: enough that a hash spreads them evenly over sockets. */
export const flows = 1024;
export const firstSourcePort = 16384;
/** Of the socket engines: few enough that looking at each for replies costs little. */
const connections = 4;

/** An engine whose rate can be set. */
export interface PacedEngine extends Engine {
  setRate(perSecond: number): void;
  /** Replies to what was due before are not counted any more. */
  countFromNow(): void;
  /** What was counted, also after a thread died: counters() throws what of. */
  lastCounters(): Counters;
}

/** Starts an engine, paused, and what takes its replies in. */
export function startPaced(engine: PacedEngineId, config: PacedLoadConfig): PacedEngine {
  const load = new PacedLoad(engine, config);
  return {
    setRate: (perSecond) => load.setRate(perSecond),
    record: (on) => load.record(on),
    countFromNow: () => load.countFromNow(),
    counters: () => load.counters(),
    lastCounters: () => load.lastCounters(),
    roundTrips: () => load.roundTrips(),
    lags: () => load.lags(),
    quiesce: () => load.setRate(0),
    stop: () => load.stop(),
  };
}

/**
 * What feeds a cell. The kernel takes its replies in, whatever the engine: they cost the measured side the same then.
 * `timed` where round trips count.
 */
export function cellConfig(context: LoadContext, timed: boolean): PacedLoadConfig {
  const { client, server } = context;
  // What comes back as it went out is a reply if both ends are the same.
  const ends =
    context.replyAddresses === 'unchanged'
      ? { sourceAddress: addressBytes(server.address), firstSourcePort: context.port, flows: 1 }
      : { sourceAddress: addressBytes(client.address), firstSourcePort, flows };
  return {
    ...context,
    ...ends,
    interface: client.interface,
    sourceMac: macBytes(client.mac),
    destinationMac: macBytes(server.mac),
    destinationAddress: addressBytes(server.address),
    connections,
    checkEvery: checkEveryAt(context.load.kind === 'rate' ? context.load.perSecond : null),
    replies: 'kernel',
    copyMode: 'copy',
    arrival: 'constant',
    timed,
  };
}
