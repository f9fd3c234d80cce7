import { isIPv4 } from 'node:net';
import { isAbsolute } from 'node:path';
import { UsageError } from '../../common/cli/errors.js';
import { quote } from '../../common/cli/text.js';
import type { CardSide, CardSides, FarSide, FarSides, Scenario } from '../../model/cell.js';
import type { TopologyId } from '../../model/ids.js';

/** A value as a user wrote it, and the place where it stands. */
interface Written {
  option: string;
  text: string;
}

const roles = ['server', 'client'] as const;
type Role = (typeof roles)[number];

/** What is written of an end, or of several, in a scenario file and as flags, which win. */
export type WrittenEnd = Record<'inFile' | 'flag', Written[]>;

/** The ends that a topology needs; throws UsageError. */
export function readEnds(topology: TopologyId, written: Record<Role, WrittenEnd>): Pick<Scenario, 'sides' | 'cards'> {
  switch (topology) {
    case 'veth': {
      const given = roles.find((role) => [...written[role].inFile, ...written[role].flag].length > 0);
      if (given !== undefined) throw new UsageError(`--${given}: is of --topology nic or remote`);
      return { sides: null, cards: null };
    }
    case 'nic':
      return { sides: null, cards: checked(readCards(written)) };
    case 'remote':
      return { sides: distinct(readSides(written)), cards: null };
  }
}

function readCards(written: Record<Role, WrittenEnd>): CardSides {
  const [server, client] = roles.map((role) => only(role, read(role, written, parseCardSide)));
  if (!server || !client) throw new UsageError(`--topology nic: needs --${server ? 'client' : 'server'} if=ens4`);
  return { server, client };
}

function readSides(written: Record<Role, WrittenEnd>): FarSides {
  const server = only('server', read('server', written, parseFarSide));
  const clients = read('client', written, parseFarSide);
  if (!server || clients.length === 0)
    throw new UsageError(`--topology remote: needs --${server ? 'client' : 'server'} ${farExample}`);
  return { server, clients };
}

const farExample = 'bench@host,if=ens4,ip=10.0.0.10';

function read<Side>(
  role: Role,
  written: Record<Role, WrittenEnd>,
  parse: (option: string, text: string, role: Role) => Side,
): Side[] {
  const { inFile, flag } = written[role];
  const parseAll = (all: readonly Written[]) => all.map(({ option, text }) => parse(option, text, role));
  // A file is right or wrong by itself.
  const ofFile = parseAll(inFile);
  return flag.length === 0 ? ofFile : parseAll(flag);
}

function only<Side>(role: Role, sides: readonly Side[]): Side | undefined {
  const several = role === 'client' ? ' (--topology remote takes several)' : '';
  if (sides.length > 1) throw new UsageError(`--${role}: is given twice, and there is one${several}`);
  return sides[0];
}

/** Each host and each address once. */
function distinct(sides: FarSides): FarSides {
  const { server, clients } = sides;
  if (clients.some(({ inUse }) => inUse === 'allow'))
    throw new UsageError('--client: in-use is of --server, whose interface is tuned');
  for (const [index, { target, address }] of clients.entries()) {
    const before = clients.slice(0, index);
    if (before.some((other) => other.target === target)) throw new UsageError(`--client: ${target} is named twice`);
    const owner = before.find((other) => other.address === address);
    if (owner !== undefined)
      throw new UsageError(`--client: ${owner.target} and ${target} have the same address, ${address}`);
    if (address === server.address) throw new UsageError(`--client: ${target} has the address of --server, ${address}`);
  }
  return sides;
}

/** Ends that can be those of one wire. */
function checked(cards: CardSides): CardSides {
  const { server, client } = cards;
  const network = ({ address }: typeof server) => address.slice(0, address.lastIndexOf('.'));
  if (server.interface === client.interface)
    throw new UsageError(`--topology nic: both ends are the same interface, ${server.interface}`);
  if (server.address === client.address)
    throw new UsageError(`--topology nic: both ends have the same address, ${server.address}`);
  if (network(server) !== network(client))
    throw new UsageError(`--topology nic: ${server.address} and ${client.address} are not of one /24 network`);
  return cards;
}

/** `bench@host1,if=ens4,ip=10.0.0.10[,dir=/opt/invoker-bench][,in-use=ens4]`: an end of a wire between two hosts. */
export function parseFarSide(option: string, text: string): FarSide {
  const [target = '', ...parts] = partsOf(text);
  // A leading dash would be an option of ssh's.
  if (!/^[\w.@:[\]][\w.@:[\]-]*$/.test(target))
    throw new UsageError(`${option}: ${quote(target)} is not a host as ssh takes it, such as bench@host1`);
  const given = valuesOf(option, parts, { if: 'INTERFACE', ip: 'ADDRESS', dir: 'FOLDER', 'in-use': 'INTERFACE' });
  const missing = ['if', 'ip'].find((key) => !given.has(key));
  if (missing !== undefined)
    throw new UsageError(`${option}: needs ${missing}=, as in bench@host1,if=ens4,ip=10.0.0.10`);
  const [name = '', address = '', root = null] = [given.get('if'), given.get('ip'), given.get('dir')];
  const card = toCard(option, name, address);
  if (root !== null && !isAbsolute(root))
    throw new UsageError(`${option}: dir: ${quote(root)} is not an absolute path`);
  const again = given.get('in-use');
  if (again !== undefined && again !== name)
    throw new UsageError(`${option}: in-use: ${quote(again)} is not ${name}, the interface of this end`);
  return { target, ...card, root, inUse: again === undefined ? 'refuse' : 'allow' };
}

const addresses = { server: '10.0.0.10', client: '10.0.0.20' };

/** `if=ens4[,ip=10.0.0.10]`: an end of a wire between two interfaces of this host. */
export function parseCardSide(option: string, text: string, role: 'server' | 'client'): CardSide {
  const given = valuesOf(option, partsOf(text), { if: 'INTERFACE', ip: 'ADDRESS' });
  const name = given.get('if');
  if (name === undefined) throw new UsageError(`${option}: needs if=, as in if=ens4,ip=${addresses[role]}`);
  return toCard(option, name, given.get('ip') ?? addresses[role]);
}

const partsOf = (text: string) => text.split(',').map((part) => part.trim());

/** `keys`: what may be given, and what its value is called. */
function valuesOf(option: string, parts: readonly string[], keys: Record<string, string>): Map<string, string> {
  const given = new Map<string, string>();
  for (const part of parts) {
    const [, key = '', value] = /^([\w-]+)=(.+)$/.exec(part) ?? [];
    if (value === undefined || !Object.hasOwn(keys, key)) {
      const known = Object.entries(keys).map(([name, what]) => `${name}=${what}`);
      throw new UsageError(`${option}: ${quote(part)} is none of ${known.join(', ')}`);
    }
    if (given.has(key)) throw new UsageError(`${option}: ${key} is given twice`);
    given.set(key, value);
  }
  return given;
}

function toCard(option: string, name: string, address: string): CardSide {
  if (!/^[^\s/]{1,15}$/.test(name)) throw new UsageError(`${option}: ${quote(name)} is not the name of an interface`);
  if (!isIPv4(address)) throw new UsageError(`${option}: ${quote(address)} is not an IPv4 address`);
  return { interface: name, address };
}
