import type { LoadContext } from '../harness/protocol.js';
import { PacedLoad } from '../native/index.js';
import { parseAddress, parseMac } from './address.js';
import type { Engine } from './engine.js';

/** Distinct source ports: enough that a hash spreads them evenly over sockets. */
const flows = 1024;
const firstSourcePort = 16384;
/** The whole content of one reply in so many is compared: all of them would be a cost of the measured side. */
const checkEvery = 64;

/** An engine whose rate can be set. */
export interface PacedEngine extends Engine {
  setRate(perSecond: number): void;
}

/** Starts live frames or AF_XDP TX sockets, paused, and the program that counts the replies. */
export function startPaced(context: LoadContext): PacedEngine {
  const { engine, client, server } = context;
  if (engine !== 'live' && engine !== 'afxdp') throw new Error(`no paced engine ${engine}`);
  const load = new PacedLoad(engine, {
    ...context,
    interface: client.interface,
    sourceMac: parseMac(client.mac),
    destinationMac: parseMac(server.mac),
    sourceAddress: parseAddress(client.address),
    destinationAddress: parseAddress(server.address),
    firstSourcePort,
    flows,
    checkEvery,
  });
  return {
    setRate: (perSecond) => load.setRate(perSecond),
    counters: () => load.counters(),
    quiesce: () => load.setRate(0),
    finish: () => {
      load.stop();
      return [];
    },
  };
}
