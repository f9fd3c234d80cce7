import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { BenchError } from '../cli/errors.js';
import { printable } from '../cli/printable.js';

/** Who has a lock, as it says itself. */
export interface Holder {
  pid: number;
  /** ISO 8601, UTC. */
  since: string;
  /** As its user typed it. */
  command: string;
}

/** The lock of everything that measures a machine: bench, compare by turns, and the generator's -calibrate. */
export const machineLock = 'invoker-bench';

const answerMs = 2000;

/**
 * A lock that one process of this machine has: the name of a listening socket in Linux's abstract namespace (unix(7)),
 * which the kernel gives to one process and takes back when that ends, in whatever way. Whoever connects is told who
 * has it, and sees its end. The name is seen within a network namespace: a container that has its own has its own lock.
 */
export class Lock {
  readonly #server: Server;
  readonly #waiting = new Set<Socket>();

  private constructor(server: Server, self: Holder) {
    this.#server = server;
    server.unref();
    server.on('connection', (socket) => {
      this.#waiting.add(socket.unref());
      socket.on('error', () => {}); // It is gone: nobody is to be told any more.
      socket.on('close', () => this.#waiting.delete(socket));
      socket.write(`${JSON.stringify(self)}\n`);
    });
  }

  /** Takes it, or rejects with BenchError BUSY that names the holder; `remedy` is what its user can do. */
  static async take(name: string, self: Holder, remedy: string): Promise<Lock> {
    const taken = await Lock.#try(name, self);
    if (taken instanceof Lock) return taken;
    taken.socket.destroy();
    throw new BenchError('BUSY', `another benchmark runs: ${describeHolder(taken.holder)}; ${remedy}`);
  }

  /** Waits until it is free and takes it; `whenBusy` hears of each holder. Rejects with the reason of the interrupt. */
  static async wait(
    name: string,
    self: Holder,
    interrupt: AbortSignal,
    whenBusy: (holder: Holder | null) => void,
  ): Promise<Lock> {
    for (;;) {
      interrupt.throwIfAborted();
      const taken = await Lock.#try(name, self);
      if (taken instanceof Lock) return taken;
      whenBusy(taken.holder);
      const { socket } = taken;
      const stop = () => socket.destroy();
      interrupt.addEventListener('abort', stop);
      if (interrupt.aborted) stop();
      // `once` of node:events would reject: a holder that dies before it accepts resets the connection.
      if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
      interrupt.removeEventListener('abort', stop);
    }
  }

  release(): void {
    this.#server.close();
    for (const socket of this.#waiting) socket.destroy();
  }

  /** The lock, or the connection to who has it. */
  static async #try(name: string, self: Holder): Promise<Lock | { socket: Socket; holder: Holder | null }> {
    for (;;) {
      const server = await listen(name);
      if (server) return new Lock(server, self);
      const socket = connect(addressOf(name));
      socket.on('error', () => {}); // It closes, too, and that is what is waited for.
      const holder = await askHolder(socket);
      // A holder that ended in between has left it free.
      if (holder !== 'gone') return { socket, holder };
    }
  }
}

/** `process 1234 since 2026-11-29 10:31 UTC, npm run bench -- --sizes 200`. */
export function describeHolder(holder: Holder | null): string {
  if (holder === null) return 'a process that does not answer';
  const command = holder.command.length > 120 ? `${holder.command.slice(0, 119)}…` : holder.command;
  const since = holder.since.replace('T', ' ').slice(0, 16);
  return printable(`process ${holder.pid} since ${since} UTC, ${command}`);
}

/** The listening socket of that name, or null if another has it. */
async function listen(name: string): Promise<Server | null> {
  const server = createServer();
  server.listen(addressOf(name));
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return null;
    throw error;
  }
}

/** Who is at the other end; null if it does not say in time, as one that draws its charts may not. */
async function askHolder(socket: Socket): Promise<Holder | null | 'gone'> {
  const patience = AbortSignal.timeout(answerMs);
  socket.setEncoding('utf8');
  let said = '';
  socket.on('data', (text: string) => {
    said += text;
  });
  while (!said.includes('\n')) {
    const heard = await Promise.race([
      once(socket, 'data', { signal: patience }).then(() => 'data' as const),
      once(socket, 'close', { signal: patience }).then(() => 'gone' as const),
    ]).catch((error: Error) => (error.name === 'AbortError' ? null : 'gone'));
    if (heard !== 'data') return heard;
  }
  return parseHolder(said);
}

function parseHolder(line: string): Holder | null {
  try {
    const { pid, since, command } = JSON.parse(line);
    return { pid: Number(pid), since: String(since), command: String(command) };
  } catch {
    return null;
  }
}

function addressOf(name: string): string {
  return `\0${name}`;
}
