import type { ChangeGroup, HistoryJudgement } from '../../../model/night.js';

/** How far one looks back, in nights. */
export const spans = [1, 7, 30] as const;

/** How many nights have a change, 1 of one that began in the newest; of a night that is not judged, all. */
export function ageIn({ nights }: HistoryJudgement): (group: ChangeGroup) => number {
  const order = new Map(nights.map(({ runId }, index) => [runId, index]));
  return ({ firstNight }) => nights.length - (order.get(firstNight) ?? Number.NEGATIVE_INFINITY);
}

/** What became worse and stayed so. */
export function regressionsOf({ groups }: HistoryJudgement): ChangeGroup[] {
  return groups.filter(({ kind, direction, fate }) => kind !== 'spike' && direction === 'worse' && fate === 'stands');
}

/** Regressions of 1, 7 and 30 nights. */
export function regressionCounts(judgement: HistoryJudgement): number[] {
  const age = ageIn(judgement);
  return spans.map((span) => regressionsOf(judgement).filter((group) => age(group) <= span).length);
}
