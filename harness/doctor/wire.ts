import { causeOf, type Link, lackOf } from '../../common/wire/link.js';
import { detour, type Route } from '../../common/wire/route.js';
import { type Finding, finding } from './finding.js';

/** An end of a wire between two hosts, and what its host says of the way to the other end. */
export interface WireEnd {
  /** The host, as ssh takes it. */
  host: string;
  link: Link;
  /** IPv4 that it is to have. */
  address: string;
  /** To the other end; null: there is none. */
  route: Route | null;
}

/** What the two ends make of the wire between them. What each is by itself is found on its host. */
export function checkEnds(server: WireEnd, client: WireEnd): Finding[] {
  return [ends(server, client), mtu(server, client), speed(server, client), route(server, client)];
}

function ends(server: WireEnd, client: WireEnd): Finding {
  const id = 'wire/ends';
  const why = 'A request goes from the address of one interface to that of another one.';
  if (server.link.mac === client.link.mac) {
    const state = `both are the same interface (MAC ${server.link.mac})`;
    return finding(id, why, { level: 'cannot-run', state, remedy: 'name two interfaces that a cable joins' });
  }
  const lacking = [server, client].flatMap((end) => {
    const lack = lackOf(end.link, end.address);
    return lack === null ? [] : [{ ...lack, ...end }];
  });
  const cause = causeOf(lacking);
  if (cause === undefined) return finding(id, why, { level: 'fine', state: `${server.address} and ${client.address}` });
  return finding(id, why, {
    level: 'cannot-run',
    state: `${cause.host}: ${cause.state}`,
    remedy: `on ${cause.host}: ${cause.remedy}`,
  });
}

function mtu(server: WireEnd, client: WireEnd): Finding {
  const id = 'wire/mtu';
  const why = 'A frame that is longer than the MTU of the other end is lost there, and nobody is told.';
  if (server.link.mtu === client.link.mtu)
    return finding(id, why, { level: 'fine', state: `${server.link.mtu} at both ends` });
  const [smaller, larger] = server.link.mtu < client.link.mtu ? [server, client] : [client, server];
  return finding(id, why, {
    level: 'cannot-run',
    state: `${server.link.mtu} at the server, ${client.link.mtu} at the client`,
    remedy: `on ${smaller.host}: ip link set ${smaller.link.interface} mtu ${larger.link.mtu}`,
  });
}

function speed({ link: server }: WireEnd, { link: client }: WireEnd): Finding {
  const id = 'wire/speed';
  const why = 'Where the ends differ something between them holds frames back and drops them; half duplex collides.';
  if (server.speed === null || client.speed === null)
    return finding(id, why, { level: 'not-told', state: 'not told by a driver, as of virtual cards' });
  const told = ({ speed, duplex }: Link) => `${speed} Mbit/s${duplex === null ? '' : `, ${duplex} duplex`}`;
  const same = server.speed === client.speed && server.duplex === client.duplex;
  const state = same ? `${told(server)} at both ends` : `${told(server)} at the server, ${told(client)} at the client`;
  if (same && server.duplex !== 'half') return finding(id, why, { level: 'fine', state });
  const remedy = 'let both ends negotiate (ethtool -s NAME autoneg on), or use ports of one speed';
  return finding(id, why, { level: 'not-trusted', state, remedy });
}

function route(server: WireEnd, client: WireEnd): Finding {
  const id = 'wire/route';
  const why = 'Sockets send where the routes of their host lead, which may be another interface than that of the wire.';
  const ways = [
    { end: client, other: server },
    { end: server, other: client },
  ];
  for (const { end, other } of ways) {
    const question = { interface: end.link.interface, own: end.address, address: other.address };
    const way = detour(question, end.route);
    if (way !== null)
      return finding(id, why, {
        level: 'cannot-run',
        state: `${end.host}: ${way.state}`,
        remedy: `on ${end.host}: ${way.remedy}`,
      });
  }
  const state = `straight by ${server.link.interface} and ${client.link.interface}`;
  return finding(id, why, { level: 'fine', state });
}
