import { UsageError } from '../../common/cli/errors.js';
import { findLink, hindrances, readLinks } from '../../common/wire/card.js';
import { awayIn, type IpLink } from '../../common/wire/link.js';
import type { CardSides } from '../../model/cell.js';
import { thisHostsNetwork, usesOf } from '../tuning/guard.js';

const roles = ['server', 'client'] as const;

/**
 * The ends of a wire between two interfaces of this host, by the kernel's names. Changes nothing; rejects with UsageError
 * for an interface that is not there or is needed otherwise, and for an address that another one has.
 */
export async function checkCards(asked: CardSides): Promise<CardSides> {
  const links = await readLinks();
  const found = {
    server: await mustFind('server', asked.server.interface, links),
    client: await mustFind('client', asked.client.interface, links),
  };
  if (found.server === found.client)
    throw new UsageError(`--topology nic: both ends are the same interface, ${found.server.ifname}`);
  for (const role of roles) {
    const { ifname } = found[role];
    const why = [...new Set([...usesOf(ifname, thisHostsNetwork), ...hindrances(found[role], links)])];
    if (why.length > 0) throw new UsageError(`--${role}: ${ifname} ${why.join(' and ')}`);
    const { address } = asked[role];
    const others = links.filter((link) => link !== found.server && link !== found.client);
    const owner = others.find(({ addr_info = [] }) => addr_info.some(({ local }) => local === address));
    if (owner !== undefined)
      throw new UsageError(`--${role}: ${address} is an address of ${owner.ifname} (ip= takes another one)`);
  }
  return {
    server: { ...asked.server, interface: found.server.ifname },
    client: { ...asked.client, interface: found.client.ifname },
  };
}

async function mustFind(role: string, asked: string, links: readonly IpLink[]): Promise<IpLink> {
  const link = findLink(links, asked);
  if (link !== undefined) return link;
  const away = await awayIn(asked);
  if (away !== null) throw new UsageError(`--${role}: ${asked} ${away}`);
  const there = links.map(({ ifname }) => ifname).sort();
  throw new UsageError(`--${role}: no interface ${asked} in this network namespace: there are ${there.join(', ')}`);
}
