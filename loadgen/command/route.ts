import { type ExecaError, execa } from 'execa';
import { BenchError, UsageError } from '../../common/cli/errors.js';
import { toolEnvironment } from '../../common/process/tools.js';
import type { LoadRequest } from './options.js';

/** How requests get to the server. */
export interface Route {
  interface: string;
  /** Dotted quad. */
  source: string;
  /** Of our interface; empty where it has none, like the loopback. */
  sourceMac: string;
  /** The server, or the router before it. */
  nextHop: string;
  mtu: number;
  /** Whether the server's address is one of this machine. */
  local: boolean;
}

const ethernetBytes = 14;

/** Asks the kernel's routing table; BenchError ROUTE if there is no route. */
export async function findRoute({ server, route: given }: Pick<LoadRequest, 'server' | 'route'>): Promise<Route> {
  const from = given.source === null ? [] : ['from', given.source];
  const over = given.interface === null ? [] : ['oif', given.interface];
  const [route] = await ip<{ type?: string; dev?: string; prefsrc?: string; gateway?: string }>(
    `no route to ${server}`,
    ...['route', 'get', server, ...from, ...over],
  );
  const name = given.interface ?? route?.dev ?? '';
  const [link] = await ip<{ mtu?: number; address?: string; link_type?: string }>(
    `cannot read interface ${name}`,
    ...['link', 'show', 'dev', name],
  );
  return {
    interface: name,
    source: given.source ?? route?.prefsrc ?? '',
    sourceMac: link?.link_type === 'ether' ? (link.address ?? '') : '',
    nextHop: route?.gateway ?? server,
    mtu: link?.mtu ?? 0,
    local: route?.type === 'local',
  };
}

/** Throws UsageError if a frame is too long for the route. */
export function checkMtu({ interface: name, mtu }: Route, packetBytes: number): void {
  if (packetBytes - ethernetBytes > mtu) {
    const most = mtu + ethernetBytes;
    throw new UsageError(`-packet-size: ${packetBytes} is above ${most}, the largest frame of ${name}'s MTU of ${mtu}`);
  }
}

/** The Ethernet address of the next hop, once a packet went there; BenchError ARP if it is not known. */
export async function resolveMac({ interface: name, nextHop }: Route): Promise<string> {
  const neighbours = await ip<{ lladdr?: string }>(
    `cannot read the neighbours of ${name}`,
    ...['neigh', 'show', nextHop, 'dev', name],
  );
  const mac = neighbours.find(({ lladdr }) => lladdr !== undefined)?.lladdr;
  if (mac !== undefined) return mac;
  throw new BenchError('ARP', `${nextHop} does not tell its Ethernet address on ${name} (give it with -server-mac)`);
}

async function ip<Answer>(trouble: string, ...words: string[]): Promise<Answer[]> {
  try {
    const { stdout } = await execa('ip', ['-json', ...words], { env: toolEnvironment });
    return JSON.parse(stdout === '' ? '[]' : stdout) as Answer[];
  } catch (error) {
    const { stderr, message, code } = error as ExecaError<{ encoding: 'utf8' }>;
    if (code === 'ENOENT')
      throw new BenchError('ROUTE', 'needs the command ip (apt-get install iproute2)', { call: 'ip' });
    const why = (stderr || message).trim().split('\n').at(-1);
    throw new BenchError('ROUTE', `${trouble}: ip ${words.join(' ')}: ${why}`, { call: 'ip', cause: error });
  }
}
