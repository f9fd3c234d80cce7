import { describe, expect, it } from 'vitest';
import { interfaceCounters } from '../../native/index.js';
import { kernelCounters, parseNetDev, parseSnmpUdp } from '../../native/kernel.js';
import { randomBytes } from '../fakes/random.js';
import { freePort, UdpClient } from '../fakes/udp.js';

const netDev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 11111      22    3    4    5     6          7         8 99999      10   11   12   13    14      15         16
ivb-srv:1000 2000 0 30 0 0 0 0 5000 6000 0 70 0 0 0 0
ivb-srv2: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
`;

const snmp = `Ip: Forwarding DefaultTTL
Ip: 2 64
Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors
Udp: 100 2 3 400 5 6 7
UdpLite: InDatagrams NoPorts
UdpLite: 8 9
`;

describe('parseNetDev', () => {
  it.each([
    ['lo', { 'dev.rxPackets': 22, 'dev.rxDropped': 4, 'dev.txPackets': 10, 'dev.txDropped': 12 }],
    ['ivb-srv', { 'dev.rxPackets': 2000, 'dev.rxDropped': 30, 'dev.txPackets': 6000, 'dev.txDropped': 70 }],
    ['ivb-srv2', { 'dev.rxPackets': 1, 'dev.rxDropped': 1, 'dev.txPackets': 1, 'dev.txDropped': 1 }],
    ['ivb', {}],
    ['srv', {}],
    ['', {}],
  ])('of %j', (name, counters) => expect(parseNetDev(netDev, name)).toEqual(counters));

  it('of nothing', () => expect(parseNetDev('', 'lo')).toEqual({}));
});

describe('parseSnmpUdp', () => {
  it('pairs names and values, and leaves UDP-Lite out', () => {
    expect(parseSnmpUdp(snmp)).toEqual({
      ...{ 'udp.InDatagrams': 100, 'udp.NoPorts': 2, 'udp.InErrors': 3, 'udp.OutDatagrams': 400 },
      ...{ 'udp.RcvbufErrors': 5, 'udp.SndbufErrors': 6, 'udp.InCsumErrors': 7 },
    });
  });

  it.each([
    ['', {}],
    ['Udp: InDatagrams NoPorts\n', { 'udp.InDatagrams': 0, 'udp.NoPorts': 0 }],
    ['Tcp: A\nTcp: 1\n', {}],
  ])('of %j', (text, counters) => expect(parseSnmpUdp(text)).toEqual(counters));
});

describe('kernelCounters', () => {
  it('of the loopback are whole numbers with the names that the ledger looks for', () => {
    const counters = kernelCounters('lo');
    const names = ['dev.rxPackets', 'dev.txDropped', 'udp.RcvbufErrors', 'udp.NoPorts', 'udp.InCsumErrors'];
    expect(Object.keys(counters)).toEqual(expect.arrayContaining(names));
    expect(Object.values(counters).every((value) => Number.isSafeInteger(value) && value >= 0)).toBe(true);
  });

  it('count what happens: a datagram that nobody waits for', async () => {
    const before = kernelCounters('lo');
    const client = await UdpClient.to(await freePort());
    await client.tell(randomBytes(9));
    client.close();
    const after = kernelCounters('lo');
    expect((after['udp.NoPorts'] ?? 0) - (before['udp.NoPorts'] ?? 0)).toBeGreaterThanOrEqual(1);
    expect((after['dev.rxPackets'] ?? 0) - (before['dev.rxPackets'] ?? 0)).toBeGreaterThanOrEqual(1);
  });

  it.each([
    ['kernelCounters', kernelCounters],
    ['interfaceCounters', interfaceCounters],
  ])('%s of a missing interface fail in one line that names it', (_, read) => {
    for (const name of ['ivb-none0', '', 'a-name-that-is-too-long-for-linux']) {
      expect(() => read(name)).toThrow(
        expect.objectContaining({
          code: 'NO_INTERFACE',
          call: 'if_nametoindex',
          message: expect.stringMatching(new RegExp(`^no interface ${name}.*$`)),
        }),
      );
    }
  });
});
