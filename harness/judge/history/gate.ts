import type { Alert, Change, ChangeGroup, Night, NightVerdict, Suspicion } from '../../../model/night.js';
import { lastFar } from '../shifts/shifts.js';
import { covers } from './alerts.js';
import type { Course } from './changes.js';
import { environmentChange } from './changes.js';
import { isExcuse } from './groups.js';
import { whyUnstable } from './noise.js';
import * as say from './text.js';
import { changesByTurns, isAcquitted, lastTurns } from './turns.js';

/** What the gate says of the newest night. Alerts are those after tonight's events. */
export function verdictOf(
  courses: readonly Course[],
  groups: readonly ChangeGroup[],
  alerts: readonly Alert[],
  nights: readonly Night[],
): NightVerdict {
  const tonight = nights.at(-1) as Night;
  const before = nights.at(-2) ?? null;
  const [now, earlier] = [withFigures(tonight), before === null ? [] : withFigures(before)];
  const open = alerts.filter(({ state }) => state === 'open');
  const noisy = whyUnstable(courses, nights);
  const suspicions = suspicionsOf(noisy === null ? courses : [], alerts, nights);
  const base = {
    runId: tonight.runId,
    suspicions,
    vanished: earlier.filter((cell) => !now.includes(cell)),
    appeared: before === null ? [] : now.filter((cell) => !earlier.includes(cell)),
  };
  const excused = groups.filter(({ excuse, firstNight }) => excuse !== 'none' && isRecent(firstNight, nights));
  const asides = [...excused.map(say.excused), ...say.comings(base, tonight), ...say.learning(nights.length)];
  const verdict = (outcome: NightVerdict['outcome'], text: string[]): NightVerdict => ({
    ...{ ...base, outcome, text: [...text, ...asides] },
  });
  const unsure = [...suspicions.map((suspicion) => say.suspicion(suspicion, tonight)), ...say.unstable(noisy, tonight)];
  if (open.length > 0) return verdict('regression', [...open.flatMap((alert) => say.alert(alert, nights)), ...unsure]);
  if (now.length === 0) return verdict('unfit', ['Unfit: no cell of the night has a figure.']);
  if (suspicions.length > 0) return verdict('suspicion', unsure);
  if (unsure.length > 0) return verdict('unstable', unsure);
  return verdict('pass', [`Pass: nothing is slower by more than it is by itself (${say.judged(courses, nights)}).`]);
}

const withFigures = ({ measured }: Night) =>
  measured.filter(({ figures }) => figures.length > 0).map(({ cell }) => cell);

/** Of the nights in which a step is first named. */
function isRecent(firstNight: string, nights: readonly Night[]): boolean {
  return nights.slice(-3).some(({ runId }) => runId === firstNight);
}

/**
 * What one witness says once: turns that were not repeated, or tonight's figure far from those before. `courses`: of the figures
 * whose own past is to be heard. What an alert has already, that nobody has found to be nothing, is none.
 */
function suspicionsOf(courses: readonly Course[], alerts: readonly Alert[], nights: readonly Night[]): Suspicion[] {
  const [before, now] = [nights.length - 2, nights.length - 1];
  const isExcused = before >= 0 && environmentChange(nights, before, now).some(isExcuse);
  const changes = [...changesByTurns(nights, 'first'), ...(isExcused ? [] : farTonight(courses, nights))];
  return changes
    .filter((change) => !alerts.some((alert) => alert.state !== 'cleared' && covers(alert, change, nights)))
    .map(({ cell, metric, ratio, threshold, witness }) => ({ cell, metric, ratio, threshold, witness }));
}

/** Figures that are worse tonight than they are by themselves, unless turns of both builds have told of them. */
function farTonight(courses: readonly Course[], nights: readonly Night[]): Change[] {
  const [before, tonight] = [nights.at(-2), nights.at(-1)] as [Night, Night];
  const pairs = lastTurns(tonight);
  return courses.flatMap(({ series, values, shifts }): Change[] => {
    const { cell, metric, better, points } = series;
    const [last, far] = [points.at(-1), lastFar(values, shifts)];
    if (last?.night !== nights.length - 1 || far === null) return [];
    if (far.shift > 0 === (better === 'more') || last.figure.bound === 'lower') return [];
    const ratio = Math.exp(far.shift);
    const own = pairs.find((pair) => pair.cell === cell && pair.metric === metric);
    if (own !== undefined && (isAcquitted(own, ratio) || own.verdict === 'worse')) return [];
    return [
      {
        ...{ cell, metric, kind: 'step', direction: 'worse', witness: 'history', p: 1, facts: [] },
        ...{ firstNight: tonight.runId, lastGoodNight: before.runId },
        commits: { good: before.commit, bad: tonight.commit },
        ratio: { median: ratio, low: ratio, high: ratio, confidence: 0 },
        threshold: Math.expm1(far.threshold),
      },
    ];
  });
}
