import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { toolEnvironment } from '../process/tools.js';

/** The kernel asks three times, a second apart. */
const patienceMs = 3500;
const discardPort = 9;

/** An address on the wire of an interface, which has `own`. */
export interface NeighbourQuestion {
  interface: string;
  own: string;
  address: string;
}

/** The MAC that the kernel found for the address there, after it was made to ask; null: none answers. */
export async function neighbourOf({ interface: name, own, address }: NeighbourQuestion): Promise<string | null> {
  const socket = createSocket('udp4');
  socket.on('error', () => {}); // That the port is closed is an answer, too.
  try {
    socket.bind(0, own);
    await once(socket, 'listening');
    for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await sleep(100)) {
      socket.send('', discardPort, address, () => {});
      const mac = await cached(name, address);
      if (mac !== null) return mac;
    }
    return null;
  } finally {
    socket.close();
  }
}

async function cached(name: string, address: string): Promise<string | null> {
  const words = ['-json', 'neigh', 'show', 'to', address, 'dev', name];
  const { stdout = '' } = await execa('ip', words, { env: toolEnvironment, reject: false });
  const [entry] = stdout.trim() === '' ? [] : (JSON.parse(stdout) as { lladdr?: string; state?: string[] }[]);
  return entry?.state?.includes('FAILED') ? null : (entry?.lladdr ?? null);
}
