import type { LegendItem } from 'chart.js';
import type { Course } from '../../../model/detail.js';
import { mergeHistograms, percentileColumns, percentiles } from '../../../model/histogram.js';
import type { CellSummary } from '../../../model/summary.js';
import {
  type Config,
  type Dataset,
  type IntervalPoint,
  isDrawable,
  measuredDataset,
  plainPoint,
  referenceDataset,
} from '../charts/dataset.js';
import { chartOptions, logarithmicAxis, logarithmicTicks, zeroAxis } from '../charts/layout.js';
import { referenceStyle } from '../charts/palette.js';
import { subtitleOf } from '../charts/parts.js';
import type { Reference } from '../reference.js';
import { type Slice, sizedSlicesOf } from '../slice.js';
import { standingOf } from '../standing.js';
import { mbitPerSecond, microseconds } from '../units.js';
import { isOf, type Line, oneThreadLines, orderedStyle } from './lines.js';
import { type Figure, type Made, type MeasuredRun, plainCells, type Source } from './source.js';

const lines = oneThreadLines('recvfrom', 'recvmmsg', 'afxdp');
const packetBytes = 800;
const windowS = 15;
const onlyPicture = 'figures to draw from: it stands in the source as a picture only';

/** Figures over the time of a run. */
export const courseFigures: Figure[] = [
  { id: '23', title: 'Throughput over time, one thread', make: throughputOverTime },
  { id: '26', title: 'Round trips over time, 4 connections', make: roundTripsOverTime },
];

/** A line of the figure with the cell and the course that it shows: the first repeat that has one. */
interface Shown {
  line: Line;
  cell: CellSummary;
  course: Course;
}

function shownIn(run: MeasuredRun, cells: readonly CellSummary[], has: (course: Course) => boolean): Shown[] {
  return lines.flatMap((line) => {
    const cell = cells.find((candidate) => isOf(candidate, line) && standingOf(candidate) === 'figure');
    const course = run.details.find(({ id }) => id === cell?.id)?.courses.find((one) => one.isCounted && has(one));
    return cell && course ? [{ line, cell, course }] : [];
  });
}

function lackingOf(shown: readonly Shown[], what: string): string | null {
  const lacking = lines.filter(({ implementation }) => !shown.some(({ cell }) => cell.impl === implementation));
  return lacking.length === 0
    ? null
    : `${what} of ${lacking.map(({ label }) => label).join(', ')} at 1T1Q and ${packetBytes} bytes`;
}

/** The pictures of a kind of answer, never cells of two engines in one. */
function madeOf(
  { run }: Source,
  kind: 'peak' | 'round-trips',
  load: string,
  id: string,
  has: (course: Course) => boolean,
  draw: (slice: Slice, shown: Shown[], run: MeasuredRun) => Config,
  what: string,
): Made {
  if (run === null) return { pictures: [], tables: [], lacking: onlyPicture };
  const parts = sizedSlicesOf(plainCells(run.summary), kind)
    .filter((slice) => slice.packetBytes === packetBytes && slice.load === load)
    .map((slice) => ({ slice, shown: shownIn(run, slice.cells, has) }))
    .filter(({ shown }) => shown.length > 0);
  return {
    pictures: parts.map(({ slice, shown }) => ({
      name: `figure-${id}${parts.length > 1 ? `-${slice.suffix}` : ''}`,
      config: draw(slice, shown, run),
    })),
    tables: [],
    lacking: lackingOf(
      parts.flatMap(({ shown }) => shown),
      what,
    ),
  };
}

function throughputOverTime(source: Source): Made {
  const draw = (slice: Slice, shown: Shown[], run: MeasuredRun): Config => {
    const datasets = shown.map(({ line, course }) => thin(measuredDataset(line.label, line.style, rates(course))));
    const title = `Figure 23: Throughput over time, one thread, ${packetBytes} bytes`;
    const remarks = ['one run of each; 0 s: the measure phase begins, after warm-up and search'];
    const subtitle = subtitleOf(run.summary, slice, cellsOf(shown), remarks);
    const x = timeAxis('Time in s', datasets, 8);
    const options = chartOptions(title, subtitle, x, zeroAxis(`Throughput in ${mbitPerSecond.label}`, 0));
    return { type: 'line', data: { datasets }, options };
  };
  return madeOf(source, 'peak', 'saturate', '23', ({ rates }) => rates.length > 0, draw, 'throughput over time');
}

/** Mbit/s by seconds from the beginning of the measure phase, up to its end: what comes then is less by half a sample. */
function rates({ rates, phases }: Course): IntervalPoint[] {
  const measured = phases.find(({ phase }) => phase === 'measure');
  const [zero, end] = [measured?.beginS ?? 0, measured?.endS ?? Number.POSITIVE_INFINITY];
  return rates
    .filter(({ endS }) => endS <= end)
    .map(({ endS, repliesPerSecond }) =>
      plainPoint(endS - zero, (repliesPerSecond * packetBytes * 8) / mbitPerSecond.divisor),
    );
}

function roundTripsOverTime(source: Source): Made {
  const draw = (slice: Slice, shown: Shown[], run: MeasuredRun): Config => {
    const panels = shown.map((one, index) => ({ ...one, axis: index === 0 ? 'x' : `x${index + 1}` }));
    const datasets = panels.flatMap(({ axis, course, line }) =>
      [...percentileLines(course), ...publishedMedian(source.published, line, course)]
        .map((dataset) => ({ ...dataset, xAxisID: axis }))
        .filter(isDrawable),
    );
    const values = datasets.flatMap(({ data }) => data.flatMap(({ y }) => (y === null ? [] : [y])));
    const title = `Figure 26: Round trips over time, 4 connections, ${packetBytes} bytes`;
    const remarks = [`one run of each; percentiles of the last ${windowS} s, or of the time since the beginning`];
    const subtitle = subtitleOf(run.summary, slice, cellsOf(shown), remarks);
    const y = logarithmicAxis('µs, logarithmic', values);
    // Side by side over one vertical axis.
    const ofPanel = (axis: string) => datasets.filter(({ xAxisID }) => xAxisID === axis);
    const xAxes = panels.flatMap(({ axis, line }, index): [string, object][] => [
      ...(index === 0 ? [] : [[`xGap${index}`, gap] as [string, object]]),
      [axis, { ...timeAxis(`${line.label}, s`, ofPanel(axis), 3), ...inStack, stackWeight: 10 }],
    ]);
    const { plugins, ...options } = chartOptions(title, subtitle, timeAxis('', [], 1), y);
    // What stands in several panels looks the same in each: the keys of the first serve all.
    const ofFirst = ofPanel('x').length;
    const labels = {
      ...plugins?.legend?.labels,
      boxWidth: 30,
      filter: (item: LegendItem) => (item.datasetIndex ?? 0) < ofFirst,
    };
    const legend = { ...plugins?.legend, display: true, labels };
    const scales = { ...Object.fromEntries(xAxes), y };
    return { type: 'line', data: { datasets }, options: { ...options, plugins: { ...plugins, legend }, scales } };
  };
  return madeOf(
    source,
    'round-trips',
    'closed=4',
    '26',
    ({ roundTrips }) => roundTrips.length > 0,
    draw,
    'round trips over time',
  );
}

/** Percentiles of the pieces that end in the window before each, in microseconds by seconds of the measure phase. */
function percentileLines({ roundTrips, phases }: Course): Dataset[] {
  const zero = phases.find(({ phase }) => phase === 'measure')?.beginS ?? 0;
  const windows = roundTrips.map(({ endS }, index) => {
    const own = roundTrips.slice(0, index + 1).filter((piece) => piece.endS > endS - windowS);
    const histogram = mergeHistograms(own.map((piece) => piece.histogram));
    return { seconds: endS - zero, latency: histogram.length === 0 ? null : percentiles(histogram) };
  });
  return percentileColumns.slice(0, 4).map(({ key, label }, index) =>
    thin(
      measuredDataset(
        `${label} %`,
        orderedStyle(index),
        windows.map(({ seconds, latency }) => {
          const ns = latency?.[key] ?? null;
          return plainPoint(seconds, ns === null ? null : ns / microseconds.divisor);
        }),
      ),
    ),
  );
}

/** The published median, the average over a run, as a level. */
function publishedMedian({ latency, source }: Reference, { implementation }: Line, { roundTrips, phases }: Course) {
  const zero = phases.find(({ phase }) => phase === 'measure')?.beginS ?? 0;
  const own = latency.find((entry) => entry.implementation === implementation && entry.percentile === '50');
  if (!own || own.microseconds === null) return [];
  const [first = 0, last = 0] = [roundTrips.at(0)?.endS, roundTrips.at(-1)?.endS];
  const level = [first, last].map((endS) => plainPoint(endS - zero, own.microseconds));
  const dataset = referenceDataset(`50 % (${source}, average)`, referenceStyle(orderedStyle(0)), level);
  return [{ ...dataset, pointRadius: 0 }];
}

/** A line of so many points that none has a mark; the last of few, at the end of the axis, is drawn whole. */
function thin(dataset: Dataset): Dataset {
  return { ...dataset, pointRadius: dataset.data.length > 30 ? 0 : 2.5, clip: 5 };
}

const inStack = { position: 'bottom', stack: 'panels' } as const;
const hidden = { display: false } as const;
/** Room between panels. */
const gap = { type: 'linear', ...inStack, stackWeight: 2, ticks: hidden, grid: hidden, border: hidden } as const;

/** From the first point or the beginning of the measure phase, whichever is earlier, to the last one. */
function timeAxis(title: string, datasets: readonly Dataset[], steps: number) {
  const seconds = datasets.flatMap(({ data }) => data.map(({ x }) => Number(x)));
  const axis = zeroAxis(title, 0);
  const [min, max] = [Math.min(0, ...seconds), Math.max(1, ...seconds)];
  // 1, 2 or 5 of a power of ten.
  const [stepSize = 1] = logarithmicTicks((max - min) / steps, (max - min) / steps);
  const ticks = { ...axis.ticks, stepSize, includeBounds: false };
  return { ...axis, grace: 0, min, max, ticks } as typeof axis;
}

function cellsOf(shown: readonly Shown[]): CellSummary[] {
  return shown.map(({ cell }) => cell);
}
