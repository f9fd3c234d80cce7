import { describe, expect, it, vi } from 'vitest';
import type { LoadContext } from '../../../common/process/protocol.js';
import type { PacedEngine } from '../../../loadgen/engines/paced.js';
import type { HostTook, HostWatch } from '../../../loadgen/loads/capacity/host-watch.js';
import { findPeak } from '../../../loadgen/loads/saturate.js';
import type { Window } from '../../../model/record.js';

const clock = vi.hoisted(() => ({ ns: 0, passed: (_ns: number) => {} }));
vi.mock('../../../loadgen/engines/clock.js', () => ({
  nowNs: () => clock.ns,
  pause: async (ns: number) => {
    clock.ns += ns;
    clock.passed(ns);
  },
}));

const nothing: HostTook = {
  server: { stalledNs: 0, slowNs: 0 },
  generator: { stalledNs: 0, slowNs: 0 },
  lost: 0,
};
const context = { warmupNs: 100e6 } as LoadContext;

/** The peak of a server that answers 100,000 requests a second; `took`: what the host takes of a try, counted from 0. */
async function peak(took: (attempt: number) => Partial<HostTook>) {
  const counters = { sent: 0, replied: 0 };
  let rate = 0;
  let speed = 1;
  let attempts = 0;
  clock.passed = (ns) => {
    const sent = Math.round((rate * ns) / 1e9);
    counters.sent += sent;
    counters.replied += Math.min(sent, Math.round((100_000 * speed * ns) / 1e9));
  };
  const engine = {
    counters: () => ({ ...counters }),
    setRate: (perSecond: number) => {
      rate = perSecond;
    },
  } as unknown as PacedEngine;
  const host = {
    rest: async () => {},
    begin: async () => {
      const taken = { ...nothing, ...took(attempts++) };
      speed = taken.server.slowNs > 0 ? 0.01 : 1;
      return async () => taken;
    },
  } as unknown as HostWatch;
  const windows: Window[] = [];
  const offered = await findPeak(engine, context, { phase: () => {}, window: (window) => windows.push(window) }, host);
  return { offered, attempts, windows };
}

const slow = (ms: number) => ({ server: { stalledNs: 0, slowNs: ms * 1e6 } });

describe('findPeak', () => {
  it('tries each rate once where the host takes nothing', async () => {
    const { offered, attempts, windows } = await peak(() => ({}));
    expect(offered).toBeGreaterThanOrEqual(100_000);
    expect(offered).toBeLessThan(110_000);
    expect(windows).toHaveLength(attempts);
  });

  it('tries a rate again while the host takes more than a tenth of a trial, and finds the same', async () => {
    const quiet = await peak(() => ({}));
    const disturbed = await peak((attempt) => (attempt >= 2 && attempt < 5 ? slow(20) : {}));
    expect([disturbed.offered, disturbed.windows.length]).toEqual([quiet.offered, quiet.windows.length]);
    expect(disturbed.attempts).toBe(quiet.attempts + 3);
  });

  it('takes little for nothing', async () => {
    const { attempts, windows } = await peak(() => ({ generator: { stalledNs: 1e6, slowNs: 2e6 } }));
    expect(attempts).toBe(windows.length);
  });

  it('ends where the host takes much of every trial', async () => {
    const { attempts, windows } = await peak(() => ({ generator: { stalledNs: 30e6, slowNs: 0 } }));
    expect(attempts).toBe(windows.length + 6);
  });
});
