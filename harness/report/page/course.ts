import type { Course } from '../../../model/detail.js';
import { type HistogramPairs, mergeHistograms, percentileColumns } from '../../../model/histogram.js';
import { distinct } from '../group-by.js';
import { kiloPacketsPerSecond, microseconds } from '../units.js';
import type { CourseView, CurvePoint, Panel } from './content.js';

const mostPoints = 300;
const fewestPoints = 20;
/** So many of all cells keep a page of two thousand runs below two megabytes. */
const roomForPoints = 40_000;

/** How many points a panel may have where so many cells share the page. */
export function pointsEach(cells: number): number {
  return Math.max(fewestPoints, Math.min(mostPoints, Math.floor(roomForPoints / Math.max(1, cells))));
}

/** A run over time, each panel of at most `most` points; a panel without figures is left out. */
export function courseView({ phases, rates, roundTrips, hosts }: Course, most: number): CourseView {
  const panels = [
    ratesPanel(rates, most),
    hiccupsPanel(rates, most),
    roundTripsPanel(roundTrips, most),
    ...distinct(hosts.map(({ host }) => host)).map((host) =>
      hostPanel(
        host,
        hosts.filter((piece) => piece.host === host),
        most,
      ),
    ),
  ];
  const rounded = phases.map(({ phase, beginS, endS }) => ({ phase, beginS: short(beginS), endS: short(endS) }));
  return { phases: rounded, panels: panels.filter(isDrawable) };
}

function ratesPanel(rates: Course['rates'], most: number): Panel {
  const groups = grouped(rates, most);
  const perSecond = (of: (rate: Course['rates'][number]) => number) =>
    groups.map((group) => short(mean(group, of) / kiloPacketsPerSecond.divisor));
  return {
    ...{ title: 'Requests and replies', clock: 'generator', unit: kiloPacketsPerSecond.label, endS: endsOf(groups) },
    series: [
      { name: 'sent', values: perSecond(({ sentPerSecond }) => sentPerSecond) },
      { name: 'replies', values: perSecond(({ repliesPerSecond }) => repliesPerSecond) },
    ],
  };
}

/** Hiccups as shares of the time, which stay what they are when pieces are put together. */
function hiccupsPanel(rates: Course['rates'], most: number): Panel {
  const known = rates.some(({ hiccupNs }) => hiccupNs !== null && hiccupNs > 0);
  const groups = grouped(rates, most);
  const values = groups.map((group) => short(mean(group, ({ hiccupNs, lengthS }) => (hiccupNs ?? 0) / lengthS / 1e7)));
  return {
    ...{
      title: 'Time in which the generator did not run (hiccups)',
      clock: 'generator',
      unit: '%',
      endS: endsOf(groups),
    },
    // Of a generator that was never interrupted there is nothing to see.
    series: [{ name: 'hiccups', values: known ? values : [] }],
  };
}

const shown = percentileColumns.filter(({ key }) => key === 'p50' || key === 'p99');

function roundTripsPanel(pieces: Course['roundTrips'], most: number): Panel {
  const groups = grouped(pieces, most);
  const merged = groups.map((group) =>
    group.length === 1 ? (group[0]?.histogram ?? []) : mergeHistograms(group.map(({ histogram }) => histogram)),
  );
  const series = shown.map(({ label, percent, fewest }) => ({
    name: label === '50' ? 'median' : `${label}th percentile`,
    values: merged.map((pairs) => {
      const count = countOf(pairs);
      return count < fewest ? null : short(valueAt(pairs, (percent / 100) * count) / microseconds.divisor);
    }),
  }));
  return { title: 'Round trips', clock: 'generator', unit: microseconds.label, endS: endsOf(groups), series };
}

function hostPanel(host: string, pieces: Course['hosts'], most: number): Panel {
  const groups = grouped(pieces, most);
  const percent = (of: (piece: Course['hosts'][number]) => number) =>
    groups.map((group) => short(100 * mean(group, of)));
  return {
    title: `CPU time of the cell's CPUs${host === 'one' ? '' : `, ${host}`}`,
    ...{ clock: 'host', unit: '%', endS: endsOf(groups) },
    series: [
      { name: 'busy', values: percent(({ busyRatio }) => busyRatio) },
      { name: 'stolen by the hypervisor', values: percent(({ stealRatio }) => stealRatio) },
      { name: 'other processes', values: percent(({ foreignRatio }) => foreignRatio) },
    ],
  };
}

/** Percentiles of round trips up to the last that ten values lie beyond, ten a nine. */
export function curveOf(pairs: HistogramPairs): CurvePoint[] {
  const count = countOf(pairs);
  const fewestBeyond = 10;
  const last = Math.floor(10 * Math.log10(count / fewestBeyond));
  return Array.from({ length: Math.max(0, last + 1) }, (_, tenth): CurvePoint => {
    const nines = tenth / 10;
    return [nines, short(valueAt(pairs, (1 - 10 ** -nines) * count) / microseconds.divisor)];
  });
}

function countOf(pairs: HistogramPairs): number {
  return pairs.reduce((sum, [, count]) => sum + count, 0);
}

/** The value that so many of the recorded ones do not exceed. */
function valueAt(pairs: HistogramPairs, rank: number): number {
  let seen = 0;
  for (const [value, count] of pairs) {
    seen += count;
    if (seen >= rank && seen > 0) return value;
  }
  return pairs.at(-1)?.[0] ?? 0;
}

/** Neighbours together, so that at most `most` groups are left. */
function grouped<T extends { endS: number }>(pieces: readonly T[], most: number): (T & { lengthS: number })[][] {
  const each = Math.max(1, Math.ceil(pieces.length / most));
  const timed = pieces.map((piece, index) => ({ ...piece, lengthS: piece.endS - (pieces[index - 1]?.endS ?? 0) }));
  return Array.from({ length: Math.ceil(timed.length / each) }, (_, at) => timed.slice(at * each, (at + 1) * each));
}

/** Weighed by the length of the pieces. */
function mean<T extends { lengthS: number }>(group: readonly T[], of: (piece: T) => number): number {
  const length = group.reduce((sum, { lengthS }) => sum + lengthS, 0);
  return group.reduce((sum, piece) => sum + of(piece) * piece.lengthS, 0) / length;
}

function endsOf(groups: readonly { endS: number }[][]): number[] {
  return groups.map((group) => short(group.at(-1)?.endS ?? 0));
}

function isDrawable({ series }: Panel): boolean {
  return series.some(({ values }) => values.some((value) => value !== null));
}

/** Four digits are more than a chart shows. */
function short(value: number): number {
  return Number(value.toPrecision(4));
}
