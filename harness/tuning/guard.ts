import { readdirSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { basename, join } from 'node:path';
import { readText } from '../../common/process/host-files.js';

/** Where a host tells of what it needs its interfaces for. */
export interface GuardSources {
  /** Throws when it cannot. */
  readText(path: string): string;
  /** Names in a folder, throws when it cannot. */
  list(folder: string): string[];
  /** The last part of what a link points at, throws when it is none. */
  linkTarget(path: string): string;
  /** Addresses of each interface. */
  addresses: Readonly<Record<string, readonly string[]>>;
  /** This process. */
  pid: number;
}

export const thisHostsNetwork: GuardSources = {
  readText,
  list: (folder) => readdirSync(folder),
  linkTarget: (path) => basename(readlinkSync(path)),
  get addresses() {
    const all = Object.entries(networkInterfaces());
    return Object.fromEntries(all.map(([name, list]) => [name, (list ?? []).map(({ address }) => address)]));
  },
  pid: process.pid,
};

/** What an interface is needed for, itself or by what stands on it (a bridge, a bond, a VLAN); empty for none. */
export function usesOf(name: string, sources: GuardSources): string[] {
  const attempt = <T>(read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch {
      return otherwise; // Such a thing is not there.
    }
  };
  const folder = (interfaceName: string) => join('/sys/class/net', interfaceName);
  const standing = (under: string): string[] => [
    under,
    ...attempt(() => sources.list(folder(under)), [])
      .filter((entry) => entry.startsWith('upper_'))
      .flatMap((entry) => standing(entry.slice('upper_'.length))),
  ];
  const names = new Set(standing(name));
  const uses: string[] = [];

  const routes = attempt(() => sources.readText('/proc/net/route'), '')
    .split('\n')
    .slice(1);
  const routes6 = attempt(() => sources.readText('/proc/net/ipv6_route'), '').split('\n');
  const defaults = [
    ...routes
      .map((line) => line.split('\t'))
      .flatMap(([at, to, , , , , , mask]) => (isZero(to) && isZero(mask) ? [at] : [])),
    ...routes6
      .map((line) => line.trim().split(/\s+/))
      .flatMap(([to, length, , , , , , , , at]) => (isZero(to) && isZero(length) ? [at] : [])),
  ];
  if (defaults.some((at) => at !== 'lo' && names.has(at ?? ''))) uses.push('has the default route');

  const session = sshServerAddress(sources, attempt);
  const carrying = Object.entries(sources.addresses).find(([, list]) => session !== null && list.includes(session));
  if (carrying && names.has(carrying[0])) uses.push('carries this SSH session');

  const inside = attempt(() => sources.list(folder(name)), []);
  if (inside.includes('bridge')) uses.push('is a bridge');
  const master = attempt(() => sources.linkTarget(join(folder(name), 'master')), null);
  if (master !== null) uses.push(`is a port of ${master}`);
  return uses;
}

const isZero = (digits: string | undefined) => digits !== undefined && /^0+$/.test(digits);

/** This host's address in the SSH session that started us, also where sudo has taken it out of the environment. */
function sshServerAddress(sources: GuardSources, attempt: <T>(read: () => T, otherwise: T) => T): string | null {
  for (let { pid } = sources; pid > 1; ) {
    const environment = attempt(() => sources.readText(`/proc/${pid}/environ`), '').split('\0');
    const connection = environment.find((entry) => entry.startsWith('SSH_CONNECTION='))?.split('=')[1];
    // Client address and port, server address and port.
    const address = connection?.split(' ')[2];
    if (address !== undefined) return address;
    const stat = attempt(() => sources.readText(`/proc/${pid}/stat`), '');
    pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
  }
  return null;
}
