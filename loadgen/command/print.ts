import { type LatencySummary, percentileColumns } from '../../model/histogram.js';
import type { Counters } from '../../model/record.js';
import type { LoadResult } from './result.js';

/** Lines for people; widths so that lines of one kind stand below each other. */

const microseconds = (ns: number) => (ns / 1e3).toFixed(ns < 1e5 ? 1 : 0);

/** Percentiles in microseconds, `–` where the round trips are too few for one, and the largest. */
export function formatPercentiles(latency: LatencySummary | null): string {
  if (latency === null) return 'no round trip';
  const figures = [
    ...percentileColumns.map(({ key, label }) => ({ name: `${label}%`, ns: latency[key] })),
    { name: 'max', ns: latency.max },
  ];
  return figures.map(({ name, ns }) => `${name} ${(ns === null ? '–' : microseconds(ns)).padStart(7)}`).join('  ');
}

/** Rates of a second. */
export function formatRates(perSecond: (name: string) => number): string {
  const column = (label: string, rate: number) => `${label}/s ${String(Math.round(rate)).padStart(8)}`;
  return [
    column('requests', perSecond('sent')),
    column('responses', perSecond('replied') - perSecond('wrong')),
    column('false', perSecond('wrong')),
  ].join('  ');
}

/** Counters that say something went otherwise than well, in the order they are told. */
const remarks: [string, string][] = [
  ['sendFailed', 'writes failed'],
  ['timeouts', 'timeouts'],
  ['duplicates', 'duplicates'],
  ['reordered', 'reordered'],
];

/** The end of a load in a few lines. */
export function formatResult(result: LoadResult): string {
  const { counters, perSecond, latencyNs, lagNs, losses, durationNs, request } = result;
  const of = (name: string) => counters[name] ?? 0;
  const lines = [
    `${of('sent')} requests, ${of('replied') - of('wrong')} right responses in ${(durationNs / 1e9).toFixed(1)} s: ` +
      `${Math.round(perSecond.requests)} and ${Math.round(perSecond.responses)} a second`,
    `round trips in µs, from ${request.loop.kind === 'closed' ? 'before the write' : 'when each request was due'}: ${formatPercentiles(latencyNs)}`,
  ];
  if (lagNs !== null)
    lines.push(`sent after it was due in µs: ${formatPercentiles(lagNs)}, ${formatSchedule(counters)}`);
  const others = remarks.flatMap(([name, words]) => (of(name) > 0 ? [`${of(name)} ${words}`] : []));
  if (others.length > 0) lines.push(others.join(', '));
  for (const { name, count } of losses) lines.push(`${count} ${name}`);
  return lines.join('\n');
}

function formatSchedule(counters: Counters): string {
  const { offered = 0, sent = 0, sendFailed = 0, lateSends = 0 } = counters;
  return `${lateSends} more than 20 µs late, ${Math.max(0, offered - sent - sendFailed)} left out to catch up`;
}
