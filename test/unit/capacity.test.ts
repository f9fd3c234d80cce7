import { describe, expect, it, vi } from 'vitest';
import { searchCapacity } from '../../loadgen/capacity.js';
import { lossGoals } from '../../loadgen/capacity-search.js';
import type { PacedEngine } from '../../loadgen/paced.js';
import { ServerHiccups } from '../../loadgen/server-hiccups.js';

const clock = vi.hoisted(() => ({ ns: 0, passed: (_ns: number) => {} }));
vi.mock('../../loadgen/clock.js', () => ({
  nowNs: () => clock.ns,
  pause: async (ns: number) => {
    clock.ns += ns;
    clock.passed(ns);
  },
}));

const lostInHiccup = 5;
type Side = 'server' | 'generator';

/**
 * A server that answers at most `knee` requests a second, and what asks it. In the trials that `hasHiccup` says,
 * counted from 0, some requests are lost as the threads of one side do not run for 2 ms. The generator sends `mostSent` a
 * second at most.
 */
function serverOf(knee: number, hasHiccup: (trial: number) => boolean, side: Side, mostSent: number) {
  const counters = { sent: 0, replied: 0, wrong: 0, hiccupTotalNs: 0 };
  let rate = 0;
  let trial = -1;
  let serverStalledNs = 0;
  clock.passed = (ns) => {
    const sent = Math.round((Math.min(rate, mostSent) * ns) / 1e9);
    counters.sent += sent;
    counters.replied += Math.min(sent, Math.round((knee * ns) / 1e9));
  };
  const engine = {
    counters: () => ({ ...counters }),
    setRate: (perSecond: number) => {
      rate = perSecond;
      if (perSecond === 0) return;
      trial++;
      if (!hasHiccup(trial)) return;
      if (side === 'server') serverStalledNs += 2e6;
      else counters.hiccupTotalNs += 2e6;
      counters.replied -= lostInHiccup;
    },
  } as unknown as PacedEngine;
  const hiccups = new ServerHiccups(() => hiccups.answer(serverStalledNs));
  return { engine, hiccups };
}

interface Setting {
  guess?: number;
  /** Whose thread does not run in a hiccup. */
  side?: Side;
  mostSent?: number;
  generatorThreads?: number;
  sharing?: 'exclusive' | 'shared';
}

function search(knee: number, hasHiccup: (trial: number) => boolean, setting: Setting = {}) {
  const { guess = knee, side = 'server', generatorThreads = 1, sharing = 'exclusive' } = setting;
  const { engine, hiccups } = serverOf(knee, hasHiccup, side, setting.mostSent ?? Number.POSITIVE_INFINITY);
  const cpus = Array.from({ length: generatorThreads }, (_, i) => i);
  const question = { guess, goals: lossGoals, width: 0.005, cpus, sharing };
  return searchCapacity(engine, { phase: () => {}, window: () => {} }, hiccups, question);
}

describe('searchCapacity', () => {
  it('makes no trial again without hiccups', async () => {
    const { found, madeAgain, spoilt } = await search(100_000, () => false);
    expect(found.ndr).toBeGreaterThan(99_000);
    expect(found.ndr).toBeLessThanOrEqual(100_000);
    expect([madeAgain, spoilt]).toEqual([0, 0]);
  });

  it.each(['server', 'generator'] as const)('makes trials again that only hiccups of the %s spoilt', async (side) => {
    const quiet = await search(100_000, () => false);
    const { found, trials, madeAgain, spoilt } = await search(100_000, (trial) => trial < 1, { side });
    expect(found).toEqual(quiet.found);
    expect(trials).toEqual(quiet.trials);
    expect([madeAgain, spoilt]).toEqual([1, 0]);
  });

  it.each(['server', 'generator'] as const)(
    'counts them without what hiccups of the %s explain if they are spoilt again',
    async (side) => {
      const quiet = await search(100_000, () => false);
      const { found, trials, madeAgain, spoilt } = await search(100_000, () => true, { side });
      expect(found).toEqual(quiet.found);
      expect(trials.length).toBe(quiet.trials.length);
      const below = trials.filter(({ offered }) => offered <= 100_000);
      expect(below.map(({ lossRatio }) => lossRatio)).toEqual(below.map(() => 0));
      expect(spoilt).toBeGreaterThanOrEqual(below.length);
      expect(madeAgain).toBeGreaterThanOrEqual(below.length);
    },
  );

  it.each(['server', 'generator'] as const)('makes none again that hiccups of the %s do not explain', async (side) => {
    // Above the knee a third is lost, whatever the hiccup; below it there are none.
    const { found, madeAgain, spoilt } = await search(100_000, (trial) => trial < 2, { guess: 150_000, side });
    expect(found.ndr).toBeGreaterThan(99_000);
    expect([madeAgain, spoilt]).toEqual([0, 0]);
  });

  it('ends in time with what is proven by then', async () => {
    const beganNs = clock.ns;
    const { found, timedOut } = await search(100_000, () => true, { guess: 800_000 });
    expect(timedOut).toBe(true);
    expect(clock.ns - beganNs).toBeLessThan(25e9);
    expect(found.ndr).toBeGreaterThan(90_000);
    expect(found.pdr).toBeLessThanOrEqual(101_000);
  });

  it('does not excuse a generator by hiccups that are shorter than what it did not send takes', async () => {
    const short = { side: 'generator', mostSent: 80_000 } as const;
    const { trials, boundBy, madeAgain } = await search(100_000, (trial) => trial < 2, short);
    expect(trials.filter(({ offered }) => offered === 100_000)).toHaveLength(1);
    expect(madeAgain).toBe(0);
    expect(boundBy).toBe('generator');
  });

  it('takes a hiccup of one of many generator threads for the share of requests that this one sends', async () => {
    const all = (trial: number) => trial >= 0;
    // 2 ms of one thread: 100 requests of half the rate, or a fifth of a request.
    expect((await search(100_000, all, { side: 'generator', generatorThreads: 2 })).spoilt).toBeGreaterThan(0);
    const many = await search(100_000, all, { side: 'generator', generatorThreads: 1000 });
    expect([many.madeAgain, many.spoilt]).toEqual([0, 0]);
  });

  it.each(['server', 'generator'] as const)('knows no hiccups of a %s whose threads share CPUs', async (side) => {
    const { madeAgain, spoilt } = await search(100_000, () => true, { side, sharing: 'shared' });
    expect([madeAgain, spoilt]).toEqual([0, 0]);
  });
});
