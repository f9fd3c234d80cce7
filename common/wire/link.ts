import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { BenchError } from '../cli/errors.js';
import { toolEnvironment } from '../process/tools.js';
import { enterNamespace, namespaces } from './namespaces.js';
import { isOrphan } from './owner.js';

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

/** An interface as `ip` tells of it. */
export interface IpLink {
  ifname: string;
  altnames?: string[];
  /** What stands on another interface names it; an end of a veth its peer. */
  link?: string;
  master?: string;
  linkinfo?: { info_kind?: string; info_slave_kind?: string };
  address?: string;
  mtu?: number;
  flags?: string[];
  num_rx_queues?: number;
  num_tx_queues?: number;
  /** How IPv6 makes addresses of its own: told of by `link show` alone. */
  inet6_addr_gen_mode?: string;
  addr_info?: IpAddress[];
  /** `mode` as <linux/if_link.h> numbers XDP_ATTACHED_...; none where no program is attached. */
  xdp?: { mode: number; prog?: { id: number; name?: string } };
}

/** An address; what is not set is left out. */
export interface IpAddress {
  family: string;
  local: string;
  /** Of the other end of a point-to-point address. */
  address?: string;
  prefixlen: number;
  broadcast?: string;
  scope?: string;
  label?: string;
  metric?: number;
  noprefixroute?: boolean;
  nodad?: boolean;
  /** Not for ever: what gave it may give it again. */
  dynamic?: boolean;
  /** Seconds. */
  valid_life_time?: number;
  preferred_life_time?: number;
}

/**
 * Of an interface of this process's network namespace, or of another one, in which the words `enter` run what follows them.
 * Rejects with BenchError NO_INTERFACE, which names those there are.
 */
export async function readLinkState(asked: string, enter: readonly string[] = []): Promise<LinkState> {
  return stateOf(await find(asked, enter));
}

/** The same of all that a wire must know. */
export async function readLink(asked: string, enter: readonly string[] = []): Promise<Link> {
  const link = await find(asked, enter);
  const name = link.ifname;
  const ethtool = (question: string) => askEthtool(enter, question, name);
  return {
    ...stateOf(link),
    mac: link.address ?? '',
    addresses: (link.addr_info ?? [])
      .filter(({ family }) => family === 'inet')
      .map(({ local, prefixlen }) => ({ address: local, prefixLength: prefixlen })),
    mtu: link.mtu ?? 0,
    ...(queuesIn(await ethtool('-l')) ?? (enter.length === 0 ? queuesMade(name) : queuesAllotted(link))),
    driver: /^driver: (\S+)/m.exec(await ethtool('-i'))?.[1] ?? 'unknown',
    numaNode: numaNodeOf(name),
    ...rateIn(await ethtool('')),
  };
}

/** What keeps an interface from being the end of a wire with that address, and what mends it; null: nothing. */
export function lackOf(
  { interface: name, addresses, state }: Pick<Link, 'interface' | 'addresses' | 'state'>,
  address: string,
): { state: string; remedy: string } | null {
  if (state === 'down') return { state: `${name} is down`, remedy: `ip link set ${name} up` };
  if (state === 'no carrier')
    return { state: `${name} has no carrier`, remedy: 'see that the cable is in, and the other end up' };
  if (!addresses.some((own) => own.address === address))
    return { state: `${name} does not have ${address}`, remedy: `ip address add ${address}/24 dev ${name}` };
  return null;
}

/** Of what is lacking at the ends of one wire that which has to be mended first; undefined of nothing. */
export function causeOf<Lacking extends { link: Pick<Link, 'state'> }>(
  lacking: readonly Lacking[],
): Lacking | undefined {
  // An end that is down takes the carrier of the other one.
  return lacking.find(({ link }) => link.state !== 'no carrier') ?? lacking[0];
}

/** What of an interface stands with a figure: `virtio_net, 4 queues, 1000 Mbit/s`. */
export function describeLink({ driver, rxQueues, speed }: Link): string {
  return `${driver}, ${rxQueues} queues${speed === null ? '' : `, ${speed} Mbit/s`}`;
}

async function find(asked: string, enter: readonly string[]): Promise<IpLink> {
  const [link] = await showLinks(enter, 'address', 'show', 'dev', asked);
  if (link !== undefined) return link;
  // Of other namespaces nobody knows whether theirs is the one that is meant.
  const away = enter.length > 0 ? null : await awayIn(asked, namespaces().filter(isOrphan));
  if (away !== null) throw new BenchError('NO_INTERFACE', `${asked} ${away}`);
  const there = (await showLinks(enter, 'link', 'show')).map(({ ifname }) => ifname).sort();
  const names = there.length > 0 ? `there are ${there.join(', ')}` : 'ip names none (apt-get install iproute2)';
  throw new BenchError('NO_INTERFACE', `no interface ${asked} in this network namespace: ${names}`);
}

/** In which of the network namespaces an interface is, with what brings it back; null: in none. */
export async function awayIn(asked: string, among = namespaces()): Promise<string | null> {
  for (const name of among) {
    if ((await showLinks(enterNamespace(name), 'link', 'show', 'dev', asked)).length === 0) continue;
    const remedy = isOrphan(name)
      ? 'npm run bench -- --clean brings it back'
      : `ip -n ${name} link set ${asked} netns 1`;
    return `is in the network namespace ${name} (${remedy})`;
  }
  return null;
}

function stateOf({ ifname, flags = [], linkinfo, master }: IpLink): LinkState {
  const carrier = flags.includes('LOWER_UP') ? 'up' : 'no carrier';
  return {
    interface: ifname,
    state: flags.includes('UP') ? carrier : 'down',
    bridge: linkinfo?.info_slave_kind === 'bridge' ? (master ?? null) : null,
  };
}

/** What `ip` prints of interfaces as JSON, with their details; nothing where it fails. */
export async function showLinks(enter: readonly string[], ...words: string[]): Promise<IpLink[]> {
  const stdout = await output([...enter, 'ip', '-json', '-details', ...words]);
  return stdout === '' ? [] : (JSON.parse(stdout) as IpLink[]);
}

type Queues = Pick<Link, 'rxQueues' | 'txQueues'>;

/** Those that are set; null of a driver without a choice. */
function queuesIn(text: string): Queues | null {
  const current = text.slice(text.indexOf('Current'));
  const count = (kind: string) => Number(new RegExp(`^${kind}:\\s*(\\d+)`, 'm').exec(current)?.[1] ?? 0);
  const combined = count('Combined');
  if (!text.includes('Current') || combined + count('RX') === 0) return null;
  return { rxQueues: combined + count('RX'), txQueues: combined + count('TX') };
}

/** Those that the kernel made. */
function queuesMade(name: string): Queues {
  const made = readdirSync(`/sys/class/net/${name}/queues`);
  const of = (kind: string) => made.filter((queue) => queue.startsWith(kind)).length;
  return { rxQueues: of('rx-'), txQueues: of('tx-') };
}

/** Those that the driver asked for, as any network namespace tells: mostly as many as were made. */
function queuesAllotted({ num_rx_queues = 0, num_tx_queues = 0 }: IpLink): Queues {
  return { rxQueues: num_rx_queues, txQueues: num_tx_queues };
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

function rateIn(text: string): Pick<Link, 'speed' | 'duplex'> {
  const speed = /^\s*Speed: (\d+)Mb\/s/m.exec(text)?.[1];
  const duplex = /^\s*Duplex: (Full|Half)/m.exec(text)?.[1];
  return {
    speed: speed === undefined ? null : Number(speed),
    duplex: duplex === undefined ? null : duplex === 'Full' ? 'full' : 'half',
  };
}

/** What it prints; a driver that does not know the question answers with nothing. */
async function askEthtool(enter: readonly string[], question: string, name: string): Promise<string> {
  return await output([...enter, 'ethtool', ...(question === '' ? [] : [question]), name]);
}

/** What a program prints, whatever its exit code. */
async function output([file = '', ...words]: readonly string[]): Promise<string> {
  return (await execa(file, words, { env: toolEnvironment, reject: false })).stdout ?? '';
}
