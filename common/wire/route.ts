import { execa } from 'execa';
import { toolEnvironment } from '../process/tools.js';

/** Which way packets from one address to another one go; null where the kernel has none. */
export interface Route {
  /** The loopback where the address is this host's own. */
  interface: string;
  /** The router that they go to first; null: they go straight. */
  gateway: string | null;
}

/** What of an end its packets depend on: its interface, its address, and that of the other end. */
export interface RouteQuestion {
  interface: string;
  own: string;
  address: string;
}

/** As the kernel of this network namespace would send. */
export async function routeOf({ own, address }: RouteQuestion): Promise<Route | null> {
  const words = ['-json', 'route', 'get', address, 'from', own];
  const { stdout = '' } = await execa('ip', words, { env: toolEnvironment, reject: false });
  const [route] = stdout.trim() === '' ? [] : (JSON.parse(stdout) as { dev?: string; gateway?: string }[]);
  return route?.dev === undefined ? null : { interface: route.dev, gateway: route.gateway ?? null };
}

/** Why packets do not go straight from the interface to the address, and the command that sends them; null: they do. */
export function detour(
  { interface: name, own, address }: RouteQuestion,
  route: Route | null,
): { state: string; remedy: string } | null {
  const remedy = `ip route replace ${address}/32 dev ${name} src ${own}`;
  if (route === null) return { state: `no route leads from ${own} to ${address}`, remedy };
  if (route.interface === 'lo')
    return { state: `${address} is an address of this host, too`, remedy: `ip address show to ${address}` };
  if (route.interface !== name)
    return { state: `packets from ${own} to ${address} leave by ${route.interface}, not by ${name}`, remedy };
  if (route.gateway !== null)
    return { state: `packets from ${own} to ${address} go to the router ${route.gateway} first`, remedy };
  return null;
}
