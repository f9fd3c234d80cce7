import { describe, expect, it } from 'vitest';
import { findings } from '../../../harness/report/findings/findings.js';
import type { CellSummary } from '../../../model/summary.js';
import {
  cellWithout,
  fakeCapacityCell,
  fakeCapacityFigure,
  fakeCell,
  fakeFigure,
  fakeLatencyCell,
  fakeLevelsCell,
  fakeRateCell,
  fakeRestCell,
  fakeSummary,
  searchedOnce,
} from '../../fakes/summary.js';

const oneByOne = { threads: 1, queues: 1 };
const twoByTwo = { threads: 2, queues: 2 };
const say = (...cells: CellSummary[]) => findings(fakeSummary({ cells }));
const invalid: Pick<CellSummary, 'verdict' | 'reasons'> = { verdict: 'invalid', reasons: ['steal'] };
const single = (median: number) => ({ ...fakeFigure(median), confidence: 0 });

describe('of peaks', () => {
  const cellOf = (rate: number, changes: Partial<CellSummary> = {}) =>
    fakeCell('recvmmsg', oneByOne, 200, rate, changes);
  const best = fakeCell('afxdp', oneByOne, 200, 1e6);

  it.each<[string, CellSummary[], RegExp]>([
    ['a ratio', [best, cellOf(5e5)], /: 2\.0 x recvmmsg \(1\.9 to 2\.1\)\. Weak evidence: ranges of 5 runs\.$/],
    ['overlap', [best, cellOf(9.9e5)], /: ~ recvmmsg \(no evidence of a difference\)\.$/],
    [
      'a bound below',
      [best, cellOf(5e5, { limit: 'generator' })],
      /no ratio to recvmmsg \(its figure is a lower bound/,
    ],
    ['a bound above', [{ ...best, limit: 'generator' }, cellOf(5e5)], /answers at least 1000 .*: at least 2\.0 x/],
    ['the path', [{ ...best, limit: 'path' }], /\(limit: path\)\.$/],
    [
      'no weakness from 6 runs on',
      [{ ...best, repeats: 6 }, cellOf(5e5, { repeats: 7 })],
      /: 2\.0 x recvmmsg \(1\.9 to 2\.1\)\.$/,
    ],
    [
      'how few runs there are',
      [{ ...best, repeats: 2 }, cellOf(5e5, { repeats: 3 })],
      /Weak evidence: ranges of 2 to 3 runs\.$/,
    ],
    [
      'a single run',
      [
        { ...best, repeats: 1, repliesPerSecond: single(1e6) },
        cellOf(5e5, { repeats: 1, repliesPerSecond: single(5e5) }),
      ],
      /: 2\.0 x recvmmsg\. Weak evidence: one run each\.$/,
    ],
    ['nothing', [cellWithout(best, 'failed', 'no')], /^No cell of this run has a figure that may be quoted\.$/],
  ])('%s', (_, cells, expected) => expect(say(...cells).join('\n')).toMatch(expected));

  it('name an implementation without a figure, with the letter of the reason', () => {
    const skipped = cellWithout(fakeCell('xdp', oneByOne, 200, 1, { engine: 'none' }), 'skipped', 'no XDP');
    expect(say(cellOf(5e5), { ...best, ...invalid }, skipped)).toEqual([
      expect.stringMatching(
        /recvmmsg answers 500 thousand packets\/s; afxdp: no figure \(a\); xdp: no figure \(b\)\.$/,
      ),
    ]);
  });

  it('name a frame size at which no implementation has one', () => {
    const large = fakeCell('afxdp', oneByOne, 1400, 1e5, invalid);
    expect(say(best, large)[1]).toMatch(/^1400 bytes, 1T1Q, .*: afxdp: no figure \(a\)\.$/);
  });

  it('tell how each grows to its largest point', () => {
    const grown = [
      ...[best, fakeCell('afxdp', twoByTwo, 200, 1.9e6), fakeCell('afxdp', { threads: 4, queues: 4 }, 200, 3e6)],
      ...[cellOf(5e5), fakeCell('recvmmsg', twoByTwo, 200, 5.1e5)],
      ...[fakeCell('dgram', oneByOne, 200, 5e4), fakeCell('dgram', twoByTwo, 200, 1e5, invalid)],
      fakeCell('recvfrom', oneByOne, 200, 2e5),
    ];
    expect(say(...grown).at(-1)).toMatch(
      /growth from 1T1Q, .*: afxdp at 4T4Q 3\.0 x 1T1Q \(2\.9 to 3\.2\), recvmmsg at 2T2Q ~ 1T1Q \(no evidence .*\), dgram: no figure at 2T2Q \(a\)\. Weak/,
    );
    expect(say(best, cellOf(5e5))).toHaveLength(1);
  });

  it.each<[string, Partial<CellSummary>, RegExp]>([
    ['slower', {}, /afxdp at 2T2Q 0\.50 x 1T1Q \(0\.4\d to 0\.5\d\)/],
    ['slower and bounded', { limit: 'generator' }, /afxdp at 2T2Q at least 0\.50 x 1T1Q \(/],
  ])('tell of a larger point that is %s', (_, changes, expected) => {
    expect(say(best, fakeCell('afxdp', twoByTwo, 200, 5e5, changes)).at(-1)).toMatch(expected);
  });
});

describe('of capacities', () => {
  const afxdp = fakeCapacityCell('afxdp');
  const where = '200 bytes, 1T1Q, function reverse, fed by XDP live frames, load capacity: ';

  it('compare NDR with NDR, and name the PDR', () => {
    expect(say(fakeCapacityCell('dgram'), fakeCapacityCell('recvmmsg'), afxdp)).toEqual([
      `${where}afxdp takes 1074 thousand packets/s without loss (NDR): 2.9 x recvmmsg (2.8 to 3.1); dgram: no NDR; ` +
        'PDR afxdp 1209, recvmmsg 412, dgram 56.2. Weak evidence: ranges of 5 runs.',
    ]);
  });

  it('mark each goal by its own bound', () => {
    const ndr = fakeCapacityFigure(1e6, { bound: 'lower' });
    const [bothSaid] = say({ ...afxdp, ndr }, fakeCapacityCell('recvmmsg', 200, { pdr: searchedOnce(4e5, null) }));
    expect(bothSaid).toMatch(
      /afxdp takes at least 1000 .*: at least 2\.7 x recvmmsg .*PDR afxdp 1209, recvmmsg at least 400/,
    );
  });

  it('of which none is without loss', () => {
    expect(say(fakeCapacityCell('dgram'))).toEqual([`${where}dgram: no NDR; PDR dgram 56.2.`]);
    expect(say(fakeCapacityCell('dgram', 200, { pdr: null }))).toEqual([`${where}dgram: no NDR; PDR none.`]);
  });
});

describe('of round trips', () => {
  it('tell median, 99th percentile, who spins, and the loss at a rate', () => {
    expect(say(fakeLatencyCell('dgram'), fakeLatencyCell('afxdp'))).toEqual([
      expect.stringMatching(/closed=4: round trip \(.*\) afxdp \(spins\) 22\.0 \/ 41\.4, dgram 61\.0 \/ 140\.$/),
    ]);
    expect(say(fakeRateCell('dgram'), fakeRateCell('afxdp'))).toEqual([
      expect.stringMatching(
        /rate=100000: .* afxdp \(spins\) 22\.0 \/ 41\.4 \(lost 0 %\), dgram 61\.0 \/ 140 \(lost 38 %\)\.$/,
      ),
    ]);
  });

  it('never call an offered rate an answer', () => {
    expect(say(fakeRateCell('dgram'), fakeRateCell('afxdp')).join()).not.toMatch(/answers|packets\/s/);
  });

  it('leave out a percentile that too few support', () => {
    const latencyNs = { count: 30, p50: 22_000, p90: null, p99: null, p99_9: null, p99_99: null, max: 4e6 };
    expect(say(fakeLatencyCell('afxdp', { latencyNs })).join()).toMatch(/22\.0 \/ –\.$/);
  });

  it('name what is missing', () => {
    expect(say(fakeLatencyCell('dgram'), fakeLatencyCell('afxdp', invalid)).join()).toMatch(
      /; afxdp: no figure \(a\)\.$/,
    );
  });
});

describe('of levels', () => {
  it('are told at half of the capacity and at the equal rate, even where nothing else is measured', () => {
    expect(say(fakeLevelsCell('recvmmsg'), fakeLevelsCell('afxdp'))).toEqual([
      expect.stringMatching(
        /at 50 % of its capacity afxdp \(spins\) 22\.0 \/ 41\.4, recvmmsg 34\.0 \/ 55\.0; at the rate that is equal for all afxdp \(spins\) 15\.4 \/ 29\.0, recvmmsg 23\.8 \/ 38\.5\.$/,
      ),
    ]);
  });

  it('are shares of a lower bound where the generator was the limit', () => {
    const [limited] = say(fakeLevelsCell('recvmmsg', { limit: 'generator' }));
    expect(limited?.match(/\(of a lower bound\)/g)).toHaveLength(1);
  });
});

describe('of rest', () => {
  it('tell the CPU use, the least first', () => {
    expect(say(fakeRestCell('afxdp'), fakeRestCell('recvfrom'))).toEqual([
      "At rest, 1T1Q, function reverse: CPU use of the invoker's CPUs recvfrom <0.01 %, afxdp (spins) 100 %.",
    ]);
  });
});

describe('of a mixed run', () => {
  it('are one of each load at least', () => {
    const cells = [
      ...[fakeRestCell('dgram'), fakeLevelsCell('dgram'), fakeRateCell('dgram'), fakeLatencyCell('dgram')],
      ...[fakeCapacityCell('dgram'), fakeCell('dgram', oneByOne, 200, 6e4)],
    ];
    const told = say(...cells).join('\n');
    for (const part of ['saturate', 'capacity', 'rate=100000', 'closed=4', 'latency-under-load', 'At rest'])
      expect(told).toContain(part);
    expect(say(...cells)).toHaveLength(6);
  });
});
