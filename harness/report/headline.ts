import { matrixLabel } from '../../model/cell.js';
import type { CellSummary, Summary } from '../../model/summary.js';
import { isLowerBound, standingOf, withWaits } from './measure.js';
import { hasFewRepeats, repeatsOf } from './repeats.js';
import {
  describeSlice,
  isAt,
  latencySlices,
  matrixPointsOf,
  restSlices,
  type Slice,
  sizesOf,
  throughputSlices,
} from './slice.js';
import { formatIn, formatRatio, formatShare, kiloPacketsPerSecond, microseconds } from './units.js';

/** The findings as sentences: throughput at the smallest and largest frame of each slice, median round trips, rest. */
export function headlines(summary: Summary): string[] {
  const throughput = throughputSlices(summary).flatMap((slice) => {
    const figures = figuresAtSmallestPoint(slice);
    const sizes = sizesOf(figures);
    return [...new Set([sizes.at(0), sizes.at(-1)])].flatMap((size) => {
      const cells = figures.filter((cell) => cell.packetBytes === size);
      return cells.length > 0 ? [throughputSentence(slice, cells)] : [];
    });
  });
  const latency = latencySlices(summary).flatMap((slice) => {
    const figures = figuresAtSmallestPoint(slice);
    return figures.length > 0 ? [latencySentence(slice, slice.packetBytes, figures)] : [];
  });
  const rest = restSlices(summary).flatMap((slice) => {
    const figures = figuresAtSmallestPoint(slice);
    const size = sizesOf(figures)[0];
    return size === undefined
      ? []
      : [
          restSentence(
            slice,
            figures.filter(({ packetBytes }) => packetBytes === size),
          ),
        ];
  });
  const sentences = [...throughput, ...latency, ...rest];
  return sentences.length > 0 ? sentences : ['No cell of this run has a figure that may be quoted.'];
}

function figuresAtSmallestPoint({ cells }: Slice): CellSummary[] {
  const figures = cells.filter((cell) => standingOf(cell) === 'figure');
  const point = matrixPointsOf(figures)[0];
  return figures.filter((cell) => point && isAt(cell, point));
}

function throughputSentence(slice: Slice, cells: CellSummary[]): string {
  const [best, ...others] = [...cells].sort((a, b) => rateOf(b).median - rateOf(a).median) as [CellSummary];
  const rate = `${isLowerBound(best) ? 'at least ' : ''}${formatIn(kiloPacketsPerSecond, rateOf(best).median)}`;
  const held = ['path', 'config'].includes(best.limit ?? '') ? ` (limit: ${best.limit})` : '';
  const comparisons = others.map((other) => compare(best, other));
  const where = `${best.packetBytes} bytes, ${matrixLabel(best)}, ${describeSlice(slice)}`;
  const tail = comparisons.length > 0 ? `: ${comparisons.map(({ text }) => text).join(', ')}` : '';
  const sentence = `${where}: ${best.impl} answers ${rate} ${kiloPacketsPerSecond.label}${held}${tail}.`;
  return `${sentence}${weakness(comparisons.flatMap(({ evidence }) => evidence))}`;
}

interface Comparison {
  text: string;
  /** The cells that a stated ratio rests on. */
  evidence: CellSummary[];
}

/** `2.9 x recvmmsg (2.7 to 3.1)`, the interval from the ends of both intervals; `~` where they overlap. */
function compare(best: CellSummary, other: CellSummary): Comparison {
  const without = (text: string): Comparison => ({ text, evidence: [] });
  if (isLowerBound(other)) return without(`no ratio to ${other.impl} (its figure is a lower bound)`);
  const [a, b] = [rateOf(best), rateOf(other)];
  if (b.low <= 0) return without(`no ratio to ${other.impl}`);
  const single = best.confidence === 0 || other.confidence === 0;
  if (a.low <= b.high && !single) return without(`~ ${other.impl} (no evidence of a difference)`);
  const bound = isLowerBound(best) ? 'at least ' : '';
  const range = single ? '' : ` (${formatRatio(a.low / b.high)} to ${formatRatio(a.high / b.low)})`;
  return { text: `${bound}${formatRatio(a.median / b.median)} x ${other.impl}${range}`, evidence: [best, other] };
}

/** Intervals of few repeats that do not overlap may do so by chance. */
function weakness(evidence: CellSummary[]): string {
  const few = evidence.filter(hasFewRepeats);
  if (few.length === 0) return '';
  if (few.every(({ repeats }) => repeats === 1)) return ' Weak evidence: one run each.';
  return ` Weak evidence: ranges of ${repeatsOf(few)}.`;
}

function latencySentence(slice: Slice, packetBytes: number, cells: CellSummary[]): string {
  const medianOf = (cell: CellSummary) => cell.latencyNs?.p50 ?? Number.NaN;
  const parts = [...cells]
    .sort((a, b) => medianOf(a) - medianOf(b))
    .map((cell) => `${formatIn(microseconds, medianOf(cell))} µs ${withWaits(cell.impl, cell)}`);
  const where = `${packetBytes} bytes, ${matrixLabel(cells[0] as CellSummary)}, ${describeSlice(slice)}`;
  return `${where}: median round trip ${parts.join(', ')}.`;
}

function restSentence({ functionId }: Slice, cells: CellSummary[]): string {
  const useOf = (cell: CellSummary) => cell.invokerCpuRatio ?? Number.NaN;
  const parts = [...cells]
    .sort((a, b) => useOf(a) - useOf(b))
    .map((cell) => `${formatShare(useOf(cell))} % ${withWaits(cell.impl, cell)}`);
  const where = `At rest, ${matrixLabel(cells[0] as CellSummary)}, function ${functionId}`;
  return `${where}: CPU use of the invoker's CPUs ${parts.join(', ')}.`;
}

function rateOf(cell: CellSummary): { median: number; low: number; high: number } {
  return cell.repliesPerSecond ?? { median: Number.NaN, low: Number.NaN, high: Number.NaN };
}
