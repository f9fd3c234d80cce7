import { describe, expect, it } from 'vitest';
import type { ThreadReading } from '../../../impls/invoker.js';
import { dropsOf, verdictsOf } from '../../../impls/stand-alone/drops.js';
import { ratesBetween } from '../../../impls/stand-alone/rates.js';
import type { Counters } from '../../../model/record.js';
import { threadOf } from '../../fakes/running.js';

const at = (seconds: number, threads: ThreadReading[], shared: Counters = {}) => ({
  atNs: seconds * 1e9,
  threads,
  shared,
});
const none = { received: 0, handled: 0, replied: 0, dropped: {} };

describe('ratesBetween', () => {
  it('is what happened a second, over all threads', () => {
    const before = at(10, [threadOf({ received: 100, handled: 90, replied: 80 }), threadOf({ received: 5 })]);
    const after = at(12, [threadOf({ received: 300, handled: 290, replied: 270 }), threadOf({ received: 9 })]);
    expect(ratesBetween(before, after)).toEqual({ received: 102, handled: 100, replied: 95, dropped: {} });
  });

  it('counts threads that came, and those that were scaled away', () => {
    const before = at(0, [threadOf({ received: 10 })]);
    const after = at(1, [threadOf({ received: 14 }, { state: 'retired' }), threadOf({ received: 3 })]);
    expect(ratesBetween(before, after)).toMatchObject({ received: 7 });
  });

  it('has drops by cause, of the threads and of what they share', () => {
    const before = at(0, [threadOf({ txFull: 1 })], { xskRxRingFull: 1 });
    const after = at(0.5, [threadOf({ txFull: 3 }), threadOf({ txFull: 1, malformed: 0 })], { xskRxRingFull: 2 });
    const dropped = { tx_ring_full: 6, malformed: 0, xsk_rx_ring_full: 2 };
    expect(ratesBetween(before, after)).toEqual({ ...none, dropped });
  });

  it.each([0, -1])('is nothing where %i s passed', (seconds) => {
    expect(ratesBetween(at(1, []), at(1 + seconds, [threadOf({ received: 5 })]))).toEqual(none);
  });
});

describe('dropsOf', () => {
  it('leaves out what is no drop, and what is not counted', () => {
    const threads = [threadOf({ received: 1, replied: 2, runDelayNs: 3 })];
    expect(dropsOf({ threads, shared: { xskFillRingEmpty: 4, framesTotal: 5, steerNoTarget: 6 } })).toEqual({});
  });
});

describe('verdictsOf', () => {
  it('names verdicts as Prometheus does', () => {
    const shared = { steerNotUdp: 1, steerNoTarget: 2, steerRedirected: 3, steered: 4, framesTotal: 5 };
    expect(verdictsOf(shared)).toEqual({ not_udp: 1, no_target: 2, redirected: 3 });
  });
});
