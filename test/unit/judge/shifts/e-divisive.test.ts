import { describe, expect, it } from 'vitest';
import {
  bestSplit,
  shortestSegment,
  standingSplits,
  sumsOfDistances,
  weakSplits,
} from '../../../../harness/judge/shifts/e-divisive.js';
import { seededRandom } from '../../../fakes/random.js';

const strict = (values: readonly number[]) =>
  standingSplits(values, weakSplits(values), ({ p }) => p <= 0.01).map(({ at }) => at);

describe('splits', () => {
  // A test of apache/otava (change_point_divisive_test.py): the t-test and permutations both find 5 and 8.
  it('are those that otava finds', () => {
    const published = [0.3, 2.4, 1.5, -0.9, -0.5, 99.7, 98.3, 99.1, 149, 149.7, 149.5, 149.1, 148.8, 150];
    expect(strict(published)).toEqual([5, 8]);
  });

  // A test of mongodb/signal-processing-algorithms (test_e_divisive.py): as many zeros as ones.
  it.each([4, 5, 17, 50, 99])('are where %d zeros end and as many ones begin', (length) => {
    expect(strict([...new Array(length).fill(0), ...new Array(length).fill(1)])).toEqual([length]);
  });

  it.each([
    ['of what does not change', new Array(40).fill(7)],
    ['of too few values', [1, 1, 1, 9, 9]],
    ['of nothing', []],
  ])('%s are none', (_, values) => expect(strict(values)).toEqual([]));

  it('are the same twice', () => {
    const chance = seededRandom(3);
    const values = Array.from({ length: 120 }, (_, index) => chance() + (index >= 70 ? 1 : 0));
    expect(strict(values)).toEqual(strict(values));
    expect(strict(values)).toEqual([70]);
  });
});

/** By its definition (Matteson and James 2014, equation 5), a loop a sum. */
function byDefinition(values: readonly number[]) {
  const mean = (pairs: [number, number][]) => pairs.reduce((sum, [a, b]) => sum + Math.abs(a - b), 0) / pairs.length;
  const within = (part: readonly number[]) =>
    mean(part.flatMap((a, i) => part.slice(i + 1).map((b): [number, number] => [a, b])));
  let best = { at: -1, end: -1, q: Number.NEGATIVE_INFINITY };
  for (let at = shortestSegment; at + shortestSegment <= values.length; at++)
    for (let end = at + shortestSegment; end <= values.length; end++) {
      const [x, y] = [values.slice(0, at), values.slice(at, end)];
      const energy = 2 * mean(x.flatMap((a) => y.map((b): [number, number] => [a, b]))) - within(x) - within(y);
      const q = ((x.length * y.length) / (x.length + y.length)) * energy;
      if (q > best.q) best = { at, end, q };
    }
  return best;
}

describe('bestSplit', () => {
  it.each([1, 2, 3, 4, 5])('is what the definition says (seed %d)', (seed) => {
    const chance = seededRandom(seed);
    const values = Array.from(
      { length: 24 },
      (_, index) => chance() + (index > 5 * seed && index < 5 * seed + 8 ? 0.7 : 0),
    );
    const [found, wanted] = [bestSplit(sumsOfDistances(values), 0, values.length), byDefinition(values)];
    expect([found?.at, found?.end]).toEqual([wanted.at, wanted.end]);
    expect(found?.q).toBeCloseTo(wanted.q, 9);
  });

  it('of a part is that of the part alone', () => {
    const chance = seededRandom(9);
    const values = Array.from({ length: 40 }, (_, index) => chance() + (index >= 25 ? 1 : 0));
    const [part, alone] = [bestSplit(sumsOfDistances(values), 10, 38), byDefinition(values.slice(10, 38))];
    expect([part?.at, part?.end]).toEqual([alone.at + 10, alone.end + 10]);
  });

  it('of fewer values than two segments have is none', () => {
    expect(bestSplit(sumsOfDistances([1, 2, 3, 4, 5]), 0, 5)).toBeNull();
  });
});
