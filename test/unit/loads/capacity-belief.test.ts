import { describe, expect, it } from 'vitest';
import { CapacityBelief, type Verdicts } from '../../../loadgen/loads/capacity/belief.js';

const believed = (...verdicts: Verdicts[]) => {
  const belief = new CapacityBelief(1000, 0.005);
  for (const one of verdicts) belief.add(one);
  return belief;
};
const good = (rate: number, pieces = 4): Verdicts => ({ rate, good: pieces, bad: 0 });
const bad = (rate: number, pieces = 4): Verdicts => ({ rate, good: 0, bad: pieces });
const interval = (belief: CapacityBelief) => [belief.quantile(0.05), belief.quantile(0.95)] as const;

describe('a belief', () => {
  it('is at first that of the guess', () => {
    const belief = believed();
    expect(belief.quantile(0.5)).toBeCloseTo(1000, -1);
    const [low, high] = interval(belief);
    expect(low).toBeLessThan(850);
    expect(high).toBeGreaterThan(1150);
  });

  it('moves up by good pieces and down by bad ones, the more by more', () => {
    const middles = [bad(1000), bad(1000, 1), { rate: 1000, good: 2, bad: 2 }, good(1000, 1), good(1000)].map(
      (verdicts) => believed(verdicts).quantile(0.5),
    );
    expect(middles).toEqual([...middles].sort((a, b) => a - b));
    expect(middles[2]).toBeCloseTo(1000, -1);
  });

  it('narrows to between a good rate and a bad one where a few agree', () => {
    const [low, high] = interval(believed(good(1000), bad(1005), good(1000), bad(1005)));
    expect(low).toBeGreaterThan(997);
    expect(high).toBeLessThan(1008);
  });

  it('is as wide as the range in which pieces are good by chance', () => {
    const wide = [960, 980, 1000, 1020, 1040].map((rate): Verdicts => ({ rate, good: 2, bad: 2 }));
    const [low, high] = interval(believed(...wide));
    expect(high - low).toBeGreaterThan(30);
    expect((low + high) / 2).toBeCloseTo(1000, -2);
  });

  it('is not misled by a third of pieces that are bad at any rate', () => {
    const disturbed = (rate: number): Verdicts => ({ rate, good: 3, bad: 1 });
    const belief = believed(
      good(960),
      disturbed(980),
      disturbed(990),
      disturbed(995),
      bad(1005),
      bad(1002),
      disturbed(998),
    );
    expect(belief.quantile(0.5)).toBeGreaterThan(995);
    expect(belief.quantile(0.5)).toBeLessThan(1003);
  });

  it('comes back from bad seconds when good ones follow', () => {
    const belief = believed(bad(1000), bad(980), bad(900), bad(600), good(500), ...Array(4).fill(good(1000)));
    expect(belief.quantile(0.5)).toBeGreaterThan(990);
  });

  it('is none where every rate down to a fiftieth is bad', () => {
    const rates = [1000, 900, 700, 500, 300, 150, 80, 40, 20, 17];
    expect(believed(...rates.map((rate) => bad(rate))).quantile(0.5)).toBe(0);
    expect(believed(...rates.slice(0, 5).map((rate) => bad(rate))).quantile(0.5)).toBeGreaterThan(0);
  });
});
