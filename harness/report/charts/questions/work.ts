import type { CellSummary, Summary } from '../../../../model/summary.js';
import { workBase, worthwhileRatio } from '../../../../model/work.js';
import { throughputs } from '../../quantities.js';
import { type WorkSlice, workSlicesOf } from '../../slice.js';
import { isLowerBound, standingOf } from '../../standing.js';
import { microseconds } from '../../units.js';
import { amountsOf, crossingText, inUs, type WorkLine, workLinesOf, worthwhile } from '../../work-lines.js';
import { type Config, type Dataset, isDrawable, measuredDataset, plainPoint, referenceDataset } from '../dataset.js';
import { chartOptions, logarithmicAxis, workAxis, workPlace } from '../layout.js';
import { ink } from '../palette.js';
import {
  type Chart,
  hollowRemark,
  type Sized,
  sizedThroughput,
  styleOf,
  subtitleOf,
  valuesOf,
  withLastFigure,
} from '../parts.js';

const [throughput] = throughputs;

/**
 * From how much work behind the function on does the datapath stop to matter? Replies/s over those of the sockets, replies/s,
 * and CPU time a reply, by work: three charts a matrix point and frame size where work was an axis.
 */
export function workCharts(summary: Summary): Chart[] {
  return workSlicesOf(summary).flatMap((slice) => {
    const lines = workLinesOf(summary, slice);
    return [ratioChart(summary, slice, lines), repliesChart(summary, slice, lines), cpuChart(summary, slice, lines)];
  });
}

function repliesChart(summary: Summary, slice: WorkSlice, lines: readonly WorkLine[]): Chart {
  const datasets = linesBy(summary, slice, lines, throughput.unit.divisor, (cell) => sizedThroughput(throughput, cell));
  return workChart(summary, slice, {
    name: 'replies',
    title: `How many requests are answered as work grows? ${placeOf(slice)}`,
    remarks: hollowRemark(slice.cells, isLowerBound),
    what: 'Thousand replies/s, logarithmic',
    least: [],
    datasets,
  });
}

function cpuChart(summary: Summary, slice: WorkSlice, lines: readonly WorkLine[]): Chart {
  return workChart(summary, slice, {
    name: 'cpu',
    title: `What does a reply cost as work grows? CPU time: ${placeOf(slice)}`,
    remarks: ['all CPUs of server and client, waiting by spinning included; bars: range of the runs'],
    what: 'CPU time in µs a reply, logarithmic',
    least: [],
    datasets: linesBy(summary, slice, lines, microseconds.divisor, cpuOf),
  });
}

/** With the range of the runs, where there are several. */
function cpuOf({ cpuNsPerReply, byRepeat }: CellSummary): Sized | null {
  if (cpuNsPerReply === null) return null;
  const found = byRepeat.flatMap((run) => run.cpuNsPerReply ?? []);
  const ends = found.length > 1 ? { low: Math.min(...found), high: Math.max(...found) } : { low: null, high: null };
  return { y: cpuNsPerReply.total, ...ends, mark: 'plain' };
}

function ratioChart(summary: Summary, slice: WorkSlice, lines: readonly WorkLine[]): Chart {
  const amounts = amountsOf(slice).map(inUs);
  const at = (workNs: number) => workPlace(inUs(workNs), amounts);
  const drawn = lines.filter(({ points }) => points.some(({ ratio }) => ratio !== null));
  const level = (label: string, y: number, colour: string, dash: number[]) => ({
    ...referenceDataset(
      label,
      { colour, point: 'line', rotation: 0, dash },
      amounts.map((us) => plainPoint(workPlace(us, amounts), y)),
    ),
    pointRadius: 0,
  });
  const marks = drawn.flatMap(({ name, crossing }) => {
    if (!crossing || crossing.atNs === null || crossing.atNs === 0) return [];
    const { atNs, lowNs, highNs } = crossing;
    const end = (ns: number | null) => (ns === null || inUs(ns) < (amounts[0] ?? 0) ? null : at(ns));
    return [{ style: { ...styleOf(summary, name), dash: [] }, at: at(atNs), low: end(lowNs), high: end(highNs) }];
  });
  const chart = workChart(summary, slice, {
    name: 'ratio',
    title: `From how much work on does the datapath stop to matter? ${placeOf(slice)}`,
    remarks: [
      `beside the names: the work at which each falls below ${worthwhile.ratio} for good; at the foot with its interval`,
      ...hollowRemark(slice.cells, isLowerBound),
    ],
    what: `Replies/s over those of ${workBase}, logarithmic`,
    // Room for the marks.
    least: [0.5],
    datasets:
      drawn.length === 0
        ? []
        : [
            ...drawn.map((line) => ratioDataset(summary, line, at)),
            level(workBase, 1, styleOf(summary, workBase).colour, []),
            level(worthwhile.ratio, worthwhileRatio, ink.faint, [6, 4]),
          ],
  });
  const { options, ...config } = chart.config as Config;
  const plugins = { ...options?.plugins, crossings: { level: worthwhileRatio, marks } };
  return { ...chart, config: { ...config, options: { ...options, plugins } } };
}

/** Steps in which a line is drawn from one amount of work to the next. */
const steps = 8;

/** Between two amounts the line is that by which a crossing is found: the time of a reply grows evenly with work. */
function ratioDataset(summary: Summary, line: WorkLine, at: (workNs: number) => number): Dataset {
  const known = line.points.flatMap(({ workNs, cell, ratio }) =>
    ratio === null || cell.repliesPerSecond === null
      ? []
      : [{ workNs, cell, ratio, ns: 1e9 / cell.repliesPerSecond.median }],
  );
  const data = known.flatMap(({ workNs, cell, ratio, ns }, index) => {
    const { low, high } = ratio.confidence === 0 ? { low: null, high: null } : ratio;
    const mark = isLowerBound(cell) ? ('bound' as const) : ('plain' as const);
    const before = known[index - 1];
    const between = (share: number) => {
      const mixed = (from: number, to: number) => from + share * (to - from);
      const [from, to] = [before?.ns ?? ns, ns];
      const base = mixed(from * (before?.ratio.median ?? 1), to * ratio.median);
      return plainPoint(at(mixed(before?.workNs ?? workNs, workNs)), base / mixed(from, to));
    };
    const way = before ? Array.from({ length: steps - 1 }, (_, step) => between((step + 1) / steps)) : [];
    return [...way, { x: at(workNs), y: ratio.median, low, high, mark }];
  });
  const dataset = measuredDataset(line.name, styleOf(summary, line.name), data);
  return {
    ...dataset,
    pointRadius: data.map((_, index) => (index % steps === 0 ? 5 : 0)),
    endLabel: `${line.name} ${endWords(line)}`,
  };
}

function endWords(line: WorkLine): string {
  const { atNs } = line.crossing ?? { atNs: undefined };
  if (atNs === undefined) return '';
  if (atNs === 0) return `never ${worthwhile.ratio}`;
  const { value } = crossingText(line);
  return atNs === null ? `to ${value} µs` : `to ${value} µs`;
}

/** A figure of each cell by work, in a unit. */
function linesBy(
  summary: Summary,
  slice: WorkSlice,
  lines: readonly WorkLine[],
  divisor: number,
  of: (cell: CellSummary) => Sized | null,
): Dataset[] {
  const amounts = amountsOf(slice).map(inUs);
  const scaled = (value: number | null) => (value === null ? null : value / divisor);
  return lines
    .map(({ name, points }) => {
      const data = points.map(({ workNs, cell }) => {
        const found = standingOf(cell) === 'figure' ? of(cell) : null;
        const { y, low, high, mark } = found ?? { y: null, low: null, high: null, mark: 'plain' as const };
        return { x: workPlace(inUs(workNs), amounts), y: scaled(y), low: scaled(low), high: scaled(high), mark };
      });
      return { ...measuredDataset(name, styleOf(summary, name), data), endLabel: withLastFigure(name, data) };
    })
    .filter(isDrawable);
}

interface WorkChart {
  name: string;
  title: string;
  remarks: string[];
  what: string;
  /** What the vertical axis has to hold beside the lines. */
  least: number[];
  datasets: Dataset[];
}

function workChart(
  summary: Summary,
  slice: WorkSlice,
  { name, title, remarks, what, least, datasets }: WorkChart,
): Chart {
  const values = [...valuesOf(datasets), ...least];
  const options = chartOptions(
    title,
    subtitleOf(summary, slice, slice.cells, remarks),
    workAxis(amountsOf(slice).map(inUs)),
    logarithmicAxis(what, values.length > 0 ? values : [1, 10]),
  );
  return { name: `work-${name}-${slice.suffix}`, title, config: { type: 'line', data: { datasets }, options } };
}

const placeOf = ({ packetBytes, point }: WorkSlice) => `${packetBytes} bytes, ${point}`;
