import { describe, expect, it, vi } from 'vitest';
import { lossGoals } from '../../../loadgen/loads/capacity/bracket.js';
import { searchCapacity } from '../../../loadgen/loads/capacity/capacity.js';
import { ownPacedTraffic } from '../../../loadgen/traffic/own.js';
import type { Window } from '../../../model/record.js';
import { PacedServer, type ServerModel } from '../../fakes/paced-server.js';

const clock = vi.hoisted(() => ({ ns: 0, passed: (_ns: number) => {} }));
vi.mock('../../../loadgen/engines/clock.js', () => ({
  nowNs: () => clock.ns,
  pause: async (ns: number) => {
    clock.ns += ns;
    clock.passed(ns);
  },
}));

interface Setting extends Partial<ServerModel> {
  guess?: number;
  generatorThreads?: number;
  sharing?: 'exclusive' | 'shared';
}

/** A search where the server answers at most `knee` requests a second, and the modelled time that it took. */
async function search(knee: number, { guess = knee, generatorThreads = 1, sharing, ...model }: Setting = {}) {
  const server = new PacedServer({ takes: () => knee, ...model });
  clock.passed = (ns) => server.passed(ns);
  const beganNs = clock.ns;
  const windows: Window[] = [];
  const events = { phase: () => {}, window: (window: Window) => windows.push(window) };
  const context = { sharing: sharing ?? 'exclusive', cpus: Array.from({ length: generatorThreads }, (_, i) => i) };
  const question = { guess, goals: lossGoals, width: 0.01 };
  const found = await searchCapacity(ownPacedTraffic(server.engine, context), events, question);
  return { ...found, offered: server.offered, windows, tookNs: clock.ns - beganNs };
}

const first = (stretch: number): boolean => stretch === 0;
const always = () => true;

describe('searchCapacity', () => {
  it('finds what a server takes, and counts loads and pieces', async () => {
    const { ndr, pdr, trials, pieces, piecesRepeated, timedOut, offered, windows, tookNs } = await search(100_000);
    expect(ndr).toMatchObject({ perSecond: 100_000, boundBy: 'server' });
    expect(ndr?.failedPerSecond).toBeLessThanOrEqual(101_010);
    expect(pdr?.perSecond).toBeGreaterThanOrEqual(100_000);
    expect([piecesRepeated, timedOut]).toEqual([0, false]);
    expect([trials, pieces]).toEqual([new Set(offered).size, offered.length]);
    expect(windows.map(({ offeredPerSecond }) => offeredPerSecond)).toEqual(offered);
    expect(tookNs).toBeLessThan(12e9);
  });

  it.each([0.3, 0.8, 1.25, 2.5])('finds it from a guess of %f times that', async (share) => {
    const { ndr, pdr, timedOut } = await search(100_000, { guess: 100_000 * share });
    for (const found of [ndr, pdr]) expect(Math.abs((found?.perSecond ?? 0) / 100_000 - 1)).toBeLessThan(0.011);
    expect(timedOut).toBe(false);
  });

  it('tells in the records what each piece lost', async () => {
    const { windows } = await search(100_000, { guess: 110_000, queue: 1e9 });
    const at = (load: number) => windows.filter(({ offeredPerSecond }) => offeredPerSecond === load);
    for (const { sent, replied } of at(110_000)) expect(1 - replied / sent).toBeGreaterThan(0.05);
    for (const { sent, replied } of windows.filter(({ offeredPerSecond }) => (offeredPerSecond ?? 0) <= 100_000))
      expect(replied).toBe(sent);
  });

  it('counts what is still queued when a piece ends as lost, if that is more than 0.5 % of it', async () => {
    const deep = await search(100_000, { guess: 103_000, queue: 1e9 });
    expect(deep.ndr?.perSecond).toBeGreaterThanOrEqual(100_000);
    expect(deep.ndr?.perSecond).toBeLessThan(101_000);
    expect(deep.ndr?.failedPerSecond).toBeGreaterThan(100_500);
  });

  it('ends a piece early when it is hopeless', async () => {
    const { windows } = await search(100_000, { guess: 1_000_000 });
    const [hopeless] = windows;
    expect((hopeless?.endNs ?? 0) - (hopeless?.beginNs ?? 0)).toBeLessThanOrEqual(100e6);
  });

  it('counts a piece that lost, whatever the server says of it', async () => {
    const { ndr, piecesRepeated } = await search(100_000, { fault: { in: always, lost: 50 } });
    expect([ndr, piecesRepeated]).toEqual([null, 0]);
  });

  it('outlives single pieces that lost', async () => {
    const { ndr } = await search(100_000, { fault: { in: (stretch) => stretch % 3 === 0, lost: 50 } });
    expect(ndr?.perSecond).toBe(100_000);
  });
});

describe('a generator that did not run', () => {
  const away = (ms: number, stretches = first) => ({ fault: { in: stretches, awayNs: ms * 1e6 } });

  it('for more than 3 % of a piece has it made again', async () => {
    const { offered, pieces, piecesRepeated, windows, ndr } = await search(100_000, away(8));
    expect([piecesRepeated, pieces]).toEqual([1, offered.length - 1]);
    expect(windows).toHaveLength(pieces);
    expect(ndr).toMatchObject({ perSecond: 100_000, boundBy: 'server' });
  });

  it('for less has made a piece that counts, at its load', async () => {
    const { piecesRepeated, ndr } = await search(100_000, away(7, always));
    expect([piecesRepeated, ndr?.boundBy]).toEqual([0, 'server']);
    expect(ndr?.perSecond).toBeGreaterThanOrEqual(100_000);
  });

  it('again and again has 16 pieces made again, and the rest did not offer their load', async () => {
    const { piecesRepeated, pieces, ndr, pdr } = await search(100_000, away(30, always));
    expect(piecesRepeated).toBe(16);
    expect(pieces).toBeGreaterThan(16);
    expect([ndr, pdr]).toEqual([null, null]);
  });

  it('from some load on bounds the capacity', async () => {
    const { piecesRepeated, ndr } = await search(
      100_000,
      away(30, (stretch) => stretch > 4),
    );
    expect(piecesRepeated).toBe(16);
    expect(ndr).toMatchObject({ perSecond: 100_000, boundBy: 'generator' });
  });

  it('by the mean of its threads', async () => {
    const { piecesRepeated } = await search(100_000, { ...away(14), generatorThreads: 2 });
    expect(piecesRepeated).toBe(0);
  });

  it('is no excuse where measured threads share CPUs', async () => {
    const { piecesRepeated, ndr } = await search(100_000, { ...away(30, always), sharing: 'shared' });
    expect([piecesRepeated, ndr]).toEqual([0, null]);
  });
});

describe('a piece with more replies than requests', () => {
  it('is made again: they belong to the piece before', async () => {
    const { piecesRepeated, windows } = await search(100_000, { fault: { in: first, late: 2000 } });
    expect(piecesRepeated).toBe(1);
    for (const { sent, replied } of windows) expect(replied).toBeLessThanOrEqual(sent);
  });
});

describe('a search', () => {
  it('is bound by a generator that does not send what is asked for', async () => {
    const { ndr, pdr } = await search(100_000, { mostSent: 80_000 });
    for (const found of [ndr, pdr]) {
      expect(found?.boundBy).toBe('generator');
      expect(Math.abs((found?.perSecond ?? 0) / 80_000 - 1)).toBeLessThan(0.02);
    }
  });

  it('finds no NDR where a little is lost at every load', async () => {
    const { ndr, pdr, timedOut } = await search(100_000, { alwaysLost: 0.001 });
    // Of few requests none is lost.
    expect(ndr?.perSecond ?? 0).toBeLessThan(10_000);
    expect(pdr?.perSecond).toBeGreaterThan(99_000);
    expect(timedOut).toBe(false);
  });

  it('is out of time after 30 s, with what was found', async () => {
    const everyOther = { in: (stretch: number) => stretch % 2 === 0, lost: 1000 };
    const { ndr, pdr, timedOut, tookNs } = await search(100_000, { guess: 5000, fault: everyOther });
    expect(timedOut).toBe(true);
    expect(tookNs).toBeGreaterThan(30e9);
    expect(tookNs).toBeLessThan(31e9);
    expect(ndr?.perSecond).toBeGreaterThan(50_000);
    expect(pdr?.perSecond).toBeGreaterThan(50_000);
  });

  it('goes on after seconds in which the server answered nothing', async () => {
    const { ndr } = await search(100_000, { takes: (ns) => (ns < 1.5e9 ? 0 : 100_000) });
    expect(ndr?.perSecond).toBeGreaterThan(75_000);
  });
});
