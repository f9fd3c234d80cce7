import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { BenchError } from '../common/cli/errors.js';
import type { FunctionId } from '../model/ids.js';
import type { Counters } from '../model/record.js';
import { functionTable } from './functions.js';

export interface DgramServerOptions {
  functionId: FunctionId;
  port: number;
  /** The address to bind. */
  address: string;
  /** How several of these share the port, if they do. */
  sharing: 'none' | 'cluster' | 'reuseport';
}

export interface DgramServer {
  counters(): Counters;
  granted: Record<string, string>;
  close(): Promise<void>;
}

const receiveBufferBytes = 4 << 20;

/** One UDP socket served by this thread's event loop. Rejects if the port cannot be bound. */
export async function startDgramServer({
  functionId,
  port,
  address,
  sharing,
}: DgramServerOptions): Promise<DgramServer> {
  const { run } = functionTable[functionId];
  let received = 0;
  let handled = 0;
  let functionFailed = 0;
  let receiveFailed = 0;
  let sendFailed = 0;
  // Replies go to addresses that are numbers already: looking them up would cost a tick each.
  const socket = createSocket({
    type: 'udp4',
    ...(sharing === 'reuseport' ? { reusePort: true } : {}),
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
  // In a cluster an exclusive socket is the worker's own; others are the primary's, shared.
  socket.bind({ port, address, exclusive: sharing !== 'cluster' });
  await listening.catch((error: NodeJS.ErrnoException) => {
    throw bindError(error, port);
  });
  socket.on('error', onReceiveFailed);
  socket.setRecvBufferSize(receiveBufferBytes);
  socket.setSendBufferSize(receiveBufferBytes);
  return {
    granted: { sharing, receiveBufferBytes: String(socket.getRecvBufferSize()) },
    counters: () => ({ received, handled, replied: handled - sendFailed, functionFailed, receiveFailed, sendFailed }),
    close: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

/** What kept a socket from being bound, in the words and codes of the native invokers. */
function bindError({ code = '', syscall = 'bind', errno }: NodeJS.ErrnoException, port: number): BenchError {
  const remedy = { EADDRINUSE: ', somebody has it (see ss -lunp)', EADDRNOTAVAIL: ', no interface has that address' }[
    code
  ];
  const failed = { call: syscall, ...(errno === undefined ? {} : { errno: Math.abs(errno) }) };
  const message = `cannot bind UDP port ${port}${remedy ?? ''}: ${syscall}: ${code}`;
  return new BenchError(code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'BIND', message, failed);
}
