import { once } from 'node:events';
import type { Server } from 'node:http';
import type { ListenAddress } from './values.js';

const reasons: Record<string, string> = {
  EADDRINUSE: 'somebody has that port (see ss -ltnp)',
  EADDRNOTAVAIL: 'no interface has that address',
  EACCES: 'ports below 1024 need root',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'that host cannot be looked up',
};

/** Why an address cannot be had. */
export interface NoListening {
  /** In words; null where the system's code must do. */
  reason: string | null;
  /** Of the system. */
  call: string;
  code: string;
  cause: unknown;
}

/** Takes an address; resolves to null, or to why it cannot be had. */
export async function listen(server: Server, { host, port }: ListenAddress): Promise<NoListening | null> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
    return null;
  } catch (error) {
    const { code = '', syscall = 'listen' } = error as NodeJS.ErrnoException;
    return { reason: reasons[code] ?? null, call: syscall, code, cause: error };
  }
}
