import { describe, expect, it } from 'vitest';
import {
  type CapacityQuestion,
  CapacitySearch,
  type CapacityTrial,
  type Losses,
  type LossGoal,
  lossGoals,
} from '../../../loadgen/loads/capacity/search.js';

/** The share of requests that a server loses at a rate; `piece` counts from 0. */
type Server = (offered: number, piece: number) => number;

const question = (guess: number): CapacityQuestion => ({ guess, goals: lossGoals, width: 0.005 });
const only = (id: LossGoal['id'], guess = 1000) => ({
  ...question(guess),
  goals: lossGoals.filter((goal) => goal.id === id),
});

/** A piece that nothing disturbed. */
const pieceOf = (lossRatio: number, changes: Partial<Losses> = {}): Losses => ({
  ...{ lossRatio, disturbed: false, exhausted: false, tooShort: false },
  ...changes,
});
/** A trial whose pieces are all the same. */
const trialOf = (offered: number, lossRatio: number, changes: Partial<Losses> = {}): CapacityTrial => ({
  offered,
  pieces: Array(4).fill(pieceOf(lossRatio, changes)),
});

/** Searches to the end, as the load generator does where nothing keeps it waiting: at least and at most so many trials. */
function search(server: Server, guess: number, { ceiling = Number.POSITIVE_INFINITY, least = 0, most = 100 } = {}) {
  const search = new CapacitySearch(question(guess));
  let pieces = 0;
  for (;;) {
    const { trials, found, boundBy, answered } = search;
    const wanted = search.next(trials.length < least);
    if (wanted === null || trials.length === most)
      return { ndr: found.ndr?.perSecond ?? null, pdr: found.pdr?.perSecond ?? null, found, boundBy, answered, trials };
    const { rate } = wanted;
    const losses = Array.from({ length: 4 }, () => pieceOf(server(rate, pieces++), { exhausted: rate > ceiling }));
    search.add({ offered: rate, pieces: losses });
  }
}

/** Loses whatever is above its knee. */
const sharp =
  (knee: number): Server =>
  (offered) =>
    Math.max(0, 1 - knee / offered);

/** Loses a little from its knee on, and `slope` of the requests at twice that. */
const soft =
  (knee: number, slope: number): Server =>
  (offered) =>
    Math.max(0, slope * (offered / knee - 1));

/** A number in [0, 1) from a piece's number: the same in every run. */
const chance = (piece: number) => ((Math.imul(piece + 1, 2654435761) >>> 0) % 1000) / 1000;

/** Loses a burst in some pieces, whatever the rate. */
const noisy =
  (server: Server, share: number): Server =>
  (offered, piece) =>
    Math.max(server(offered, piece), chance(piece) < share ? 0.02 : 0);

/** Has a knee that is another one in each piece, up to `spread` of it higher or lower, as CPUs are slowed and left alone. */
const unsteady =
  (knee: number, spread: number): Server =>
  (offered, piece) =>
    sharp(knee * (1 + spread * (2 * chance(piece) - 1)))(offered, piece);

const within = (found: number | null, expected: number, width: number) => {
  expect(found).not.toBeNull();
  expect(Math.abs((found as number) / expected - 1)).toBeLessThan(width);
};

const knees = [3_300, 70_100, 923_000, 3_510_000];
const guesses = [0.7, 0.97, 1.03, 1.3];

const searched = (trials: CapacityTrial[], asked = question(1000)) => {
  const search = new CapacitySearch(asked);
  for (const trial of trials) search.add(trial);
  return search;
};

describe.each(knees)('a knee at %i/s', (knee) => {
  it.each(guesses)('guessed at %d of it is found', (share) => {
    const { ndr, pdr, found, answered, trials } = search(sharp(knee), Math.round(knee * share));
    within(ndr, knee, 0.0051);
    within(pdr, knee / 0.995, 0.0051);
    expect(ndr).toBeLessThanOrEqual(knee);
    for (const { low, high } of [found.ndr, found.pdr].flatMap((one) => one ?? [])) {
      expect(high / low).toBeLessThan(1.006);
      expect(low).toBeLessThanOrEqual(knee * 1.006);
      expect(high).toBeGreaterThanOrEqual(knee * 0.994);
    }
    expect(answered).toBe(true);
    expect(trials.length).toBeLessThan(25);
  });
});

describe('a soft knee', () => {
  it.each([0.02, 0.1, 0.5])('with %d lost at twice its rate has two capacities', (slope) => {
    const { ndr, pdr } = search(soft(400_000, slope), 390_000);
    within(ndr, 400_000, 0.0051);
    within(pdr, 400_000 * (1 + 0.005 / slope), 0.0051);
  });
});

describe('a server one of whose queues is hot', () => {
  it.each([
    [0.1, 4],
    [0.25, 2],
    [0.5, 3],
  ])('and gets %d of the requests is found from a guess of %d times the knee', (share, times) => {
    const { ndr, trials } = search((offered) => share * Math.max(0, 1 - 100_000 / offered), 100_000 * times);
    within(ndr, 100_000, 0.0051);
    expect(trials.length).toBeLessThan(50);
  });
});

describe('a noisy server', () => {
  it.each(
    [
      [0.05, 0.006],
      [0.2, 0.006],
      [0.35, 0.01],
    ].flatMap(([share = 0, width = 0]) => [0.7, 0.99, 1.2].map((guess) => [share, guess, width] as const)),
  )('that loses a burst in %d of the pieces is found from a guess of %d', (share, guess, width) => {
    const { ndr, pdr } = search(noisy(sharp(400_000), share), 400_000 * guess);
    within(ndr, 400_000, width);
    within(pdr, 400_000 / 0.995, width);
  });

  it.each([0.02, 0.05, 0.1])('whose knee is %d higher or lower in each piece has the middle found', (spread) => {
    for (const guess of [0.9, 1, 1.1]) {
      const { ndr, found } = search(unsteady(400_000, spread), 400_000 * guess, { most: 18 });
      within(ndr, 400_000, 0.5 * spread);
      expect(found.ndr?.low).toBeLessThan(400_000);
      expect(found.ndr?.high).toBeGreaterThan(400_000);
      expect((found.ndr?.high ?? 0) / (found.ndr?.low ?? 1)).toBeLessThan(1 + 1.5 * spread);
    }
  });

  it.each([12, 32, 48])('that answers almost nothing in the first %d pieces is found if that is early', (pieces) => {
    const server: Server = (offered, piece) => (piece < pieces ? 0.9 : sharp(400_000)(offered, piece));
    const { ndr, pdr } = search(server, 395_000, { least: 25 });
    within(ndr, 400_000, 0.0051);
    within(pdr, 400_000 / 0.995, 0.0051);
  });
});

describe('a guess far off', () => {
  it.each([0.05, 0.1, 20])('at %d of the knee is made up for', (share) => {
    const { ndr, answered } = search(sharp(100_000), 100_000 * share);
    within(ndr, 100_000, 0.0051);
    expect(answered).toBe(true);
  });

  it('is no answer as long as nothing failed', () => {
    const lossless = searched(Array(30).fill(trialOf(1000, 0)), only('ndr', 1000));
    expect(lossless.answered).toBe(false);
    expect(lossless.next(false)?.rate).toBeGreaterThan(1000);
  });
});

describe('a server whose every loss is disturbed', () => {
  it('is not tried at one rate for ever', () => {
    const search = new CapacitySearch(only('ndr', 100_000));
    for (let trial = 0; trial < 40; trial++) {
      const { rate = 0 } = search.next(false) ?? {};
      search.add(trialOf(rate, rate > 95_000 ? 0.01 : 0, { disturbed: true }));
    }
    within(search.found.ndr?.perSecond ?? null, 95_000, 0.02);
  });
});

describe('a server that is never lossless', () => {
  it('has no NDR, and a PDR', () => {
    const { ndr, pdr, trials } = search((offered) => Math.max(0.001, 1 - 400_000 / offered), 390_000);
    expect(ndr).toBeNull();
    within(pdr, 400_000 / 0.995, 0.0051);
    expect(trials.length).toBeLessThanOrEqual(40);
  });

  it.each([5000, 12_000])('is given up from a guess of %i/s', (guess) => {
    const { ndr, pdr, answered, trials } = search(() => 1, guess);
    expect([ndr, pdr, answered]).toEqual([null, null, true]);
    expect(trials.length).toBeLessThanOrEqual(40);
  });
});

describe('a generator that cannot offer enough', () => {
  it('bounds both from above by what it can send', () => {
    const { ndr, pdr, boundBy } = search(sharp(10e6), 900_000, { ceiling: 1e6 });
    within(ndr, 1e6, 0.0051);
    expect([pdr, boundBy]).toEqual([ndr, 'generator']);
  });
});

describe('a server that gives up before the generator does', () => {
  it('is the bound, also where rates were tried that could not be sent', () => {
    const { ndr, boundBy, trials } = search(sharp(400_000), 700_000, { ceiling: 650_000 });
    within(ndr, 400_000, 0.0051);
    expect(trials.some(({ pieces }) => pieces.some(({ exhausted }) => exhausted))).toBe(true);
    expect(boundBy).toBe('server');
  });
});

describe('what is tried next', () => {
  const next = (...trials: CapacityTrial[]) => searched(trials, only('ndr')).next(false)?.rate ?? null;

  it('is the guess at first', () => expect(next()).toBe(1000));

  it.each([
    ['lost a little', trialOf(1000, 0.001)],
    ['lost much', trialOf(1000, 0.9)],
    ['could not be sent', trialOf(1000, 0, { exhausted: true })],
  ])('is lower after a trial that %s', (_, trial) => {
    expect(next(trial)).toBeLessThan(1000);
    expect(next(trial, trial)).toBeLessThan(next(trial) as number);
  });

  it.each([
    ['lost a little while it was disturbed', trialOf(1000, 0.01, { disturbed: true })],
    ['was too short', trialOf(1000, 0, { tooShort: true })],
  ])('is a little lower after a trial that %s', (_, trial) => {
    expect(next(trial)).toBeGreaterThan(970);
    expect(next(trial)).toBeLessThan(1000);
    expect(next(trial)).toBeGreaterThan(next(trialOf(1000, 0.01)) as number);
  });

  it('is higher after a good trial, disturbed or not', () => {
    expect(next(trialOf(1000, 0))).toBeGreaterThan(1000);
    expect(next(trialOf(1000, 0, { disturbed: true }))).toBe(next(trialOf(1000, 0)));
  });

  it('is asked for by the goals in turn, until they are answered', () => {
    const search = new CapacitySearch(question(1000));
    const asked: string[] = [];
    for (let wanted = search.next(false); wanted !== null; wanted = search.next(false)) {
      asked.push(wanted.goal.id);
      search.add(trialOf(wanted.rate, wanted.rate > 1000 ? 0.1 : 0));
    }
    expect(asked.slice(0, 4)).toEqual(['pdr', 'ndr', 'pdr', 'ndr']);
    expect(search.next(false)).toBeNull();
  });

  it('is just above the answer as long as it is early', () => {
    const { ndr, trials } = search(sharp(1000), 990);
    const answered = searched(trials, question(990));
    expect(answered.next(false)).toBeNull();
    expect(answered.next(true)).toMatchObject({ goal: { id: 'ndr' }, rate: Math.round((ndr ?? 0) * 1.005) });
  });

  it('is now and then the guess as long as it is early and what was found far below', () => {
    const early = (guess: number) => {
      const search = new CapacitySearch(question(guess));
      return Array.from({ length: 12 }, () => {
        const { rate } = search.next(true) as { rate: number };
        search.add(trialOf(rate, rate > 1000 ? 0.1 : 0));
        return rate;
      });
    };
    const at = (guess: number) => early(guess).flatMap((rate, trial) => (rate === guess ? trial : []));
    expect(at(1200)).toEqual([0, 3, 7, 11]);
    expect(at(1050)).toEqual([0]);
  });

  it('is about the guess where no rate was good and it is early', () => {
    const search = searched(Array(12).fill(trialOf(16, 1)));
    expect(search.answered).toBe(true);
    expect(search.next(true)).toMatchObject({ goal: { id: 'pdr' }, rate: 1005 });
  });
});

describe('a capacity', () => {
  const ndrOf = (...trials: CapacityTrial[]) => searched(trials, only('ndr')).found.ndr?.perSecond ?? null;
  const mixed = (offered: number, good: number): CapacityTrial => ({
    offered,
    pieces: [0, 1, 2, 3].map((piece) => pieceOf(piece < good ? 0 : 0.01)),
  });

  it('is a rate that was tried and is likely to be good in half of the pieces', () => {
    expect(ndrOf(mixed(1000, 2), mixed(1020, 1), mixed(980, 3))).toBe(1000);
    const gradual = ndrOf(mixed(1000, 1), mixed(1020, 0), mixed(960, 3), mixed(940, 4)) ?? 0;
    expect(gradual).toBeGreaterThanOrEqual(960);
    expect(gradual).toBeLessThan(1000);
  });

  it('is what it is very likely above where no rate nearer to it was good', () => {
    const search = searched(
      [trialOf(1000, 0.1), trialOf(600, 0), mixed(930, 1), mixed(900, 1), mixed(880, 1)],
      only('ndr'),
    );
    const { perSecond = 0, low = 0, high = 0 } = search.found.ndr ?? {};
    expect(perSecond).toBeGreaterThan(700);
    expect(perSecond).toBeLessThan(880);
    expect(perSecond).toBeLessThanOrEqual(low);
    expect(high).toBeGreaterThan(850);
  });

  it('is none where no rate was good', () => {
    expect(ndrOf(trialOf(1000, 0.1), trialOf(970, 0.1))).toBeNull();
    expect(ndrOf()).toBeNull();
    expect(searched([]).answered).toBe(false);
  });

  it('is none of the goal that was not asked for', () => {
    expect(searched([trialOf(1000, 0.001)], only('pdr')).found).toMatchObject({ ndr: null, pdr: { perSecond: 1000 } });
  });
});

describe('what bounds a capacity', () => {
  const boundOf = (...trials: CapacityTrial[]) => searched(trials).boundBy;
  const unsent = (offered: number) => trialOf(offered, 0, { exhausted: true });

  it('is what failed above the NDR, where there is one', () => {
    expect(boundOf(trialOf(1000, 0), trialOf(1010, 0.001), trialOf(1020, 0.001), unsent(1030))).toBe('server');
    expect(boundOf(trialOf(1000, 0), unsent(1010), unsent(1020))).toBe('generator');
  });

  it('is what failed above the PDR, where that is all', () => {
    expect(boundOf(trialOf(1000, 0.001), unsent(1010), unsent(1020))).toBe('generator');
    expect(boundOf(trialOf(1000, 0.001), trialOf(1010, 0.1), trialOf(1020, 0.1))).toBe('server');
  });

  it('is the server where it failed in as many pieces as could not be sent', () => {
    const [lost, unsendable] = [pieceOf(0.01), pieceOf(0, { exhausted: true })];
    const mixed = (...pieces: Losses[]): CapacityTrial => ({ offered: 1010, pieces });
    expect(boundOf(trialOf(1000, 0), mixed(lost, unsendable), mixed(lost, unsendable))).toBe('server');
    expect(boundOf(trialOf(1000, 0), mixed(lost, unsendable), mixed(unsendable, unsendable))).toBe('generator');
  });

  it('is the server where nothing was tried above', () => expect(boundOf(trialOf(1000, 0))).toBe('server'));
});
