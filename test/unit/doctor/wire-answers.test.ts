import { describe, expect, it } from 'vitest';
import type { Link } from '../../../common/wire/link.js';
import type { Echo } from '../../../common/wire/ping.js';
import type { Level } from '../../../harness/doctor/finding.js';
import type { WireEnd } from '../../../harness/doctor/wire.js';
import { type Answered, checkAnswers } from '../../../harness/doctor/wire-answers.js';

const end = (number: number): WireEnd => ({
  host: `host${number}`,
  link: { interface: `ens${number}`, mac: `02:00:00:00:00:${number}`, mtu: 1500 } as Link,
  address: `10.0.0.${number}`,
  route: null,
});
const echo = (returned: number, said: string | null = null): Echo => ({ sent: 3, returned, said });
const answered = (small: Echo | null, large: Echo | null): Answered => ({
  mac: end(10).link.mac,
  echoes: { small, large },
});

type Row = [what: string, id: string, answered: Answered | null, level: Level, state: string, remedy: string | null];
const rows: Row[] = [
  ['of the server', 'wire/arp', answered(echo(3), echo(3)), 'fine', '10.0.0.10 is 02:00:00:00:00:10', null],
  [
    'of nobody',
    'wire/arp',
    { mac: null, echoes: null },
    'cannot-run',
    'nobody answers for 10.0.0.10 on ens20 of host20',
    'see that ens20 is joined to ens10 of host10 by one cable, or one VLAN of a switch',
  ],
  [
    'of another host',
    'wire/arp',
    { mac: '02:00:00:00:00:99', echoes: null },
    'cannot-run',
    '10.0.0.10 is 02:00:00:00:00:99 on ens20 of host20, not 02:00:00:00:00:10 of host10',
    'take the address from the host with that MAC, or the router from between; on host20: ip neigh flush dev ens20',
  ],
  ['that was not asked for', 'wire/arp', null, 'not-told', 'not asked: see wire/ends and wire/route', null],
  ['to all', 'wire/ping', answered(echo(3), echo(3)), 'fine', '3 of 3 came back', null],
  [
    'to some',
    'wire/ping',
    answered(echo(2), echo(3)),
    'not-trusted',
    '2 of 3 came back',
    'find who drops them: ethtool -S of both interfaces, the switch',
  ],
  [
    'to none',
    'wire/ping',
    answered(echo(0, 'Destination Host Unreachable'), echo(0)),
    'could-be-better',
    '0 of 3 came back, and for one that did not: Destination Host Unreachable',
    'let the firewall of host10 answer ping, or find who drops it: ethtool -S of both interfaces',
  ],
  ['where nobody answered', 'wire/ping', { mac: null, echoes: null }, 'not-told', 'not sent: see wire/arp', null],
  [
    'without a program for it',
    'wire/ping',
    answered(null, null),
    'not-told',
    'the client has no command ping (apt-get install iputils-ping)',
    null,
  ],
  [
    'of another program',
    'wire/ping',
    answered({ sent: 0, returned: 0, said: 'invalid option' }, null),
    'not-told',
    'ping says: invalid option',
    null,
  ],
  [
    'to long ones',
    'wire/path-mtu',
    answered(echo(3), echo(3)),
    'fine',
    'of packets of 1500 bytes 3 of 3 came back',
    null,
  ],
  [
    'to a long one at least',
    'wire/path-mtu',
    answered(echo(3), echo(1)),
    'fine',
    'of packets of 1500 bytes 1 of 3 came back',
    null,
  ],
  [
    'to short ones alone',
    'wire/path-mtu',
    answered(echo(3), echo(0, 'Frag needed and DF set (mtu = 1400)')),
    'cannot-run',
    'of packets of 1500 bytes 0 of 3 came back, and for one that did not: Frag needed and DF set (mtu = 1400)',
    'give all that is between an MTU of 1500, or both ends a smaller one: ip link set ens10 mtu N',
  ],
  ['to none of any length', 'wire/path-mtu', answered(echo(0), echo(0)), 'not-told', 'not told: see wire/ping', null],
];

describe('an answer', () => {
  it.each(rows)('%s (%s)', (_, id, got, level, state, remedy) => {
    expect(checkAnswers(end(10), end(20), got).find((one) => one.id === id)).toMatchObject({ level, state, remedy });
  });
});
