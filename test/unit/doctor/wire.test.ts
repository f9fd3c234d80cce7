import { describe, expect, it } from 'vitest';
import type { Link } from '../../../common/wire/link.js';
import type { Route } from '../../../common/wire/route.js';
import type { Level } from '../../../harness/doctor/finding.js';
import { checkEnds } from '../../../harness/doctor/wire.js';

const end = (number: number, changes: Partial<Link> = {}, way: Partial<Route> | null = {}) => {
  const address = `10.0.0.${number}`;
  const link: Link = {
    ...{ interface: `ens${number}`, state: 'up', bridge: null, mac: `02:00:00:00:00:${number}`, mtu: 1500 },
    ...{ addresses: [{ address, prefixLength: 24 }], rxQueues: 4, txQueues: 4, driver: 'ice', numaNode: 0 },
    ...{ speed: 25_000, duplex: 'full' },
    ...changes,
  };
  const route = way && { interface: link.interface, gateway: null, ...way };
  return { host: `host${number}`, link, address, route };
};

type Row = [what: string, id: string, client: Partial<Link>, level: Level, state: RegExp, remedy: string | null];
const rows: Row[] = [
  ['is whole', 'wire/ends', {}, 'fine', /^10\.0\.0\.10 and 10\.0\.0\.20$/, null],
  [
    'ends where it begins',
    'wire/ends',
    { mac: '02:00:00:00:00:10' },
    'cannot-run',
    /same interface/,
    'name two interfaces that a cable joins',
  ],
  [
    'lacks an address',
    'wire/ends',
    { addresses: [] },
    'cannot-run',
    /^host20: ens20 does not have 10\.0\.0\.20$/,
    'on host20: ip address add 10.0.0.20/24 dev ens20',
  ],
  [
    'is down at an end',
    'wire/ends',
    { state: 'down' },
    'cannot-run',
    /^host20: ens20 is down$/,
    'on host20: ip link set ens20 up',
  ],
  [
    'has no carrier',
    'wire/ends',
    { state: 'no carrier' },
    'cannot-run',
    /^host20: ens20 has no carrier$/,
    'on host20: see that the cable is in, and the other end up',
  ],
  ['has one MTU', 'wire/mtu', {}, 'fine', /^1500 at both ends$/, null],
  [
    'has a larger one at the client',
    'wire/mtu',
    { mtu: 9000 },
    'cannot-run',
    /^1500 at the server, 9000 at the client$/,
    'on host10: ip link set ens10 mtu 9000',
  ],
  [
    'has a smaller one at the client',
    'wire/mtu',
    { mtu: 1400 },
    'cannot-run',
    /1400 at the client$/,
    'on host20: ip link set ens20 mtu 1500',
  ],
  ['has one speed', 'wire/speed', {}, 'fine', /^25000 Mbit\/s, full duplex at both ends$/, null],
  [
    'has two speeds',
    'wire/speed',
    { speed: 1000 },
    'not-trusted',
    /^25000 .* at the server, 1000 Mbit\/s, full duplex at the client$/,
    'let both ends negotiate (ethtool -s NAME autoneg on), or use ports of one speed',
  ],
  ['does not tell its speed', 'wire/speed', { speed: null, duplex: null }, 'not-told', /^not told/, null],
];

describe('a wire that', () => {
  it.each(rows)('%s (%s)', (_, id, client, level, state, remedy) => {
    const finding = checkEnds(end(10), end(20, client)).find((one) => one.id === id);
    expect(finding).toMatchObject({ level, state: expect.stringMatching(state), remedy });
  });

  it('is down at one end, and so without a carrier at the other one, is down', () => {
    const [ends] = checkEnds(end(10, { state: 'no carrier' }), end(20, { state: 'down' }));
    expect(ends).toMatchObject({ level: 'cannot-run', state: 'host20: ens20 is down' });
  });

  it.each<[string, Partial<Route> | null, Partial<Route> | null, string, string | null]>([
    ['is straight', {}, {}, 'straight by ens10 and ens20', null],
    [
      'is left by another card of the client',
      {},
      { interface: 'ens21' },
      'host20: packets from 10.0.0.20 to 10.0.0.10 leave by ens21, not by ens20',
      'on host20: ip route replace 10.0.0.10/32 dev ens20 src 10.0.0.20',
    ],
    [
      'is left by another card of the server',
      { interface: 'eth0' },
      {},
      'host10: packets from 10.0.0.10 to 10.0.0.20 leave by eth0, not by ens10',
      'on host10: ip route replace 10.0.0.20/32 dev ens10 src 10.0.0.10',
    ],
    [
      'goes over a router',
      {},
      { gateway: '10.0.0.1' },
      'host20: packets from 10.0.0.20 to 10.0.0.10 go to the router 10.0.0.1 first',
      'on host20: ip route replace 10.0.0.10/32 dev ens20 src 10.0.0.20',
    ],
    [
      'ends at the client itself',
      {},
      { interface: 'lo' },
      'host20: 10.0.0.10 is an address of this host, too',
      'on host20: ip address show to 10.0.0.10',
    ],
    [
      'is none',
      {},
      null,
      'host20: no route leads from 10.0.0.20 to 10.0.0.10',
      'on host20: ip route replace 10.0.0.10/32 dev ens20 src 10.0.0.20',
    ],
  ])('%s', (_, server, client, state, remedy) => {
    const finding = checkEnds(end(10, {}, server), end(20, {}, client)).find(({ id }) => id === 'wire/route');
    expect(finding).toMatchObject({ level: remedy === null ? 'fine' : 'cannot-run', state, remedy });
  });

  it('is half duplex at both ends is not to be trusted', () => {
    const half = { speed: 100, duplex: 'half' } as const;
    const finding = checkEnds(end(10, half), end(20, half)).find(({ id }) => id === 'wire/speed');
    expect(finding).toMatchObject({ level: 'not-trusted', state: '100 Mbit/s, half duplex at both ends' });
  });
});
