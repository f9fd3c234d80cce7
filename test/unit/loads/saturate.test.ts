import { describe, expect, it, vi } from 'vitest';
import type { LoadContext } from '../../../common/process/protocol.js';
import { findPeak, saturate } from '../../../loadgen/loads/saturate.js';
import { ownPacedTraffic } from '../../../loadgen/traffic/own.js';
import type { PhaseName, Window } from '../../../model/record.js';
import { PacedServer } from '../../fakes/paced-server.js';

const clock = vi.hoisted(() => ({ ns: 0, passed: (_ns: number) => {} }));
vi.mock('../../../loadgen/engines/clock.js', () => ({
  nowNs: () => clock.ns,
  pause: async (ns: number) => {
    clock.ns += ns;
    clock.passed(ns);
  },
}));

const context = { warmupNs: 100e6, sharing: 'exclusive', cpus: [0] } as unknown as LoadContext;

/**
 * The peak of a server that answers 100,000 requests a second; in some stretches its generator does not run for a
 * while.
 */
async function peak(awayNs: number, stretches: (stretch: number) => boolean, changes: Partial<LoadContext> = {}) {
  const server = new PacedServer({ takes: () => 100_000, fault: { in: stretches, awayNs, pause: 1 } });
  clock.passed = (ns) => server.passed(ns);
  const windows: Window[] = [];
  const events = { phase: () => {}, window: (window: Window) => windows.push(window) };
  const offered = await findPeak(ownPacedTraffic(server.engine, { ...context, ...changes }), context, events);
  // The warm-up, and the peak at last.
  return { offered, attempts: server.offered.length - 2, windows };
}

describe('findPeak', () => {
  it('tries each rate once where the generator runs all the time', async () => {
    const { offered, attempts, windows } = await peak(0, () => false);
    expect(offered).toBeGreaterThanOrEqual(100_000);
    expect(offered).toBeLessThan(110_000);
    expect(windows).toHaveLength(attempts);
  });

  it('tries a rate again while the generator does not run for more than a tenth of a trial, and finds the same', async () => {
    const quiet = await peak(0, () => false);
    const disturbed = await peak(20e6, (stretch) => stretch >= 3 && stretch < 6);
    expect([disturbed.offered, disturbed.windows.length]).toEqual([quiet.offered, quiet.windows.length]);
    expect(disturbed.attempts).toBe(quiet.attempts + 3);
  });

  it('does not for less', async () => {
    const { attempts, windows } = await peak(3.9e6, () => true);
    expect(attempts).toBe(windows.length);
  });

  it('ends where the generator hardly runs', async () => {
    const { attempts, windows } = await peak(30e6, () => true);
    expect(attempts).toBe(windows.length + 6);
  });

  it('tries no rate again where measured threads share CPUs: each of them waits', async () => {
    const { attempts, windows } = await peak(20e6, () => true, { sharing: 'shared' });
    expect(attempts).toBe(windows.length);
  });
});

/** What `saturate` tells of a server that takes `takes` requests a second after so many looks. */
async function saturated(takes: (looks: number) => number) {
  const phases: PhaseName[] = [];
  const looks = () => phases.filter((phase) => phase === 'overload').length;
  const server = new PacedServer({ takes: () => takes(looks()) });
  clock.passed = (ns) => server.passed(ns);
  const windows: Window[] = [];
  const events = {
    phase: (phase: PhaseName) => phases.push(phase),
    window: (window: Window) => windows.push(window),
  };
  await saturate(ownPacedTraffic(server.engine, context), { ...context, durationNs: 1e9 }, events);
  const measured = windows.filter(({ phase }) => phase === 'measure');
  expect(measured).toHaveLength(1);
  expect(windows.filter(({ phase }) => phase === 'overload')).toHaveLength(1);
  return { phases, replied: measured[0]?.replied ?? 0 };
}

describe('saturate', () => {
  it('looks once where full overload is answered no better than the peak', async () => {
    const { phases, replied } = await saturated(() => 100_000);
    expect(phases).toEqual(['warmup', 'ramp', 'overload', 'measure']);
    expect(replied).toBeGreaterThan(99_000);
  });

  it('looks again where a host that had the CPUs during the look hid the peak', async () => {
    const { phases, replied } = await saturated((looks) => (looks === 0 ? 30_000 : 100_000));
    expect(phases).toEqual(['warmup', 'ramp', 'overload', 'ramp', 'overload', 'measure']);
    expect(replied).toBeGreaterThan(99_000);
  });

  it('looks three times at most', async () => {
    const { phases } = await saturated((looks) => 20_000 * 2 ** looks);
    expect(phases.filter((phase) => phase === 'ramp')).toHaveLength(3);
  });
});
