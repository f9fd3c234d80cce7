import { expect, it } from 'vitest';
import { type Echo, echoIn } from '../../../common/wire/ping.js';

const head = 'PING 10.0.0.10 (10.0.0.10) from 10.0.0.20 ens5: 1472(1500) bytes of data.';
const tail = (sent: number, received: number, more = '') =>
  `--- 10.0.0.10 ping statistics ---\n${sent} packets transmitted, ${received} received, ${more}0% packet loss, time 404ms`;

it.each<[string, string, Echo]>([
  [
    'all came back',
    `${head}\n1480 bytes from 10.0.0.10: icmp_seq=1 ttl=64 time=0.05 ms\n\n${tail(3, 3)}\nrtt min/avg/max/mdev = 0.042/0.047/0.055/0.005 ms`,
    { sent: 3, returned: 3, said: null },
  ],
  ['none came back', `${head}\n\n${tail(3, 0)}`, { sent: 3, returned: 0, said: null }],
  [
    'a router said why',
    `${head}\nFrom 10.0.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1400)\n\n${tail(3, 0, '+3 errors, ')}`,
    { sent: 3, returned: 0, said: 'Frag needed and DF set (mtu = 1400)' },
  ],
  [
    'this host said why',
    `${head}\n\n${tail(3, 0, '+3 errors, ')}\nping: local error: message too long, mtu=1400`,
    { sent: 3, returned: 0, said: 'local error: message too long, mtu=1400' },
  ],
  [
    'it cannot be sent',
    'ping: connect: Network is unreachable',
    { sent: 0, returned: 0, said: 'connect: Network is unreachable' },
  ],
  ['another program', 'ping: unrecognized option: M', { sent: 0, returned: 0, said: 'unrecognized option: M' }],
])('of pings, %s', (_, text, echo) => expect(echoIn(text)).toEqual(echo));
