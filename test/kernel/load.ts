import type { LoadContext } from '../../common/process/protocol.js';
import type { Site } from '../../common/wire/topology.js';
import type { EngineId } from '../../model/ids.js';
import { offered, slow } from '../fakes/patience.js';
import type { Wire } from './wire.js';

const endpoint = ({ interface: name, address, mac }: Site) => ({ interface: name, address, mac });

/** A short load of 200-byte `reverse` requests over a wire of one queue, from CPU 0. */
export function loadContext(
  { server, client }: Wire,
  load: LoadContext['load'],
  engine: EngineId,
  durationNs: number,
): LoadContext {
  return {
    load: load.kind === 'rate' ? { ...load, perSecond: offered(load.perSecond) } : load,
    leader: 'itself',
    engine,
    client: endpoint(client),
    server: endpoint(server),
    port: 1232,
    functionId: 'reverse',
    packetBytes: 200,
    replyAddresses: 'swapped',
    queues: 1,
    cpus: [0],
    sharing: 'exclusive',
    warmupNs: 50e6,
    // As many requests at any rate.
    durationNs: load.kind === 'rate' ? durationNs * slow : durationNs,
    sampleIntervalNs: 100e6,
  };
}
