import type { CellSummary, Summary } from '../../../../model/summary.js';
import { distinct } from '../../group-by.js';
import { matrixPointsOf, type Slice, sizesOf, slicesOf } from '../../slice.js';
import { isLowerBound, standingOf } from '../../standing.js';
import { formatRatio } from '../../units.js';
import { type Dataset, type IntervalPoint, measuredDataset, plainPoint, referenceDataset } from '../dataset.js';
import { chartOptions, threadAxis, zeroAxis } from '../layout.js';
import { ink } from '../palette.js';
import { byName, type Chart, hollowRemark, styleOf, subtitleOf } from '../parts.js';

/** How queues go with threads, so that a line grows in one way. */
interface Growth {
  id: string;
  words: string;
  holds(cell: CellSummary): boolean;
}

/** How does it scale? Speed-up over threads with the ideal line: a chart a way to grow, at the smallest and the largest frame. */
export function scalingCharts(summary: Summary): Chart[] {
  return slicesOf(summary, 'peak', 'ends').flatMap((slice) => {
    const sizes = sizesOf(slice.cells);
    return distinct([sizes.at(0), sizes.at(-1)]).flatMap((packetBytes) => {
      const cells = slice.cells.filter((cell) => cell.packetBytes === packetBytes);
      return growthsOf(cells).map((growth) => scalingChart(summary, slice, cells.filter(growth.holds), growth));
    });
  });
}

function growthsOf(cells: readonly CellSummary[]): Growth[] {
  const queues = distinct(matrixPointsOf(cells).map((point) => point.queues));
  const growths: Growth[] = [
    { id: 'a-queue-a-thread', words: 'a queue a thread', holds: (cell) => cell.queues === cell.threads },
    ...queues.map((number) => ({
      id: `${number}Q`,
      words: number === 1 ? 'over 1 queue' : `over ${number} queues`,
      holds: (cell: CellSummary) => cell.queues === number,
    })),
  ];
  return growths.filter(({ holds }) => matrixPointsOf(cells.filter(holds)).length > 1);
}

function scalingChart(summary: Summary, slice: Slice, cells: readonly CellSummary[], growth: Growth): Chart {
  const packetBytes = cells[0]?.packetBytes;
  const points = matrixPointsOf(cells);
  const threads = points.map((point) => point.threads);
  const [fewest = 1] = threads;
  const measured = byName(cells).flatMap(({ name, cells: own }): Dataset[] => {
    const data = speedUps(own, fewest);
    if (data.length < 2) return [];
    const last = data.at(-1);
    const ends = `${last?.mark === 'bound' ? '≥' : ''}${formatRatio(Number(last?.y))}`;
    return [{ ...measuredDataset(name, styleOf(summary, name), data), endLabel: `${name} ${ends} x` }];
  });
  const ideal = referenceDataset(
    'ideal',
    { colour: ink.axis, point: 'line', rotation: 0, dash: [2, 4] },
    threads.map((number) => plainPoint(number, number / fewest)),
  );
  const title = `How does it scale? Speed-up over threads, ${growth.words}: ${packetBytes} bytes`;
  const most = Math.max(
    ...threads.map((number) => number / fewest),
    ...measured.flatMap(({ data }) => data.map(({ high }) => high ?? 0)),
  );
  const remarks = [
    `1 is each implementation's own peak with ${fewest === 1 ? '1 thread' : `${fewest} threads`}`,
    ...hollowRemark(cells, isLowerBound),
  ];
  const options = chartOptions(
    title,
    subtitleOf(summary, slice, cells, remarks),
    threadAxis(threads),
    zeroAxis('Times the peak of the fewest threads', most),
  );
  const name = `scaling-${growth.id}-${slice.suffix}-${packetBytes}`;
  const datasets = measured.length > 0 ? [...measured, ideal] : [];
  return { name, title, config: { type: 'line', data: { datasets }, options } };
}

/** Of the peak with the fewest threads, which must be known: a lower bound there would make every ratio an upper one. */
function speedUps(cells: readonly CellSummary[], fewest: number): IntervalPoint[] {
  const figures = cells.filter((cell) => standingOf(cell) === 'figure').toSorted((a, b) => a.threads - b.threads);
  const [first] = figures;
  const base = first?.repliesPerSecond;
  if (!base || first.threads !== fewest || isLowerBound(first) || base.low <= 0) return [];
  return figures.flatMap((cell): IntervalPoint[] => {
    const figure = cell.repliesPerSecond;
    if (figure === null) return [];
    const isInterval = cell !== first && figure.confidence > 0 && base.confidence > 0;
    return [
      {
        x: cell.threads,
        y: figure.median / base.median,
        low: isInterval ? figure.low / base.high : null,
        high: isInterval ? figure.high / base.low : null,
        mark: isLowerBound(cell) ? 'bound' : 'plain',
      },
    ];
  });
}
