import { describe, expect, it } from 'vitest';
import {
  type CapacityQuestion,
  CapacitySearch,
  type CapacityTrial,
  type LossGoal,
  lossGoals,
  type Stage,
  trialNs,
} from '../../loadgen/capacity-search.js';

/** The share of requests that a server loses at a rate; `trial` counts from 0. */
type Server = (offered: number, trial: number) => number;

const question = (guess: number): CapacityQuestion => ({ guess, goals: lossGoals, width: 0.005 });

/** A trial that nothing disturbed. */
const trialOf = (offered: number, lossRatio: number, changes: Partial<CapacityTrial> = {}): CapacityTrial => ({
  ...{ offered, lossRatio, leastLossRatio: lossRatio, exhausted: false, tooShort: false },
  ...{ losslessNs: lossRatio === 0 ? trialNs : 0, repeated: 0, complete: true },
  ...changes,
});

const rateOf = (search: CapacitySearch, stage: Stage = 'middle') => search.next(stage)?.rate ?? null;

/** Searches to the end, as the load generator does where nothing keeps it waiting. */
function search(server: Server, guess: number, ceiling = Number.POSITIVE_INFINITY) {
  const search = new CapacitySearch(question(guess));
  for (;;) {
    const { trials, result } = search;
    const wanted = search.next('middle');
    if (wanted === null) return { ...result.found, boundBy: result.boundBy, trials };
    if (trials.length > 100) throw new Error('the search does not end');
    const { rate, goal } = wanted;
    const lossRatio = server(rate, trials.length);
    search.add(trialOf(rate, lossRatio, { exhausted: rate > ceiling, complete: lossRatio <= goal.lossRatio }));
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

/** A number in [0, 1) from a trial's number: the same in every run. */
const chance = (trial: number) => ((Math.imul(trial + 1, 2654435761) >>> 0) % 1000) / 1000;

/** Loses a burst in some trials, whatever the rate. */
const noisy =
  (server: Server, share: number): Server =>
  (offered, trial) =>
    Math.max(server(offered, trial), chance(trial) < share ? 0.002 : 0);

const within = (found: number | null, expected: number, width: number) => {
  expect(found).not.toBeNull();
  expect((found as number) / expected).toBeGreaterThan(1 - width);
  expect((found as number) / expected).toBeLessThanOrEqual(1.0001);
};

const knees = [3_300, 70_100, 316_000, 923_000, 3_510_000];
const guesses = [0.7, 0.9, 0.97, 1, 1.03, 1.3];

describe.each(knees)('a knee at %i/s', (knee) => {
  it.each(guesses)('guessed at %d of it is found', (share) => {
    const { ndr, pdr, trials } = search(sharp(knee), Math.round(knee * share));
    within(ndr, knee, 0.0051);
    within(pdr, knee / 0.995, 0.0051);
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
  it.each([
    ...[0.05, 0.1, 0.2, 0.4].flatMap((share) => [0.7, 0.99, 1.2].map((guess) => [share, guess])),
    ...[0.97, 0.99, 1.2].map((guess) => [0.6, guess]),
  ] as [number, number][])('that loses a burst in %d of the trials is found from a guess of %d', (share, guess) => {
    const { ndr, pdr } = search(noisy(sharp(400_000), share), 400_000 * guess);
    within(ndr, 400_000, 0.0051);
    within(pdr, 400_000 / 0.995, 0.0051);
  });

  it.each([3, 8, 20])('that answers almost nothing in the first %d trials is found all the same', (trials) => {
    const { ndr, pdr } = search((offered, trial) => (trial < trials ? 0.9 : sharp(400_000)(offered, trial)), 395_000);
    within(ndr, 400_000, 0.0051);
    within(pdr, 400_000 / 0.995, 0.0051);
  });

  it('that is slow in the first trials has both its capacities found, far apart as they may be', () => {
    const server = soft(400_000, 0.05);
    const { ndr, pdr } = search((offered, trial) => server(trial < 8 ? offered / 0.9 : offered, trial), 396_000);
    within(ndr, 400_000, 0.0051);
    within(pdr, 440_000, 0.0051);
  });
});

describe('a server that is never lossless', () => {
  it('has no NDR, and a PDR', () => {
    const { ndr, pdr, trials } = search((offered) => Math.max(0.001, 1 - 400_000 / offered), 390_000);
    expect(ndr).toBeNull();
    within(pdr, 400_000 / 0.995, 0.0051);
    expect(trials.length).toBeLessThanOrEqual(40);
  });

  it.each([5000, 5200, 5450, 5700, 6400, 12_000])('is given up from a guess of %i/s', (guess) => {
    const { ndr, pdr, trials } = search(() => 1, guess);
    expect([ndr, pdr]).toEqual([null, null]);
    expect(trials.length).toBeLessThanOrEqual(40);
  });

  it('has neither where it loses much', () => {
    const { ndr, pdr, trials } = search(() => 0.1, 390_000);
    expect([ndr, pdr]).toEqual([null, null]);
    expect(trials.length).toBeLessThanOrEqual(40);
  });
});

describe('a generator that cannot offer enough', () => {
  it('bounds both from above by what it can send', () => {
    const { ndr, pdr, boundBy } = search(sharp(10e6), 900_000, 1e6);
    within(ndr, 1e6, 0.0051);
    expect([pdr, boundBy]).toEqual([ndr, 'generator']);
  });
});

describe('a server that gives up before the generator does', () => {
  it('is the bound, also where rates were tried that could not be sent', () => {
    const { ndr, boundBy, trials } = search(sharp(400_000), 700_000, 650_000);
    within(ndr, 400_000, 0.0051);
    expect(trials.some(({ exhausted }) => exhausted)).toBe(true);
    expect(boundBy).toBe('server');
  });
});

describe('the next rate', () => {
  const searched = (trials: CapacityTrial[], asked = question(1000)) => {
    const search = new CapacitySearch(asked);
    for (const trial of trials) search.add(trial);
    return search;
  };
  const next = (trials: CapacityTrial[]) => rateOf(searched(trials));
  const goal = (id: LossGoal['id']) => lossGoals.filter((one) => one.id === id);

  const spoilt = trialOf(1000, 0.01, { leastLossRatio: 0 });
  const short = trialOf(1000, 0, { tooShort: true, losslessNs: 0 });
  const unsent = trialOf(1000, 0, { exhausted: true });
  it.each([
    ['lost a little', trialOf(1000, 0.001), 'server'],
    ['lost much', trialOf(1000, 0.9), 'server'],
    ['may have lost no more than the host had a CPU for', spoilt, 'host'],
    ['was too short', short, 'host'],
    ['could not be sent', unsent, 'generator'],
  ] as const)('is lower, a little at first, after a trial that %s', (_, trial, boundBy) => {
    const only = { ...question(1000), goals: goal('ndr') };
    const rates = [1, 2, 3, 4].map((trials) => rateOf(searched(Array(trials).fill(trial), only)) as number);
    expect(rates[0]).toBeGreaterThan(970);
    expect(rates[0]).toBeLessThan(1000);
    for (const [i, rate] of rates.slice(1).entries()) expect(rate).toBeLessThan(rates[i] as number);
    const { found, boundBy: told } = searched([trial, trial], only).result;
    expect([found.ndr, told]).toEqual([null, boundBy]);
  });

  it('is higher after a good trial, whatever others lost at that rate', () => {
    const good = trialOf(1000, 0);
    for (const others of [[], [spoilt], [trialOf(1000, 0.5), trialOf(1000, 0.5), trialOf(1000, 0.5)]])
      expect(next([...others, good])).toBeGreaterThan(1000);
  });

  it('is asked for more often where trials below a good one were bad', () => {
    const failed = Array(3).fill(trialOf(1004, 0.001));
    const falseAlarms = Array(4).fill(trialOf(980, 0.001));
    const only = { ...question(1000), goals: goal('ndr') };
    const sure = [trialOf(980, 0), trialOf(990, 0), trialOf(1000, 0), ...failed];
    expect(searched(sure, only).answered).toBe(true);
    expect(searched([...falseAlarms, ...sure], only).answered).toBe(false);
    expect(rateOf(searched([...falseAlarms, ...sure], only))).toBeGreaterThan(1000);
  });

  it('is what the goals need and no more', () => {
    const only = { ...question(1000), goals: goal('pdr'), width: 0.05 };
    const search = searched([trialOf(1000, 0.004), ...Array(3).fill(trialOf(1040, 0.06))], only);
    expect(search.answered).toBe(true);
    expect(search.result).toEqual({ found: { ndr: null, pdr: 1000 }, boundBy: 'server' });
  });
});

describe('pieces without loss', () => {
  const only = { ...question(1000), goals: lossGoals.filter(({ id }) => id === 'ndr') };
  const found = (...trials: [number, number, Partial<CapacityTrial>?][]) => {
    const search = new CapacitySearch(only);
    for (const [offered, ms, changes] of trials)
      search.add(trialOf(offered, 0.01, { leastLossRatio: 0, losslessNs: ms * 1e6, ...changes }));
    return search.result.found.ndr;
  };

  it('of spoilt trials prove the rate at which they make up a second, with those above it', () => {
    expect(found([1000, 500], [990, 250], [980, 250], [970, 500])).toBe(980);
    expect(found([970, 500], [980, 250], [1000, 500], [990, 250])).toBe(980);
    expect(found([1000, 500], [990, 250])).toBeNull();
  });

  it('of a trial that lost more than the host explains prove nothing', () => {
    expect(found([1000, 750, { leastLossRatio: 0.001 }], [990, 500])).toBeNull();
    expect(found([1000, 750, { exhausted: true }], [990, 500])).toBeNull();
  });

  it('do not lower what a whole trial proved', () => {
    expect(found([1000, 1000, { lossRatio: 0 }], [900, 500])).toBe(1000);
  });
});

describe('late in a search', () => {
  it('an NDR is looked for first, as long as there is none', () => {
    const search = new CapacitySearch(question(1000));
    search.add(trialOf(1000, 0.001));
    expect(search.next('middle')).toMatchObject({ goal: { id: 'pdr' } });
    const { rate, goal } = search.next('late') ?? {};
    expect([goal?.id, (rate ?? 0) < 1000]).toEqual(['ndr', true]);
    search.add(trialOf(990, 0));
    expect(search.next('late')).toEqual(search.next('middle'));
  });

  it('nothing else is looked for where the NDR is not asked for', () => {
    const only = { ...question(1000), goals: lossGoals.filter(({ id }) => id === 'pdr') };
    const search = new CapacitySearch(only);
    expect(search.next('late')).toEqual(search.next('middle'));
  });
});

describe('a trial that was ended for the NDR', () => {
  it('says nothing of the PDR, unless it lost too much for that', () => {
    const boundsOf = (lossRatio: number) => {
      const search = new CapacitySearch(question(1000));
      search.add(trialOf(1000, 0));
      const before = search.next('middle');
      search.add(trialOf(1100, lossRatio, { complete: false }));
      return { before, after: search.next('middle'), found: search.result.found };
    };
    const little = boundsOf(0.002);
    expect([little.after, little.found]).toEqual([little.before, { ndr: 1000, pdr: 1000 }]);
    expect(boundsOf(0.006).after?.rate).toBeLessThan(little.before?.rate ?? 0);
  });
});

describe('what bounds a capacity', () => {
  const boundOf = (...trials: CapacityTrial[]) => {
    const search = new CapacitySearch(question(1000));
    for (const trial of trials) search.add(trial);
    return search.result.boundBy;
  };
  const twice = (trial: CapacityTrial) => [trial, trial];
  const lost = (offered: number) => trialOf(offered, 0.001);
  const spoilt = (offered: number) => trialOf(offered, 0.02, { leastLossRatio: 0 });
  const unsent = (offered: number) => trialOf(offered, 0, { exhausted: true });

  it('is what failed above the NDR, where there is one', () => {
    expect(boundOf(trialOf(1000, 0), ...twice(lost(1010)), ...twice(unsent(1020)))).toBe('server');
    expect(boundOf(trialOf(1000, 0), ...twice(unsent(1010)))).toBe('generator');
  });

  it('is what failed above the PDR, where that is all', () => {
    expect(boundOf(lost(1000), ...twice(unsent(1020)))).toBe('generator');
    expect(boundOf(lost(1000), ...twice(trialOf(1020, 0.1)))).toBe('server');
  });

  it('is the host, if only above the PDR', () => {
    expect(boundOf(trialOf(1000, 0), ...twice(lost(1010)), ...twice(spoilt(1020)))).toBe('host');
  });

  it('is the server where nothing was tried above', () => {
    expect(boundOf(trialOf(1000, 0))).toBe('server');
  });
});

describe('a low rate', () => {
  it.each([30, 66.6, 108.9, 150, 199.7])('%d/s is found to a request a second', (knee) => {
    const { ndr, trials } = search(sharp(knee), Math.round(knee));
    expect(ndr).toBe(Math.floor(knee));
    expect(trials.length).toBeLessThan(25);
  });
});

describe('an answer', () => {
  const only = { ...question(1000), goals: lossGoals.filter(({ id }) => id === 'ndr') };
  /** A search with 987 proven. */
  const answered = () => {
    const search = new CapacitySearch(only);
    while (!search.answered) {
      const rate = rateOf(search) as number;
      search.add(trialOf(rate, rate > 987 ? 0.001 : 0));
    }
    expect(search.result.found.ndr).toBe(987);
    return search;
  };
  const above = Math.round(987 * 1.005);

  it('is confirmed by two bad trials just above it, and by more where it is early', () => {
    const search = answered();
    for (const _ of [1, 2]) {
      expect(rateOf(search)).toBe(above);
      search.add(trialOf(above, 0.001));
    }
    expect([rateOf(search), rateOf(search, 'early')]).toEqual([null, above]);
    expect(search.result.found.ndr).toBe(987);
  });

  it('is not confirmed by spoilt trials', () => {
    const search = answered();
    for (const _ of [1, 2, 3, 4]) search.add(trialOf(above, 0.01, { leastLossRatio: 0 }));
    expect(rateOf(search)).toBe(above);
  });

  it('is none any more where the rate just above it is good: what was bad before does not count', () => {
    const search = answered();
    search.add(trialOf(above, 0.001));
    search.add(trialOf(above, 0));
    expect(search.answered).toBe(false);
    const fresh = new CapacitySearch(only);
    for (const trial of search.trials.filter(({ lossRatio }) => lossRatio === 0)) fresh.add(trial);
    expect(search.next('middle')).toEqual(fresh.next('middle'));
    expect(rateOf(search)).toBeGreaterThan(above);
  });

  it('of no rate at all is confirmed at the guess', () => {
    const search = new CapacitySearch(only);
    while (!search.answered) search.add(trialOf(rateOf(search) as number, 1));
    for (const _ of [1, 2]) {
      expect(rateOf(search)).toBe(1000);
      search.add(trialOf(1000, 1));
    }
    expect([rateOf(search), rateOf(search, 'early')]).toEqual([null, 1000]);
    search.add(trialOf(1000, 0));
    expect(rateOf(search)).toBeGreaterThan(1000);
  });
});
