/** What a person needs to know of a night, in sentences. */

import { nightCommandOf } from '../../../common/cli/cell-command.js';
import { count } from '../../../common/cli/text.js';
import type { MetricId, Ratio } from '../../../model/comparison.js';
import type { Alert, Change, ChangeGroup, Night, NightVerdict, Suspicion } from '../../../model/night.js';
import type { Interval } from '../../../model/summary.js';
import { nightsToLearn } from '../shifts/own-past.js';
import type { Course } from './changes.js';
import { groupsOf, isExcuse } from './groups.js';
import { lastTurns } from './turns.js';

const nameOf: Record<MetricId, string> = {
  ...{ peak: 'peak', ndr: 'NDR', pdr: 'PDR', p50: 'median round trip', p99: '99th percentile', cpu: 'CPU a reply' },
};

/** What, since when, how much, which commits, how sure, and how to look again. */
export function alert({ alert: number, raisedAt, changes }: Alert, nights: readonly Night[]): string[] {
  return groupsOf(changes, nights).flatMap((group) => {
    const [largest] = group.changes as [Change];
    const { good, bad } = group.commits;
    return [
      `Regression (alert ${number}, raised ${dateOf(raisedAt)}): ${whatOf(group)}, since the night ${group.firstNight}; ` +
        `${group.lastGoodNight} was good.`,
      `Most: ${largest.cell}, ${nameOf[largest.metric]} ${percent(largest.ratio)}, ${sureness(largest)}.`,
      good === bad
        ? `Both nights measured the commit ${short(good)}: the code did not change between them.`
        : `Commits: git log --oneline ${short(good)}..${short(bad)}`,
      ...group.facts.map(({ fact, old, new: now }) => `Changed with it: ${fact} went from ${old} to ${now}.`),
      `That cell again: ${again(largest.cell, nights)}`,
      `Meant to be so: npm run history -- acknowledge ${number} --reason TEXT`,
    ];
  });
}

function whatOf({ kind, changes, ratio }: ChangeGroup): string {
  const cells = new Set(changes.map(({ cell }) => cell));
  const names = [...new Set(changes.map(({ metric }) => nameOf[metric]))].join(', ');
  const how = kind === 'drift' ? 'worse by a little every night' : 'worse';
  const size = changes.length === 1 ? percent(ratio) : `${percent(ratio)} on average`;
  return `${cells.size === 1 ? [...cells][0] : count(cells.size, 'cell')} ${how} (${names}: ${size})`;
}

function sureness({ witness, threshold, p }: Change): string {
  const chance = p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`;
  if (witness === 'turns') return `by turns of both builds in two attempts, ${chance} in the second`;
  return `against the nights before, ${chance}; by itself it moves by up to ${share(threshold)}`;
}

/** The command that measures a cell alone. */
function again(cell: string, nights: readonly Night[]): string {
  const known = nights.findLast(({ measured }) => measured.some((one) => one.cell === cell));
  const found = known?.measured.find((one) => one.cell === cell);
  return known === undefined || found === undefined ? `${cell} is in no night any more` : nightCommandOf(known, found);
}

export function suspicion({ cell, metric, ratio, threshold, witness }: Suspicion, tonight: Night): string {
  const how = witness === 'turns' ? 'by turns of both builds' : 'than in the nights before';
  return (
    `Suspicion: ${cell}: ${nameOf[metric]} ${percent(ratio)} ${how} (threshold ${share(threshold)}). ` +
    `It fails nothing until it is seen again: ${again(cell, [tonight])}`
  );
}

/** What could not be judged: figures by their past, for the reason given, and cells by turns. */
export function unstable(noisy: string | null, tonight: Night): string[] {
  const silent = lastTurns(tonight).flatMap(({ cell, verdict }) => (verdict === 'unstable' ? [cell] : []));
  return [
    ...(noisy === null ? [] : [`Unstable: ${noisy}. No figure of tonight is judged by those before.`]),
    ...(silent.length === 0
      ? []
      : [`Unstable: turns differ by more than 5 % where nothing differs, and tell nothing, of ${silent.join(', ')}.`]),
  ];
}

export function excused({ changes, facts, firstNight, ratio }: ChangeGroup): string {
  const [fact, ...others] = facts.filter(isExcuse);
  const rest = others.length > 0 ? `, and ${count(others.length, 'fact')} more` : '';
  const what = `${count(changes.length, 'figure')} moved (${percent(ratio)} on average)`;
  return `Excused: ${what} in the night ${firstNight}, as ${fact?.fact} went from ${fact?.old} to ${fact?.new}${rest}.`;
}

/** Cells that were not there in the night before, and the other way round. */
export function comings({ vanished, appeared }: Pick<NightVerdict, 'vanished' | 'appeared'>, tonight: Night): string[] {
  const reasonOf = (cell: string) => tonight.measured.find((one) => one.cell === cell)?.reason ?? 'not in the plan';
  const [lost, found] = [vanished[0], appeared[0]];
  return [
    ...(lost === undefined
      ? []
      : [`${count(vanished.length, 'cell')} without a figure tonight, such as ${lost} (${reasonOf(lost)}).`]),
    ...(found === undefined
      ? []
      : [`${count(appeared.length, 'cell')} that had no figure the night before, such as ${found}.`]),
  ];
}

/** The past is too short to tell. */
export function learning(nights: number): string[] {
  if (nights > nightsToLearn) return [];
  return [
    `The history has ${count(nights, 'night')}: it says something of a figure after ${nightsToLearn}; until then only turns of two builds do.`,
  ];
}

export function judged(courses: readonly Course[], nights: readonly Night[]): string {
  const figures = courses.filter(
    ({ series: { points } }) => points.length > nightsToLearn && points.at(-1)?.night === nights.length - 1,
  );
  return `${count(figures.length, 'figure')} against ${count(nights.length - 1, 'night')}`;
}

/** `5.1 % less (4.2 to 6.0)`. */
function percent({ median, low, high }: Interval | Ratio): string {
  const of = (ratio: number) => Math.abs(100 * (ratio - 1));
  const word = median < 1 ? 'less' : 'more';
  const ends = [of(low), of(high)].sort((a, b) => a - b).map((value) => value.toFixed(1));
  const covers = low <= 1 && high >= 1;
  return low === high || covers
    ? `${of(median).toFixed(1)} % ${word}`
    : `${of(median).toFixed(1)} % ${word} (${ends.join(' to ')})`;
}

const share = (value: number) => `${(100 * value).toFixed(1)} %`;
const short = (commit: string) => commit.slice(0, 12);
const dateOf = (iso: string) => iso.slice(0, 10);
