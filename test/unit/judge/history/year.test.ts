import { describe, expect, it } from 'vitest';
import { coursesOf } from '../../../../harness/judge/history/changes.js';
import { judgeHistory } from '../../../../harness/judge/history/judge.js';
import { seriesOf } from '../../../../harness/judge/history/series.js';
import type { HistoryEvent, Night } from '../../../../model/night.js';
import { fakeNights, runIdOf } from '../../../fakes/nights.js';

const at = '2027-01-01T08:00:00.000Z';

/** Judged every night, each with the events of those before. */
function nightly(nights: readonly Night[], from: number) {
  const events: HistoryEvent[] = [];
  const outcomes: string[] = [];
  for (let count = from; count <= nights.length; count++) {
    const judgement = judgeHistory({ nights: nights.slice(0, count), events }, at);
    events.push(...judgement.events);
    outcomes.push(judgement.verdict.outcome);
  }
  return { events, outcomes };
}

const raised = (events: readonly HistoryEvent[]) =>
  events.flatMap((event) => (event.kind === 'raised' ? event.changes : []));

/** Cells of one of ten groups, in each of which every real noise is once. */
const isOf = (group: number, cell: number) => Math.floor(cell / 6) === group;

describe('a year of 60 cells with the noise of real runs', { timeout: 120_000 }, () => {
  it('names a step of 5 % within three nights in 95 of 100 cells', () => {
    let [named, all] = [0, 0];
    for (const seed of [11, 12, 13])
      for (let group = 0; group < 10; group++) {
        const first = 40 + 32 * group;
        const nights = fakeNights({
          ...{ nights: first + 3, cells: 60, seed: 100 * seed + group },
          course: (cell, night) => (isOf(group, cell) && night >= first ? 0.95 : 1),
        });
        const found = coursesOf(seriesOf(nights)).map(({ series, shifts }) => ({
          cell: series.cell,
          isNamed: shifts.some((shift) => Math.abs(shift.at - first) <= 2 && shift.shift < 0),
        }));
        const stepped = new Set(nights[0]?.measured.flatMap(({ cell }, index) => (isOf(group, index) ? [cell] : [])));
        all += stepped.size;
        named += found.filter(({ cell, isNamed }) => isNamed && stepped.has(cell)).length;
      }
    expect(all).toBe(180);
    expect(named / all).toBeGreaterThanOrEqual(0.95);
  });

  it('raises fewer than one false alarm in 100 cell-nights, looked at every night', () => {
    const nights = fakeNights({ nights: 365, cells: 6, seed: 21 });
    const { events } = nightly(nights, 16);
    expect(raised(events).length / (6 * 350)).toBeLessThanOrEqual(0.01);
  });

  it('names fewer than one change in 100 cell-nights where none is, looking back', () => {
    const { groups } = judgeHistory({ nights: fakeNights({ nights: 365, cells: 60, seed: 22 }), events: [] }, at);
    const named = groups.filter(({ kind }) => kind !== 'spike').flatMap(({ changes }) => changes);
    expect(named.length / (60 * 365)).toBeLessThanOrEqual(0.01);
  });

  it('names a drift of 0.1 % a night before it adds up to 10 %', () => {
    const begin = 60;
    const last = begin + Math.ceil(Math.log(0.9) / Math.log(0.999)) - 1;
    const nights = fakeNights({
      ...{ nights: last, cells: 60, seed: 31 },
      course: (cell, night) => (isOf(0, cell) ? 0.999 ** Math.max(0, night - begin) : 1),
    });
    const found = coursesOf(seriesOf(nights)).slice(0, 6);
    expect(found.map(({ shifts }) => shifts.at(-1)?.kind)).toEqual(new Array(6).fill('drift'));
  });

  it('fails no night for a single spike', () => {
    const nights = fakeNights({
      ...{ nights: 66, cells: 60, seed: 41 },
      course: (cell, night) => (night === 60 && isOf(0, cell) ? 0.7 : 1),
    });
    const { events, outcomes } = nightly(nights, 60);
    expect(outcomes).not.toContain('regression');
    expect(raised(events)).toEqual([]);
    const { groups } = judgeHistory({ nights, events }, at);
    const spike = groups.find(({ kind, firstNight }) => kind === 'spike' && firstNight === runIdOf(60));
    expect(spike?.changes.length).toBeGreaterThanOrEqual(5);
  });
});
