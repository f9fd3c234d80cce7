import type { CellDetail } from '../../../../model/detail.js';
import type { HistogramPairs } from '../../../../model/histogram.js';
import type { LevelId } from '../../../../model/ids.js';
import type { Answer, CellSummary, Summary } from '../../../../model/summary.js';
import { atEachPoint, sizedSlicesOf } from '../../slice.js';
import { nameOf, standingOf, withWaits } from '../../standing.js';
import { microseconds } from '../../units.js';
import { type Dataset, type IntervalPoint, isDrawable, measuredDataset, plainPoint } from '../dataset.js';
import { chartOptions, logarithmicAxis, percentileAxis } from '../layout.js';
import { type Chart, styleOf, subtitleOf, valuesOf } from '../parts.js';

/** Places a decade of the axis at which a line is told. */
const placesPerDecade = 60;
/** A percentile needs so many round trips beyond it: fewer say more of chance than of what is measured. */
const fewestBeyond = 10;

/** Distributions of one load: which round trips of a cell, and how they are named. */
interface Part {
  kind: Answer['kind'];
  suffix: string;
  where: string;
  of(detail: CellDetail): HistogramPairs;
}

const level = (id: LevelId, suffix: string, where: string): Part => ({
  ...{ kind: 'levels', suffix, where },
  of: ({ levels }) => levels.find((candidate) => candidate.level === id)?.histogram ?? [],
});

const parts: readonly Part[] = [
  { kind: 'round-trips', suffix: '', where: '', of: ({ histogram }) => histogram },
  level('50%', '-at-half', ' at 50 % of its own capacity (PDR)'),
  level('equal', '-at-10k', ' at 10,000 requests/s'),
];

/** How long does a reply take, also at worst? All round trips by percentile: a chart a matrix point, a line an implementation. */
export function distributionCharts(summary: Summary, details: ReadonlyMap<string, CellDetail>): Chart[] {
  return parts.flatMap((part) =>
    sizedSlicesOf(summary, part.kind, 'ends').flatMap((slice) =>
      atEachPoint(slice, (cells, point) => {
        const datasets = cells.flatMap((cell) => lineOf(summary, cell, details.get(cell.id), part)).filter(isDrawable);
        const values = valuesOf(datasets);
        const farthest = Math.max(10, ...datasets.flatMap(({ data }) => data.map(({ x }) => Number(x))));
        const title = `How long does a reply take, also at worst? ${slice.packetBytes} bytes, ${point}${part.where}`;
        const options = chartOptions(
          title,
          subtitleOf(summary, slice, cells, ['each line ends where 10 round trips are longer']),
          percentileAxis(farthest),
          logarithmicAxis('Round trip in µs, logarithmic', values.length > 0 ? values : [1, 10]),
        );
        const name = `latency-${slice.suffix}-${point}${part.suffix}`;
        return [{ name, title, config: { type: 'line', data: { datasets }, options } }];
      }),
    ),
  );
}

function lineOf(summary: Summary, cell: CellSummary, detail: CellDetail | undefined, part: Part): Dataset[] {
  if (detail === undefined || standingOf(cell) !== 'figure') return [];
  const data = percentilePoints(part.of(detail));
  const dataset = measuredDataset(withWaits(nameOf(cell), cell), styleOf(summary, nameOf(cell)), data);
  const radii = data.map(({ x }) => (isWholeDecade(Number(x)) ? 5 : 0));
  return [{ ...dataset, pointRadius: radii }];
}

/** Round trips in microseconds at 1 in so many that are longer: [2, 30] says that half of them take longer than 30 us. */
export function percentilePoints(pairs: HistogramPairs): IntervalPoint[] {
  const total = pairs.reduce((sum, [, number]) => sum + number, 0);
  if (total < 2 * fewestBeyond) return [];
  const last = Math.floor(Math.log10(total / fewestBeyond) * placesPerDecade);
  const places = [...Array.from({ length: last + 1 }, (_, index) => 10 ** (index / placesPerDecade)), 2].sort(
    (a, b) => a - b,
  );
  let [bucket, below] = [0, pairs[0]?.[1] ?? 0];
  return places.map((times) => {
    const rank = Math.max(1, Math.ceil(total * (1 - 1 / times)));
    while (below < rank && bucket < pairs.length - 1) below += pairs[++bucket]?.[1] ?? 0;
    return plainPoint(times, (pairs[bucket]?.[0] ?? 0) / microseconds.divisor);
  });
}

/** Points stand at the median and at 90, 99, 99.9 %. */
function isWholeDecade(times: number): boolean {
  return times === 2 || (times > 1 && Math.abs(Math.log10(times) - Math.round(Math.log10(times))) < 1e-9);
}
