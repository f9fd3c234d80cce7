import type { Alert, Change, ChangeGroup, Night, NightVerdict, Suspicion } from '../../../model/night.js';
import { lastFar } from '../shifts/shifts.js';
import type { Course } from './changes.js';
import { environmentChange } from './changes.js';
import { whyUnstable } from './noise.js';
import * as say from './text.js';
import { isAcquitted, lastTurns, leastByTurns } from './turns.js';

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
  const unstable = whyUnstable(courses, nights);
  const suspicions = unstable === null ? suspicionsOf(courses, alerts, nights) : [];
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
  if (open.length > 0) {
    const also = [...(unstable === null ? [] : [`Tonight is unstable: ${unstable}.`])];
    return verdict('regression', [...open.flatMap((alert) => say.alert(alert, nights)), ...also]);
  }
  if (now.length === 0) return verdict('unfit', ['Unfit: no cell of the night has a figure.']);
  if (unstable !== null) return verdict('unstable', [`Unstable: ${unstable}. No figure of tonight is judged.`]);
  if (suspicions.length > 0)
    return verdict(
      'suspicion',
      suspicions.map((suspicion) => say.suspicion(suspicion, tonight)),
    );
  return verdict('pass', [`Pass: nothing is slower by more than it is by itself (${say.judged(courses, nights)}).`]);
}

const withFigures = ({ measured }: Night) =>
  measured.filter(({ figures }) => figures.length > 0).map(({ cell }) => cell);

/** Of the nights in which a step is first named. */
function isRecent(firstNight: string, nights: readonly Night[]): boolean {
  return nights.slice(-3).some(({ runId }) => runId === firstNight);
}

/** What one witness says once: turns that were not repeated, or tonight's figure far from those before. */
function suspicionsOf(courses: readonly Course[], alerts: readonly Alert[], nights: readonly Night[]): Suspicion[] {
  const tonight = nights.at(-1) as Night;
  const pairs = lastTurns(tonight);
  const isKnown = (cell: string, metric: Change['metric']) =>
    alerts.some(
      (alert) => alert.state !== 'cleared' && alert.changes.some((one) => one.cell === cell && one.metric === metric),
    );
  const byTurns = pairs
    .filter(({ verdict, attempt }) => verdict === 'worse' && attempt === 1)
    .map(({ cell, metric, ratio }): Suspicion => ({ cell, metric, ratio, threshold: leastByTurns, witness: 'turns' }));
  const isExcused = nights.length > 1 && environmentChange(nights, nights.length - 2, nights.length - 1).length > 0;
  const byHistory = courses.flatMap(({ series, values, shifts }): Suspicion[] => {
    const { cell, metric, better, points } = series;
    const [last, far] = [points.at(-1), lastFar(values, shifts)];
    if (last?.night !== nights.length - 1 || far === null || isExcused) return [];
    if (far.shift > 0 === (better === 'more') || last.figure.bound === 'lower') return [];
    const threshold = Math.expm1(far.threshold);
    const own = pairs.find((pair) => pair.cell === cell && pair.metric === metric);
    if (own !== undefined && (isAcquitted(own, Math.exp(far.shift)) || own.verdict === 'worse')) return [];
    const ratio = Math.exp(far.shift);
    return [{ cell, metric, ratio: { median: ratio, low: ratio, high: ratio }, threshold, witness: 'history' }];
  });
  return [...byTurns, ...byHistory].filter(({ cell, metric }) => !isKnown(cell, metric));
}
