import { describe, expect, it } from 'vitest';
import { stallsIn } from '../../../harness/measure/stalls.js';
import type { Sample } from '../../../model/record.js';

const window = { beginNs: 1000, endNs: 2000 };
const sample = (atNs: number, ...delays: (number | undefined)[]): Sample => ({
  source: 'invoker',
  atNs,
  counters: Object.fromEntries(
    delays.flatMap((ns, thread) => (ns === undefined ? [] : [[`runDelayNs.${thread}`, ns] as [string, number]])),
  ),
});

describe('stallsIn', () => {
  it.each<[string, Sample[], number, (number | null)[]]>([
    ['samples on the ends', [sample(1000, 7), sample(2000, 107)], 1, [100]],
    ['samples around the ends, in proportion', [sample(500, 0), sample(1500, 100), sample(2500, 300)], 1, [150]],
    [
      'samples beyond, which do not count',
      [sample(0, 0), sample(1000, 50), sample(2000, 50), sample(3000, 99)],
      1,
      [0],
    ],
    ['a window that outlasts the samples', [sample(900, 10), sample(1500, 40)], 1, [40 - (10 + 30 / 6)]],
    ['a single sample', [sample(1500, 40)], 1, [0]],
    ['several threads, each by itself', [sample(1000, 0, 5), sample(2000, 3, 9)], 2, [3, 4]],
    ['no sample', [], 2, [null, null]],
    ['a thread that nobody knows it of', [sample(1000, undefined, 5), sample(2000, undefined, 9)], 2, [null, 4]],
    ['no thread', [sample(1000), sample(2000)], 0, []],
  ])('%s', (_, samples, threads, invoker) => expect(stallsIn(samples, window, threads)).toEqual({ invoker }));

  it('heeds the invoker alone', () => {
    const other: Sample = { ...sample(1500, 99), source: 'generator' };
    expect(stallsIn([sample(1000, 0), other, sample(2000, 4)], window, 1)).toEqual({ invoker: [4] });
  });
});
