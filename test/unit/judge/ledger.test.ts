import { describe, expect, it } from 'vitest';
import { buildLedger } from '../../../harness/judge/ledger.js';
import type { TopologyId } from '../../../model/ids.js';
import type { Counters } from '../../../model/record.js';

interface Counted {
  generator?: Counters;
  client?: Counters;
  threads?: Counters[];
  shared?: Counters;
  server?: Counters;
  topology?: TopologyId;
}

const nothingElse = { histogram: [], capacity: null, levels: [], clients: [] };

/** A ledger of 1000 requests sent, of which `replied` (980 unless said otherwise) came back. */
function ledgerOf({ generator, client, threads, shared, server, topology }: Counted) {
  return buildLedger(
    { generator: { sent: 1000, replied: 980, wrong: 0, ...generator }, kernel: client ?? {}, ...nothingElse },
    { threads: threads ?? [], shared: shared ?? {}, kernel: server ?? {} },
    topology ?? 'veth',
  );
}

describe('buildLedger', () => {
  it('of a run without loss has no lines and no residual', () => {
    const threads = [
      { handled: 600, replied: 600 },
      { handled: 400, replied: 400 },
    ];
    expect(ledgerOf({ generator: { replied: 1000 }, threads })).toEqual({
      ...{ sent: 1000, handled: 1000, replied: 1000, right: 1000, wrong: 0 },
      ...{ drops: [], residual: 0 },
    });
  });

  it.each<[string, Counted]>([
    ["server's receive ring full", { client: { 'dev.txDropped': 20 } }],
    // The drops of the device hold the frames that a live generator could not put on the wire.
    [
      "server's receive ring full",
      { client: { 'dev.txDropped': 20, tx_queue_0_xdp_xmit_errors: 15, tx_queue_11_xdp_xmit_errors: 5 } },
    ],
    ["server's receive queue", { server: { rx_queue_0_drops: 12, rx_queue_1_drops: 8 } }],
    ['socket buffer full', { server: { 'udp.RcvbufErrors': 20 } }],
    ['packet ring full', { threads: [{ ringFull: 15 }, { ringFull: 5 }] }],
    ['no socket on the port', { server: { 'udp.NoPorts': 20 } }],
    ['left to the kernel', { shared: { leftToKernel: 20 } }],
    ['bad checksum at the server', { server: { 'udp.InCsumErrors': 20 } }],
    ['invoker: no request', { threads: [{ malformed: 11 }, { malformed: 9 }] }],
    ['invoker: source refused', { threads: [{ refusedSource: 9 }, {}], shared: { refusedSource: 11 } }],
    ['invoker: function failed', { threads: [{ functionFailed: 20 }] }],
    ['invoker: TX ring full', { threads: [{ txFull: 20 }] }],
    ['invoker: send failed', { threads: [{}, { sendFailed: 20 }] }],
    ['UDP memory limit', { server: { 'udp.MemErrors': 20 } }],
    ["client's receive ring full", { server: { 'dev.txDropped': 20 } }],
    ["client's receive ring full", { server: { 'dev.txDropped': 20, tx_queue_0_xdp_xmit_errors: 20 } }],
    ["client's receive queue", { client: { rx_queue_0_drops: 20 } }],
    ["client's socket buffer full", { client: { 'udp.RcvbufErrors': 20 } }],
    // They came back, but nobody waited for them any more; that the client gave up is not a loss of its own.
    ['answered after the timeout', { generator: { late: 20, timeouts: 20 } }],
    ['bad checksum at the client', { client: { 'udp.InCsumErrors': 20 } }],
    // The queue counts a failed redirect as well as the socket does.
    ['XSK RX ring full', { shared: { xskRxRingFull: 20 }, server: { rx_queue_0_drops: 20 } }],
    ['XSK fill ring empty or frame too long', { shared: { xskRxDropped: 20 }, server: { rx_queue_0_drops: 20 } }],
  ])('%s: counted on that line alone', (name, counted) => {
    const { drops, residual } = ledgerOf(counted);
    expect(drops).toEqual([{ name, count: 20 }]);
    expect(residual).toBe(0);
  });

  it('keeps what a queue dropped beyond what its XSK sockets lost', () => {
    const { drops, residual } = ledgerOf({
      shared: { xskRxRingFull: 5, xskRxDropped: 3 },
      server: { rx_queue_0_drops: 9, rx_queue_1_drops: 4 },
    });
    expect(drops).toEqual([
      { name: 'XSK RX ring full', count: 5 },
      { name: 'XSK fill ring empty or frame too long', count: 3 },
      { name: "server's receive queue", count: 5 },
    ]);
    expect(residual).toBe(7);
  });

  it('has no negative line for a queue that does not count XSK drops', () => {
    const { drops, residual } = ledgerOf({ shared: { xskRxRingFull: 20 }, server: { rx_queue_0_drops: 0 } });
    expect(drops).toEqual([{ name: 'XSK RX ring full', count: 20 }]);
    expect(residual).toBe(0);
  });

  it('leaves what nothing explains as the residual', () => {
    const { drops, residual } = ledgerOf({ server: { 'udp.RcvbufErrors': 13 } });
    expect(drops).toHaveLength(1);
    expect(residual).toBe(7);
  });

  it('shows a loss that was counted twice as a negative residual', () => {
    expect(ledgerOf({ server: { 'udp.RcvbufErrors': 20, 'udp.NoPorts': 3 } }).residual).toBe(-3);
    expect(ledgerOf({ generator: { replied: 1001 } }).residual).toBe(-1);
  });

  it('counts a wrong reply neither as right nor as lost', () => {
    const { right, wrong, residual } = ledgerOf({ generator: { replied: 1000, wrong: 4 } });
    expect({ right, wrong, residual }).toEqual({ right: 996, wrong: 4, residual: 0 });
  });

  it('counts a late reply neither as right nor as wrong', () => {
    const { right, wrong, drops, residual } = ledgerOf({ generator: { replied: 993, wrong: 4, late: 7 } });
    expect({ right, wrong, residual }).toEqual({ right: 989, wrong: 4, residual: 0 });
    expect(drops).toEqual([{ name: 'answered after the timeout', count: 7 }]);
  });

  it('leaves a request that timed out and never was answered to who lost it', () => {
    const generator = { replied: 998, late: 1, timeouts: 3 };
    const { right, drops, residual } = ledgerOf({ generator, server: { 'udp.RcvbufErrors': 1 } });
    expect({ right, residual }).toEqual({ right: 998, residual: 0 });
    expect(drops.map(({ count }) => count)).toEqual([1, 1]);
  });

  it('tells live frames that a device did not take, where it counts those that it took', () => {
    const generator = { probed: 1, replied: 980 };
    const client = {
      tx_queue_0_xdp_xmit: 970,
      tx_queue_1_xdp_xmit: 10,
      tx_queue_0_xdp_xmit_errors: 4,
      'dev.txDropped': 19,
    };
    const { drops, residual } = ledgerOf({ generator, client });
    expect(drops).toEqual([
      { name: 'not taken by the wire', count: 15 },
      { name: "server's receive ring full", count: 4 },
    ]);
    expect(residual).toBe(1);
  });

  describe('of a wire between two interfaces', () => {
    const threads = [{ handled: 990, replied: 990 }];
    const client = { 'dev.txPackets': 1000, 'dev.rxPackets': 980 };
    const server = { 'dev.rxPackets': 990, 'dev.txPackets': 990 };

    it('holds what one sent and the other did not receive', () => {
      const { drops, residual } = ledgerOf({ topology: 'remote', client, threads, server });
      expect(drops).toEqual([
        { name: 'on the way to the server', count: 10 },
        { name: 'on the way back', count: 10 },
      ]);
      expect(residual).toBe(0);
    });

    it('holds what an interface did not take from the program that sent it', () => {
      const [fullThere, fullBack] = [
        { ...client, 'dev.txPackets': 991 },
        { ...server, 'dev.txPackets': 983 },
      ];
      const { drops, residual } = ledgerOf({ topology: 'remote', client: fullThere, threads, server: fullBack });
      expect(drops).toEqual([
        { name: "not taken by the client's interface", count: 9 },
        { name: 'on the way to the server', count: 1 },
        { name: "not taken by the server's interface", count: 7 },
        { name: 'on the way back', count: 3 },
      ]);
      expect(residual).toBe(0);
    });

    it('explains no more than is missing, as other traffic is counted, too', () => {
      const busy = { ...client, 'dev.txPackets': 1300 };
      const { drops, residual } = ledgerOf({ topology: 'nic', client: busy, threads, server });
      expect(drops).toEqual([{ name: 'on the way to the server', count: 20 }]);
      expect(residual).toBe(0);
    });

    it('is not told by drivers that do not count what XDP takes', () => {
      const blind = { 'dev.rxPackets': 3, 'dev.txPackets': 2 };
      expect(ledgerOf({ topology: 'remote', client, threads, server: blind })).toMatchObject({
        ...{ drops: [], residual: 20 },
      });
    });

    it('is left out where both ends are a veth, whose counters tell all', () => {
      expect(ledgerOf({ client, threads, server })).toMatchObject({ drops: [], residual: 20 });
    });

    it('names what an interface could not send', () => {
      const { drops } = ledgerOf({
        topology: 'remote',
        client: { 'dev.txDropped': 7 },
        server: { 'dev.txDropped': 4 },
      });
      expect(drops).toEqual([
        { name: 'not taken by the wire', count: 7 },
        { name: 'not taken by the wire back', count: 4 },
      ]);
    });
  });

  it.each(['rx_queue_0', 'rx0'])('does not count again what a program dropped of virtio_net (%s)', (queue) => {
    const counted = { [`${queue}_kicks`]: 0, [`${queue}_drops`]: 987, [`${queue}_xdp_drops`]: 980 };
    expect(ledgerOf({ topology: 'remote', client: counted })).toMatchObject({
      drops: [{ name: "client's receive queue", count: 7 }],
      residual: 13,
    });
    // A redirect that failed is counted by queue, program and socket.
    const server = { [`${queue}_kicks`]: 0, [`${queue}_drops`]: 20, [`${queue}_xdp_drops`]: 15 };
    expect(ledgerOf({ topology: 'remote', shared: { xskRxRingFull: 15 }, server })).toMatchObject({
      drops: [
        { name: 'XSK RX ring full', count: 15 },
        { name: "server's receive queue", count: 5 },
      ],
      residual: 0,
    });
  });

  it('adds up: sent = right + wrong + drops + residual', () => {
    const { sent, right, wrong, drops, residual } = ledgerOf({
      generator: { replied: 978, wrong: 2, late: 3 },
      client: { 'dev.txDropped': 3, rx_queue_0_drops: 4 },
      threads: [{ malformed: 1 }, { txFull: 2 }],
      server: { 'udp.RcvbufErrors': 5 },
    });
    expect(right + wrong + drops.reduce((sum, { count }) => sum + count, 0) + residual).toBe(sent);
    expect(residual).toBe(4);
  });

  it('of a run that counted nothing is all zeros', () => {
    const empty = buildLedger(
      { generator: {}, kernel: {}, ...nothingElse },
      { threads: [], shared: {}, kernel: {} },
      'remote',
    );
    expect(empty).toEqual({ sent: 0, handled: 0, replied: 0, right: 0, wrong: 0, drops: [], residual: 0 });
  });

  it('does not take counters of similar names for losses', () => {
    const others = {
      rx_queue_0_xdp_drops: 7,
      rx_drops: 7,
      rx_queue_drops: 7,
      'dev.rxDropped': 7,
      tx_queue_0_xdp_xmit_errors: 7,
    };
    expect(ledgerOf({ server: others, client: others }).drops).toEqual([]);
  });
});
