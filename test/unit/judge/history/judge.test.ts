import { describe, expect, it } from 'vitest';
import { groupsOf } from '../../../../harness/judge/history/groups.js';
import { judgeHistory } from '../../../../harness/judge/history/judge.js';
import * as say from '../../../../harness/judge/history/text.js';
import { type Alert, type HistoryEvent, historyVersion, type Night } from '../../../../model/night.js';
import { type Course, commitOf, fakeNights, fakePair, runIdOf } from '../../../fakes/nights.js';

const at = '2026-06-01T08:00:00.000Z';
const base = { historyVersion, at, reason: 'meant to be' };
const judge = (nights: readonly Night[], events: readonly HistoryEvent[] = []) => judgeHistory({ nights, events }, at);

/** The cells of xdp, which scatter least: what is said of them is said every time. */
const isQuiet = (cell: number) => cell % 6 === 5;
const stepAt =
  (first: number, factor = 0.9): Course =>
  (cell, night) =>
    isQuiet(cell) && night >= first ? factor : 1;

const stepped = (count: number, first = 40, factor = 0.9) =>
  fakeNights({ nights: count, cells: 12, seed: 7, course: stepAt(first, factor) });

/** Judged night by night, as a job does. */
function nightly(nights: readonly Night[], from: number, events: HistoryEvent[] = []) {
  return Array.from({ length: nights.length - from + 1 }, (_, index) => {
    const judgement = judge(nights.slice(0, from + index), events);
    events.push(...judgement.events);
    return judgement;
  });
}

describe('a step', () => {
  const [first, second, third] = nightly(stepped(43), 41);

  it('is a suspicion at first, which fails nothing', () => {
    expect(first?.verdict.outcome).toBe('suspicion');
    expect(first?.verdict.suspicions).toHaveLength(2);
    expect(first?.verdict.text[0]).toMatch(
      /^Suspicion: xdp-1T1Q-60-reverse-saturate: peak 10\.\d % less than in the nights before \(threshold .*npm run bench -- --impls xdp/,
    );
    expect(second?.events).toEqual([]);
  });

  it('is a regression in the third night: what, since when, how much, which commits, how sure, how to look again', () => {
    expect(third?.verdict.outcome).toBe('regression');
    expect(third?.alerts).toMatchObject([{ alert: 1, state: 'open', reason: 'first seen' }]);
    const [what = '', most = '', commits, again, meant] = third?.verdict.text ?? [];
    expect(what).toMatch(
      /^Regression \(alert 1, raised 2026-06-01\): 2 cells worse \(peak: (9|10)\.\d % less \(\d.* to .*\) on average\), since the night 20260210-/,
    );
    expect(most).toMatch(/against the nights before, p < 0\.001; by itself it moves by up to 0\.\d %\.$/);
    expect(commits).toBe(`Commits: git log --oneline ${commitOf(39).slice(0, 12)}..${commitOf(40).slice(0, 12)}`);
    expect(again).toMatch(
      /^That cell again: npm run bench -- --impls xdp --function reverse --sizes \d+ --matrix 1T1Q --load saturate --topology veth$/,
    );
    expect(meant).toContain('acknowledge 1');
  });

  it('is as sure as it is itself, not as the surest of the others', () => {
    const alert = third?.alerts[0] as Alert;
    const largest = groupsOf(alert.changes, stepped(43))[0]?.changes[0];
    const other = { ...alert, changes: alert.changes.map((own) => ({ ...own, p: own === largest ? 0.03 : 0.001 })) };
    expect(say.alert(other, stepped(43))[1]).toContain('p = 0.030; by itself');
  });

  it('of several cells is one group', () => {
    const [group] = third?.groups ?? [];
    expect(group).toMatchObject({
      kind: 'step',
      direction: 'worse',
      firstNight: runIdOf(40),
      lastGoodNight: runIdOf(39),
    });
    expect(group?.changes.map(({ cell }) => cell.slice(0, 4))).toEqual(['xdp-', 'xdp-']);
    expect(group?.ratio.median).toBeCloseTo(0.9, 2);
  });

  it('for the better is no alert', () => {
    const { groups, verdict, events } = judge(stepped(43, 40, 1.1));
    expect(groups[0]).toMatchObject({ kind: 'step', direction: 'better', firstNight: runIdOf(40) });
    expect([verdict.outcome, events]).toEqual(['pass', []]);
  });
});

describe('an alert', () => {
  it('that is acknowledged takes nothing more in', () => {
    const course: Course = (cell, night) => ((cell === 5 && night >= 40) || (cell === 11 && night >= 41) ? 0.9 : 1);
    const nights = fakeNights({ nights: 46, cells: 12, seed: 7, course });
    const events: HistoryEvent[] = [];
    nightly(nights.slice(0, 43), 41, events);
    events.push({ ...base, kind: 'acknowledged', alert: 1 });
    const last = nightly(nights, 44, events).at(-1);
    expect(last?.alerts.map(({ alert, state }) => [alert, state])).toEqual([
      [1, 'acknowledged'],
      [2, 'open'],
    ]);
    expect(last?.verdict.outcome).toBe('regression');
  });

  it('is not touched by a night of another question, nor fails it', () => {
    const nights = stepped(44);
    const events: HistoryEvent[] = [];
    nightly(nights.slice(0, 43), 41, events);
    const other = { ...(nights[43] as Night), profile: 'short' };
    const judged = judge([...nights.slice(0, 43), other], events);
    expect([judged.events, judged.alerts]).toEqual([[], []]);
    expect(judged.verdict.outcome).not.toBe('regression');
    expect(judge(nights, events).alerts).toMatchObject([{ alert: 1, state: 'open' }]);
  });

  it('is no regression that stands any more once it is cleared', () => {
    const back: Course = (cell, night) => (isQuiet(cell) && night >= 40 && night < 44 ? 0.9 : 1);
    const judged = nightly(fakeNights({ nights: 50, cells: 12, seed: 7, course: back }), 41);
    const told = judged.map(({ groups }) => groups.filter(({ kind }) => kind === 'step').map(({ fate }) => fate));
    expect(told[2]).toEqual(['stands']);
    expect(told.at(-1)).toEqual(['stands', 'taken back']);
    expect(judged.at(-1)?.alerts).toMatchObject([{ state: 'cleared' }]);
  });

  it('of turns that show no difference any more is of a regression that was taken back', () => {
    const nights = stepped(44);
    const events: HistoryEvent[] = [];
    nightly(nights.slice(0, 43), 43, events);
    events.push({ ...base, kind: 'cleared', alert: 1 });
    expect(judge(nights, events).groups[0]).toMatchObject({
      kind: 'step',
      firstNight: runIdOf(40),
      fate: 'taken back',
    });
    events.push({ ...base, kind: 'acknowledged', alert: 1 });
    expect(judge(nights, events).groups[0]).toMatchObject({ fate: 'stands' });
  });

  it('stays while it stands, and is cleared once', () => {
    const back: Course = (cell, night) => (isQuiet(cell) && night >= 40 && night < 50 ? 0.9 : 1);
    const nights = fakeNights({ nights: 60, cells: 12, seed: 7, course: back });
    const judged = nightly(nights, 41);
    const kinds = judged.flatMap(({ events }, index) => events.map(({ kind }) => `${40 + index} ${kind}`));
    expect(kinds[0]).toBe('42 raised');
    expect(kinds.filter((kind) => !kind.includes('raised'))).toHaveLength(1);
    expect(kinds.at(-1)).toMatch(/^5[2-6] cleared$/);
    const outcomes = judged.map(({ verdict }) => verdict.outcome);
    expect(outcomes.slice(2, 12)).toEqual(new Array(10).fill('regression'));
    expect(outcomes.at(-1)).not.toBe('regression');
  });

  it('that is acknowledged fails no night any more', () => {
    const nights = stepped(60);
    const events: HistoryEvent[] = [];
    nightly(nights.slice(0, 45), 43, events);
    events.push({ ...base, kind: 'acknowledged', alert: 1 });
    const judged = nightly(nights, 46, events);
    expect(judged.map(({ verdict }) => verdict.outcome)).not.toContain('regression');
    expect(judged.at(-1)?.alerts).toMatchObject([{ alert: 1, state: 'acknowledged', reason: 'meant to be' }]);
  });

  it('is cleared where its nights are withdrawn', () => {
    const nights = stepped(43);
    const { events } = judge(nights);
    const withdrawn = [40, 41, 42].map(
      (night): HistoryEvent => ({ ...base, kind: 'withdrawn', runId: runIdOf(night) }),
    );
    const after = judge(nights, [...events, ...withdrawn]);
    expect(after.alerts).toMatchObject([{ state: 'cleared', reason: 'its nights were withdrawn' }]);
    expect(after.nights).toHaveLength(40);
    expect(after.withdrawn).toHaveLength(3);
  });
});

describe('an excuse', () => {
  const changed = (nights: Night[], first: number, changes: Partial<Night>) =>
    nights.map((night, index) => (index >= first ? { ...night, ...changes } : night));

  it('is a kernel that came in the same night: named, and no alert', () => {
    const nights = changed(stepped(43), 40, { facts: { kernel: '6.19.0', governor: 'performance' } });
    const { groups, events, verdict } = judge(nights);
    expect(groups[0]).toMatchObject({
      excuse: 'environment',
      facts: [{ fact: 'kernel', old: '6.18.0', new: '6.19.0' }],
    });
    expect(events).toEqual([]);
    expect(verdict.text.join(' ')).toMatch(/Excused: 2 figures moved .* as kernel went from 6\.18\.0 to 6\.19\.0\./);
  });

  it('is no other number of repeats, which is told', () => {
    const facts = (repeats: string) => ({ kernel: '6.18.0', governor: 'performance', repeats });
    const nights = changed(changed(stepped(43), 0, { facts: facts('8') }), 40, { facts: facts('5') });
    const { groups, verdict } = judge(nights);
    expect(groups[0]).toMatchObject({ excuse: 'none', facts: [{ fact: 'repeats', old: '8', new: '5' }] });
    expect(verdict.outcome).toBe('regression');
    expect(verdict.text).toContain('Changed with it: repeats went from 8 to 5.');
    expect(verdict.text.find((line) => line.startsWith('That cell again: '))).toContain(' --repeats 5 --topology veth');
    expect(judge(nights.slice(0, 41)).verdict.outcome).toBe('suspicion');
  });

  it('is a boot, unless the machine is booted every night', () => {
    expect(judge(changed(stepped(43), 40, { bootId: 'b1' })).groups[0]?.facts).toMatchObject([{ fact: 'boot' }]);
    const booted = stepped(43).map((night, index) => ({ ...night, bootId: `b${index}` }));
    expect(judge(booted).verdict.outcome).toBe('regression');
  });

  it('is a build that is as slow tonight as the good one beside it', () => {
    const nights = stepped(43);
    const [cell = ''] = judge(nights).groups[0]?.changes.map((change) => change.cell) ?? [];
    const cells = nights[0]?.measured.filter((_, index) => isQuiet(index)).map((one) => one.cell) ?? [];
    expect(cells).toContain(cell);
    const turns = cells.map((one) => fakePair(one, 39));
    const { events, groups } = judge([...nights.slice(0, -1), { ...(nights.at(-1) as Night), turns }]);
    expect(events).toEqual([]);
    expect(groups[0]).toMatchObject({ excuse: 'environment', facts: [{ fact: 'turns of both builds' }] });
    const half = judge([...nights.slice(0, -1), { ...(nights.at(-1) as Night), turns: turns.slice(0, 1) }]);
    expect(half.alerts.map(({ changes }) => changes.map((change) => change.cell))).toEqual([cells.slice(1)]);
  });
});

describe('a lower bound', () => {
  const bounded = (nights: Night[], from: number, to: number) =>
    nights.map((night, index) => ({
      ...night,
      measured: night.measured.map((cell) => ({
        ...cell,
        figures: cell.figures.map((figure) => ({
          ...figure,
          bound: index >= from && index < to ? ('lower' as const) : figure.bound,
        })),
      })),
    }));

  it('claims no regression', () => {
    const { groups, verdict } = judge(bounded(stepped(43), 40, 43));
    expect(groups.filter(({ kind }) => kind === 'step')).toEqual([]);
    expect(verdict.outcome).not.toBe('regression');
    expect(verdict.suspicions.filter(({ cell }) => cell.startsWith('xdp'))).toEqual([]);
  });

  it('of one night hides no step that other nights show', () => {
    const { groups, verdict } = judge(bounded(stepped(46), 42, 43));
    expect(verdict.outcome).toBe('regression');
    // It may have been as much as before.
    expect(groups[0]?.ratio.median).toBeCloseTo(Math.exp((5 / 6) * Math.log(0.9)), 2);
    expect(judge(bounded(stepped(43), 42, 43)).verdict.outcome).not.toBe('regression');
  });

  it('of one night hides no drift', () => {
    const nights = fakeNights({
      nights: 140,
      cells: 6,
      seed: 7,
      course: (cell, night) => (isQuiet(cell) ? 0.999 ** Math.max(0, night - 60) : 1),
    });
    expect(judge(bounded(nights, 100, 101)).groups.map(({ kind }) => kind)).toContain('drift');
    expect(judge(bounded(nights, 60, 140)).groups.filter(({ kind }) => kind === 'drift')).toEqual([]);
  });

  it('of one night before hides no improvement', () => {
    const [group] = judge(bounded(stepped(46, 40, 1.1), 20, 21)).groups;
    expect(group).toMatchObject({ kind: 'step', direction: 'better', firstNight: runIdOf(40) });
    expect(judge(bounded(stepped(46, 40, 1.1), 0, 40)).groups.filter(({ kind }) => kind === 'step')).toEqual([]);
  });

  it('that held before makes a regression no smaller', () => {
    expect(judge(bounded(stepped(43), 0, 40)).verdict.outcome).toBe('regression');
  });
});

describe('turns of two builds', () => {
  const worse = {
    ratio: { median: 0.9, low: 0.88, high: 0.92, confidence: 0.95 },
    p: 0.001,
    verdict: 'worse',
  } as const;
  const night = (count: number, pairs: Parameters<typeof fakePair>[2][]) => {
    const nights = fakeNights({ nights: count, cells: 6, seed: 3 });
    const last = nights.at(-1) as Night;
    const cell = last.measured[5]?.cell as string;
    return [...nights.slice(0, -1), { ...last, turns: pairs.map((pair) => fakePair(cell, count - 2, pair)) }];
  };

  it('once are a suspicion, again a regression, without any past', () => {
    expect(judge(night(3, [worse])).verdict).toMatchObject({
      outcome: 'suspicion',
      suspicions: [{ witness: 'turns' }],
    });
    const confirmed = judge(night(3, [worse, { ...worse, attempt: 2 }]));
    expect(confirmed.verdict.outcome).toBe('regression');
    expect(confirmed.verdict.text[1]).toMatch(/, by turns of both builds in two attempts, p = 0\.001 in the second\.$/);
    expect(confirmed.alerts[0]?.changes).toMatchObject([
      { witness: 'turns', commits: { good: commitOf(1), bad: commitOf(2) }, lastGoodNight: runIdOf(1) },
    ]);
  });

  it('that are not worse again acquit', () => {
    expect(judge(night(3, [worse, { attempt: 2 }])).verdict.outcome).toBe('pass');
  });

  it('clear an alert in a later night', () => {
    const nights = night(3, [worse, { ...worse, attempt: 2 }]);
    const { events } = judge(nights);
    const next = fakeNights({ nights: 4, cells: 6, seed: 3 })[3] as Night;
    const cell = next.measured[5]?.cell as string;
    const after = judge([...nights, { ...next, turns: [fakePair(cell, 1)] }], events);
    expect(after.alerts).toMatchObject([
      { state: 'cleared', reason: expect.stringMatching(/^turns against .* show no difference$/) },
    ]);
  });

  it('that scatter are unstable, each cell by itself', () => {
    const { verdict } = judge(night(3, [{ verdict: 'unstable', nullSpread: 0.2 }]));
    expect(verdict).toMatchObject({ outcome: 'unstable', suspicions: [] });
    expect(verdict.text[0]).toBe(
      'Unstable: turns differ by more than 5 % where nothing differs, and tell nothing, of xdp-1T1Q-60-reverse-saturate.',
    );
  });

  it('are suspicious in a night that is too noisy to be held against others', () => {
    const nights = fakeNights({ nights: 40, cells: 12, seed: 9, course: (_, at) => (at === 39 ? 0.8 : 1) });
    const last = nights.at(-1) as Night;
    const [slower, silent] = last.measured.map(({ cell }) => cell) as [string, string];
    const turns = [fakePair(slower, 38, worse), fakePair(silent, 38, { verdict: 'unstable', nullSpread: 0.2 })];
    const { verdict } = judge([...nights.slice(0, -1), { ...last, turns }]);
    expect(verdict.outcome).toBe('suspicion');
    expect(verdict.suspicions).toMatchObject([{ cell: slower, witness: 'turns' }]);
    expect(verdict.text.map((line) => line.replace(/ .*/s, ''))).toEqual(['Suspicion:', 'Unstable:', 'Unstable:']);
    const confirmed = turns.map((pair) => ({ ...pair, attempt: 2 }));
    const again = judge([...nights.slice(0, -1), { ...last, turns: [...turns, ...confirmed] }]);
    expect(again.verdict.outcome).toBe('regression');
  });
});

describe('a night', () => {
  it('beside a busy loop is unstable, not a regression', () => {
    const nights = fakeNights({ nights: 40, cells: 12, seed: 9, course: (_, night) => (night === 39 ? 0.6 : 1) });
    const { verdict, events } = judge(nights);
    expect([verdict.outcome, verdict.suspicions, events]).toEqual(['unstable', [], []]);
  });

  it('without a figure is unfit', () => {
    const nights = fakeNights({ nights: 3, cells: 2, seed: 9 });
    const last = nights.at(-1) as Night;
    const measured = last.measured.map((cell) => ({
      ...cell,
      state: 'skipped' as const,
      reason: 'no card',
      figures: [],
    }));
    const { verdict } = judge([...nights.slice(0, -1), { ...last, measured }]);
    expect(verdict).toMatchObject({ outcome: 'unfit', vanished: measured.map(({ cell }) => cell) });
    expect(verdict.text[1]).toMatch(
      /^2 cells without a figure tonight, such as dgram-1T1Q-60-reverse-saturate \(no card\)\.$/,
    );
  });

  it('tells cells that came and went, and a past that is too short', () => {
    const [one, other] = fakeNights({ nights: 2, cells: 3, seed: 9 }) as [Night, Night];
    const { verdict } = judge([
      { ...one, measured: one.measured.slice(0, 2) },
      { ...other, measured: other.measured.slice(1) },
    ]);
    expect(verdict).toMatchObject({
      ...{
        outcome: 'pass',
        vanished: ['dgram-1T1Q-60-reverse-saturate'],
        appeared: ['recvmmsg-1T1Q-60-reverse-saturate'],
      },
    });
    expect(verdict.text.at(-1)).toBe(
      'The history has 2 nights: it says something of a figure after 14; until then only turns of two builds do.',
    );
  });

  it('is judged with those of its profile; what is odd is told', () => {
    const nights = fakeNights({ nights: 4, cells: 2, seed: 9 });
    const [a, b, c, d] = nights as [Night, Night, Night, Night];
    const sameDate = { ...d, startedAt: c.startedAt.replace('T02', 'T05') };
    const judged = judge([{ ...a, profile: 'short' }, { ...b, state: 'partial' }, c, sameDate]);
    expect(judged.nights).toHaveLength(3);
    expect(judged.warnings).toEqual([
      '2026-01-03 has 2 nights, each is counted.',
      `${runIdOf(1)} ended before all of its plan was measured; what it has is counted.`,
      'Left out: nights of other profiles or topologies, 1.',
    ]);
  });

  it('must be there', () => expect(() => judge([])).toThrow(RangeError));
});
