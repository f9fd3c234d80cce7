import type { MetricId } from '../../../model/comparison.js';
import type { Change, ChangeGroup, Night } from '../../../model/night.js';
import type { Interval } from '../../../model/summary.js';

/** What a figure is called where there is little room. */
export const shortNames: Record<MetricId, string> = {
  peak: 'peak',
  ndr: 'rate without loss',
  pdr: 'rate at 0.5 % loss',
  p50: 'median round trip',
  p99: '99th percentile',
  cpu: 'CPU time a reply',
};

/** A ratio as what it changes by: `−5.2 %`, `+0.31 %`. */
export function formatChange(ratio: number): string {
  return `${bareChange(ratio)}\u00a0%`;
}

/** The ends of a ratio's interval: `−5.9 to −4.6 %`. */
export function formatChangeRange({ low, high }: Interval): string {
  return `${bareChange(low)} to ${bareChange(high)}\u00a0%`;
}

/** Both: `−5.2 % (−5.9 to −4.6 %)`. */
export function formatChangeWithRange(ratio: Interval): string {
  return `${formatChange(ratio.median)} (${formatChangeRange(ratio)})`;
}

function bareChange(ratio: number): string {
  const percent = (ratio - 1) * 100;
  const size = Math.abs(percent);
  const text = size.toFixed(size >= 9.95 ? 0 : size >= 0.995 ? 1 : 2);
  return Number(text) === 0 ? '0' : `${percent < 0 ? '−' : '+'}${text}`;
}

/** A commit as people write it. */
export function shortCommit(commit: string): string {
  return /^[0-9a-f]{13,}$/.test(commit) ? commit.slice(0, 12) : commit;
}

/** The commits between which something changed. */
export function formatCommits({ good, bad }: Change['commits']): string {
  return good === bad ? `no new commit (${shortCommit(good)})` : `${shortCommit(good)}..${shortCommit(bad)}`;
}

/** What each night is called: its day, and where a day has several the time, too. */
export function nightNames(nights: readonly Pick<Night, 'startedAt'>[]): string[] {
  const days = nights.map(({ startedAt }) => startedAt.slice(0, 10));
  const isAlone = (day: string) => days.indexOf(day) === days.lastIndexOf(day);
  return nights.map(({ startedAt }) => {
    const day = startedAt.slice(0, 10);
    return isAlone(day) ? day : startedAt.slice(0, 16).replace('T', ' ');
  });
}

/** The largest p of a group: how sure the least sure of its changes is. */
export function leastSure({ changes }: ChangeGroup): number {
  return Math.max(...changes.map(({ p }) => p));
}
