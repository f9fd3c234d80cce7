import { describe, expect, it } from 'vitest';
import { type Found, findFirstBad, type Tested, type Worsening } from '../../../harness/builds/search.js';

const at = (log: number, half = 0.01): Worsening => ({ log, low: log - half, high: log + half });

/** Searches commits one after the other that are so much worse than the good one; null: it does not build. The last is the bad one. */
async function search(worse: readonly (number | null)[], half = 0.01) {
  const last = worse.length - 1;
  const line = worse.slice(1).map((_, before) => [String(before + 1), [String(before)]] as const);
  const { found, tested, told } = await searchGraph(line, (commit) => worse[Number(commit)], half, String(last));
  const numbered = ({ lastGood, firstBad, skipped }: Found) => ({
    ...{ lastGood: Number(lastGood), firstBad: Number(firstBad), skipped: skipped.map(Number) },
  });
  return {
    found: numbered(found),
    tested: tested.map(([commit, turns]) => [Number(commit), turns] as const),
    told: told.map(({ state, left }) => ({ state: numbered(state), left })),
  };
}

/** Commits with their parents, oldest first; the good one is 0. */
async function searchGraph(
  parents: readonly (readonly [string, readonly string[]])[],
  worseOf: (commit: string) => number | null | undefined,
  half = 0.01,
  bad = 'bad',
) {
  const tested: [commit: string, turns: number][] = [];
  const told: { state: Found; left: number }[] = [];
  const found = await findFirstBad({
    ...{ good: '0', bad, parents: new Map(parents), turns: 8, whole: at(worseOf(bad) as number) },
    async test(commit, turns): Promise<Tested> {
      tested.push([commit, turns]);
      const log = worseOf(commit);
      if (log === undefined || commit === '0' || commit === bad) throw new Error(`${commit} is asked for`);
      return log === null
        ? { state: 'untestable', reason: 'no' }
        : { state: 'measured', worsening: at(log, half / Math.sqrt(turns / 8)) };
    },
    narrowed: (state, left) => told.push({ state, left }),
  });
  return { found, tested, told };
}

const step = (length: number, from: number, by = 0.1) =>
  Array.from({ length }, (_, commit) => (commit < from ? 0 : by));

describe('findFirstBad', () => {
  it('finds every step of every range, in as many tests as bisection takes', async () => {
    for (let length = 2; length <= 34; length++) {
      for (let from = 1; from < length; from++) {
        const { found, tested } = await search(step(length, from));
        expect(found).toEqual({ lastGood: from - 1, firstBad: from, skipped: [] });
        expect(tested.length).toBeLessThanOrEqual(Math.ceil(Math.log2(length - 1)));
        expect(new Set(tested.map(([commit]) => commit)).size).toBe(tested.length);
      }
    }
  });

  it('has nothing to test of neighbours', async () => {
    expect(await search([0, 0.1])).toMatchObject({ found: { lastGood: 0, firstBad: 1, skipped: [] }, tested: [] });
  });

  it('steps around what cannot be tested', async () => {
    const { found, tested } = await search([0, 0, 0, null, null, 0.1, 0.1, 0.1]);
    expect(found).toEqual({ lastGood: 2, firstBad: 5, skipped: [3, 4] });
    expect(tested.map(([commit]) => commit)).toEqual([3, 4, 2, 5]);
    expect((await search([0, null, null, null, 0.1])).found).toEqual({ lastGood: 0, firstBad: 4, skipped: [1, 2, 3] });
    // One that is not at the boundary is of no interest.
    expect((await search([0, 0, null, 0, 0, 0, 0.1])).found).toEqual({ lastGood: 5, firstBad: 6, skipped: [] });
  });

  it('of several steps finds the one that passes the middle', async () => {
    expect((await search([0, 0.02, 0.02, 0.09, 0.09, 0.1])).found).toMatchObject({ lastGood: 2, firstBad: 3 });
  });

  it('takes more turns where a step is not clear, and decides at last', async () => {
    const { tested } = await search([0, 0.055, 0.1], 0.008);
    expect(tested).toEqual([
      [1, 8],
      [1, 16],
      [1, 32],
    ]);
    const endless = await search([0, 0.051, 0.1], 1);
    expect(endless.tested.length).toBe(3);
    expect(endless.found).toMatchObject({ firstBad: 1 });
  });

  it('tells how far it is', async () => {
    const { told } = await search(step(9, 3));
    expect(told).toEqual([
      { state: { lastGood: 0, firstBad: 4, skipped: [] }, left: 3 },
      { state: { lastGood: 2, firstBad: 4, skipped: [] }, left: 1 },
      { state: { lastGood: 2, firstBad: 3, skipped: [] }, left: 0 },
    ]);
  });

  it('ends as a test ends it', async () => {
    const failing = findFirstBad({
      ...{ good: '0', bad: '2', turns: 8, whole: at(0.1), narrowed: () => {} },
      parents: new Map([
        ['1', ['0']],
        ['2', ['1']],
      ]),
      test: async () => {
        throw new Error('interrupted');
      },
    });
    await expect(failing).rejects.toThrow('interrupted');
  });
});

describe('findFirstBad in a history with a branch that was merged', () => {
  /** Main has 0, m1, m2, a merge of a branch with b1, b2 and b3 that began at 0, and bad. */
  const history: [string, string[]][] = [
    ['m1', ['0']],
    ['b1', ['0']],
    ['b2', ['b1']],
    ['b3', ['b2']],
    ['m2', ['m1']],
    ['merge', ['m2', 'b3']],
    ['bad', ['merge']],
  ];
  const ancestors = (commit: string): string[] => [
    commit,
    ...(new Map(history).get(commit) ?? []).flatMap((parent) => ancestors(parent)),
  ];
  const from = (culprit: string, unbuilt: string[] = []) =>
    searchGraph(history, (commit) => (unbuilt.includes(commit) ? null : ancestors(commit).includes(culprit) ? 0.1 : 0));

  it('finds each commit, on the branch as on main', async () => {
    for (const [culprit, parents] of history) {
      const { found, tested } = await from(culprit);
      expect(found, culprit).toMatchObject({ firstBad: culprit, skipped: [] });
      expect(parents).toContain(found.lastGood);
      expect(tested.length).toBeLessThanOrEqual(4);
    }
  });

  it('names those of the branch that could not be tested', async () => {
    expect((await from('b2', ['b2'])).found).toEqual({ lastGood: 'b1', firstBad: 'b3', skipped: ['b2'] });
    expect((await from('b2', ['b1', 'b2', 'b3'])).found).toEqual({
      ...{ lastGood: 'm2', firstBad: 'merge', skipped: ['b1', 'b2', 'b3'] },
    });
  });
});
