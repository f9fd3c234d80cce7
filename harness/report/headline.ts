import type { CellSummary, Summary } from '../model.js';
import { formatIn, formatRatio, kiloPacketsPerSecond, matrixLabel, microseconds } from '../units.js';
import { isLowerBound, standingOf } from './measure.js';
import { describeSlice, isAt, latencySlices, matrixPointsOf, type Slice, sizesOf, throughputSlices } from './slice.js';

/** The findings as sentences: throughput at the smallest and largest frame of each slice, then median round trips. */
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
  const sentences = [...throughput, ...latency];
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
  const held = ['link', 'path', 'config'].includes(best.limit ?? '') ? ` (limit: ${best.limit})` : '';
  const ratios = others.map((other) => compare(best, other));
  const where = `${best.packetBytes} bytes, ${matrixLabel(best)}, ${describeSlice(slice)}`;
  const tail = ratios.length > 0 ? `: ${ratios.join(', ')}` : '';
  return `${where}: ${best.impl} answers ${rate} ${kiloPacketsPerSecond.label}${held}${tail}.`;
}

/** `2.9 x recvmmsg (2.7 to 3.1)`, the interval from the ends of both intervals; `~` where they overlap. */
function compare(best: CellSummary, other: CellSummary): string {
  if (isLowerBound(other)) return `no ratio to ${other.impl} (its figure is a lower bound)`;
  const [a, b] = [rateOf(best), rateOf(other)];
  if (b.low <= 0) return `no ratio to ${other.impl}`;
  if (a.low <= b.high && best.confidence !== 0) return `~ ${other.impl} (no evidence of a difference)`;
  const bound = isLowerBound(best) ? 'at least ' : '';
  const range = best.confidence === 0 ? '' : ` (${formatRatio(a.low / b.high)} to ${formatRatio(a.high / b.low)})`;
  return `${bound}${formatRatio(a.median / b.median)} x ${other.impl}${range}`;
}

function latencySentence(slice: Slice, packetBytes: number, cells: CellSummary[]): string {
  const medianOf = (cell: CellSummary) => cell.latencyNs?.p50 ?? Number.NaN;
  const parts = [...cells]
    .sort((a, b) => medianOf(a) - medianOf(b))
    .map((cell) => `${formatIn(microseconds, medianOf(cell))} µs ${cell.impl}`);
  const where = `${packetBytes} bytes, ${matrixLabel(cells[0] as CellSummary)}, ${describeSlice(slice)}`;
  return `${where}: median round trip ${parts.join(', ')}.`;
}

function rateOf(cell: CellSummary): { median: number; low: number; high: number } {
  return cell.repliesPerSecond ?? { median: Number.NaN, low: Number.NaN, high: Number.NaN };
}
