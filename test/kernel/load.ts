import type { LoadContext } from '../../common/process/protocol.js';
import type { Site, Topology } from '../../common/wire/topology.js';
import type { EngineId } from '../../model/ids.js';

const endpoint = ({ interface: name, address, mac }: Site) => ({ interface: name, address, mac });

/** A short load of 200-byte `reverse` requests over a wire of one queue, from CPU 0. */
export function loadContext(
  { server, client }: Topology,
  load: LoadContext['load'],
  engine: EngineId,
  durationNs: number,
): LoadContext {
  return {
    load,
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
    durationNs,
    sampleIntervalNs: 100e6,
  };
}
