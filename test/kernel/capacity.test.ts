import { expect, test } from 'vitest';
import { childScripts } from '../../common/process/paths.js';
import { measureCeiling } from '../../common/wire/ceiling.js';
import { type Capacity, mostPiecesRepeated } from '../../model/record.js';
import { invokerContext, runCell } from './cell.js';
import { loadContext } from './load.js';
import { buildWire, describeAsRoot, xdpProgram } from './wire.js';

/** Whether the host kept taking the generator's CPU, so that no load need have held. */
const isStarved = (capacity: Capacity | null) => capacity?.piecesRepeated === mostPiecesRepeated;

describeAsRoot('loads that search', () => {
  test('a capacity is found in pieces that tell it, and measured', async () => {
    const wire = await buildWire(1);
    const load = loadContext(wire, { kind: 'capacity' }, 'live', 300e6);
    const { load: totals, windows, ledger } = await runCell(wire, invokerContext(wire, 'recvfrom', 1), load);
    const { ndr, pdr, trials, pieces } = totals.capacity ?? {};
    if (!isStarved(totals.capacity)) expect(pdr?.perSecond).toBeGreaterThan(1000);
    expect(ndr?.perSecond ?? 0).toBeLessThanOrEqual(pdr?.perSecond ?? 0);
    const made = windows.filter(({ phase }) => phase === 'search');
    expect(made).toHaveLength(pieces ?? 0);
    expect(new Set(made.map(({ offeredPerSecond }) => offeredPerSecond)).size).toBe(trials);
    // The bounds can be derived from the records again.
    const badAt = (load: number, lossRatio: number) => {
      const own = made.filter(({ offeredPerSecond }) => offeredPerSecond === load);
      return own.map(({ sent, replied }) => 1 - replied / sent > lossRatio).filter(Boolean).length;
    };
    for (const [bounds, lossRatio] of [
      [ndr, 0],
      [pdr, 0.005],
    ] as const) {
      if (!bounds) continue;
      expect(badAt(bounds.perSecond, lossRatio)).toBeLessThanOrEqual(4);
      if (bounds.failedPerSecond !== null && bounds.boundBy === 'server')
        expect(badAt(bounds.failedPerSecond, lossRatio)).toBeGreaterThanOrEqual(3);
    }
    expect(windows.filter(({ phase }) => phase === 'measure')).toHaveLength(1);
    expect(Math.abs(ledger.residual)).toBeLessThanOrEqual(ledger.sent / 1000);
  });

  test('round trips are taken at shares of the capacity and at one rate for all', async () => {
    const wire = await buildWire(1);
    const load = loadContext(wire, { kind: 'latency-under-load' }, 'live', 300e6);
    const { load: totals } = await runCell(wire, invokerContext(wire, 'recvfrom', 1), load);
    expect(totals.levels.map(({ level }) => level)).toEqual(['10%', '50%', '90%', 'equal']);
    const rates = totals.levels.map(({ offeredPerSecond }) => offeredPerSecond);
    const { pdr } = totals.capacity ?? {};
    if (!isStarved(totals.capacity)) expect(pdr?.perSecond).toBeGreaterThan(1000);
    if (pdr) expect(rates[1]).toBeCloseTo(0.5 * pdr.perSecond, -1);
    expect(rates[1]).toBeCloseTo(5 * (rates[0] ?? 0), -2);
    expect(rates[3]).toBe(10_000);
    for (const { sent, replied, histogram } of totals.levels) {
      expect(histogram.reduce((sum, [, count]) => sum + count, 0)).toBe(replied);
      expect(replied).toBeGreaterThan(100);
      // A few requests are due between the readings and what is told to the generator.
      expect(replied).toBeLessThan(1.05 * sent);
    }
  });

  test.each([
    ['live', 64],
    ['live', 0],
    ['afxdp', 64],
    ['sendmmsg', 64],
    ['socket', 64],
  ] as const)('a ceiling is sent and counted: %s, 1 in %i checked', async (engine, checkEvery) => {
    const wire = await buildWire(1);
    const question = { engine, packetBytes: 200, queues: 1, cpus: [[0]], timed: false, checkEvery };
    const ceiling = await measureCeiling(wire, question, childScripts.generator, new AbortController().signal);
    expect(ceiling).toMatchObject(question);
    expect(ceiling.sentPerSecond).toBeGreaterThan(1000);
    expect(ceiling.countedPerSecond).toBeGreaterThan(0.5 * ceiling.sentPerSecond);
    expect([await xdpProgram(wire.server), await xdpProgram(wire.client)]).toEqual([null, null]);
  });
});
