import { type IpAddress, type IpLink, showLinks } from './link.js';
import { ip } from './namespaces.js';

/** An interface that is moved to a network namespace for a while, and what makes it what it was. */
export interface Card {
  interface: string;
  /** Where it is moved to. */
  namespace: string;
  /** Commands of `ip`, for when it is back: all that the kernel takes from an interface that is moved. */
  restore: string[];
}

/** All interfaces of this process's network namespace. */
export async function readLinks(): Promise<IpLink[]> {
  const [links, withAddresses] = await Promise.all([showLinks([], 'link', 'show'), showLinks([], 'address', 'show')]);
  return links.map((link) => {
    const { addr_info = [] } = withAddresses.find(({ ifname }) => ifname === link.ifname) ?? {};
    return { ...link, addr_info };
  });
}

/** An interface by its name or another one that it has. */
export function findLink(links: readonly IpLink[], asked: string): IpLink | undefined {
  return links.find(({ ifname, altnames = [] }) => ifname === asked || altnames.includes(asked));
}

/** Why an interface cannot be lent to a measurement, whatever it is needed for otherwise; empty if it can. */
export function hindrances({ ifname, flags = [], master }: IpLink, links: readonly IpLink[]): string[] {
  const standing = links.filter(({ link, linkinfo }) => link === ifname && linkinfo?.info_kind !== 'veth');
  return [
    ...(flags.includes('LOOPBACK') ? ['is the loopback'] : []),
    ...(master === undefined ? [] : [`is a port of ${master}`]),
    ...(standing.length === 0 ? [] : [`carries ${standing.map((upper) => upper.ifname).join(', ')}`]),
  ];
}

/** An interface as it is now, for a namespace that it will be moved to. */
export async function readCard(link: IpLink, namespace: string): Promise<Card> {
  const name = link.ifname;
  const routes = await Promise.all(['-4', '-6'].map((family) => ip(family, 'route', 'show', 'dev', name)));
  return { interface: name, namespace, restore: restoreCommands(link, routes.join('\n')) };
}

/** `routes`: as `ip route show dev` prints them. Those that the kernel or a router makes come by themselves. */
export function restoreCommands({ ifname, flags = [], addr_info = [], ...link }: IpLink, routes: string): string[] {
  const mode = link.inet6_addr_gen_mode;
  return [
    ...(mode === undefined ? [] : [`link set dev ${ifname} addrgenmode ${mode}`]),
    ...(flags.includes('UP') ? [`link set dev ${ifname} up`] : []),
    ...addr_info
      .filter(({ family, dynamic }) => family === 'inet' || !dynamic)
      .map((address) => `address replace ${addressWords(address).join(' ')} dev ${ifname}`),
    ...routes
      .split('\n')
      .map((route) => route.replace(/ (linkdown|dead|offload|trap)\b/g, '').trim())
      .filter((route) => route !== '' && !/ proto (kernel|ra)\b| expires /.test(route))
      .map((route) => `route replace ${route} dev ${ifname}`),
  ];
}

function addressWords(of: IpAddress): string[] {
  const { local, address, prefixlen, family } = of;
  const word = (name: string, value: string | number | undefined) => (value === undefined ? [] : [name, `${value}`]);
  return [
    ...(address === undefined ? [`${local}/${prefixlen}`] : [local, 'peer', `${address}/${prefixlen}`]),
    ...word('broadcast', of.broadcast),
    ...(family === 'inet' ? word('label', of.label) : []),
    ...word('scope', of.scope),
    ...word('metric', of.metric),
    ...(of.noprefixroute ? ['noprefixroute'] : []),
    ...(of.nodad ? ['nodad'] : []),
    ...(of.dynamic ? [...word('valid_lft', of.valid_life_time), ...word('preferred_lft', of.preferred_life_time)] : []),
  ];
}
