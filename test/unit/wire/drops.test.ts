import { describe, expect, it } from 'vitest';
import { notTakenByWire, receivedByQueue, sumMatching } from '../../../common/wire/drops.js';

describe('sumMatching', () => {
  it.each([
    [/^rx_\d+$/, 5],
    [/^tx/, 4],
    [/nothing/, 0],
  ])('%s', (pattern, sum) => expect(sumMatching({ rx_0: 2, rx_1: 3, rx_x: 100, tx: 4 }, pattern)).toBe(sum));
});

describe('notTakenByWire', () => {
  it.each([
    ['all live frames were taken', { tx_queue_0_xdp_xmit: 100 }, 0],
    ['some were refused by a full ring', { tx_queue_0_xdp_xmit: 90, tx_queue_0_xdp_xmit_errors: 10 }, 0],
    ['the peer was down for some', { tx_queue_0_xdp_xmit: 40, tx_queue_1_xdp_xmit: 40, 'dev.txDropped': 20 }, 20],
    ['both', { tx_queue_0_xdp_xmit: 70, tx_queue_0_xdp_xmit_errors: 10, 'dev.txDropped': 30 }, 20],
    ['frames that are no live ones were dropped', { tx_queue_0_xdp_xmit: 0, 'dev.txDropped': 20 }, 0],
    ['the device has no such counters', { 'dev.txDropped': 20 }, 0],
  ])('%s', (_, counters, expected) => expect(notTakenByWire({ 'dev.txDropped': 0, ...counters }, 100)).toBe(expected));
});

describe('receivedByQueue', () => {
  it.each([
    ['each queue of a program', { rx_queue_1_xdp_packets: 3, rx_queue_0_xdp_packets: 7, rx_queue_0_drops: 1 }, [7, 3]],
    ['an idle one beside others', { rx_queue_0_xdp_packets: 7, rx_queue_1_xdp_packets: 0 }, [7, 0]],
    ['queues above the ninth in their order', { rx_queue_10_xdp_packets: 1, rx_queue_2_xdp_packets: 2 }, [2, 1]],
    ['none without a program, if a driver counts that', { rx_queue_0_packets: 9, rx_queue_0_xdp_packets: 0 }, []],
    ['none of a driver that counts none', { 'dev.rxPackets': 9 }, []],
  ])('tells %s', (_, kernel, received) => expect(receivedByQueue(kernel)).toEqual(received));
});
