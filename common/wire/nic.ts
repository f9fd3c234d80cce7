import { setTimeout as sleep } from 'node:timers/promises';
import type { CardSide, CardSides } from '../../model/cell.js';
import { BenchError } from '../cli/errors.js';
import { packageRoot } from '../process/paths.js';
import { type Card, findLink, readCard, readLinks } from './card.js';
import { abandonedCards, bringBack, journalCards, type LentCards } from './card-journal.js';
import { describeLink, type Link, readLink, readLinkState } from './link.js';
import { batch, enterNamespace, ip, toolError } from './namespaces.js';
import { ownName } from './owner.js';
import type { LocalTopology, Site, TopologyKind } from './topology.js';

/** A real card needs seconds to agree with the other end. */
const carrierWithinMs = 15_000;
/** The kernel asks three times, a second apart. */
const answerWithinMs = 5000;
/** Far more than it takes what serves or asks to notice that its harness is gone. */
const emptyWithinMs = 5000;

/** Two interfaces of this host with a cable or a switch between them, each in a network namespace of its own meanwhile. */
export interface NicTopology extends TopologyKind {
  /** Where the interfaces are once the first wire is built. */
  sites: readonly Pick<Site, 'interface' | 'enter'>[];
  /** Brings the interfaces back. Rejects with BenchError that names what is not as it was; may be called twice. */
  end(): Promise<void>;
}

/** An end of the wire, in its namespace. */
interface End extends CardSide {
  role: 'server' | 'client';
  namespace: string;
}

/** What this process has moved. */
let lent: LentCards | null = null;

/**
 * The interfaces are moved when the first wire is built and stay until `end()`: a real one needs seconds until its link
 * is up again. Nothing else is set than what a move takes; both must be of this process's network namespace.
 */
export function nic(sides: CardSides): NicTopology {
  const ends = (['server', 'client'] as const).map((role): End => {
    return { ...sides[role], role, namespace: ownName(role === 'server' ? 'srv' : 'cli') };
  });
  return {
    id: 'nic',
    sites: ends.map(({ interface: name, namespace }) => ({ interface: name, enter: enterNamespace(namespace) })),
    async build() {
      const isNew = lent === null;
      try {
        if (isNew) await move(ends);
        const links = await Promise.all(ends.map(awaitCarrier));
        const [server, client] = ends.map((end, i) => toSite(end, links[i] as Link)) as [Site, Site];
        const [ofServer, ofClient] = links as [Link, Link];
        if (ofServer.mtu !== ofClient.mtu)
          throw new BenchError(
            'TOPOLOGY',
            `the MTU is ${ofServer.mtu} at the server and ${ofClient.mtu} at the client (ip link set ... mtu)`,
          );
        if (isNew) await meet(ends[1] as End, server);
        await Promise.all([know(ends[0] as End, client), know(ends[1] as End, server)]);
        return {
          ...{ server, clients: [client] },
          facts: { wire: `server ${describeLink(ofServer)}; client ${describeLink(ofClient)}` },
          check: async () => {},
          destroy: async () => {},
        };
      } catch (error) {
        const cause = toolError(error, 'move the interfaces');
        if (isNew) giveBackAfter(cause as Error);
        throw cause;
      }
    },
    async end() {
      giveBack();
    },
  };
}

/** What killed runs moved, and this one. */
export const cards: LocalTopology = {
  async clean() {
    const said: string[] = [];
    for (const left of await abandonedCards()) {
      await Promise.all(left.cards.map(awaitEmpty));
      const complaints = bringBack(left);
      const names = left.cards.map((card) => card.interface).join(' and ');
      said.push(complaints.length === 0 ? `${names} are moved back` : complaints.join('; '));
    }
    return said;
  },

  abandon() {
    try {
      giveBack();
    } catch {
      // Its journal stays for the next run.
    }
  },
};

function giveBack(): void {
  const back = lent;
  lent = null;
  const complaints = back === null ? [] : bringBack(back);
  if (complaints.length > 0) throw new BenchError('TEARDOWN', complaints.join('; '), { call: 'ip' });
}

/** What is not as it was is told with what went wrong before. */
function giveBackAfter(cause: Error): void {
  try {
    giveBack();
  } catch (left) {
    throw new BenchError('TEARDOWN', `${cause.message}; ${(left as Error).message}`, { cause });
  }
}

async function move(ends: readonly End[]): Promise<void> {
  const links = await readLinks();
  const found = await Promise.all(
    ends.map(async ({ interface: name, namespace }) => {
      const link = findLink(links, name);
      if (link === undefined) throw new BenchError('NO_INTERFACE', `no interface ${name} in this network namespace`);
      return await readCard(link, namespace);
    }),
  );
  lent = await journalCards(found);
  for (const [index, card] of found.entries()) await moveOne(card, (ends[index] as End).address);
}

async function moveOne({ interface: name, namespace }: Card, address: string): Promise<void> {
  await ip('netns', 'add', namespace);
  await ip('link', 'set', 'dev', name, 'netns', namespace);
  await batch(namespace, [
    'link set dev lo up',
    // No IPv6 address: nothing but the benchmark's own packets on the wire.
    `link set dev ${name} addrgenmode none`,
    `address add ${address}/24 dev ${name}`,
    `link set dev ${name} up`,
  ]);
}

async function awaitCarrier({ role, interface: name, namespace }: End): Promise<Link> {
  const enter = enterNamespace(namespace);
  for (let waitedMs = 0; waitedMs < carrierWithinMs; waitedMs += 50) {
    if ((await readLinkState(name, enter)).state === 'up') return await readLink(name, enter);
    await sleep(50);
  }
  throw new BenchError(
    'TOPOLOGY',
    `${name} of the ${role} has no carrier after ${carrierWithinMs / 1000} s (is the cable in?)`,
  );
}

/** Resolves when the other end has answered over the wire; the kernel itself asks it, by ARP. */
async function meet({ interface: name, address, namespace }: End, other: Site): Promise<void> {
  const deadline = performance.now() + answerWithinMs;
  while (performance.now() < deadline) {
    const state = await neighbourState(namespace, name, other);
    if (state === 'REACHABLE') return;
    if (state !== 'PROBE') await batch(namespace, [`neighbour replace ${neighbour(other, name)} nud probe`]);
    await sleep(50);
  }
  throw new BenchError(
    'TOPOLOGY',
    `${name} (${address}) does not reach ${other.interface} (${other.address}): are they at one cable or switch?`,
  );
}

/** As the kernel calls it; blank where there is none, or another one answers for the address. */
async function neighbourState(namespace: string, name: string, { address, mac }: Site): Promise<string> {
  const text = await ip('-n', namespace, '-json', 'neighbour', 'show', 'to', address, 'dev', name);
  const known = (text === '' ? [] : JSON.parse(text)) as { lladdr?: string; state?: string[] }[];
  const own = known.find(({ lladdr }) => lladdr === mac);
  return own?.state?.[0] ?? '';
}

const neighbour = ({ address, mac }: Site, name: string) => `${address} lladdr ${mac} dev ${name}`;

async function know({ interface: name, namespace }: End, other: Site): Promise<void> {
  await batch(namespace, [`neighbour replace ${neighbour(other, name)} nud permanent`]);
}

function toSite({ interface: name, address, namespace }: End, { mac, driver }: Link): Site {
  const enter = enterNamespace(namespace);
  return { interface: name, address, mac, driver, enter, node: process.execPath, root: packageRoot() };
}

/** What runs in a namespace may still hold the card: an XDP program goes with its process. */
async function awaitEmpty({ namespace }: Card): Promise<void> {
  for (let waitedMs = 0; waitedMs < emptyWithinMs; waitedMs += 50) {
    if ((await ip('netns', 'pids', namespace).catch(() => '')) === '') return;
    await sleep(50);
  }
}
