import { judgeHistory } from '../../harness/judge/history/judge.js';
import type { HistoryEvent, HistoryJudgement, Night } from '../../model/night.js';

/** Judged in the morning after its newest night. */
export function judged(nights: readonly Night[], events: readonly HistoryEvent[] = []): HistoryJudgement {
  return judgeHistory({ nights, events }, morningOf(nights.at(-1)));
}

/** As a job does it: when there are `from` nights, and after each that comes. What it decides is added to `events`. */
export function judgedNightly(nights: readonly Night[], from: number, events: HistoryEvent[] = []): HistoryJudgement[] {
  return Array.from({ length: nights.length - from + 1 }, (_, index) => {
    const judgement = judged(nights.slice(0, from + index), events);
    events.push(...judgement.events);
    return judgement;
  });
}

export function morningOf(night: Night | undefined): string {
  return new Date(Date.parse(night?.startedAt ?? '2026-01-01T00:00:00.000Z') + 6 * 3600e3).toISOString();
}
