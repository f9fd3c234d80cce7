import { describe, expect, it } from 'vitest';
import {
  judgeNight,
  type Measured,
  type NightMemory,
  nightFrom,
  outcomeOf,
  remember,
  suspiciousCells,
} from '../../../harness/night/judging.js';
import type { Cell } from '../../../model/cell.js';
import type { HistoryEvent, HistoryJudgement, Night } from '../../../model/night.js';
import { fakeCompleted, fakeSkipped, plannedPrologue } from '../../fakes/runs.js';

const prologue = plannedPrologue({ impls: 'recvfrom,recvmmsg', sizes: '200', load: 'saturate', repeats: '6' });
const cells = prologue.plan.map(({ cell }) => cell);

/** A memory in the memory. */
function memory(nights: Night[] = [], events: HistoryEvent[] = []) {
  return {
    origin: { machine: '0123abcd', bootId: 'b' },
    folder: '/history/0123abcd',
    ...{ nights, events },
    alone: (work) => work(),
    read: async () => ({ nights: [...nights], events: [...events] }),
    addNight: async (night: Night) => void nights.push(night),
    addEvents: async (added: readonly HistoryEvent[]) => void events.push(...added),
  } satisfies NightMemory & { nights: Night[]; events: HistoryEvent[] };
}

const at = (day: number) => new Date(Date.UTC(2026, 0, day, 2));
const startedAt = (day: number) => at(day).toISOString();
const runIdOf = (day: number) => `${startedAt(day).replace(/\D/g, '').slice(0, 8)}-020000-3f9a`;

/** Six repeats of each cell, which scatter by a per cent; the first cell's are `factor` of what they were. */
function measuredOn(day: number, factor = 1, again: Measured['again'] = []): Measured {
  const runs = cells.flatMap((cell, index) =>
    [0, 1, 2, 3, 4, 5].map((repeat) => {
      const rate = 100_000 * (index === 0 ? factor : 1) * (1 + ((7 * day + 3 * repeat) % 10) / 1000);
      return { ...fakeCompleted(cell, Math.round(rate)), repeat };
    }),
  );
  const head = { ...prologue, runId: runIdOf(day), startedAt: startedAt(day) };
  return { prologue: head, runs, again, turns: [], report: '/somewhere' };
}

async function pastOf(days: number) {
  const past = memory();
  for (let day = 1; day <= days; day++) {
    const night = nightFrom(measuredOn(day), past.origin);
    await remember(night, past, at(day));
  }
  return past;
}

describe('a night', () => {
  it('that is as those before passes, and is remembered once however often that is tried', async () => {
    const past = await pastOf(20);
    const night = nightFrom(measuredOn(21), past.origin);
    for (let times = 0; times < 2; times++) {
      const judgement = await remember(night, past, at(21));
      expect(judgement.verdict.outcome).toBe('pass');
    }
    expect(past.nights.filter(({ runId }) => runId === runIdOf(21))).toEqual([night]);
    expect(night).toMatchObject({ state: 'complete', machine: '0123abcd', bootId: 'b', report: '/somewhere' });
  });

  it('that is slower is suspicious in that cell alone, and no longer where it is as before when measured again', async () => {
    const past = await pastOf(20);
    const slower = await judgeNight(nightFrom(measuredOn(21, 0.8), past.origin), past, at(21));
    expect(slower.verdict.outcome).toBe('suspicion');
    expect(suspiciousCells(slower)).toEqual([cells[0]?.id]);
    expect(outcomeOf([0, 0], slower)).toBe('suspicion');

    const again = measuredOn(21).runs.filter(({ cell }) => cell.id === cells[0]?.id);
    const night = nightFrom(measuredOn(21, 0.8, again), past.origin);
    expect(night.measured[0]?.figures[0]?.values).toHaveLength(12);
    expect(night.measured[1]?.figures[0]?.values).toHaveLength(6);
    expect((await judgeNight(night, past, at(21))).verdict.outcome).toBe('pass');
  });

  it('that ended early is not complete because cells were measured again, or for cells that cannot be run', () => {
    const { runs, ...rest } = measuredOn(1);
    const again = runs.slice(0, 4);
    const early = nightFrom({ ...rest, runs: runs.slice(0, -3), again }, memory().origin);
    expect(early).toMatchObject({ state: 'partial', facts: { repeats: '6' } });
    expect(nightFrom({ ...rest, runs, again }, memory().origin).state).toBe('complete');
    const [cell] = cells as [Cell];
    const head = {
      ...rest.prologue,
      plan: rest.prologue.plan.map((planned) =>
        planned.cell === cell ? { state: 'skipped' as const, cell, reason: 'no' } : planned,
      ),
    };
    const skipped = runs.map((run) => (run.cell === cell ? { ...fakeSkipped(cell, 'no'), repeat: run.repeat } : run));
    expect(nightFrom({ ...rest, prologue: head, runs: skipped, again: [] }, memory().origin).state).toBe('complete');
    expect(nightFrom({ ...rest, prologue: head, runs: skipped.slice(0, -3), again: [] }, memory().origin).state).toBe(
      'partial',
    );
  });

  it('is not judged where the clock went back', async () => {
    const past = await pastOf(3);
    await expect(judgeNight(nightFrom(measuredOn(2), past.origin), past, at(2))).rejects.toThrow(
      / started at 2026-01-02T02:00:00\.000Z, before the newest night \(2026-01-03T02:00:00\.000Z\): the clock went back/,
    );
  });

  it.each<[parts: number[], said: HistoryJudgement['verdict']['outcome'] | null, outcome: string]>([
    [[0, 0], null, 'quiet'],
    [[0, 1], null, 'failed'],
    [[0, 0], 'pass', 'quiet'],
    [[1, 0], 'pass', 'failed'],
    [[1, 0], 'suspicion', 'failed'],
    [[0, 0], 'unstable', 'unstable'],
    [[1, 0], 'regression', 'regression'],
    [[1, 0], 'unfit', 'unfit'],
  ])('of parts %j and of %s is %s', (parts, outcome, expected) => {
    const judgement = outcome === null ? null : ({ verdict: { outcome } } as HistoryJudgement);
    expect(outcomeOf(parts, judgement)).toBe(expected);
  });
});
