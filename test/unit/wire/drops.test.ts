import { describe, expect, it } from 'vitest';
import { notTakenByWire, sumMatching } from '../../../common/wire/drops.js';

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
