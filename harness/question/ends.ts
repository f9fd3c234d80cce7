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

type Role = 'server' | 'client';

/** What is written of an end, in a scenario file and as a flag, which wins. */
export type WrittenEnd = Record<'inFile' | 'flag', Written | null>;

/** The ends that a topology needs; throws UsageError. */
export function readEnds(topology: TopologyId, written: Record<Role, WrittenEnd>): Pick<Scenario, 'sides' | 'cards'> {
  switch (topology) {
    case 'veth': {
      const given = (['server', 'client'] as const).find((role) => written[role].inFile ?? written[role].flag);
      if (given !== undefined) throw new UsageError(`--${given}: is of --topology nic or remote`);
      return { sides: null, cards: null };
    }
    case 'nic':
      return { sides: null, cards: checked(both(written, parseCardSide, '--topology nic', 'if=ens4')) };
    case 'remote':
      return { sides: tunable(both(written, parseFarSide, '--topology remote', farExample)), cards: null };
  }
}

const farExample = 'bench@host,if=ens4,ip=10.0.0.10';

function both<Side>(
  written: Record<Role, WrittenEnd>,
  parse: (option: string, text: string, role: Role) => Side,
  topology: string,
  example: string,
): Record<Role, Side> {
  const read = (role: Role): Side | null => {
    const { inFile, flag } = written[role];
    // A file is right or wrong by itself.
    const ofFile = inFile && parse(inFile.option, inFile.text, role);
    return flag === null ? ofFile : parse(flag.option, flag.text, role);
  };
  const [server, client] = [read('server'), read('client')];
  if (!server || !client) throw new UsageError(`${topology}: needs --${server ? 'client' : 'server'} ${example}`);
  return { server, client };
}

function tunable(sides: FarSides): FarSides {
  if (sides.client.inUse === 'allow') throw new UsageError('--client: in-use is of --server, whose interface is tuned');
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
