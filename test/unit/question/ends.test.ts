import { expect, it } from 'vitest';
import { parseCardSide, parseFarSide } from '../../../harness/question/ends.js';
import { readScenario, type ScenarioFlags } from '../../../harness/question/scenario.js';
import { messageOf } from '../../fakes/usage-message.js';

it.each([
  ['bench@host1,if=ens4,ip=10.0.0.10', 'bench@host1', 'ens4', '10.0.0.10', null, 'refuse'],
  ['lab-7, ip=10.0.0.10, if=ens4, dir=/opt/bench', 'lab-7', 'ens4', '10.0.0.10', '/opt/bench', 'refuse'],
  ['h1,if=ens4,ip=10.0.0.10,in-use=ens4', 'h1', 'ens4', '10.0.0.10', null, 'allow'],
])('%s', (text, target, name, address, root, inUse) =>
  expect(parseFarSide('--server', text)).toEqual({ target, interface: name, address, root, inUse }),
);

it.each([
  ['', '"" is not a host as ssh takes it, such as bench@host1'],
  ['-oProxyCommand=x,if=a,ip=10.0.0.1', '-oProxyCommand=x is not a host as ssh takes it, such as bench@host1'],
  ['h1', 'needs if=, as in bench@host1,if=ens4,ip=10.0.0.10'],
  ['h1,if=ens4', 'needs ip=, as in bench@host1,if=ens4,ip=10.0.0.10'],
  ['h1,if=ens4,if=ens5,ip=10.0.0.1', 'if is given twice'],
  ['h1,if=a/b,ip=10.0.0.1', 'a/b is not the name of an interface'],
  ['h1,if=ens4,ip=fe80::1', 'fe80::1 is not an IPv4 address'],
  ['h1,if=ens4,ip=10.0.0.1,dir=bench', 'dir: bench is not an absolute path'],
  ['h1,if=ens4,ip=10.0.0.1,port=22', 'port=22 is none of if=INTERFACE, ip=ADDRESS, dir=FOLDER, in-use=INTERFACE'],
  ['h1,if=ens4,ip=10.0.0.1,in-use=ens5', 'in-use: ens5 is not ens4, the interface of this end'],
])('%j is refused', (text, message) =>
  expect(messageOf(() => parseFarSide('--server', text))).toBe(`--server: ${message}`),
);

it.each<[string, 'server' | 'client', string]>([
  ['if=ens4', 'server', '10.0.0.10'],
  ['if=ens4', 'client', '10.0.0.20'],
  ['ip=10.9.0.1, if=ens4', 'client', '10.9.0.1'],
])('%s of the %s has %s', (text, role, address) =>
  expect(parseCardSide('--server', text, role)).toEqual({ interface: 'ens4', address }),
);

it.each([
  ['', '"" is none of if=INTERFACE, ip=ADDRESS'],
  ['ens4', 'ens4 is none of if=INTERFACE, ip=ADDRESS'],
  ['ip=10.0.0.1', 'needs if=, as in if=ens4,ip=10.0.0.10'],
  ['h1,if=ens4', 'h1 is none of if=INTERFACE, ip=ADDRESS'],
  ['if=ens4,dir=/srv', 'dir=/srv is none of if=INTERFACE, ip=ADDRESS'],
  ['if=ens4,if=ens5', 'if is given twice'],
  ['if=a/b', 'a/b is not the name of an interface'],
  ['if=ens4,ip=fe80::1', 'fe80::1 is not an IPv4 address'],
])('%j is refused as an interface of this host', (text, message) =>
  expect(messageOf(() => parseCardSide('--server', text, 'server'))).toBe(`--server: ${message}`),
);

const side = 'h1,if=ens4,ip=10.0.0.1';
const h2 = 'h2,if=ens4,ip=10.0.0.2';
const read = (flags: ScenarioFlags, file = '{}') =>
  readScenario({ seed: '1', ...flags }, { readFile: () => file, randomSeed: () => 0 });

it.each<[ScenarioFlags, string]>([
  [{ topology: 'remote' }, '--topology remote: needs --server bench@host,if=ens4,ip=10.0.0.10'],
  [{ topology: 'remote', server: side }, '--topology remote: needs --client bench@host,if=ens4,ip=10.0.0.10'],
  [{ client: [side] }, '--client: is of --topology nic or remote'],
  [{ topology: 'nic' }, '--topology nic: needs --server if=ens4'],
  [{ topology: 'nic', server: 'if=ens4' }, '--topology nic: needs --client if=ens4'],
  [{ topology: 'nic', server: 'if=a', client: ['if=a'] }, '--topology nic: both ends are the same interface, a'],
  [
    { topology: 'nic', server: 'if=a', client: ['if=b,ip=10.0.0.10'] },
    '--topology nic: both ends have the same address, 10.0.0.10',
  ],
  [
    { topology: 'nic', server: 'if=a', client: ['if=b,ip=10.0.1.20'] },
    '--topology nic: 10.0.0.10 and 10.0.1.20 are not of one /24 network',
  ],
  [
    { topology: 'remote', server: side, client: [`${side},in-use=ens4`] },
    '--client: in-use is of --server, whose interface is tuned',
  ],
  [
    { topology: 'remote', server: side, client: [h2, 'h3,if=ens4,ip=10.0.0.3', 'h2,if=ens5,ip=10.0.0.4'] },
    '--client: h2 is named twice',
  ],
  [
    { topology: 'remote', server: side, client: [h2, 'h3,if=ens4,ip=10.0.0.2'] },
    '--client: h2 and h3 have the same address, 10.0.0.2',
  ],
  [
    { topology: 'remote', server: side, client: [h2, 'h3,if=ens4,ip=10.0.0.1'] },
    '--client: h3 has the address of --server, 10.0.0.1',
  ],
  [
    { topology: 'nic', server: 'if=a', client: ['if=b', 'if=c'] },
    '--client: is given twice, and there is one (--topology remote takes several)',
  ],
])('%j is refused', (flags, message) => expect(messageOf(() => read(flags))).toBe(message));

it('a file names both ends, and a flag wins', () => {
  const file = `topology: remote\nserver: ${side}\nclient: h2,if=ens4,ip=10.0.0.2\n`;
  const { sides } = read({ scenario: 'a.yaml', client: ['h3,if=ens4,ip=10.0.0.3'] }, file);
  expect([sides?.server.target, sides?.clients[0]?.target]).toEqual(['h1', 'h3']);
});

it('a file may list several clients, and flags win over the list', () => {
  const file = `topology: remote\nserver: ${side}\nclient:\n  - ${h2}\n  - h3,if=ens4,ip=10.0.0.3\n`;
  const clientsOf = (flags: ScenarioFlags) =>
    read({ scenario: 'a.yaml', ...flags }, file).sides?.clients.map(({ target }) => target);
  expect(clientsOf({})).toEqual(['h2', 'h3']);
  expect(clientsOf({ client: ['h4,if=ens4,ip=10.0.0.4'] })).toEqual(['h4']);
  expect(clientsOf({ client: ['h4,if=ens4,ip=10.0.0.4', h2] })).toEqual(['h4', 'h2']);
});

it('a file names two interfaces of this host, and a flag wins', () => {
  const file = 'topology: nic\nserver: if=ens4\nclient: if=ens5\n';
  const { sides, cards } = read({ scenario: 'a.yaml', client: ['if=ens6,ip=10.0.0.3'] }, file);
  expect(sides).toBeNull();
  expect(cards).toEqual({
    server: { interface: 'ens4', address: '10.0.0.10' },
    client: { interface: 'ens6', address: '10.0.0.3' },
  });
});
