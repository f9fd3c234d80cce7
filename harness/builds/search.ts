/** How much worse a commit is than the good one: a logarithm of the ratio, 0 of equals, and its interval. */
export interface Worsening {
  log: number;
  low: number;
  high: number;
}

export type Tested = { state: 'measured'; worsening: Worsening } | { state: 'untestable'; reason: string };

/** What is searched; commits are numbers: 0 is the good one, `last` the bad one. */
export interface Search {
  last: number;
  /** Of the bad one. */
  whole: Worsening;
  /** Turns that a step takes at first. */
  turns: number;
  /** Has a commit and the good one take turns. */
  test(commit: number, turns: number): Promise<Tested>;
  /** Told after each step. */
  narrowed(state: Found, left: number): void;
}

/** Where a search ended, or is: the commits between the two are the skipped ones, and those not yet tested. */
export interface Found {
  lastGood: number;
  firstBad: number;
  /** Between them, ascending. */
  skipped: number[];
}

/** A step whose interval leaves open which end it is nearer to is made again with twice the turns, so often. */
const doublings = 2;

/**
 * The commit from which on a range is nearer to its bad end than to its good one, by bisection; what cannot be tested is
 * stepped around, as git bisect does it. Rejects as `test` does.
 */
export async function findFirstBad({ last, whole, turns, test, narrowed }: Search): Promise<Found> {
  let [lastGood, firstBad] = [0, last];
  const untestable = new Set<number>();
  const state = (): Found => ({
    lastGood,
    firstBad,
    skipped: between(lastGood, firstBad).filter((one) => untestable.has(one)),
  });
  for (;;) {
    const left = between(lastGood, firstBad).filter((one) => !untestable.has(one));
    const commit = nearest(left, (lastGood + firstBad) / 2);
    if (commit === null) return state();
    const side = await sideOf(commit);
    if (side === null) untestable.add(commit);
    else if (side === 'bad') firstBad = commit;
    else lastGood = commit;
    const rest = between(lastGood, firstBad).filter((one) => !untestable.has(one));
    narrowed(state(), rest.length);
  }

  async function sideOf(commit: number): Promise<'good' | 'bad' | null> {
    const middle = whole.log / 2;
    for (let doubled = 0; ; doubled++) {
      const tested = await test(commit, turns * 2 ** doubled);
      if (tested.state === 'untestable') return null;
      const { log, low, high } = tested.worsening;
      if (low > middle || high < middle || doubled === doublings) return log > middle ? 'bad' : 'good';
    }
  }
}

const between = (low: number, high: number) => Array.from({ length: high - low - 1 }, (_, index) => low + 1 + index);

function nearest(values: readonly number[], wanted: number): number | null {
  return values.toSorted((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0] ?? null;
}
