import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { BenchError } from '../../common/cli/errors.js';
import { toolEnvironment } from '../../common/process/tools.js';

/** What a wire must know of an interface. */
export interface Link {
  interface: string;
  mac: string;
  /** IPv4, dotted quad, with the length of their network's prefix. */
  addresses: { address: string; prefixLength: number }[];
  mtu: number;
  state: 'up' | 'down' | 'no carrier';
  rxQueues: number;
  txQueues: number;
  driver: string;
  /** Null where the host does not say it. */
  numaNode: number | null;
  /** Megabits a second; null where nobody tells, as of virtual cards. */
  speed: number | null;
}

interface IpAddress {
  address?: string;
  mtu?: number;
  flags?: string[];
  addr_info?: { family: string; local: string; prefixlen: number }[];
}

/** Reads an interface of this host's network namespace. Rejects with BenchError NO_INTERFACE, which names those there are. */
export async function readLink(name: string): Promise<Link> {
  const { stdout } = await execa('ip', ['-json', '-details', 'address', 'show', 'dev', name], {
    env: toolEnvironment,
    reject: false,
  });
  const [link] = (stdout === '' ? [] : JSON.parse(stdout)) as IpAddress[];
  if (link === undefined) {
    const there = readdirSync('/sys/class/net').filter((other) => other !== 'lo');
    throw new BenchError('NO_INTERFACE', `no interface ${name}: there are ${there.join(', ') || 'none'}`);
  }
  const flags = link.flags ?? [];
  return {
    interface: name,
    mac: link.address ?? '',
    addresses: (link.addr_info ?? [])
      .filter(({ family }) => family === 'inet')
      .map(({ local, prefixlen }) => ({ address: local, prefixLength: prefixlen })),
    mtu: link.mtu ?? 0,
    state: flags.includes('UP') ? (flags.includes('LOWER_UP') ? 'up' : 'no carrier') : 'down',
    ...(await queuesOf(name)),
    driver: await driverOf(name),
    numaNode: numaNodeOf(name),
    speed: await speedOf(name),
  };
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

async function speedOf(name: string): Promise<number | null> {
  const speed = /^\s*Speed: (\d+)Mb\/s/m.exec(await ethtool('', name))?.[1];
  return speed === undefined ? null : Number(speed);
}

/** What it prints; a driver that does not know the question answers with nothing. */
async function ethtool(question: string, name: string): Promise<string> {
  const words = question === '' ? [name] : [question, name];
  return (await execa('ethtool', words, { env: toolEnvironment, reject: false })).stdout ?? '';
}
