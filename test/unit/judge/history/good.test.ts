import { describe, expect, it } from 'vitest';
import { lastGoodNight } from '../../../../harness/judge/history/good.js';
import type { Change, HistoryEvent, Night } from '../../../../model/night.js';
import { fakeNight, fakeNights, fakePair, runIdOf } from '../../../fakes/nights.js';

const nights = fakeNights({ nights: 4, cells: 6, seed: 3 });
const question = { profile: 'nightly', topology: 'veth' as const };
const event = { historyVersion: 1, at: '2026-01-05T00:00:00.000Z', reason: '' };
const changed = {
  cell: 'c',
  metric: 'peak',
  kind: 'step',
  firstNight: runIdOf(2),
  ratio: { median: 0.9 },
  commits: { good: 'x', bad: 'y' },
};
const raised: HistoryEvent = { ...event, kind: 'raised', alert: 1, changes: [changed as unknown as Change] };

/** The last night changed. */
const withLast = (changes: Partial<Night>) => [...nights.slice(0, -1), { ...(nights[3] as Night), ...changes }];
const cell = nights[0]?.measured[5]?.cell as string;
const worse = { ratio: { median: 0.8, low: 0.7, high: 0.9, confidence: 0.95 }, p: 0.01, verdict: 'worse' } as const;

describe('the last good night', () => {
  it.each<[what: string, events: HistoryEvent[], night: number]>([
    ['is the newest', [], 3],
    ['comes before what an open alert accuses', [raised], 1],
    ['does not mind what somebody agreed to', [raised, { ...event, kind: 'acknowledged', alert: 1 }], 3],
    ['does not mind what was found to be nothing', [raised, { ...event, kind: 'cleared', alert: 1 }], 3],
    ['is none that was withdrawn', [{ ...event, kind: 'withdrawn', runId: runIdOf(3) }], 2],
  ])('%s', (_, events, night) => {
    expect(lastGoodNight({ nights, events }, question)?.runId).toBe(runIdOf(night));
  });

  it.each<[what: string, last: Partial<Night>]>([
    ['a tree with changes', { dirty: 'dirty' }],
    ['a tree of which nobody knows', { dirty: 'unknown' }],
    ['no commit', { commit: 'unknown' }],
    ['another question', { profile: 'quick' }],
    ['another wire', { topology: 'nic' }],
    ['no figure', { measured: [] }],
    ['a cell whose turns tell nothing', { turns: [fakePair(cell, 2, { verdict: 'unstable', nullSpread: 0.09 })] }],
    ['a cell that turns suspect', { turns: [fakePair(cell, 2, worse)] }],
  ])('is none of %s', (_, last) => {
    expect(lastGoodNight({ nights: withLast(last), events: [] }, question)?.runId).toBe(runIdOf(2));
  });

  it('is none in which most figures fell at once', () => {
    const fallen = fakeNights({ nights: 40, cells: 12, seed: 9, course: (_, night) => (night >= 38 ? 0.8 : 1) });
    expect(lastGoodNight({ nights: fallen, events: [] }, question)?.runId).toBe(runIdOf(37));
  });

  it('is missing in a history that has none', () => {
    const odd = [fakeNight(0, [], { commit: 'unknown' })];
    expect(lastGoodNight({ nights: odd, events: [] }, question)).toBeNull();
    expect(lastGoodNight({ nights: [], events: [] }, question)).toBeNull();
  });
});
