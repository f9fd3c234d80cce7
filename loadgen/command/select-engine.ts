import { BenchError, toRunError } from '../../common/cli/errors.js';
import { engineIds, type PacedEngineId } from '../../model/ids.js';
import { type PacedLoadConfig, queueCounts } from '../../native/index.js';
import { addressBytes, macBytes } from '../engines/bytes.js';
import { pause } from '../engines/clock.js';
import { settled } from '../engines/engine.js';
import { firstSourcePort, flows, type PacedEngine, startPaced } from '../engines/paced.js';
import { buildsFrames, type LoadRequest, type Loop } from './options.js';
import { type Route, resolveMac } from './route.js';

/** The engine of an open loop, and why faster ones were not taken. */
export interface SelectedEngine {
  id: PacedEngineId;
  engine: PacedEngine;
  refused: string[];
}

/** What an engine is to send, where to, and from where. */
export interface EngineRequest {
  request: LoadRequest;
  loop: Extract<Loop, { kind: 'open' }>;
  port: number;
  /** Of its threads. */
  cpus: number[];
  route: Route;
}

const trialPerSecond = 1000;
const trialNs = 100e6;

/** Starts the engine asked for, or the first that the host grants; rejects with what keeps the one asked for from working. */
export async function selectEngine(request: EngineRequest): Promise<SelectedEngine> {
  const refused: string[] = [];
  const { engine: wanted } = request.loop;
  const candidates = wanted === 'auto' ? engineIds : [wanted];
  for (const id of candidates) {
    try {
      return { id, engine: await startTried(id, request), refused };
    } catch (error) {
      if (wanted !== 'auto') throw error;
      refused.push(`${id}: ${toRunError(error).message}`);
    }
  }
  throw new BenchError('ENGINE', `no engine works: ${refused.join('; ')}`);
}

async function startTried(id: PacedEngineId, asked: EngineRequest): Promise<PacedEngine> {
  const { request, route } = asked;
  const frames = buildsFrames(id);
  if (frames && request.ports.length > 1) throw new BenchError('ENGINE', 'sends to one port');
  if (frames && route.sourceMac === '')
    throw new BenchError('ENGINE', `${route.interface} is no Ethernet interface (sendmmsg and socket do without)`);
  const engine = startPaced(id, await configOf(id, asked));
  if (!frames) return engine;
  try {
    await provesAlive(engine, id);
    return engine;
  } catch (error) {
    engine.stop();
    throw error;
  }
}

/** Frames that bypass the kernel may vanish without an error: a few requests must come back first. */
async function provesAlive(engine: PacedEngine, id: PacedEngineId): Promise<void> {
  engine.setRate(trialPerSecond);
  await pause(trialNs);
  engine.setRate(0);
  // What the trial sent must not come back within the load.
  await settled(engine);
  const { sent = 0, replied = 0 } = engine.counters();
  if (replied === 0)
    throw new BenchError(
      'ENGINE',
      `none of ${sent} requests by ${id} was answered, though those by a socket are (a virtual wire needs an XDP program at its other end; is -server-mac right?)`,
    );
}

async function configOf(
  id: PacedEngineId,
  { request, loop, port, cpus, route }: EngineRequest,
): Promise<PacedLoadConfig> {
  const frames = buildsFrames(id);
  return {
    interface: frames ? route.interface : '',
    sourceMac: frames ? macBytes(route.sourceMac) : new Uint8Array(6),
    destinationMac: frames ? macBytes(request.route.serverMac ?? (await resolveMac(route))) : new Uint8Array(6),
    sourceAddress: frames ? addressBytes(route.source) : new Uint8Array(4),
    destinationAddress: addressBytes(request.server),
    firstSourcePort,
    flows,
    port,
    connections: request.connections,
    packetBytes: request.packetBytes,
    queues: id === 'afxdp' ? queuePairs(route.interface) : 1,
    cpus,
    functionId: request.functionId,
    checkEvery: loop.checkEvery,
    replies: id === 'live' ? 'kernel' : 'own',
    copyMode: 'auto',
    arrival: loop.arrival,
    timed: true,
  };
}

/** Queues that AF_XDP both receives from and sends to; 1 where that is unknown. */
function queuePairs(interfaceName: string): number {
  const { rx, tx } = queueCounts(interfaceName);
  return Math.max(1, Math.min(rx, tx));
}
