import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { patience } from './patience.js';

/** A UDP socket on a free port of all addresses; the caller closes it. */
export async function listeningSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0);
  await once(socket, 'listening');
  return socket;
}

/** Below what Linux gives to sockets that ask for any port: nobody gets one of these by chance. */
const firstPort = 10_240;
const ports = 32_768 - firstPort;

/** A UDP port that nobody has, and that nobody who does not ask for it gets. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + randomInt(ports);
    const socket = createSocket('udp4');
    socket.bind(port);
    const free = await once(socket, 'listening').then(
      () => true,
      () => false,
    );
    await new Promise<void>((resolve) => socket.close(resolve));
    if (free) return port;
  }
}

/** A client of a UDP server on this host, one request at a time. */
export class UdpClient {
  readonly #socket: Socket;
  readonly #port: number;

  private constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.#port = port;
  }

  static async to(port: number): Promise<UdpClient> {
    return new UdpClient(await listeningSocket(), port);
  }

  /** Resolves to the reply; rejects after two seconds of silence, on a machine of its own. */
  async ask(request: Uint8Array): Promise<Buffer> {
    const reply = once(this.#socket, 'message', { signal: AbortSignal.timeout(patience(2000)) });
    this.#socket.send(request, this.#port, '127.0.0.1');
    const [payload] = await reply;
    return payload;
  }

  /** Resolves when the kernel has taken the datagram; no reply is waited for. */
  async tell(datagram: Uint8Array): Promise<void> {
    await new Promise((resolve) => this.#socket.send(datagram, this.#port, '127.0.0.1', resolve));
  }

  close(): void {
    this.#socket.close();
  }
}
