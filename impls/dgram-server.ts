import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { FunctionId } from '../model/ids.js';
import type { Counters } from '../model/record.js';
import type { ImplementationSettings } from '../model/settings.js';
import { bindUdp, datagramsIn, keepPort, ownRunDelayNs, stayBusy } from '../native/index.js';
import { functionTable } from './functions.js';
import { addressBytes } from './native.js';

export interface DgramServerOptions {
  functionId: FunctionId;
  /** Confines the socket to it; empty for all. */
  interface: string;
  /** To bind; empty for all. */
  address: string;
  port: number;
  /** Servers that share the port, this one included. */
  sharers: number;
  settings: ImplementationSettings;
}

export interface DgramServer {
  counters(): Counters;
  granted: Record<string, string>;
  close(): Promise<void>;
}

/**
 * One UDP socket served by this thread's event loop. It is bound by the addon, as Node can neither force the size of its
 * buffers nor steer requests among those that share a port; all the rest is Node's. Rejects if the port cannot be bound.
 */
export async function startDgramServer(options: DgramServerOptions): Promise<DgramServer> {
  const { sharers, settings } = options;
  const { run } = functionTable[options.functionId];
  const { delayNs } = settings;
  let received = 0;
  let handled = 0;
  let functionFailed = 0;
  let receiveFailed = 0;
  let sendFailed = 0;
  // Replies go to addresses that are numbers already: looking them up would cost a tick each.
  const socket = createSocket({
    type: 'udp4',
    lookup: (host, _options, callback) => callback(null, host, 4),
  });
  const onReceiveFailed = () => {
    receiveFailed++;
  };
  socket.on('message', (request, peer) => {
    received++;
    let reply: Buffer;
    try {
      reply = run(request);
    } catch {
      functionFailed++; // A function that fails drops its request and is counted; the server lives on.
      return;
    } finally {
      if (delayNs > 0) stayBusy(delayNs);
    }
    handled++;
    try {
      // No callback, which would cost a tick: Node then hides a failed send, and the client's count shows it.
      socket.send(reply, 0, reply.length, peer.port, peer.address);
    } catch {
      sendFailed++; // Node refuses to send to port 0, which a request may come from.
    }
  });
  // Asked for before bind(): with a lookup that answers at once, the event comes before bind() returns.
  const listening = once(socket, 'listening');
  // Exclusive: a cluster's worker would else ask its primary for the socket.
  const fd = bindUdp({ ...options, ...settings, address: addressBytes(options.address) });
  socket.bind({ fd, exclusive: true });
  await listening;
  keepPort(fd);
  socket.on('error', onReceiveFailed);
  const receiveBufferBytes = socket.getRecvBufferSize();
  const depthPackets = datagramsIn(receiveBufferBytes);
  const depthAsked = settings.socketBufferBytes ? datagramsIn(2 * settings.socketBufferBytes) : settings.depthPackets;
  const runDelay = () => {
    const runDelayNs = ownRunDelayNs();
    return runDelayNs === null ? {} : { runDelayNs };
  };
  return {
    granted: {
      depthPackets: String(depthPackets),
      ...(depthPackets < depthAsked ? { depthAsked: String(depthAsked) } : {}),
      receiveBufferBytes: String(receiveBufferBytes),
      steering: sharers > 1 ? settings.steering : 'none',
    },
    counters: () => ({
      ...{ received, handled, replied: handled - sendFailed, functionFailed, receiveFailed, sendFailed },
      ...runDelay(),
    }),
    close: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
