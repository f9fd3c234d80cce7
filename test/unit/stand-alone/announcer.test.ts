import { describe, expect, it } from 'vitest';
import type { InvokerOptions } from '../../../impls/invoker.js';
import { type Announcement, formatText, readyOf } from '../../../impls/stand-alone/announcer.js';
import { optionsOnLoopback, serviceOn } from '../../fakes/invoker.js';
import { threadOf } from '../../fakes/running.js';

const stats = (received: number, dropped: Record<string, number>): Announcement => ({
  ...{ type: 'stats', atNs: 2e9, intervalNs: 1e9, threads: [], shared: {} },
  rates: { received, handled: received, replied: received, dropped },
});

describe('an announcement as text', () => {
  const several = [serviceOn(1232), serviceOn(1300, 'echo', 2)];
  it.each<[string, Partial<InvokerOptions>]>([
    ['ready afxdp 1T1Q reverse on lo UDP 1232 attach=native pid=', {}],
    ['ready afxdp 2T2Q reverse on lo UDP 1232 attach=native pid=', { queues: 2 }],
    ['ready afxdp 1T1Q reverse on all interfaces UDP 1232 attach=native pid=', { interface: '' }],
    ['ready afxdp 1T1Q reverse on lo UDP 10.0.0.1:1232 attach=native pid=', { address: '10.0.0.1' }],
    ['ready afxdp 3T1Q 1232=reverse:1,1300=echo:2 on lo attach=native pid=', { services: several }],
    [
      'ready afxdp 3T1Q 1232=reverse:1,1300=echo:2 on lo 10.0.0.1 attach=native pid=',
      { services: several, address: '10.0.0.1' },
    ],
  ])('%s', (text, changes) => {
    const options = optionsOnLoopback([serviceOn(1232)], changes);
    expect(formatText(readyOf('afxdp', options, { attach: 'native' }))).toBe(`${text}${process.pid}`);
  });

  it.each([
    [1, 'scaled 1232 to 1 thread a queue'],
    [3, 'scaled 1232 to 3 threads a queue'],
  ])('of %i threads', (threadsPerQueue, text) => {
    expect(formatText({ type: 'scaled', port: 1232, threadsPerQueue })).toBe(text);
  });

  it('of totals is the counters of each thread as JSON', () => {
    const threads = [threadOf({ received: 1 }), threadOf({ received: 2 }, { state: 'retired' })];
    const text = formatText({ type: 'totals', threads, shared: { framesTotal: 3 } });
    expect(JSON.parse(text)).toEqual({ threads: [{ received: 1 }, { received: 2 }], shared: { framesTotal: 3 } });
  });

  it.each<[string, number, Record<string, number>]>([
    ['received/s       0  handled/s       0  replied/s       0  dropped/s       0', 0, { tx_lost: 0 }],
    ['received/s 1234567  handled/s 1234567  replied/s 1234567  dropped/s       3  tx_lost 3', 1234567, { tx_lost: 3 }],
    ['received/s       5  handled/s       5  replied/s       5  dropped/s       9  b 6  a 3', 5, { a: 3, b: 6, c: 0 }],
  ])('%s', (text, received, dropped) => expect(formatText(stats(received, dropped))).toBe(text));

  it('of many drops has the largest causes, in 100 columns', () => {
    const dropped = { tx_lost: 1, socket_dropped: 20_000_000, function_failed: 30_000_000 };
    const text = formatText(stats(99_999_999, dropped));
    expect(text).toMatch(/dropped\/s 50000001( {2}function_failed 30000000)?$/);
    expect(text.length).toBeLessThanOrEqual(100);
  });
});
