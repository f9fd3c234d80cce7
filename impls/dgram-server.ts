import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionId } from '../model/ids.js';
import type { Counters } from '../model/record.js';
import type { ImplementationSettings, Service } from '../model/settings.js';
import { bindUdp, keepPort, longestPayload, ownWaits, severalAddresses, stayBusy } from '../native/index.js';
import { functionTable } from './functions.js';
import { addressBytes } from './native.js';
import { grantedRoom } from './room.js';
import { refusedPorts } from './source-port.js';
import { compute } from './work.js';

export interface DgramServerOptions {
  functionId: FunctionId;
  /** Confines the socket to it; empty for all. */
  interface: string;
  /** To bind; empty for all. */
  address: string;
  port: number;
  /** All that the invoker serves, this one included. */
  services: Service[];
  /** Servers that share the port, this one included. */
  sharers: number;
  settings: ImplementationSettings;
  /** Behind each function. */
  workSteps: number;
}

export interface DgramServer {
  counters(): Counters;
  granted: Record<string, string>;
  close(): Promise<void>;
}

/** How long a stop waits for replies that the kernel could not take at once. */
const drainMs = 500;

/**
 * A function served by this thread's event loop. Its sockets are bound by the addon, as Node can neither force the size of
 * their buffers nor steer requests among those that share a port; all the rest is Node's. Node cannot say which address a
 * reply comes from: where there are several, each has a socket. Rejects if the port cannot be bound.
 */
export async function startDgramServer(options: DgramServerOptions): Promise<DgramServer> {
  const { sharers, settings } = options;
  const { run, prepare } = functionTable[options.functionId];
  prepare?.();
  const { delayNs } = settings;
  const { workSteps } = options;
  const isRefused = refusedPorts(options.services);
  // Node would hide that the kernel refuses a longer one. By which interface it leaves is known where one is given.
  const longestReply = longestPayload(options.interface) || Number.POSITIVE_INFINITY;
  const several = options.address === '' ? severalAddresses(options.interface) : [];
  const bound = several.length > 0 ? several : [options.address];
  const counted = { received: 0, handled: 0, functionFailed: 0, refusedSource: 0, receiveFailed: 0, sendFailed: 0 };
  // What the kernel has no room for waits in Node: as much again, and no more.
  let longestQueueBytes = Number.POSITIVE_INFINITY;

  function serve(socket: Socket, request: Buffer, { port, address }: RemoteInfo): void {
    counted.received++;
    if (isRefused(port)) {
      counted.refusedSource++;
      return;
    }
    let reply: Buffer;
    try {
      reply = run(request);
      if (workSteps > 0) compute(reply, workSteps);
    } catch {
      counted.functionFailed++; // A function that fails drops its request and is counted; the server lives on.
      return;
    } finally {
      if (delayNs > 0) stayBusy(delayNs);
    }
    counted.handled++;
    if (reply.length > longestReply || socket.getSendQueueSize() > longestQueueBytes) counted.sendFailed++;
    // No callback, which would cost a tick: Node then hides a failed send, and the client's count shows it.
    else socket.send(reply, 0, reply.length, port, address);
  }

  const sockets: Socket[] = [];
  try {
    for (const address of bound) sockets.push(await bindSocket({ ...options, address }, serve));
  } catch (error) {
    for (const socket of sockets) socket.close();
    throw error;
  }
  const [first] = sockets as [Socket, ...Socket[]];
  longestQueueBytes = first.getSendBufferSize();
  const receiveBufferBytes = first.getRecvBufferSize();
  for (const socket of sockets) {
    socket.on('error', () => {
      counted.receiveFailed++;
    });
  }
  const queued = () => sockets.reduce((sum, socket) => sum + socket.getSendQueueCount(), 0);
  let waiting = queued;
  return {
    granted: {
      ...grantedRoom(receiveBufferBytes, settings),
      steering: sharers > 1 ? settings.steering : 'none',
    },
    counters: () => ({
      ...counted,
      replied: counted.handled - counted.sendFailed - waiting(),
      ...ownWaits(),
    }),
    close: async () => {
      for (const socket of sockets) socket.removeAllListeners('message');
      for (const untilMs = performance.now() + drainMs; queued() > 0 && performance.now() < untilMs; ) await sleep(10);
      counted.sendFailed += queued();
      waiting = () => 0;
      const closed = sockets.map((socket) => once(socket, 'close'));
      for (const socket of sockets) socket.close();
      await Promise.all(closed);
    },
  };
}

async function bindSocket(
  { settings, address, ...options }: DgramServerOptions,
  serve: (socket: Socket, request: Buffer, peer: RemoteInfo) => void,
): Promise<Socket> {
  // Replies go to addresses that are numbers already: looking them up would cost a tick each.
  const socket = createSocket({ type: 'udp4', lookup: (host, _options, callback) => callback(null, host, 4) });
  socket.on('message', (request, peer) => serve(socket, request, peer));
  // Asked for before bind(): with a lookup that answers at once, the event comes before bind() returns.
  const listening = once(socket, 'listening');
  // Exclusive: a cluster's worker would else ask its primary for the socket.
  const fd = bindUdp({ ...options, ...settings, address: addressBytes(address) });
  socket.bind({ fd, exclusive: true });
  await listening;
  keepPort(fd);
  return socket;
}
