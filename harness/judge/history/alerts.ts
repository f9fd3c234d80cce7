import { betterSide } from '../../../model/comparison.js';
import type { Alert, Change, ChangeGroup, HistoryEvent, Night } from '../../../model/night.js';
import { historyVersion } from '../../../model/night.js';
import { shortestSegment } from '../shifts/e-divisive.js';
import { meanOf } from '../shifts/student.js';
import { isExcused, isNear } from './groups.js';
import { isAcquitted, lastTurns } from './turns.js';

/** Nights in which a change may come to light: what is older belongs to the history, not to tonight. */
const nightsToRaise = 30;

/** What the events make of alerts, in the order of their numbers. Events of alerts that were never raised are ignored. */
export function alertsOf(events: readonly HistoryEvent[]): Alert[] {
  const alerts = new Map<number, Alert>();
  for (const event of events) {
    if (event.kind === 'withdrawn') continue;
    const { at, reason, alert } = event;
    const known = alerts.get(alert);
    if (event.kind === 'raised') {
      const base = known ?? { alert, state: 'open', raisedAt: at, changes: [] };
      alerts.set(alert, { ...base, changedAt: at, reason, changes: [...base.changes, ...event.changes] });
    } else if (known !== undefined) alerts.set(alert, { ...known, state: event.kind, changedAt: at, reason });
  }
  return [...alerts.values()];
}

/**
 * What is to be said of alerts tonight: regressions that have none, and alerts whose cells are as they were. `next` is the first
 * number that no alert has.
 */
export function newEvents(
  groups: readonly ChangeGroup[],
  alerts: readonly Alert[],
  nights: readonly Night[],
  { at, next: free }: { at: string; next: number },
): HistoryEvent[] {
  const base = { historyVersion, at };
  const cleared = alerts
    .filter(({ state }) => state !== 'cleared')
    .flatMap(({ alert, changes }): HistoryEvent[] => {
      const reasons = changes.map((change) => whyBack(change, nights));
      if (reasons.includes(null)) return [];
      return [{ ...base, kind: 'cleared', alert, reason: reasons[0] ?? '' }];
    });
  // To one that somebody has acknowledged nothing is added: nobody has agreed to that.
  const open = alerts.filter(
    ({ alert, state }) => state === 'open' && !cleared.some((event) => 'alert' in event && event.alert === alert),
  );
  let next = free;
  const raised = groups.flatMap((group): HistoryEvent[] => {
    const changes = regressionsOf(group, nights).filter((change) => !alerts.some((one) => covers(one, change, nights)));
    if (changes.length === 0) return [];
    const known = open.find((one) => one.changes.some((other) => isOfGroup(other, group, nights)));
    const reason = known === undefined ? 'first seen' : 'more cells of the same night';
    return [{ ...base, kind: 'raised', alert: known?.alert ?? next++, reason, changes }];
  });
  return [...cleared, ...raised];
}

/** Changes of a group that somebody has to look at. */
function regressionsOf({ kind, direction, excuse, changes }: ChangeGroup, nights: readonly Night[]): Change[] {
  if (kind === 'spike' || direction === 'better' || excuse !== 'none') return [];
  const own = changes.filter((change) => !isExcused(change));
  // A drift goes on tonight, whenever it began.
  return own.filter(
    ({ firstNight }) => kind === 'drift' || nights.length - placeOf(firstNight, nights) <= nightsToRaise,
  );
}

/**
 * Whether an alert is of this change already: of the same figure, and of the same nights as far as can be told. A cleared one is,
 * too: what was found to be nothing is not found again.
 */
export function covers({ state, raisedAt, changes }: Alert, change: Change, nights: readonly Night[]): boolean {
  const raised = nights.findLastIndex(({ startedAt }) => startedAt <= raisedAt);
  return changes.some((known) => {
    if (known.cell !== change.cell || known.metric !== change.metric) return false;
    const [one, other] = [spanOf(known, raised, nights), spanOf(change, nights.length - 1, nights)];
    if (one.first - other.last >= shortestSegment || other.first - one.last >= shortestSegment) return false;
    // Somebody agreed to what it was then, not to all that it may become.
    const further = Math.abs(Math.log(change.ratio.median)) - Math.abs(Math.log(known.ratio.median));
    return state === 'open' || further <= Math.log1p(change.threshold);
  });
}

/** Indices of the nights from `first` to `last`. */
interface Span {
  first: number;
  last: number;
}

/** The nights in which a change came: of a drift all to the last that was known, by turns those since the other build's. */
function spanOf({ kind, witness, firstNight, lastGoodNight }: Change, last: number, nights: readonly Night[]): Span {
  const first = placeOf(firstNight, nights);
  if (witness === 'turns') return { first: Math.min(first, placeOf(lastGoodNight, nights) + 1), last: first };
  return { first, last: kind === 'drift' ? Math.max(first, last) : first };
}

function isOfGroup(change: Change, group: ChangeGroup, nights: readonly Night[]): boolean {
  const kind = change.kind === 'drift' && group.kind === 'drift' ? 'drift' : 'step';
  return isNear(kind, placeOf(change.firstNight, nights), placeOf(group.firstNight, nights));
}

/** Index of a night, or of the first after it where it was withdrawn. */
function placeOf(runId: string, nights: readonly Night[]): number {
  const place = nights.findIndex((night) => night.runId >= runId);
  return place < 0 ? nights.length : place;
}

/** Why a change is none any more; null where it is, or where nobody can tell. */
function whyBack(change: Change, nights: readonly Night[]): string | null {
  const { cell, metric, firstNight, lastGoodNight, commits, threshold, witness } = change;
  const since = nights.filter(({ runId }) => runId >= firstNight);
  const isWithdrawn = !nights.some(({ runId }) => runId === firstNight);
  if (since.length === 0 || (witness === 'turns' && isWithdrawn)) return 'its nights were withdrawn';
  const tonight = nights.at(-1) as Night;
  const pair = lastTurns(tonight).find((one) => one.cell === cell && one.metric === metric);
  if (tonight.runId > firstNight && pair?.against === commits.good && isAcquitted(pair, change.ratio.median))
    return `turns against ${commits.good.slice(0, 12)} show no difference`;
  const logsOf = (some: readonly Night[]) =>
    some.flatMap(({ measured }) => {
      const figure = measured.find((one) => one.cell === cell)?.figures.find((one) => one.metric === metric);
      return figure === undefined ? [] : [Math.log(figure.level)];
    });
  const before = logsOf(nights.filter(({ runId }) => runId <= lastGoodNight && runId < firstNight)).slice(-10);
  const last = logsOf(since).slice(-shortestSegment);
  if (before.length === 0 || last.length < shortestSegment) return null;
  const worseBy = (log: number) => (betterSide[metric] === 'more' ? meanOf(before) - log : log - meanOf(before));
  // Half of it: what was just above is not to be called back by the next night's noise.
  const isBack = last.every((log) => worseBy(log) < Math.log1p(threshold) / 2);
  return isBack ? `${shortestSegment} nights in a row are as before` : null;
}
