import { describe, expect, it } from 'vitest';
import { mergeRuns } from '../../../harness/judge/merge-runs.js';
import { summarise } from '../../../harness/judge/summary.js';
import { crossingOf, type Lead, workCurves } from '../../../harness/judge/work.js';
import type { ImplementationId } from '../../../model/ids.js';
import type { CompletedRun } from '../../../model/record.js';
import type { Crossing, Summary, WorkCurve } from '../../../model/summary.js';
import { fakeWorkCells, fakeWorkRun, trueCrossingNs } from '../../fakes/work.js';

function curveOf({ work }: Pick<Summary, 'work'>, impl: ImplementationId): WorkCurve {
  const curve = work.find((one) => one.impl === impl);
  expect(curve, impl).toBeDefined();
  return curve as WorkCurve;
}

function summaryOf(...args: Parameters<typeof fakeWorkRun>): Summary {
  const { prologue, runs } = fakeWorkRun(...args);
  return summarise(prologue, runs);
}

const amountsNs = [0, 1000, 3000, 10_000, 30_000, 100_000];
const work = '0,1us,3us,10us,30us,100us';

const covers = ({ lowNs, highNs }: Crossing, trueNs: number) =>
  (lowNs ?? Number.POSITIVE_INFINITY) <= trueNs && trueNs <= (highNs ?? Number.POSITIVE_INFINITY);

describe('the crossing', () => {
  it.each<ImplementationId>(['afxdp', 'xdp'])('of %s is the true one where nothing varies', (impl) => {
    const { crossing, points } = curveOf(summaryOf({ work }, { noise: 0 }), impl);
    expect(crossing?.atNs).toBeCloseTo(trueCrossingNs(impl, 1.1), -2);
    expect(points.map(({ workNs }) => workNs)).toEqual([...amountsNs]);
  });

  it.each([
    { repeats: 4, noise: 0.03 },
    { repeats: 6, noise: 0.03 },
    { repeats: 6, noise: 0.002 },
    { repeats: 6, noise: 'as measured' },
  ] as const)(
    'is in its interval in 90 % of many runs at least: $repeats repeats, noise $noise',
    ({ repeats, noise }) => {
      const seeds = Array.from({ length: 300 }, (_, seed) => seed + 1);
      for (const impl of ['afxdp', 'xdp'] as const) {
        const crossings = seeds.map((seed) => {
          const work = workCurves(fakeWorkCells(['recvmmsg', impl], amountsNs, { seed, repeats, noise }));
          return curveOf({ work }, impl).crossing as Crossing;
        });
        const trueNs = trueCrossingNs(impl, 1.1);
        expect(crossings.filter((crossing) => covers(crossing, trueNs)).length).toBeGreaterThanOrEqual(270);
        expect(Math.min(...crossings.map(({ confidence }) => confidence))).toBeGreaterThanOrEqual(0.95);
      }
    },
  );

  it('is found from the records of two merged runs, in a narrower interval', () => {
    const stored = [1, 2].map((seed) => {
      const { prologue, runs } = fakeWorkRun({ work }, { seed });
      const runId = `run-${seed}`;
      return {
        folder: runId,
        prologue: { ...prologue, runId, startedAt: `2026-11-2${seed}T00:00:00.000Z` },
        runs: runs.map((run): CompletedRun => ({ ...run, runId })),
      };
    });
    const { prologue, runs } = mergeRuns(stored, 'merged');
    const merged = curveOf(summarise(prologue, runs), 'afxdp').crossing as Crossing;
    expect(covers(merged, trueCrossingNs('afxdp', 1.1))).toBe(true);
    const width = ({ lowNs, highNs }: Crossing) => (highNs ?? Number.POSITIVE_INFINITY) - (lowNs ?? 0);
    for (const one of stored) {
      const alone = curveOf(summarise(one.prologue, one.runs), 'afxdp').crossing as Crossing;
      expect(width(merged)).toBeLessThan(width(alone));
    }
  });

  it('has no interval of single runs', () => {
    const { crossing } = curveOf(summaryOf({}, { noise: 0, repeats: 1 }), 'afxdp');
    expect(crossing).toMatchObject({ confidence: 0, lowNs: crossing?.atNs, highNs: crossing?.atNs });
  });
});

describe('crossingOf', () => {
  const lead = (workNs: number, median: number, changes: Partial<Lead> = {}): Lead => ({
    ...{ workNs, replyNs: 1000 + workNs, kind: 'exact' },
    ratio: { median, low: median - 0.05, high: median + 0.05, confidence: 0.95 },
    ...changes,
  });

  it.each<[string, Lead[], Partial<Crossing> | null]>([
    ['one amount', [lead(0, 2)], null],
    ['none', [], null],
    ['never', [lead(0, 1), lead(1000, 0.9)], { atNs: 0, lowNs: 0, highNs: 0 }],
    ['never, perhaps', [lead(0, 1.08), lead(1000, 0.9)], { atNs: 0, lowNs: 0, highNs: expect.any(Number) }],
    ['always', [lead(0, 2), lead(1000, 1.5)], { atNs: null, lowNs: null, highNs: null }],
    ['always, perhaps', [lead(0, 2), lead(1000, 1.12)], { atNs: null, lowNs: expect.any(Number), highNs: null }],
    ['at the last amount, perhaps', [lead(0, 2), lead(1000, 1.08)], { atNs: expect.any(Number), highNs: null }],
    [
      'for good: what rises again has not crossed',
      [lead(0, 2), lead(1000, 1), lead(2000, 1.3), lead(4000, 1)],
      { atNs: expect.closeTo(2000 + (2000 * 0.2 * 3000) / (0.2 * 3000 + 0.1 * 5000)) },
    ],
    [
      'a lower bound has no upper end before the next amount',
      [lead(0, 2, { kind: 'lower bound' }), lead(1000, 1)],
      { highNs: 1000 },
    ],
  ])('%s', (_, leads, expected) => {
    const crossing = crossingOf(leads);
    if (expected === null) expect(crossing).toBeNull();
    else expect(crossing).toMatchObject(expected);
  });
});

describe('curves', () => {
  it('are none of a run without work, or with one amount of it', () => {
    expect(summaryOf({ work: '1us' }).work).toEqual([]);
    const { prologue, runs } = fakeWorkRun({ work: '0,1us' });
    const plain = (run: CompletedRun) => ({ ...run, cell: { ...run.cell, settings: {} } });
    const plan = prologue.plan.map((one) => ({ ...one, cell: { ...one.cell, settings: {} } }));
    expect(summarise({ ...prologue, plan }, runs.map(plain)).work).toEqual([]);
  });

  it('have no ratio without a recvmmsg that may be quoted', () => {
    const { work } = summaryOf({ impls: 'recvfrom,afxdp' });
    expect(work.map(({ impl }) => impl)).toEqual(['recvfrom', 'afxdp']);
    for (const { points, crossing } of work) {
      expect(points).toHaveLength(7);
      expect(points.every(({ ratio }) => ratio === null)).toBe(true);
      expect(crossing).toBeNull();
    }
  });

  it('leave out what is invalid, and ratios to it', () => {
    const { prologue, runs } = fakeWorkRun();
    const spoilt = (run: CompletedRun): CompletedRun => {
      const { implementation, settings } = run.cell;
      const isSpoilt =
        (implementation === 'afxdp' && settings.workNs === 1000) ||
        (implementation === 'recvmmsg' && settings.workNs === 0);
      return isSpoilt ? { ...run, ledger: { ...run.ledger, wrong: 5 } } : run;
    };
    const summary = summarise(prologue, runs.map(spoilt));
    const known = (impl: ImplementationId) =>
      curveOf(summary, impl)
        .points.filter(({ ratio }) => ratio !== null)
        .map(({ workNs }) => workNs);
    expect(known('afxdp')).toEqual([100, 300, 3000, 10_000, 30_000]);
    expect(known('xdp')).toEqual([100, 300, 1000, 3000, 10_000, 30_000]);
    expect(covers(curveOf(summary, 'afxdp').crossing as Crossing, trueCrossingNs('afxdp', 1.1))).toBe(true);
  });

  it('are of one setting each, held against recvmmsg set alike', () => {
    const { work } = summaryOf({ impls: 'recvmmsg,afxdp,xdp', axis: ['batch=8,64'], work: '0,1us' }, { noise: 0 });
    expect(work.map(({ impl, variant }) => [impl, variant])).toEqual([
      ...[
        ['recvmmsg', 'batch=8'],
        ['recvmmsg', 'batch=64'],
        ['afxdp', 'batch=8'],
        ['afxdp', 'batch=64'],
        ['xdp', ''],
      ],
    ]);
    expect(work.filter(({ impl }) => impl === 'recvmmsg').every(({ crossing }) => crossing === null)).toBe(true);
    expect(work.filter(({ impl }) => impl === 'afxdp').every(({ points }) => points[0]?.ratio)).toBe(true);
    // It knows no batch, and no recvmmsg ran with its default.
    expect(work.find(({ impl }) => impl === 'xdp')?.points[0]?.ratio).toBeNull();
  });
});
