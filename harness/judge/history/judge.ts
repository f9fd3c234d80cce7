import type { Alert, Change, HistoryEvent, HistoryJudgement, Night } from '../../../model/night.js';
import { alertsOf, covers, newEvents } from './alerts.js';
import { type Course, changesOf, coursesOf } from './changes.js';
import { verdictOf } from './gate.js';
import { groupsOf, turnsFact } from './groups.js';
import { seriesOf } from './series.js';
import { changesByTurns, isAcquitted, lastTurns } from './turns.js';

/** A history of one machine, as it is stored. */
export interface History {
  nights: readonly Night[];
  events: readonly HistoryEvent[];
}

/**
 * What is to be said of the newest night and of all before. `at`: when it is said, ISO 8601, for the events. RangeError
 * where every night is withdrawn, or there is none.
 */
export function judgeHistory({ nights: all, events }: History, at: string): HistoryJudgement {
  const withdrawn = events.flatMap((event) => (event.kind === 'withdrawn' ? [event] : []));
  const counted = [...all]
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt))
    .filter(({ runId }) => !withdrawn.some((event) => event.runId === runId));
  const newest = counted.at(-1);
  if (newest === undefined) throw new RangeError('no night to judge');
  const nights = counted.filter((night) => isOfQuestion(night, newest));
  const courses = coursesOf(seriesOf(nights));
  const changes = courses.flatMap((course) => changesOf(course, nights)).map((change) => heard(change, nights));
  const byTurns = changesByTurns(nights, 'further');
  const standing = changes.filter((change) => stands(change, courses, nights));
  const known = alertsOf(events);
  // Alerts are of a machine; nights of another question can say nothing of them.
  const own = new Set(all.filter((night) => isOfQuestion(night, newest)).map(({ runId }) => runId));
  const isOwn = ({ changes: its }: Alert) => its.every(({ firstNight }) => own.has(firstNight));
  const next = Math.max(0, ...known.map(({ alert }) => alert)) + 1;
  const raised = newEvents(groupsOf([...standing, ...byTurns], nights), known.filter(isOwn), nights, { at, next });
  const alerts = alertsOf([...events, ...raised]).filter(isOwn);
  const isStanding = (change: Change) => {
    const own = alerts.filter((alert) => covers(alert, change, nights));
    const isNothing = own.length > 0 && own.every(({ state }) => state === 'cleared');
    return change.witness === 'turns' || (standing.includes(change) && !isNothing);
  };
  const groups = groupsOf([...changes, ...byTurns], nights, isStanding);
  return {
    nights,
    withdrawn: withdrawn.map(({ runId, at: when, reason }) => ({ runId, at: when, reason })),
    ...{ groups, alerts, events: raised },
    verdict: verdictOf(courses, groups, alerts, nights),
    warnings: warningsOf(counted, nights),
  };
}

function isOfQuestion({ profile, topology }: Night, other: Night): boolean {
  return profile === other.profile && topology === other.topology;
}

/** Tonight both builds were measured beside each other: where they do not differ, the machine has changed. */
function heard(change: Change, nights: readonly Night[]): Change {
  const tonight = nights.at(-1) as Night;
  const pair = lastTurns(tonight).find(({ cell, metric }) => cell === change.cell && metric === change.metric);
  if (pair === undefined || change.direction === 'better' || !isAcquitted(pair, change.ratio.median)) return change;
  const isOlder = nights.some(({ commit, runId }) => commit === pair.against && runId < change.firstNight);
  if (!isOlder) return change;
  const fact = { fact: turnsFact, old: pair.against.slice(0, 12), new: 'no difference tonight' };
  return { ...change, facts: [...change.facts, fact] };
}

/** Whether nothing that came later took a change back. */
function stands(change: Change, courses: readonly Course[], nights: readonly Night[]): boolean {
  const own = courses.find(({ series }) => series.cell === change.cell && series.metric === change.metric);
  if (own === undefined || change.kind === 'spike') return false;
  const later = changesOf({ ...own, spikes: [] }, nights).filter(({ firstNight }) => firstNight > change.firstNight);
  return later.every(({ direction }) => direction === change.direction);
}

/** What is odd about the history itself, in a sentence each. */
function warningsOf(counted: readonly Night[], nights: readonly Night[]): string[] {
  const dateOf = ({ startedAt }: Night) => startedAt.slice(0, 10);
  const dates = nights.map(dateOf);
  const twice = [...new Set(dates.filter((date, index) => dates.indexOf(date) !== index))];
  const partial = nights.filter(({ state }) => state === 'partial');
  const others = counted.length - nights.length;
  return [
    ...twice.map((date) => `${date} has ${dates.filter((other) => other === date).length} nights, each is counted.`),
    ...partial.map(({ runId }) => `${runId} ended before all of its plan was measured; what it has is counted.`),
    ...(others === 0 ? [] : [`Left out: nights of other profiles or topologies, ${others}.`]),
  ];
}
