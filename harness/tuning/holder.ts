import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Says to others, also in other PID and network namespaces, that a process lives. */
export interface Holder {
  release(): void;
}

/**
 * Holds a path: listens on a socket there, which the kernel closes when this process ends, in whatever way. Rejects with
 * the error of the system.
 */
export async function hold(path: string): Promise<Holder> {
  const server = createServer((socket) => socket.destroy()).unref();
  server.listen(path);
  await once(server, 'listening');
  return { release: () => server.close() };
}

/** Whether a process holds a path. What cannot be told is held. */
export async function isHeld(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return !['ENOENT', 'ECONNREFUSED'].includes(code);
  } finally {
    socket.destroy();
  }
}
