import { describe, expect, it } from 'vitest';
import { BracketSearch, lossGoals, type PieceOutcome } from '../../../loadgen/loads/capacity/bracket.js';
import { seededRandom } from '../../fakes/random.js';

const pdrOnly = lossGoals.filter(({ id }) => id === 'pdr');
const lossless: PieceOutcome = { lossRatio: 0, sent: 'yes' };

interface Setting {
  guess?: number;
  goals?: typeof lossGoals;
  width?: number;
  mostPieces?: number;
}

/** Searches with a server of which `piece` tells what comes of the i-th piece at a load. */
function search(piece: (load: number, i: number) => PieceOutcome, setting: Setting = {}) {
  const { guess = 100_000, goals = lossGoals, width = 0.01, mostPieces = 1000 } = setting;
  const bracket = new BracketSearch({ guess, goals, width });
  const offered: number[] = [];
  let load = bracket.next();
  for (; load !== null && offered.length < mostPieces; load = bracket.next()) {
    bracket.add(piece(load, offered.length));
    offered.push(load);
  }
  return { ...bracket.found, trials: bracket.trials, offered, loads: [...new Set(offered)], answered: load === null };
}

/** A server that takes just so much, and loses what is above it. */
const takes = (most: number) => (load: number) => ({ ...lossless, lossRatio: Math.max(0, 1 - most / load) });

describe('a sharp knee', () => {
  it.each([
    [100_000, 1],
    [100_000, 0.5],
    [100_000, 0.97],
    [100_000, 1.02],
    [100_000, 1.6],
    [1_300_000, 0.9],
    [300, 1.3],
    [40, 1],
    [3, 2],
    [1, 1],
  ])('of %i/s is between the bounds of the NDR, from a guess of %f times that', (knee, share) => {
    const { ndr, pdr, answered } = search(takes(knee), { guess: knee * share });
    expect(answered).toBe(true);
    expect(ndr?.perSecond).toBeLessThanOrEqual(knee);
    expect(ndr?.failedPerSecond).toBeGreaterThan(knee);
    for (const bounds of [ndr, pdr]) {
      const { perSecond = 0, failedPerSecond } = bounds ?? {};
      expect((failedPerSecond ?? 0) - perSecond).toBeLessThanOrEqual(Math.max(1, 0.01 * (failedPerSecond ?? 0)));
      expect(bounds?.boundBy).toBe('server');
    }
    expect(pdr?.perSecond).toBeGreaterThanOrEqual(ndr?.perSecond ?? 0);
    expect(pdr?.failedPerSecond).toBeGreaterThan(knee / 0.995 - 1);
  });

  it('takes few loads, each of which is decided as soon as it can be', () => {
    const { offered, loads, trials } = search(takes(101_000));
    expect(trials).toBe(loads.length);
    expect(trials).toBeLessThanOrEqual(6);
    for (const load of loads) expect(offered.filter((other) => other === load)).toHaveLength(load <= 101_000 ? 4 : 5);
  });

  it('is looked for outward from the guess in steps that double, then in the middle', () => {
    expect(search(takes(150_000), { goals: pdrOnly }).loads.slice(0, 7)).toEqual([
      100_000, 103_000, 106_000, 112_000, 124_000, 148_000, 196_000,
    ]);
    expect(search(takes(90_000), { goals: pdrOnly }).loads.slice(0, 6)).toEqual([
      100_000, 97_087, 94_340, 89_286, 91_813, 90_550,
    ]);
  });

  it('answers for the goals that were asked for alone', () => {
    const { ndr, pdr } = search(takes(100_000), { goals: pdrOnly });
    expect(ndr).toBeNull();
    expect(pdr).not.toBeNull();
  });
});

describe('a load', () => {
  /** Outcomes of the pieces at the guess, in order; below it all is well, above it nothing. */
  const atGuess = (...lossRatios: number[]) => {
    const left = [...lossRatios];
    return search((load) => ({
      ...lossless,
      lossRatio: load === 100_000 ? (left.shift() ?? 9) : load < 100_000 ? 0 : 1,
    }));
  };

  it.each([
    ['4 good of 4', [0, 0, 0, 0], true],
    ['4 good of 8, a tie', [1, 0, 1, 0, 1, 0, 1, 0], true],
    ['4 good after 4 bad', [1, 1, 1, 1, 0, 0, 0, 0], true],
    ['5 bad of 5', [1, 1, 1, 1, 1], false],
    ['5 bad of 8', [1, 0, 1, 0, 1, 0, 1, 1], false],
  ])('with %s pieces holds or fails', (_, lossRatios, holds) => {
    const { ndr, offered } = atGuess(...lossRatios);
    expect(offered.filter((load) => load === 100_000)).toHaveLength(lossRatios.length);
    expect((holds ? ndr?.perSecond : ndr?.failedPerSecond) ?? 0).toBe(100_000);
  });

  it('is good for a goal at the very ratio that it allows', () => {
    expect(atGuess(0.005, 0.005, 0.005, 0.005, 0.005)).toMatchObject({
      pdr: { perSecond: 100_000 },
      ndr: { failedPerSecond: 100_000 },
    });
  });

  it('that was tried for one goal counts for the other', () => {
    const { offered } = search((load) => ({ ...lossless, lossRatio: load > 100_000 ? 0.5 : 0 }));
    const first = offered.filter((load) => load === 100_000);
    expect(first).toHaveLength(4);
  });
});

describe('what bounds a goal', () => {
  it('is the generator where most bad pieces at the load above could not be sent', () => {
    const sends = (most: number) => (load: number) => ({ ...lossless, sent: load > most ? 'no' : 'yes' }) as const;
    const { ndr, pdr } = search(sends(150_000));
    expect([ndr?.boundBy, pdr?.boundBy]).toEqual(['generator', 'generator']);
    expect(pdr?.perSecond).toBeLessThanOrEqual(150_000);
    expect(pdr?.failedPerSecond).toBeGreaterThan(150_000);
  });

  it('is told for each goal by itself', () => {
    const { ndr, pdr } = search((load) => ({
      lossRatio: load > 100_000 ? 0.001 : 0,
      sent: load > 120_000 ? 'no' : 'yes',
    }));
    expect([ndr?.boundBy, pdr?.boundBy]).toEqual(['server', 'generator']);
    expect(ndr?.perSecond).toBeLessThan(101_000);
    expect(pdr?.perSecond).toBeGreaterThan(118_000);
  });

  it('is the server where half of the bad pieces could be sent', () => {
    let bad = 0;
    const { pdr } = search((load) =>
      load > 100_000 ? { lossRatio: 1, sent: bad++ % 2 === 0 ? 'yes' : 'no' } : lossless,
    );
    expect(pdr?.boundBy).toBe('server');
  });
});

describe('no bracket', () => {
  it('where every load loses: none is found, and the search ends', () => {
    const { ndr, pdr, answered, loads } = search(() => ({ ...lossless, lossRatio: 1 }));
    expect([ndr, pdr, answered]).toEqual([null, null, true]);
    expect(Math.min(...loads)).toBeGreaterThan(100_000 / 65);
  });

  it('where every load loses a little, for the NDR alone', () => {
    const { ndr, pdr, answered } = search((load) => ({ ...lossless, lossRatio: load > 100_000 ? 1 : 0.001 }));
    expect([ndr, answered]).toEqual([null, true]);
    expect(pdr).toMatchObject({ perSecond: 100_000 });
  });

  it('where every load holds: no load failed above', () => {
    const { ndr, answered } = search(() => lossless);
    expect([ndr?.failedPerSecond, ndr?.boundBy, answered]).toEqual([null, 'server', true]);
    expect(ndr?.perSecond).toBeGreaterThan(3_000_000);
  });

  it('where time is up: what is known so far', () => {
    const upward = search(takes(1e9), { mostPieces: 8 });
    expect(upward).toMatchObject({ answered: false, ndr: { perSecond: 103_000, failedPerSecond: null } });
    const downward = search(takes(1), { mostPieces: 8 });
    expect(downward).toMatchObject({ answered: false, ndr: null, pdr: null });
  });
});

describe('a host that spoils pieces', () => {
  const seeds = Array.from({ length: 40 }, (_, i) => i + 1);
  const knee = 100_000;
  /** How often both goals come out within `within` of the knee. */
  const successes = (spoils: (random: () => number) => () => boolean, within: number) =>
    seeds.filter((seed) => {
      const random = seededRandom(seed);
      const isSpoilt = spoils(random);
      const { ndr, pdr } = search((load) => (isSpoilt() ? { ...lossless, lossRatio: 0.2 } : takes(knee)(load)), {
        guess: knee * (0.8 + 0.4 * random()),
        mostPieces: 100,
      });
      return [ndr, pdr].every((found) => Math.abs((found?.perSecond ?? 0) / knee - 1) <= within);
    }).length / seeds.length;

  it.each([
    [0.1, 0.02, 0.95],
    [0.2, 0.02, 0.85],
    [0.3, 0.05, 0.6],
  ])('one by one, with a chance of %f: within %f of the knee in %f of all searches', (chance, within, least) => {
    const rate = successes((random) => () => random() < chance, within);
    expect(rate).toBeGreaterThanOrEqual(least);
  });

  it.each([
    [0.02, 4, 0.05, 0.8],
    [0.04, 3, 0.05, 0.7],
  ])(
    'in runs, begun with a chance of %f, of about %i pieces: within %f in %f of all searches',
    (begins, length, within, least) => {
      const rate = successes((random) => {
        let isSlow = false;
        return () => {
          isSlow = isSlow ? random() > 1 / length : random() < begins;
          return isSlow;
        };
      }, within);
      expect(rate).toBeGreaterThanOrEqual(least);
    },
  );

  it('never makes a capacity higher than the server takes', () => {
    for (const seed of seeds) {
      const random = seededRandom(seed);
      const { ndr } = search((load) => (random() < 0.3 ? { ...lossless, lossRatio: 0.2 } : takes(knee)(load)));
      expect(ndr?.perSecond ?? 0).toBeLessThanOrEqual(knee);
    }
  });
});
