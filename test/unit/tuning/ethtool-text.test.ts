import { describe, expect, it } from 'vitest';
import {
  adaptiveOf,
  channelsOf,
  countsCombined,
  currentSection,
  field,
  hashOf,
  partsOf,
  pausedOf,
  portRulesOf,
  spreadOf,
  tableOf,
} from '../../../harness/tuning/ethtool-text.js';

const channels = (maximum: string, current: string) =>
  `Channel parameters for eth0:\nPre-set maximums:\n${maximum}\nCurrent hardware settings:\n${current}\n`;
const combined = channels(
  'RX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\nCombined:\t6',
  'RX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\nCombined:\t4',
);
const apart = channels(
  'RX:\t\t4\nTX:\t\t4\nOther:\t\tn/a\nCombined:\tn/a',
  'RX:\t\t2\nTX:\t\t4\nOther:\t\tn/a\nCombined:\tn/a',
);

describe('channels', () => {
  it('of a driver that combines them', () => {
    expect([countsCombined(combined), channelsOf(combined)]).toEqual([true, 'combined 4']);
  });
  it('of one that counts them apart', () => {
    expect([countsCombined(apart), channelsOf(apart)]).toEqual([false, 'rx 2 tx 4']);
  });
});

describe('field', () => {
  const rings =
    'Ring parameters for eth0:\nPre-set maximums:\nRX:\t\t8192\nRX Mini:\tn/a\nTX:\t\t8192\n' +
    'Current hardware settings:\nRX:\t\t1024\nRX Mini:\tn/a\nTX:\t\t512\nTX Push:\toff\n';
  const features =
    'Features for eth0:\ntx-checksumming: on\n\ttx-checksum-ipv4: off [fixed]\nlarge-receive-offload: off [fixed]\n';
  const coalescing =
    'Coalesce parameters for eth0:\nAdaptive RX: on  TX: n/a\n\nrx-usecs: 8\nrx-frames: 128\nrx-usecs-irq: n/a\n';

  it.each([
    [rings, 'RX', currentSection, '1024'],
    [rings, 'TX', currentSection, '512'],
    [rings, 'RX', '', '8192'],
    [rings, 'CQE Size', currentSection, null],
    [features, 'tx-checksum-ipv4', '', 'off'],
    [features, 'large-receive-offload', '', 'off'],
    [coalescing, 'rx-usecs', '', '8'],
    [coalescing, 'rx-usecs-irq', '', 'n/a'],
    [coalescing, 'tx-usecs', '', null],
  ])('%#: %s', (text, name, section, value) => expect(field(text, name, section)).toBe(value));

  it('tells adaptive coalescing of each direction', () => {
    expect([adaptiveOf(coalescing, 'RX'), adaptiveOf(coalescing, 'TX'), adaptiveOf('', 'RX')]).toEqual([
      'on',
      'n/a',
      null,
    ]);
  });

  it.each([
    ['on', 'on', 'on'],
    ['off', 'off', 'off'],
    ['on', 'off', 'rx'],
    ['off', 'on', 'tx'],
  ])('pause frames RX %s TX %s: %s', (rx, tx, value) => {
    expect(pausedOf(`Pause parameters for eth0:\nAutonegotiate:\ton\nRX:\t\t${rx}\nTX:\t\t${tx}\n`)).toBe(value);
  });
});

describe('what is hashed', () => {
  const head = 'UDP over IPV4 flows use these fields for computing Hash flow key:\n';
  it.each([
    [`${head}IP SA\nIP DA\nL4 bytes 0 & 1 [TCP/UDP src port]\nL4 bytes 2 & 3 [TCP/UDP dst port]\n`, 'sdfn'],
    [`${head}IP SA\nIP DA\n`, 'sd'],
    [`${head}None\n`, 'none'],
  ])('%#: %s', (text, letters) => expect(hashOf(text)).toBe(letters));
});

it('a feature stands for those parts that can be set', () => {
  const text =
    'Features for eth0:\nrx-checksumming: on [fixed]\ntx-checksumming: on\n\ttx-checksum-ipv4: off [fixed]\n' +
    '\ttx-checksum-ip-generic: on\n\ttx-checksum-sctp: off\nscatter-gather: on\n\ttx-scatter-gather: on\n';
  expect(partsOf(text, 'tx-checksumming')).toEqual(['tx-checksum-ip-generic', 'tx-checksum-sctp']);
  expect(partsOf(text, 'rx-checksumming')).toEqual([]);
  expect(partsOf(text, 'large-receive-offload')).toEqual([]);
});

describe('an indirection table', () => {
  const table = (rings: number, queues: readonly number[]) => {
    const rows = Array.from({ length: Math.ceil(queues.length / 8) }, (_, row) => {
      const part = queues.slice(8 * row, 8 * row + 8).map((queue) => String(queue).padStart(6));
      return `${String(8 * row).padStart(5)}: ${part.join('')}\n`;
    });
    return (
      `RX flow hash indirection table for eth0 with ${rings} RX ring(s):\n${rows.join('')}RSS hash key:\n` +
      '50:fe:b0:b9:d2:be:43:99:16:4c\nRSS hash function:\n    toeplitz: on\n    xor: off\n'
    );
  };
  const entries = (of: (index: number) => number) => Array.from({ length: 128 }, (_, index) => of(index));

  it.each([
    [
      'over all rings',
      table(
        4,
        entries((index) => index % 4),
      ),
      'default',
    ],
    [
      'over some of them',
      table(
        4,
        entries((index) => index % 2),
      ),
      'equal 2',
    ],
    [
      'over the last of them',
      table(
        4,
        entries((index) => 2 + (index % 2)),
      ),
      'equal 2 start 2',
    ],
    [
      'of rings that are gone',
      table(
        2,
        entries((index) => index % 4),
      ),
      'default',
    ],
    [
      'of one ring',
      table(
        1,
        entries(() => 0),
      ),
      'default',
    ],
    [
      'by weights',
      table(
        4,
        entries((index) => (index < 100 ? 0 : 1)),
      ),
      'weight 100 28',
    ],
    [
      'by weights, one of them none',
      table(
        4,
        entries((index) => (index < 96 ? 1 : 3)),
      ),
      'weight 0 96 0 32',
    ],
    [
      'in an order of its own',
      table(
        4,
        entries((index) => (index < 100 ? 1 : 0)),
      ),
      'unwritable',
    ],
    [
      'that is shorter than the rings are many',
      table(
        200,
        entries((index) => index),
      ),
      'default',
    ],
  ])('%s', (_, text, spread) => expect(spreadOf(tableOf(text))).toBe(spread));

  it('that a driver does not have', () => {
    const text = 'RX flow hash indirection table for eth0 with 4 RX ring(s):\nOperation not supported\nRSS hash key:\n';
    expect(tableOf(text)).toEqual({ rings: 4, queues: [] });
  });
});

describe('rules for a port', () => {
  const open = {
    ...{ 'Src IP addr': '0.0.0.0 mask: 255.255.255.255', 'Dest IP addr': '0.0.0.0 mask: 255.255.255.255' },
    ...{ TOS: '0x0 mask: 0xff', 'Src port': '0 mask: 0xffff', 'Dest port': '1232 mask: 0x0' },
  };
  const rule = (id: number, fields: object = {}) =>
    `Filter: ${id}\n${Object.entries({ 'Rule Type': 'UDP over IPv4', ...open, Action: 'Direct to queue 2', ...fields })
      .map(([name, value]) => `\t${name}: ${value}\n`)
      .join('')}\n`;
  const rules = (...all: string[]) => `4 RX rings available\nTotal ${all.length} rules\n\n${all.join('')}`;

  it('are those for nothing but that port', () => {
    expect(portRulesOf(rules(rule(1023)), 1232)).toEqual([{ id: 1023, queue: 2 }]);
    expect(portRulesOf(rules(), 1232)).toEqual([]);
  });

  it('are so with fields that drivers show and leave open', () => {
    const shown = { 'VLAN EtherType': '0x0 mask: 0xffff', VLAN: '0x0 mask: 0xffff' };
    const data = {
      'User-defined': '0x0 mask: 0xffffffffffffffff',
      'Dest MAC addr': '00:00:00:00:00:00 mask: FF:FF:FF:FF:FF:FF',
    };
    expect(portRulesOf(rules(rule(7, { ...shown, ...data })), 1232)).toEqual([{ id: 7, queue: 2 }]);
  });

  it.each([
    ['of a longer port', { 'Dest port': '12321 mask: 0x0' }],
    ['of several ports', { 'Dest port': '1232 mask: 0xf' }],
    ['of TCP', { 'Rule Type': 'TCP over IPv4' }],
    ['that drop', { Action: 'Drop' }],
    ['of a source address', { 'Src IP addr': '10.0.0.7 mask: 0.0.0.0' }],
    ['of a network', { 'Dest IP addr': '10.0.0.0 mask: 0.0.0.255' }],
    ['of a class', { TOS: '0x10 mask: 0x0' }],
    ['of a source port', { 'Src port': '53 mask: 0x0' }],
    ['of half a source port', { 'Src port': '53 mask: 0xff' }],
    ['of a VLAN', { VLAN: '0xa mask: 0xf000' }],
    ['of data', { 'User-defined': '0x1 mask: 0xffff' }],
    ['of an address of the card', { 'Dest MAC addr': '02:00:00:00:00:10 mask: 00:00:00:00:00:00' }],
    ['of a context', { 'RSS Context ID': '1' }],
  ])("are not others' %s", (_, fields) => expect(portRulesOf(rules(rule(1022, fields)), 1232)).toEqual([]));
});
