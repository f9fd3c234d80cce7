import { expect, it } from 'vitest';
import { findLink, hindrances, restoreCommands } from '../../../common/wire/card.js';
import type { IpLink } from '../../../common/wire/link.js';

const up = ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'];
const ens4: IpLink = { ifname: 'ens4', altnames: ['enp0s4'], flags: up };

it.each<[string, IpLink, IpLink[], string[]]>([
  ['that nobody needs', ens4, [{ ifname: 'ens5', flags: up }], []],
  ['that is down', { ...ens4, flags: ['BROADCAST'] }, [], []],
  ['that is a port', { ...ens4, master: 'br0' }, [], ['is a port of br0']],
  ['under a VLAN', ens4, [{ ifname: 'ens4.5', link: 'ens4', linkinfo: { info_kind: 'vlan' } }], ['carries ens4.5']],
  ['with a veth peer beside it', ens4, [{ ifname: 'ens5', link: 'ens4', linkinfo: { info_kind: 'veth' } }], []],
  ['that is the loopback', { ifname: 'lo', flags: ['LOOPBACK', 'UP', 'LOWER_UP'] }, [], ['is the loopback']],
])('an interface %s', (_, link, others, expected) => expect(hindrances(link, [link, ...others])).toEqual(expected));

it('is found by each of its names', () => {
  expect(['ens4', 'enp0s4', 'ens5'].map((name) => findLink([ens4], name))).toEqual([ens4, ens4, undefined]);
});

const forever = { valid_life_time: 4294967295, preferred_life_time: 4294967295 };
const address = { family: 'inet', local: '10.1.2.3', prefixlen: 24, scope: 'global', label: 'ens4', ...forever };

it.each<[string, IpLink, string, string[]]>([
  ['that is down and has nothing', { ifname: 'ens4' }, '', []],
  [
    'that is up',
    { ...ens4, inet6_addr_gen_mode: 'none' },
    '',
    ['link set dev ens4 addrgenmode none', 'link set dev ens4 up'],
  ],
  [
    'with addresses',
    {
      ifname: 'ens4',
      addr_info: [
        { ...address, broadcast: '10.1.2.255', metric: 100, noprefixroute: true },
        { ...address, dynamic: true, valid_life_time: 900, preferred_life_time: 800 },
        { ...address, address: '10.1.2.4', prefixlen: 32 },
        { family: 'inet6', local: 'fd00::2', prefixlen: 64, scope: 'global', nodad: true, ...forever },
        { family: 'inet6', local: 'fd00::3', prefixlen: 64, scope: 'global', dynamic: true },
      ],
    },
    '',
    [
      'address replace 10.1.2.3/24 broadcast 10.1.2.255 label ens4 scope global metric 100 noprefixroute dev ens4',
      'address replace 10.1.2.3/24 label ens4 scope global valid_lft 900 preferred_lft 800 dev ens4',
      'address replace 10.1.2.3 peer 10.1.2.4/32 label ens4 scope global dev ens4',
      'address replace fd00::2/64 scope global nodad dev ens4',
    ],
  ],
  [
    'with routes',
    { ifname: 'ens4' },
    [
      '10.1.2.0/24 proto kernel scope link src 10.1.2.3 linkdown ',
      '10.7.0.0/16 via 10.1.2.9 proto static metric 5 linkdown ',
      '',
      'fd01::/64 via fe80::1 metric 1024 pref medium',
      'fd02::/64 proto ra metric 100 expires 86000sec pref medium',
    ].join('\n'),
    [
      'route replace 10.7.0.0/16 via 10.1.2.9 proto static metric 5 dev ens4',
      'route replace fd01::/64 via fe80::1 metric 1024 pref medium dev ens4',
    ],
  ],
])('an interface %s is made what it was', (_, link, routes, commands) =>
  expect(restoreCommands(link, routes)).toEqual(commands),
);
