import { describe, expect, it } from 'vitest';
import type { Link } from '../../../common/wire/link.js';
import type { Level } from '../../../harness/doctor/finding.js';
import { checkWire } from '../../../harness/doctor/wire.js';

const end = (number: number, changes: Partial<Link> = {}) => {
  const address = `10.0.0.${number}`;
  const link: Link = {
    ...{ interface: `ens${number}`, state: 'up', bridge: null, mac: `02:00:00:00:00:${number}`, mtu: 1500 },
    ...{ addresses: [{ address, prefixLength: 24 }], rxQueues: 4, txQueues: 4, driver: 'ice', numaNode: 0 },
    ...{ speed: 25_000, duplex: 'full' },
    ...changes,
  };
  return { host: `host${number}`, link, address };
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
    /^ens20 of host20 does not have 10\.0\.0\.20$/,
    'ip address add 10.0.0.20/24 dev ens20',
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
    const finding = checkWire(end(10), end(20, client)).find((one) => one.id === id);
    expect(finding).toMatchObject({ level, state: expect.stringMatching(state), remedy });
  });

  it('is half duplex at both ends is not to be trusted', () => {
    const half = { speed: 100, duplex: 'half' } as const;
    const finding = checkWire(end(10, half), end(20, half)).find(({ id }) => id === 'wire/speed');
    expect(finding).toMatchObject({ level: 'not-trusted', state: '100 Mbit/s, half duplex at both ends' });
  });
});
