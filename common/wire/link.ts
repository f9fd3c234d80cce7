import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { BenchError } from '../cli/errors.js';
import { toolEnvironment } from '../process/tools.js';

/** What keeps packets from an interface, or does not. */
export interface LinkState {
  /** The kernel's name, where it was asked for by another. */
  interface: string;
  state: 'up' | 'down' | 'no carrier';
  /** Of which it is a port; null: of none. */
  bridge: string | null;
}

/** What a wire must know of an interface. */
export interface Link extends LinkState {
  mac: string;
  /** IPv4, dotted quad, with the length of their network's prefix. */
  addresses: { address: string; prefixLength: number }[];
  mtu: number;
  rxQueues: number;
  txQueues: number;
  driver: string;
  /** Null where the host does not say it. */
  numaNode: number | null;
  /** Megabits a second; null where nobody tells, as of virtual cards. */
  speed: number | null;
  /** Null as speed. */
  duplex: 'full' | 'half' | null;
}

interface IpLink {
  ifname: string;
  master?: string;
  linkinfo?: { info_slave_kind?: string };
  address?: string;
  mtu?: number;
  flags?: string[];
  addr_info?: { family: string; local: string; prefixlen: number }[];
}

/** Of an interface of this process's network namespace. Rejects with BenchError NO_INTERFACE, which names those there are. */
export async function readLinkState(asked: string): Promise<LinkState> {
  return stateOf(await find(asked));
}

/** The same of all that a wire must know. */
export async function readLink(asked: string): Promise<Link> {
  const link = await find(asked);
  const name = link.ifname;
  return {
    ...stateOf(link),
    mac: link.address ?? '',
    addresses: (link.addr_info ?? [])
      .filter(({ family }) => family === 'inet')
      .map(({ local, prefixlen }) => ({ address: local, prefixLength: prefixlen })),
    mtu: link.mtu ?? 0,
    ...(await queuesOf(name)),
    driver: await driverOf(name),
    numaNode: numaNodeOf(name),
    ...(await rateOf(name)),
  };
}

async function find(asked: string): Promise<IpLink> {
  const [link] = await ip('address', 'show', 'dev', asked);
  if (link !== undefined) return link;
  const there = (await ip('link', 'show')).map(({ ifname }) => ifname).sort();
  const names = there.length > 0 ? `there are ${there.join(', ')}` : 'ip names none (apt-get install iproute2)';
  throw new BenchError('NO_INTERFACE', `no interface ${asked} in this network namespace: ${names}`);
}

function stateOf({ ifname, flags = [], linkinfo, master }: IpLink): LinkState {
  const carrier = flags.includes('LOWER_UP') ? 'up' : 'no carrier';
  return {
    interface: ifname,
    state: flags.includes('UP') ? carrier : 'down',
    bridge: linkinfo?.info_slave_kind === 'bridge' ? (master ?? null) : null,
  };
}

/** What `ip` prints as JSON; nothing where it fails. */
async function ip(...words: string[]): Promise<IpLink[]> {
  const { stdout = '' } = await execa('ip', ['-json', '-details', ...words], { env: toolEnvironment, reject: false });
  return stdout === '' ? [] : (JSON.parse(stdout) as IpLink[]);
}

/** Those that are set; a driver without a choice has the queues that the kernel made. */
async function queuesOf(name: string): Promise<Pick<Link, 'rxQueues' | 'txQueues'>> {
  const text = await ethtool('-l', name);
  const current = text.slice(text.indexOf('Current'));
  const count = (kind: string) => Number(new RegExp(`^${kind}:\\s*(\\d+)`, 'm').exec(current)?.[1] ?? 0);
  const combined = count('Combined');
  if (text.includes('Current') && combined + count('RX') > 0)
    return { rxQueues: combined + count('RX'), txQueues: combined + count('TX') };
  const made = readdirSync(`/sys/class/net/${name}/queues`);
  const of = (kind: string) => made.filter((queue) => queue.startsWith(kind)).length;
  return { rxQueues: of('rx-'), txQueues: of('tx-') };
}

/** The kernel says -1 of a card that is near to all CPUs, and nothing of a virtual interface. */
function numaNodeOf(name: string): number | null {
  try {
    const node = Number(readFileSync(`/sys/class/net/${name}/device/numa_node`, 'utf8'));
    return node < 0 ? null : node;
  } catch {
    return null;
  }
}

async function driverOf(name: string): Promise<string> {
  return /^driver: (\S+)/m.exec(await ethtool('-i', name))?.[1] ?? 'unknown';
}

async function rateOf(name: string): Promise<Pick<Link, 'speed' | 'duplex'>> {
  const text = await ethtool('', name);
  const speed = /^\s*Speed: (\d+)Mb\/s/m.exec(text)?.[1];
  const duplex = /^\s*Duplex: (Full|Half)/m.exec(text)?.[1];
  return {
    speed: speed === undefined ? null : Number(speed),
    duplex: duplex === undefined ? null : duplex === 'Full' ? 'full' : 'half',
  };
}

/** What it prints; a driver that does not know the question answers with nothing. */
async function ethtool(question: string, name: string): Promise<string> {
  const words = question === '' ? [name] : [question, name];
  return (await execa('ethtool', words, { env: toolEnvironment, reject: false })).stdout ?? '';
}
