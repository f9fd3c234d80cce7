import { describe, expect, it } from 'vitest';
import { canTell, compareRuns, regressions } from '../../../harness/judge/compare-runs.js';
import type { CellSummary, RepeatFigures, Summary } from '../../../model/summary.js';
import { seededRandom } from '../../fakes/random.js';
import { cellWithout, fakeCell, fakeLatencyCell, fakeSummary } from '../../fakes/summary.js';

const point = { threads: 1, queues: 1 };
const random = seededRandom(1);

/** Repeats of a peak about a rate, within 1 %. */
const peaks = (rate: number, repeats: number): RepeatFigures[] =>
  Array.from({ length: repeats }, (_, repeat) => ({
    ...{ repeat, ndrPerSecond: null, pdrPerSecond: null, latencyNs: null, cpuNsPerReply: null },
    repliesPerSecond: rate * (1 + 0.01 * (random() - 0.5)),
  }));

const cellOf = (rate: number, repeats = 8, changes: Partial<CellSummary> = {}) =>
  fakeCell('afxdp', point, 200, rate, { byRepeat: peaks(rate, repeats), ...changes });
const runOf = (...cells: CellSummary[]): Summary => fakeSummary({ cells });
const compareCells = (old: CellSummary, now: CellSummary) => compareRuns(runOf(old), runOf(now));

describe('compareRuns', () => {
  it.each([
    ['a tenth more', 1.1, 'better'],
    ['a tenth less', 0.9, 'worse'],
    ['the same', 1, 'unclear'],
  ])('tells %s of a peak', (_, factor, outcome) => {
    const { metrics, notCompared, differences } = compareCells(cellOf(1e6), cellOf(factor * 1e6));
    expect(metrics.map(({ metric }) => metric)).toEqual(['peak']);
    expect(metrics[0]?.cells).toMatchObject([{ id: 'afxdp-1T1Q-200-reverse-saturate', outcome }]);
    expect(metrics[0]?.cells[0]?.ratio.median).toBeCloseTo(factor, 2);
    expect([notCompared, differences]).toEqual([[], []]);
  });

  it.each(['p50', 'p99'] as const)('of a round trip counts less as better: %s', (metric) => {
    const timed = (ns: number) =>
      fakeLatencyCell('afxdp', {
        byRepeat: peaks(1000, 8).map((figures) => ({
          ...figures,
          repliesPerSecond: null,
          latencyNs: {
            count: 1000,
            p50: ns + figures.repeat,
            p90: ns,
            p99: 2 * ns + figures.repeat,
            p99_9: ns,
            p99_99: ns,
            max: ns,
          },
        })),
      });
    const { metrics } = compareCells(timed(20_000), timed(30_000));
    const found = metrics.find((one) => one.metric === metric);
    expect(found).toMatchObject({ better: 'less', cells: [{ outcome: 'worse' }] });
    expect(metrics.map((one) => one.metric)).toEqual(['p50', 'p99']);
  });

  it('corrects for the number of cells, and says how many repeats that asks for', () => {
    const sizes = Array.from({ length: 48 }, (_, index) => 200 + index);
    const run = (factor: number, repeats: number) =>
      runOf(...sizes.map((size) => fakeCell('afxdp', point, size, 1e6, { byRepeat: peaks(factor * 1e6, repeats) })));
    const six = compareRuns(run(1, 6), run(0.5, 6)).metrics[0];
    expect(six?.cells.filter(({ outcome }) => outcome !== 'unclear')).toEqual([]);
    expect(six).toMatchObject({ leastHolmP: expect.closeTo((48 * 2) / 924, 12), repeatsNeeded: 7 });
    expect(six && canTell(six)).toBe(false);
    const seven = compareRuns(run(1, 7), run(0.5, 7)).metrics[0];
    expect(seven?.cells.filter(({ outcome }) => outcome === 'worse')).toHaveLength(48);
    expect(seven && canTell(seven)).toBe(true);
    expect(seven?.groups).toMatchObject([{ name: 'afxdp saturate', cells: 48 }]);
    expect(seven?.groups[0]?.geometricMean).toBeCloseTo(0.5, 2);
  });

  const bound = { limit: 'generator' } as const;
  it.each<[string, Partial<CellSummary>, Partial<CellSummary>, number, string]>([
    ['old', bound, {}, 1.1, 'unclear'],
    ['old', bound, {}, 0.9, 'worse'],
    ['new', {}, bound, 1.1, 'better'],
    ['new', {}, bound, 0.9, 'unclear'],
    ['both', bound, bound, 1.1, 'unclear'],
  ])('with a lower bound (%s) says no more than holds', (_, old, now, factor, outcome) => {
    const { metrics } = compareCells(cellOf(1e6, 8, old), cellOf(factor * 1e6, 8, now));
    expect(metrics[0]?.cells[0]?.outcome).toBe(outcome);
  });

  it.each<[string, CellSummary, CellSummary, RegExp, string]>([
    [
      'invalid',
      cellOf(1),
      cellOf(1, 8, { verdict: 'invalid', reasons: ['1 wrong'] }),
      /^new run: invalid: 1 wrong$/,
      'lost',
    ],
    ['failed', cellOf(1), cellWithout(cellOf(1), 'failed', 'PROBE: no answer'), /^new run: failed: PROBE/, 'lost'],
    ['failed before', cellWithout(cellOf(1), 'failed', 'x'), cellOf(1), /^old run: failed: x$/, 'absent'],
    [
      'fed otherwise',
      cellOf(1),
      cellOf(1, 8, { engine: 'afxdp' }),
      /^fed by the engine live, then by afxdp$/,
      'absent',
    ],
    [
      'waiting otherwise',
      cellOf(1),
      cellOf(1, 8, { idle: 'poll' }),
      /^its threads wait by spin, then by poll$/,
      'absent',
    ],
    [
      'without a figure in some repeats',
      cellOf(1),
      cellOf(1, 8, { byRepeat: [...peaks(1, 7), ...peaks(0, 1)] }),
      /^old run: a figure in 8 of 8 repeats, new run: a figure in 7 of 8 repeats$/,
      'lost',
    ],
  ])('refuses a cell that is %s', (_, old, now, reason, state) => {
    const { metrics, notCompared } = compareCells(old, now);
    expect(metrics).toEqual([]);
    expect(notCompared).toMatchObject([{ id: old.id, state, reason: expect.stringMatching(reason) }]);
  });

  it('tells of cells on one side only, and of facts that differ', () => {
    const other = fakeCell('xdp', point, 200, 1);
    const [old, now] = [runOf(cellOf(1), other), runOf(cellOf(1), { ...other, id: 'new-one' })];
    const host = { ...now.host, kernel: '7.0', sysctls: { 'net.core.rmem_max': '1' }, versions: { node: 'v20.20.2' } };
    const { notCompared, differences } = compareRuns(old, {
      ...now,
      host,
      scenario: { ...now.scenario, durationNs: 1e9, tuning: { channels: '4' } },
    });
    expect(notCompared).toMatchObject([
      { id: other.id, reason: 'only in the old run', state: 'absent' },
      { id: 'new-one', reason: 'only in the new run', state: 'absent' },
    ]);
    expect(differences).toEqual([
      { fact: 'kernel', old: '6.8.0-45-generic', new: '7.0' },
      { fact: 'versions.libbpf', old: '1.3.0', new: 'not recorded' },
      { fact: 'measured for', old: '5 s', new: '1 s' },
      { fact: 'sysctls.net.core.rmem_max', old: 'not recorded', new: '1' },
      { fact: 'tuning.channels', old: 'not recorded', new: '4' },
    ]);
  });

  it('tells of client hosts how many they are, and what differs of those of both runs', () => {
    const run = runOf(cellOf(1));
    const [first, second] = [
      { ...run.host, kernel: '6.1' },
      { ...run.host, kernel: '6.12' },
    ];
    const { differences } = compareRuns({ ...run, clientHosts: [run.host] }, { ...run, clientHosts: [first, second] });
    expect(differences).toEqual([
      { fact: 'client hosts', old: '1', new: '2' },
      { fact: 'client.0.kernel', old: run.host.kernel, new: '6.1' },
    ]);
  });
});

describe('regressions', () => {
  const comparison = compareCells(cellOf(1e6), cellOf(0.9e6));
  it.each([
    [0.05, 1],
    [0.15, 0],
  ])('beyond %f: %i', (share, number) => expect(regressions(comparison, share)).toHaveLength(number));

  it('are none where a figure is better', () => {
    expect(regressions(compareCells(cellOf(1e6), cellOf(1.2e6)), 0)).toEqual([]);
  });
});
