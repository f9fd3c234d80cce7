/** How much worse a commit is than the good one: a logarithm of the ratio, 0 of equals, and its interval. */
export interface Worsening {
  log: number;
  low: number;
  high: number;
}

export type Tested = { state: 'measured'; worsening: Worsening } | { state: 'untestable'; reason: string };

/** What is searched. Commits are named by their hashes. */
export interface Search {
  good: string;
  bad: string;
  /** Of each commit between the two and of the bad one: its parents among them and the good one. Oldest first. */
  parents: ReadonlyMap<string, readonly string[]>;
  /** Of the bad one. */
  whole: Worsening;
  /** Turns that a step takes at first. */
  turns: number;
  /** Has a commit and the good one take turns. */
  test(commit: string, turns: number): Promise<Tested>;
  /** Told after each step. */
  narrowed(state: Found, left: number): void;
}

/** Where a search ended, or is. The first bad commit is the one found, or among the skipped and those that are not yet tested. */
export interface Found {
  /** As good as the good one: a parent of it or of one between; one that was tested, if there is such a parent. */
  lastGood: string;
  firstBad: string;
  /** Commits that it contains and that could not be tested, oldest first. */
  skipped: string[];
}

/** A step whose interval leaves open which end it is nearer to is made again with twice the turns, so often. */
const doublings = 2;

/**
 * The commit from which on a range is nearer to its bad end than to its good one, by bisection of all that both ends contain, as git
 * bisect does it: a good commit speaks for its ancestors, and what cannot be tested is stepped around. Rejects as `test` does.
 */
export async function findFirstBad({ good, bad, parents, whole, turns, test, narrowed }: Search): Promise<Found> {
  const known = new Set([good]);
  const tested = new Set([good]);
  const untestable = new Set<string>();
  let firstBad = bad;

  /** A commit and what it contains, without what is known to be good. */
  const contents = (commit: string): Set<string> => {
    const found = new Set<string>();
    const open = [commit];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (known.has(next) || found.has(next)) continue;
      found.add(next);
      open.push(...(parents.get(next) ?? []));
    }
    return found;
  };
  const state = (range: ReadonlySet<string>): Found => {
    const within = [...parents.keys()].filter((one) => range.has(one));
    const before = within.toReversed().flatMap((one) => parents.get(one) ?? []);
    const lastGood = before.find((one) => tested.has(one)) ?? before.find((one) => known.has(one)) ?? good;
    return { lastGood, firstBad, skipped: within.filter((one) => untestable.has(one)) };
  };
  const leftOf = (range: ReadonlySet<string>) =>
    [...parents.keys()].filter((one) => range.has(one) && one !== firstBad && !untestable.has(one));

  let range = contents(bad);
  for (let left = leftOf(range); left.length > 0; left = leftOf(range)) {
    const halves = left.map((commit) => {
      const { size } = contents(commit);
      return { commit, least: Math.min(size, range.size - size) };
    });
    const { commit } = halves.reduce((best, each) => (each.least > best.least ? each : best));
    const side = await sideOf(commit);
    if (side === null) untestable.add(commit);
    else if (side === 'bad') firstBad = commit;
    else {
      tested.add(commit);
      for (const one of contents(commit)) known.add(one);
    }
    range = contents(firstBad);
    narrowed(state(range), leftOf(range).length);
  }
  return state(range);

  async function sideOf(commit: string): Promise<'good' | 'bad' | null> {
    const middle = whole.log / 2;
    for (let doubled = 0; ; doubled++) {
      const said = await test(commit, turns * 2 ** doubled);
      if (said.state === 'untestable') return null;
      const { log, low, high } = said.worsening;
      if (low > middle || high < middle || doubled === doublings) return log > middle ? 'bad' : 'good';
    }
  }
}
