import type { CellSummary, Summary } from '../../../model/summary.js';
import {
  type Dataset,
  type IntervalPoint,
  isDrawable,
  measuredDataset,
  plainPoint,
  referenceDataset,
} from '../charts/dataset.js';
import { chartOptions, sizeAxis, zeroAxis } from '../charts/layout.js';
import { referenceStyle } from '../charts/palette.js';
import { hollowRemark, pointsBySize, sizedThroughput, subtitleOf } from '../charts/parts.js';
import { distinct } from '../group-by.js';
import { type Throughput, throughputs } from '../quantities.js';
import type { Reference } from '../reference.js';
import { type Slice, sizesOf, slicesOf } from '../slice.js';
import { isLowerBound, standingOf } from '../standing.js';
import { barPanels } from './bars.js';
import { isOf, type Line, lackingLines, oneThreadLines, pointLines, publishedValues } from './lines.js';
import {
  type Figure,
  type Made,
  type Picture,
  plainCells,
  publishedLabel,
  publishedLine,
  type Source,
} from './source.js';

const [kpps, mbit] = throughputs;

interface Plan {
  id: string;
  title: string;
  lines: Line[];
  /** Bars have a panel a unit, the first on top; lines have one unit. */
  shape: 'bars' | 'lines';
  units: readonly Throughput[];
}

const sockets = ['1T1Q', '2T2Q', '4T2Q', '4T4Q', '8T4Q'];
const afxdpSockets = ['1T1Q', '2T1Q', '2T2Q', '4T4Q', '8T8Q'];
const allThree = oneThreadLines('recvfrom', 'recvmmsg', 'afxdp');

const plans: Plan[] = [
  {
    ...{ id: '14', title: 'Simple sockets (recvfrom) by frame size' },
    ...{ lines: oneThreadLines('recvfrom'), shape: 'bars', units: [mbit, kpps] },
  },
  {
    ...{ id: '15', title: 'Simple and optimised sockets, one thread' },
    ...{ lines: oneThreadLines('recvfrom', 'recvmmsg'), shape: 'bars', units: [mbit, kpps] },
  },
  {
    ...{ id: '16', title: 'Optimised sockets (recvmmsg) by threads and queues' },
    ...{ lines: pointLines('recvmmsg', ...sockets), shape: 'lines', units: [mbit] },
  },
  {
    ...{ id: '24', title: 'The three implementations, one thread' },
    ...{ lines: allThree, shape: 'bars', units: [mbit] },
  },
  {
    ...{ id: '25', title: 'AF_XDP by threads and queues' },
    ...{ lines: pointLines('afxdp', ...afxdpSockets), shape: 'lines', units: [mbit] },
  },
  {
    ...{ id: '27', title: 'The three implementations by frame size, one thread' },
    ...{ lines: allThree, shape: 'lines', units: [mbit] },
  },
];

/** Figures of throughput by frame size. */
export const throughputFigures: Figure[] = plans.map((plan) => ({
  id: plan.id,
  title: plan.title,
  make: (source) => make(plan, source),
}));

function make(plan: Plan, { run, published }: Source): Made {
  if (run === null) {
    const sizes = distinct(plan.lines.flatMap((line) => publishedValues(published, 'mbit', line).map(([x]) => x)));
    const series = plan.lines.map((line) => publishedSeries(line, published, sizes, 'full'));
    const picture = pictureOf(plan, `figure-${plan.id}`, series, sizes, [publishedLine(published)], published);
    return { pictures: [picture], tables: [], lacking: null };
  }
  const summary = plainCells(run.summary);
  const slices = slicesOf(summary, 'peak')
    .map((slice) => ({ ...slice, cells: slice.cells.filter((cell) => plan.lines.some((line) => isOf(cell, line))) }))
    .filter(({ cells }) => cells.some((cell) => standingOf(cell) === 'figure'));
  const cells = slices.flatMap((slice) => slice.cells);
  return {
    // Cells of two engines are never in one picture.
    pictures: slices.map((slice) =>
      measuredPicture(plan, summary, slice, published, slices.length > 1 ? `-${slice.suffix}` : ''),
    ),
    tables: [],
    lacking: lackingLines(plan.lines, cells),
  };
}

function measuredPicture(plan: Plan, summary: Summary, slice: Slice, published: Reference, suffix: string): Picture {
  const { cells } = slice;
  const sizes = sizesOf(cells);
  const lines = plan.lines.filter((line) => cells.some((cell) => isOf(cell, line)));
  const series = [
    ...lines.map((line) => measuredSeries(line, cells)),
    ...lines.map((line) => publishedSeries(line, published, sizes, 'faint')),
  ];
  const subtitle = subtitleOf(summary, slice, cells, [
    ...hollowRemark(cells, isLowerBound),
    `grey: ${published.source}, other hardware`,
  ]);
  return pictureOf(plan, `figure-${plan.id}${suffix}`, series, sizes, subtitle, published);
}

/** A line or a set of bars before its shape is chosen. */
interface Series {
  line: Line;
  label: string;
  /** `faint`: published figures beside measured ones. */
  kind: 'full' | 'faint';
  points(throughput: Throughput): IntervalPoint[];
}

function measuredSeries(line: Line, cells: readonly CellSummary[]): Series {
  const own = cells.filter((cell) => isOf(cell, line));
  const points = (throughput: Throughput) =>
    pointsBySize(own, throughput.unit, (cell) => sizedThroughput(throughput, cell));
  return { line, label: line.label, kind: 'full', points };
}

function publishedSeries(line: Line, published: Reference, sizes: readonly number[], kind: Series['kind']): Series {
  const [least = 0, most = 0] = [sizes.at(0), sizes.at(-1)];
  const points = ({ id }: Throughput) =>
    publishedValues(published, id, line)
      .filter(([size]) => size >= least && size <= most)
      .map(([size, value]) => plainPoint(size, value));
  return { line, label: kind === 'full' ? line.label : publishedLabel(line.label, published), kind, points };
}

function pictureOf(
  plan: Plan,
  name: string,
  series: Series[],
  sizes: number[],
  subtitle: string[],
  { source }: Reference,
): Picture {
  const title = `Figure ${plan.id}: ${plan.title}`;
  if (plan.shape === 'bars') {
    const panels = plan.units.map((throughput) => ({
      // Half a picture has no room for more.
      title: plan.units.length > 1 ? shortUnits[throughput.id] : `Throughput in ${throughput.unit.label}`,
      series: series.map(({ line, label, kind, points }) => ({
        label,
        kind,
        style: line.style,
        points: points(throughput),
      })),
    }));
    return { name, config: barPanels(title, subtitle, sizeTitle, sizes.map(String), panels, source) };
  }
  const [unit] = plan.units as [Throughput];
  const datasets = series.map((one) => lineOf(one, unit)).filter(isDrawable);
  const most = Math.max(0, ...datasets.flatMap(({ data }) => data.map(({ high }) => high ?? 0)));
  const y = zeroAxis(`Throughput in ${unit.unit.label}`, most);
  return {
    name,
    config: { type: 'line', data: { datasets }, options: chartOptions(title, subtitle, sizeAxis(sizes), y) },
  };
}

const shortUnits = { mbit: 'Mbit/s', kpps: 'kpps' } as const;
const sizeTitle = 'Frame size in bytes (Ethernet frame without FCS)';

function lineOf({ line, label, kind, points }: Series, throughput: Throughput): Dataset {
  const data = points(throughput);
  return kind === 'faint'
    ? referenceDataset(label, referenceStyle(line.style), data)
    : measuredDataset(label, line.style, data);
}
