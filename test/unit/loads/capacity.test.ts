import { describe, expect, it, vi } from 'vitest';
import type { PacedEngine } from '../../../loadgen/engines/paced.js';
import { searchCapacity } from '../../../loadgen/loads/capacity/capacity.js';
import { HostWatch } from '../../../loadgen/loads/capacity/host-watch.js';
import { lossGoals } from '../../../loadgen/loads/capacity/search.js';
import { ServerHiccups } from '../../../loadgen/loads/capacity/server-hiccups.js';
import type { SpeedLook } from '../../../native/index.js';

const clock = vi.hoisted(() => ({ ns: 0, passed: (_ns: number) => {} }));
vi.mock('../../../loadgen/engines/clock.js', () => ({
  nowNs: () => clock.ns,
  pause: async (ns: number) => {
    clock.ns += ns;
    clock.passed(ns);
  },
}));

/** A thread that does not run in a piece of a trial. */
interface Hiccup {
  /** Counted from 0. */
  piece: (piece: number) => boolean;
  side: 'server' | 'generator';
  ns: number;
  /** Lost by it, or not sent. */
  requests: number;
  /** Of those lost: what the kernel says that it had no room for meanwhile. */
  told?: number;
}

interface Setting {
  guess?: number;
  hiccup?: Hiccup;
  /** Requests a second that the generator sends at most. */
  mostSent?: number;
  generatorThreads?: number;
  sharing?: 'exclusive' | 'shared';
  cores?: 'own' | 'shared';
  /** Lost of sent at any rate. */
  alwaysLost?: number;
  /** For so long the server answers a tenth of its knee, by itself. */
  slowNs?: number;
  /** The speed of all CPUs, 0..1, so long after the beginning. */
  speed?: (sinceNs: number) => number;
}

/** The generator's first CPU, and those of its further threads. */
const firstCpu = 10;

/** A search where the server answers at most `knee` requests a second, and the modelled time it took. */
async function search(knee: number, setting: Setting = {}) {
  const { guess = knee, hiccup, mostSent = Number.POSITIVE_INFINITY, alwaysLost = 0, slowNs = 0 } = setting;
  const { sharing = 'exclusive', cores = 'own', speed = () => 1 } = setting;
  // The quick look before has lost some.
  const counters = { sent: 1000, replied: 0, wrong: 0, awayTotalNs: 0 };
  const server = { stalledNs: 0, lost: 0 };
  /** By piece. */
  const offered: number[] = [];
  const beganNs = clock.ns;
  let rate = 0;
  let dueLeft = 0;
  let due: Hiccup | undefined;
  clock.passed = (ns) => {
    if (rate === 0) return;
    const unsent = due?.side === 'generator' ? due.requests : 0;
    dueLeft += (Math.min(rate, mostSent) * ns) / 1e9;
    const sent = Math.floor(dueLeft + 1e-6) - unsent;
    dueLeft -= Math.floor(dueLeft + 1e-6);
    const takes = (clock.ns - beganNs < slowNs ? knee / 10 : knee) * speed(clock.ns - ns / 2 - beganNs);
    const lost = due?.side === 'server' ? due.requests : Math.round(alwaysLost * sent);
    counters.sent += sent;
    counters.replied += Math.min(sent, Math.round((takes * ns) / 1e9)) - lost;
    if (due?.side === 'generator') counters.awayTotalNs += due.ns;
    if (due?.side === 'server') {
      server.stalledNs += due.ns;
      server.lost += due.told ?? 0;
    }
    due = undefined;
  };
  const engine = {
    counters: () => ({ ...counters }),
    setRate: (perSecond: number) => {
      rate = perSecond;
      if (rate === 0) return;
      if (hiccup?.piece(offered.length)) due = hiccup;
      offered.push(rate);
    },
  } as unknown as PacedEngine;
  const hiccups = new ServerHiccups(() => hiccups.answer({ ...server }));
  const cpus = Array.from({ length: setting.generatorThreads ?? 1 }, (_, i) => firstCpu + i);
  let lookedNs = beganNs - 1e9;
  let watched = true;
  const looks = {
    take: () => {
      const since: SpeedLook[] = [];
      for (; lookedNs <= clock.ns; lookedNs += 10e6)
        since.push({ atNs: lookedNs, tookNs: 8000 / speed(lookedNs - beganNs) });
      return sharing === 'exclusive' && cores === 'own' ? [...cpus, 0].map(() => since) : [];
    },
    stop: () => {
      watched = false;
    },
  };
  const host = new HostWatch({ context: { cpus, serverCpus: [0], sharing, cores }, engine, hiccups, speed: looks });
  const events = { phase: () => {}, window: () => {} };
  const searched = await searchCapacity(engine, events, host, { guess, goals: lossGoals, width: 0.005 });
  expect(watched).toBe(false);
  const { capacity, ...beside } = searched;
  const found = { ...capacity, ...beside };
  const [ndrPerSecond, pdrPerSecond] = [found.ndr, found.pdr].map((rate) => rate?.perSecond ?? null);
  return { ...found, ndrPerSecond, pdrPerSecond, offered, tookNs: clock.ns - beganNs };
}

const always = () => true;
const once = (piece: number) => piece === 0;
/** Too little for the PDR, too much for the NDR. */
const shortStall = { side: 'server', ns: 10e6, requests: 5 } as const;

describe('searchCapacity', () => {
  it('finds what a server without hiccups takes', async () => {
    const { ndrPerSecond, trials, piecesSpoilt, offered, boundBy, timedOut } = await search(100_000);
    expect(ndrPerSecond).toBeGreaterThan(99_000);
    expect(ndrPerSecond).toBeLessThanOrEqual(100_000);
    // A trial that loses nothing is made in four pieces.
    expect(offered.length).toBeGreaterThan(trials);
    expect(offered.length).toBeLessThanOrEqual(4 * trials);
    expect([piecesSpoilt, boundBy, timedOut]).toEqual([0, 'server', false]);
  });

  it.each([0.05, 0.3, 0.7, 0.97, 1, 1.03, 1.3, 3, 20])(
    'is in time where the guess is %d of the knee',
    async (share) => {
      const { ndrPerSecond, pdrPerSecond, timedOut, tookNs } = await search(100_000, { guess: 100_000 * share });
      for (const found of [ndrPerSecond, pdrPerSecond]) expect(Math.abs((found ?? 0) / 100_000 - 1)).toBeLessThan(0.01);
      expect(timedOut).toBe(false);
      expect(tookNs).toBeLessThan(21e9);
    },
  );

  it('gives up a trial early that far too little comes back from', async () => {
    const { offered, tookNs } = await search(100_000, { guess: 1_000_000 });
    const tooMuch = offered.filter((rate) => rate > 110_000);
    expect(tooMuch.length).toBeGreaterThan(5);
    // Two pieces are half of a trial.
    expect(tooMuch.filter((rate, i) => rate !== tooMuch[i - (i % 2)])).toEqual([]);
    expect(tooMuch.length % 2).toBe(0);
    expect(tookNs).toBeLessThan(22e9);
  });

  it('lays to the host what the kernel had no room for in hiccups of the server', async () => {
    const quiet = await search(100_000);
    const { ndrPerSecond, pdrPerSecond, piecesSpoilt } = await search(100_000, {
      hiccup: { ...shortStall, ns: 0.5e6, piece: always, told: 5 },
    });
    expect([ndrPerSecond, pdrPerSecond, piecesSpoilt]).toEqual([quiet.ndrPerSecond, quiet.pdrPerSecond, 0]);
  });

  it('takes no piece for bad that a long hiccup may have spoilt, and finds the same', async () => {
    const quiet = await search(100_000);
    const { piecesSpoilt, ndrPerSecond } = await search(100_000, {
      hiccup: { side: 'server', ns: 10e6, requests: 700, piece: once, told: 100 },
    });
    expect([piecesSpoilt, ndrPerSecond]).toEqual([1, quiet.ndrPerSecond]);
  });

  it('takes no piece for bad in which CPUs were slow, and finds the same', async () => {
    const quiet = await search(100_000);
    // A tenth of a second in each second, at a fifth of the speed.
    const spells = (ns: number) => (ns % 1e9 > 0.5e9 && ns % 1e9 < 0.6e9 ? 0.2 : 1);
    const { ndrPerSecond, pdrPerSecond, piecesSpoilt, slowedRatio, timedOut } = await search(100_000, {
      speed: spells,
    });
    expect(Math.abs((ndrPerSecond ?? 0) / (quiet.ndrPerSecond ?? 0) - 1)).toBeLessThan(0.006);
    expect(Math.abs((pdrPerSecond ?? 0) / (quiet.pdrPerSecond ?? 0) - 1)).toBeLessThan(0.006);
    expect(piecesSpoilt).toBeGreaterThan(3);
    expect(slowedRatio).toBeGreaterThan(0.05);
    expect(slowedRatio).toBeLessThan(0.11);
    expect(timedOut).toBe(false);
  });

  it.each([{ sharing: 'shared' }, { cores: 'shared' }] as const)(
    'sees no slow CPUs where threads slow each other: %o',
    async (seats) => {
      const spells = (ns: number) => (ns % 1e9 > 0.5e9 && ns % 1e9 < 0.6e9 ? 0.2 : 1);
      const { piecesSpoilt, slowedRatio } = await search(100_000, { speed: spells, ...seats });
      expect([piecesSpoilt, slowedRatio]).toEqual([0, 0]);
    },
  );

  it('finds the capacity of a server of few requests', async () => {
    for (const knee of [30, 99, 199, 701]) {
      const { ndrPerSecond, boundBy, piecesSpoilt } = await search(knee);
      expect(ndrPerSecond ?? 0).toBeGreaterThan(0.9 * knee);
      expect([boundBy, piecesSpoilt]).toEqual(['server', 0]);
    }
  });

  it('ends in time where the host spoils every piece', async () => {
    const spells = (ns: number) => (ns % 0.2e9 < 0.08e9 ? 0.1 : 1);
    const { tookNs, piecesSpoilt, ndrPerSecond } = await search(100_000, { speed: spells });
    expect(tookNs).toBeLessThan(35e9);
    expect(piecesSpoilt).toBeGreaterThan(5);
    // For two fifths of the time it takes a tenth of its knee, and this server has no queue.
    expect(ndrPerSecond ?? 0).toBeGreaterThan(9_000);
    expect(ndrPerSecond ?? 0).toBeLessThan(100_000);
  });

  it('lays nothing to the host that is lost while CPUs have their speed', async () => {
    const { ndrPerSecond, piecesSpoilt, slowedRatio } = await search(100_000, { alwaysLost: 0.001 });
    expect(ndrPerSecond ?? 0).toBeLessThan(10_000);
    expect([piecesSpoilt, slowedRatio]).toEqual([0, 0]);
  });

  it('finds no NDR where every piece is spoilt, and says that time was up', async () => {
    const found = await search(100_000, { hiccup: { ...shortStall, piece: always } });
    expect([found.ndr, found.timedOut]).toEqual([null, true]);
    expect(found.pdrPerSecond).toBeGreaterThan(99_000);
    expect(found.tookNs).toBeLessThan(22e9);
  });

  it('takes a piece for spoilt in which the server did not run for long, whatever the kernel had no room for', async () => {
    const stood = { side: 'server', ns: 60e6, requests: 3000 } as const;
    const { offered, piecesSpoilt } = await search(100_000, { hiccup: { ...stood, piece: once, told: 3000 } });
    expect([offered[1], piecesSpoilt]).toEqual([100_000, 1]);
  });

  it('takes a piece for a shorter one where the generator did not run for as long as it left out', async () => {
    const hiccup = { side: 'generator', ns: 20e6, requests: 2000, piece: always } as const;
    const shorter = await search(100_000, { hiccup });
    expect([shorter.piecesSpoilt, shorter.boundBy]).toEqual([0, 'server']);
    expect(shorter.ndrPerSecond).toBeGreaterThan(99_400);
    // One of fifty threads, each of which sends a fiftieth.
    const unsent = await search(100_000, { hiccup, generatorThreads: 50 });
    expect(unsent.offered[2]).toBeLessThan(100_000);
    expect(unsent.boundBy).toBe('generator');
  });

  it('tries a rate again where a piece was too short', async () => {
    const hiccup = { side: 'generator', ns: 200e6, requests: 20_000, piece: once } as const;
    const { offered, piecesSpoilt } = await search(100_000, { hiccup });
    expect([offered[1], piecesSpoilt]).toEqual([100_000, 1]);
  });

  it('is bound by a generator that does not send what is asked, after hiccups at first', async () => {
    const hiccup = { side: 'generator', ns: 2e6, requests: 5, piece: (piece: number) => piece < 2 } as const;
    const { offered, boundBy, ndrPerSecond } = await search(100_000, { hiccup, mostSent: 80_000 });
    expect(offered[0]).toBe(100_000);
    expect(boundBy).toBe('generator');
    expect(Math.abs((ndrPerSecond ?? 0) / 80_000 - 1)).toBeLessThan(0.02);
  });

  it('knows no hiccups of threads that share CPUs', async () => {
    const hiccup = { ...shortStall, piece: always, told: 5 };
    const { ndrPerSecond, piecesSpoilt, boundBy } = await search(100_000, { hiccup, sharing: 'shared' });
    expect([ndrPerSecond, piecesSpoilt, boundBy]).toEqual([null, 0, 'server']);
  });

  it('ends in time with what is proven by then', async () => {
    const found = await search(100_000, { hiccup: { ...shortStall, piece: (piece) => piece % 4 > 0 }, guess: 30_000 });
    expect(found.timedOut).toBe(true);
    expect(found.tookNs).toBeLessThan(21e9);
    expect(found.ndrPerSecond).toBeGreaterThanOrEqual(30_000);
  });

  it('finds the PDR of a server that is never lossless in time', async () => {
    for (const guess of [70_000, 97_000, 103_000]) {
      const { ndrPerSecond, pdrPerSecond, tookNs } = await search(100_000, { alwaysLost: 0.001, guess });
      // Of few requests it loses none.
      expect(ndrPerSecond ?? 0).toBeLessThan(10_000);
      expect(Math.abs((pdrPerSecond ?? 0) / 100_400 - 1)).toBeLessThan(0.01);
      expect(tookNs).toBeLessThan(22e9);
    }
  });

  it.each([2, 12, 16])('outlives a server that answers nothing in the first %d pieces', async (pieces) => {
    // All that is sent until a trial is given up.
    const dead = { side: 'server', ns: 0, requests: 5000, piece: (piece: number) => piece < pieces } as const;
    const { ndrPerSecond, pdrPerSecond } = await search(100_000, { hiccup: dead, guess: 100_000 });
    for (const found of [ndrPerSecond, pdrPerSecond]) expect(Math.abs((found ?? 0) / 100_000 - 1)).toBeLessThan(0.01);
  });

  it('outlives a server that is slow at first, however soon its answer seems found', async () => {
    const { ndrPerSecond, pdrPerSecond, tookNs } = await search(100_000, { slowNs: 6e9 });
    for (const found of [ndrPerSecond, pdrPerSecond]) expect(Math.abs((found ?? 0) / 100_000 - 1)).toBeLessThan(0.01);
    expect(tookNs).toBeGreaterThan(10e9);
  });

  it('goes on until a rate is proven or none is left', async () => {
    const { ndrPerSecond, pdrPerSecond, timedOut, tookNs } = await search(100_000, { alwaysLost: 0.01 });
    expect([ndrPerSecond, pdrPerSecond, timedOut]).toEqual([null, null, false]);
    expect(tookNs).toBeGreaterThan(10e9);
  });
});
