import { createSocket } from 'node:dgram';
import { BenchError } from '../../common/cli/errors.js';
import type { LoadContext } from '../../common/process/protocol.js';
import { headerBytes, maxPacketBytes } from '../../model/frame.js';
import { runFunction } from '../../native/index.js';

/** Round trips made before the clock starts. */
export interface ProbeResult {
  sent: number;
  right: number;
}

/** Who is asked for what. */
export interface ProbeTarget extends Pick<LoadContext, 'port' | 'functionId' | 'packetBytes'> {
  server: { address: string };
}

const attempts = 20;
const attemptTimeoutMs = 100;

/** The payload of the published client: byte i of the frame is the digit i mod 10. */
export function requestPayload(packetBytes: number): Buffer {
  return Buffer.from(Array.from({ length: packetBytes - headerBytes }, (_, i) => 0x30 + ((i + headerBytes) % 10)));
}

/** One verified round trip through a plain socket. Rejects, saying what was heard, if the server does not answer right. */
export async function probe(
  { server, port, functionId, packetBytes }: ProbeTarget,
  interrupt?: AbortSignal,
): Promise<ProbeResult> {
  const request = requestPayload(packetBytes);
  const room = Buffer.alloc(maxPacketBytes);
  request.copy(room);
  const expected = room.subarray(0, runFunction(functionId, room, request.length));

  const socket = createSocket('udp4');
  let heard = 'nothing';
  try {
    await connect(socket, port, server.address);
    for (let sent = 1; sent <= attempts && !interrupt?.aborted; sent++) {
      const reply = await exchange(socket, request);
      if (reply instanceof Error) heard = complaint(reply);
      else if (reply !== null) {
        if (reply.equals(expected)) return { sent, right: 1 };
        heard =
          reply.length === expected.length
            ? `a reply of ${reply.length} bytes with other content than the function gives`
            : `a wrong reply of ${reply.length} bytes where ${expected.length} were expected`;
      }
    }
  } finally {
    socket.close();
  }
  throw new BenchError(
    'PROBE',
    `${server.address} UDP port ${port} does not answer: heard ${heard} after ${attempts} requests`,
  );
}

/** What an error of a connected socket says that was heard. */
function complaint({ code, message }: NodeJS.ErrnoException): string {
  return code === 'ECONNREFUSED' ? 'ICMP port unreachable (ECONNREFUSED)' : message;
}

/** Rejects with what keeps a socket from being connected, such as a broadcast address. */
function connect(socket: ReturnType<typeof createSocket>, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(new BenchError('PROBE', `cannot send to ${address} UDP port ${port}: ${error.message}`, { cause: error }));
    socket.once('error', fail);
    // Its callback would be given the error, too, instead of the event.
    socket.once('connect', () => {
      socket.removeListener('error', fail);
      resolve();
    });
    socket.connect(port, address);
  });
}

/** Sends a request and waits a moment: the reply, an error (ICMP unreachable), or null for silence. */
function exchange(socket: ReturnType<typeof createSocket>, request: Buffer): Promise<Buffer | Error | null> {
  return new Promise((resolve) => {
    const finish = (result: Buffer | Error | null) => {
      clearTimeout(timer);
      socket.removeAllListeners('message').removeAllListeners('error');
      resolve(result);
    };
    const timer = setTimeout(finish, attemptTimeoutMs, null);
    socket.once('message', finish);
    socket.once('error', finish);
    socket.send(request);
  });
}
