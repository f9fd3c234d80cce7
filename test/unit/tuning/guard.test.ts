import { describe, expect, it } from 'vitest';
import { type GuardSources, usesOf } from '../../../harness/tuning/guard.js';

const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const route = (at: string, to: string, mask: string) => `${at}\t${to}\t0100A8C0\t0003\t0\t0\t0\t${mask}\t0\t0\t0\n`;
const ssh = 'SSH_CONNECTION=192.0.2.9 50000 192.0.2.1 22';

interface Fake {
  files?: Record<string, string>;
  folders?: Record<string, string[]>;
  links?: Record<string, string>;
  addresses?: Record<string, string[]>;
}

function sources({ files = {}, folders = {}, links = {}, addresses = {} }: Fake): GuardSources {
  const found =
    <T>(table: Record<string, T>) =>
    (path: string) => {
      const value = table[path];
      if (value === undefined) throw new Error('ENOENT');
      return value;
    };
  return { readText: found(files), list: found(folders), linkTarget: found(links), addresses, pid: 30 };
}

describe('an interface', () => {
  it.each<[string, Fake, string[]]>([
    ['that nobody needs', { files: { '/proc/net/route': head + route('eth0', '00000000', '00000000') } }, []],
    [
      'of the default route',
      { files: { '/proc/net/route': head + route('eth1', '00000000', '00000000') } },
      ['has the default route'],
    ],
    ['of another route', { files: { '/proc/net/route': head + route('eth1', '0000A8C0', '00FFFFFF') } }, []],
    [
      'of the default route of IPv6',
      {
        files: {
          '/proc/net/ipv6_route': `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 fe80${'0'.repeat(27)}1 00000400 00000001 00000000 00000003     eth1\n`,
        },
      },
      ['has the default route'],
    ],
    [
      'under a bridge that has it',
      {
        files: { '/proc/net/route': head + route('br0', '00000000', '00000000') },
        folders: { '/sys/class/net/eth1': ['mtu', 'master', 'upper_br0'], '/sys/class/net/br0': ['bridge'] },
        links: { '/sys/class/net/eth1/master': 'br0' },
      },
      ['has the default route', 'is a port of br0'],
    ],
    ['that is a bridge', { folders: { '/sys/class/net/eth1': ['bridge', 'brif'] } }, ['is a bridge']],
    [
      'of this SSH session',
      { files: { '/proc/30/environ': `A=1\0${ssh}\0` }, addresses: { eth0: ['192.0.2.2'], eth1: ['192.0.2.1'] } },
      ['carries this SSH session'],
    ],
    [
      'of the SSH session that sudo hides',
      {
        files: {
          '/proc/30/environ': 'SUDO_USER=me\0',
          '/proc/30/stat': '30 (node (x)) S 29 30 30',
          '/proc/29/environ': `${ssh}\0`,
        },
        addresses: { eth1: ['fe80::1', '192.0.2.1'] },
      },
      ['carries this SSH session'],
    ],
    [
      'beside that of the SSH session',
      { files: { '/proc/30/environ': `${ssh}\0` }, addresses: { eth0: ['192.0.2.1'], eth1: ['10.0.0.1'] } },
      [],
    ],
  ])('%s', (_, fake, uses) => expect(usesOf('eth1', sources(fake))).toEqual(uses));
});
