import { describe, expect, it } from 'vitest';
import type { Change, HistoryEvent, HistoryJudgement, Night, NightPair } from '../../../../model/night.js';
import { historyVersion } from '../../../../model/night.js';
import { judgedNightly, morningOf } from '../../../fakes/judged.js';
import { type Course, fakeNights, fakePair, runIdOf } from '../../../fakes/nights.js';

const patience = { timeout: 60_000 };

/** The cell of xdp, which scatters least. */
const steady = 5;

const nightsOf = (count: number, course: (night: number) => number) =>
  fakeNights({
    nights: count,
    cells: 6,
    seed: 7,
    course: ((cell, night) => (cell === steady ? course(night) : 1)) as Course,
  });

const acknowledged = (alert: number, night: Night | undefined): HistoryEvent => ({
  ...{ historyVersion, at: morningOf(night), kind: 'acknowledged', reason: 'meant to be', alert },
});

const raisedIn = (events: readonly HistoryEvent[]): Change[] =>
  events.flatMap((event) => (event.kind === 'raised' ? event.changes : []));

/** Down by 0.05 % a night from night 40 to 110, then level. */
const drifting = (night: number) => 0.9995 ** Math.min(70, Math.max(0, night - 40));

/** Judged every night from night 105 to 135, and whatever is open acknowledged the morning after. */
function withSettledDrift(nights: readonly Night[]): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  for (let count = 105; count <= 135; count++) {
    const { alerts } = judgedNightly(nights.slice(0, count), count, events)[0] as HistoryJudgement;
    for (const { alert, state } of alerts) if (state === 'open') events.push(acknowledged(alert, nights[count - 1]));
  }
  return events;
}

describe('a drift that is settled', patience, () => {
  it('leaves a later step of its figure to be named', () => {
    const nights = nightsOf(143, (night) => drifting(night) * (night >= 140 ? 0.97 : 1));
    const events = withSettledDrift(nights);
    expect(raisedIn(events).some(({ kind }) => kind === 'drift')).toBe(true);
    const { verdict, alerts } = judgedNightly(nights, 136, events).at(-1) ?? {};
    expect(verdict?.outcome).toBe('regression');
    expect(alerts?.at(-1)).toMatchObject({ state: 'open', changes: [{ kind: 'step', firstNight: runIdOf(140) }] });
  });

  it('is not raised again for a spike', () => {
    const nights = nightsOf(145, (night) => drifting(night) * (night === 140 ? 0.6 : 1));
    const judged = judgedNightly(nights, 136, withSettledDrift(nights));
    expect(judged.map(({ verdict }) => verdict.outcome)).not.toContain('regression');
  });

  it('is not raised again for what it was', () => {
    const nights = nightsOf(150, drifting);
    const events = withSettledDrift(nights);
    const outcomes = judgedNightly(nights, 136, events).map(({ verdict }) => verdict.outcome);
    expect(outcomes).not.toContain('regression');
  });
});

describe('a step that is settled', patience, () => {
  it('leaves a later drift of its figure to be named', () => {
    const course = (night: number) => (night >= 40 ? 0.9 : 1) * 0.9995 ** Math.max(0, night - 70);
    const nights = nightsOf(120, course);
    const events: HistoryEvent[] = [];
    judgedNightly(nights.slice(0, 45), 42, events);
    events.push(acknowledged(1, nights[44]));
    judgedNightly(nights, 80, events);
    expect(raisedIn(events).map(({ kind }) => kind)).toContain('drift');
  });

  it('is raised again once it is more than what was agreed to', () => {
    const nights = nightsOf(60, (night) => (night >= 40 ? (night >= 43 ? 0.8 : 0.95) : 1));
    const events: HistoryEvent[] = [];
    judgedNightly(nights.slice(0, 43), 42, events);
    events.push(acknowledged(1, nights[42]));
    judgedNightly(nights, 44, events);
    expect(raisedIn(events).length).toBeGreaterThan(1);
  });

  it('leaves a further fall of its figure to be suspicious, and named with what is open', () => {
    const course = (night: number) => (night >= 40 ? 0.9 : 1) * (night >= 59 ? 0.9 : 1);
    const nights = nightsOf(60, course);
    const events: HistoryEvent[] = [];
    judgedNightly(nights.slice(0, 43), 43, events);
    const open = judgedNightly(nights, 60, [...events]).at(-1)?.verdict;
    expect([open?.outcome, open?.suspicions.length]).toEqual(['regression', 1]);
    expect(open?.text.join('\n')).toMatch(/^Suspicion: xdp-/m);
    events.push(acknowledged(1, nights[42]));
    const settled = judgedNightly(nights, 60, events).at(-1)?.verdict;
    expect([settled?.outcome, settled?.suspicions.map(({ cell }) => cell.slice(0, 4))]).toEqual([
      'suspicion',
      ['xdp-'],
    ]);
  });

  it('makes no suspicion of what it was', () => {
    const nights = nightsOf(60, (night) => (night >= 40 ? 0.9 : 1));
    const events: HistoryEvent[] = [];
    judgedNightly(nights.slice(0, 43), 43, events);
    events.push(acknowledged(1, nights[42]));
    const suspicions = judgedNightly(nights, 44, events).flatMap(({ verdict }) => verdict.suspicions);
    expect(suspicions.filter(({ cell }) => cell.startsWith('xdp-'))).toEqual([]);
  });
});

describe('a drift that takes longer than a month to be seen', patience, () => {
  it('has an alert', () => {
    const nights = nightsOf(150, (night) => 0.999 ** Math.max(0, night - 60));
    const events: HistoryEvent[] = [];
    judgedNightly(nights, 100, events);
    expect(raisedIn(events).map(({ kind }) => kind)).toContain('drift');
  });
});

describe('a build that is slower than the same good one in night after night', () => {
  const worse = { ratio: { median: 0.9, low: 0.88, high: 0.92, confidence: 0.95 }, p: 0.01, verdict: 'worse' } as const;
  const withTurns = (nights: readonly Night[], from: number, good: number, ratio: NightPair['ratio'] = worse.ratio) =>
    nights.map((night, index) => {
      const cell = night.measured[steady]?.cell as string;
      const pairs = [1, 2].map((attempt) => fakePair(cell, good, { ...worse, ratio, attempt }));
      return index < from ? night : { ...night, turns: pairs };
    });

  it('has one alert, also when it is acknowledged', () => {
    const nights = withTurns(
      nightsOf(12, () => 1),
      5,
      4,
    );
    const events: HistoryEvent[] = [];
    judgedNightly(nights, 5, events);
    expect(raisedIn(events)).toHaveLength(1);
    const early = events.filter(({ kind }) => kind === 'raised');
    const settled = [...early, acknowledged(1, nights[5])];
    judgedNightly(nights, 7, settled);
    expect(raisedIn(settled)).toHaveLength(1);
  });

  it('has another for what is worse than was agreed to', () => {
    const nights = nightsOf(12, () => 1);
    const [slow, slower] = [withTurns(nights, 5, 4), withTurns(nights, 9, 4, { ...worse.ratio, median: 0.8 })];
    const both = nights.map((_, index) => (index < 9 ? slow : slower)[index] as Night);
    const events: HistoryEvent[] = [];
    judgedNightly(both.slice(0, 6), 6, events);
    events.push(acknowledged(1, both[5]));
    judgedNightly(both, 7, events);
    expect(raisedIn(events).map(({ firstNight }) => firstNight)).toEqual([runIdOf(5), runIdOf(9)]);
  });
});
