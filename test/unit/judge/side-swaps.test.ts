import { describe, expect, it } from 'vitest';
import { shiftOf } from '../../../harness/judge/side-swaps.js';

/** Turns in which the second differs by these logarithms. */
const turnsOf = (logs: readonly number[]) => logs.map((log) => [1000, 1000 * Math.exp(log)] as const);

describe('shiftOf', () => {
  // Made by an enumeration of all sign flips and all subsets in Python, with itertools.
  it.each([
    [
      [-0.1, -0.11, -0.09, -0.1, -0.12, -0.08],
      [0.904837418, 0.886920437, 0.923116346, 0.96875, 0.03125, 0.076089174],
    ],
    [
      [0.01, -0.02, 0.03, -0.01, 0.02, 0, 0.015, -0.03],
      [1.001876759, 0.983471454, 1.02020134, 0.953125, 0.875, 0.013211511],
    ],
    [
      [-0.1, -0.3, 0.2, -0.05, 0.1, -0.4, 0.3, -0.2],
      [0.945302781, 0.765928338, 1.161834243, 0.953125, 0.5703125, 0.169118446],
    ],
  ])('%j', (logs, expected) => {
    const { ratio, low, high, confidence, p, noise } = shiftOf(turnsOf(logs));
    for (const [index, value] of [ratio, low, high, confidence, p, noise].entries())
      expect(value).toBeCloseTo(expected[index] as number, 8);
  });

  it.each([
    [1, 0, 1],
    [2, 0.5, 0.5],
    [5, 0.9375, 0.0625],
    [6, 0.96875, 0.03125],
  ])('of %i equal turns covers %f, and has a p of %f', (turns, confidence, p) => {
    const shift = shiftOf(turnsOf(new Array(turns).fill(0.1)));
    expect([shift.confidence, shift.p]).toEqual([confidence, p]);
    expect(shift.low).toBeCloseTo(Math.exp(0.1), 12);
    expect(shift.high).toBeCloseTo(Math.exp(0.1), 12);
  });

  it('is the other way round for the other side', () => {
    const turns = turnsOf([0.1, 0.2, -0.05, 0.12, 0.3, 0.08, 0.01]);
    const [there, back] = [shiftOf(turns), shiftOf(turns.map(([first, second]) => [second, first]))];
    expect(back.ratio).toBeCloseTo(1 / there.ratio, 12);
    expect([back.low, back.high]).toEqual([expect.closeTo(1 / there.high, 12), expect.closeTo(1 / there.low, 12)]);
    expect([back.p, back.noise]).toEqual([there.p, expect.closeTo(there.noise, 12)]);
  });

  it('of equals tells nothing', () => {
    expect(shiftOf(turnsOf(new Array(8).fill(0)))).toEqual({
      ...{ ratio: 1, low: 1, high: 1, confidence: 1 - 12 / 256, p: 1, noise: 0 },
    });
  });

  it('excludes 1 exactly where p is 0.05 or less', () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647 - 0.5;
    };
    const seen = new Set<boolean>();
    for (let trial = 0; trial < 300; trial++) {
      const mean = random() / 5;
      const { low, high, p } = shiftOf(turnsOf(Array.from({ length: 6 + (trial % 5) }, () => mean + random() / 5)));
      expect(low > 1 || high < 1).toBe(p <= 0.05);
      seen.add(p <= 0.05);
    }
    expect(seen.size).toBe(2);
  });

  it('draws of many turns, the same each time, and comes near to all', () => {
    const logs = Array.from({ length: 17 }, (_, index) => 0.02 + 0.05 * Math.sin(7 * index));
    const exact = shiftOf(turnsOf(logs.slice(0, 16)));
    const [drawn, again] = [shiftOf(turnsOf(logs)), shiftOf(turnsOf(logs))];
    expect(again).toEqual(drawn);
    expect(drawn.confidence).toBeCloseTo(0.95, 3);
    for (const key of ['ratio', 'low', 'high', 'noise'] as const)
      expect(Math.abs(drawn[key] - exact[key])).toBeLessThan(0.01);
    // As normal variables are of so many: 1.96 times the root of the sum of squares, over 200.
    const many = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? 0.1 : -0.1));
    expect(Math.log1p(shiftOf(turnsOf(many)).noise)).toBeCloseTo(1.96 * (0.1 / Math.sqrt(200)), 2);
  });

  it.each([[[]], [[[1, 0]]], [[[0, 1]]], [[[1, Number.NaN]]]])('refuses %j', (turns) => {
    expect(() => shiftOf(turns as [number, number][])).toThrow(RangeError);
  });
});
