import { describe, expect, it } from 'vitest';
import { stallsIn } from '../../../harness/measure/stalls.js';
import type { Sample } from '../../../model/record.js';

const window = { beginNs: 1000, endNs: 2000 };
/** What each thread had waited by then, in times and ns; a thread may not tell. */
const sample = (atNs: number, ...threads: ([runs: number, delayNs: number] | null)[]): Sample => {
  const counters = threads.flatMap((told, thread): [string, number][] => {
    if (told === null) return [];
    const [runs, delayNs] = told;
    return [
      [`runs.${thread}`, runs],
      [`runDelayNs.${thread}`, delayNs],
    ];
  });
  return { source: 'invoker', atNs, counters: Object.fromEntries(counters) };
};
/** Samples of one thread that never slept. */
const waited = (...points: [atNs: number, delayNs: number][]) => points.map(([atNs, ns]) => sample(atNs, [1, ns]));

describe('stallsIn', () => {
  it.each<[string, Sample[], number, (number | null)[]]>([
    ['samples on the ends', waited([1000, 7], [2000, 107]), 1, [100]],
    ['samples around the ends, in proportion', waited([500, 0], [1500, 100], [2500, 300]), 1, [150]],
    ['samples beyond, which do not count', waited([0, 0], [1000, 50], [2000, 50], [3000, 99]), 1, [0]],
    ['a window that outlasts the samples', waited([900, 10], [1500, 40]), 1, [25]],
    ['a single sample', waited([1500, 40]), 1, [0]],
    ['times that it woke up, at 2 us each', [sample(1000, [0, 0]), sample(2000, [3, 7000])], 1, [1000]],
    ['wake-ups that took less', [sample(1000, [0, 0]), sample(2000, [3, 5000])], 1, [0]],
    ['several threads, each by itself', [sample(1000, [0, 0], [0, 5]), sample(2000, [0, 3], [0, 9])], 2, [3, 4]],
    ['no sample', [], 2, [null, null]],
    ['a thread that does not tell', [sample(1000, null, [0, 5]), sample(2000, null, [0, 9])], 2, [null, 4]],
    ['no thread', [sample(1000), sample(2000)], 0, []],
  ])('%s', (_, samples, threads, invoker) => expect(stallsIn(samples, window, threads)).toEqual({ invoker }));

  it('heeds the invoker alone', () => {
    const other: Sample = { ...sample(1500, [1, 99]), source: 'generator' };
    expect(stallsIn([sample(1000, [1, 0]), other, sample(2000, [1, 4])], window, 1)).toEqual({ invoker: [4] });
  });
});
