import { BenchError } from '../../common/cli/errors.js';
import { packageRoot } from '../../common/process/paths.js';
import { causeOf, describeLink, type Link, lackOf } from '../../common/wire/link.js';
import { detour } from '../../common/wire/route.js';
import type { Site, Topology, TopologyKind } from '../../common/wire/topology.js';
import type { FarSide } from '../../model/cell.js';
import { clientSides } from '../../model/host-use.js';
import type { FarMachine } from './far-machine.js';

/** An end of a wire between hosts, and what answers there. */
export interface FarEnd {
  side: FarSide;
  machine: FarMachine;
}

/** The wire between a server and its clients. Nothing is built: what a cell needs of it is looked at before each. */
export function remoteWire(serverEnd: FarEnd, clientEnds: readonly FarEnd[]): TopologyKind {
  return {
    id: 'remote',
    async build() {
      const look = () => lookAtAll([serverEnd, ...clientEnds]);
      const [server, ...clients] = await look();
      refuseUnequal(server, clients);
      // Both ways: replies go by the routes of the server.
      await refuseAny(clients.flatMap((client) => [detourBetween(server, client), detourBetween(client, server)]));
      await refuseAny(clients.map((client) => strangerAt(server, client)));
      const sides = clientSides(clients.length);
      const links = clients.map(({ link }, index) => `${sides[index]} ${describeLink(link)}`);
      return {
        server: server.site,
        clients: clients.map(({ site }) => site) as Topology['clients'],
        facts: { wire: [`server ${describeLink(server.link)}`, ...links].join('; ') },
        // An end that was lost meanwhile, though not its connection.
        check: async () => void (await look()),
        destroy: async () => {},
      };
    },
  };
}

/** An end as it is now. */
interface LookedAt extends FarEnd {
  site: Site;
  link: Link;
  /** For a cell; null: nothing. */
  lacks: string | null;
}

/** Rejects where one lacks something. */
async function lookAtAll(ends: readonly FarEnd[]): Promise<[LookedAt, ...LookedAt[]]> {
  const looked = (await Promise.all(ends.map(lookAt))) as [LookedAt, ...LookedAt[]];
  const cause = causeOf(looked.filter(({ lacks }) => lacks !== null));
  if (cause) throw new BenchError('TOPOLOGY', cause.lacks ?? '');
  return looked;
}

async function lookAt(end: FarEnd): Promise<LookedAt> {
  const { target, interface: card, address, root } = end.side;
  // Anew where it was lost: a run goes on when a host is back.
  const agent = await end.machine.connect();
  const { enter } = agent;
  const link = await agent.ask({ ask: 'link', interface: card });
  const lacks = lackOf(link, address);
  const { mac, driver } = link;
  return {
    ...end,
    lacks: lacks === null ? null : `${target}: ${lacks.state} (${lacks.remedy})`,
    site: { interface: card, address, mac, driver, enter, node: 'node', root: root ?? packageRoot() },
    link,
  };
}

/** Rejects what cannot be the ends of one wire. */
function refuseUnequal(server: LookedAt, clients: readonly LookedAt[]): void {
  for (const [index, { side, site, link }] of clients.entries()) {
    const { mac, interface: card } = site;
    if ([server, ...clients.slice(0, index)].some((other) => other.site.mac === mac)) {
      const whose = clients.length === 1 ? 'both ends have' : `${side.target} and another end have`;
      throw new BenchError('TOPOLOGY', `${whose} the MAC ${mac} (ip link set ${card} address ...)`);
    }
    const where = clients.length === 1 ? 'the client' : side.target;
    if (server.link.mtu !== link.mtu)
      throw new BenchError(
        'TOPOLOGY',
        `the MTU is ${server.link.mtu} at the server and ${link.mtu} at ${where} (ip link set ... mtu)`,
      );
  }
}

/** Rejects with the first complaint in their order, whichever host answered first. */
async function refuseAny(asked: Promise<string | null>[]): Promise<void> {
  const complaint = (await Promise.all(asked)).find((answer) => answer !== null);
  if (complaint) throw new BenchError('TOPOLOGY', complaint);
}

/** What is in the way of packets from an end straight to the other one; null: nothing. */
async function detourBetween({ side, machine }: LookedAt, other: LookedAt): Promise<string | null> {
  const question = { interface: side.interface, own: side.address, address: other.side.address };
  const way = detour(question, await machine.ask({ ask: 'route', ...question }));
  return way && `${side.target}: ${way.state} (${way.remedy})`;
}

/** Who else, or nobody, a client finds behind the server's address; null: it finds the server's interface. */
async function strangerAt({ side: serverSide, site }: LookedAt, { side, machine }: LookedAt): Promise<string | null> {
  const { target, interface: card, address: own } = side;
  const { mac, address } = site;
  const found = await machine.ask({ ask: 'neighbour', interface: card, own, address });
  if (found === mac) return null;
  return found === null
    ? `${target}: nobody answers for ${address} on ${card} (see that it is joined to` +
        ` ${site.interface} of ${serverSide.target} by one cable, or one VLAN of a switch)`
    : `${target}: ${address} is ${found} on ${card}, not ${mac} of ${serverSide.target}: another host` +
        ` has the address, or a router is between (ip neigh flush dev ${card} forgets an old one)`;
}
