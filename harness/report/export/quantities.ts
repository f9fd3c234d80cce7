import { type LatencySummary, percentileColumns } from '../../../model/histogram.js';
import type { CellSummary, Figure, Summary } from '../../../model/summary.js';
import { isLowerBound, standingOf } from '../standing.js';

/** One figure of a cell that may be quoted, in base units. */
export interface Quantity {
  cell: CellSummary;
  /** As its column in throughput.csv and latency.csv without `_median`: `replies_per_second`, `p99_ns`. */
  name: string;
  /** `50%` of a cell with several loads, else blank. */
  level: string;
  unit: 'requests/s' | 'ns' | 'ratio';
  better: 'more' | 'less';
  value: number;
  /** Null of what has no interval: a percentile of the merged histogram, a median of costs. */
  interval: Pick<Figure, 'low' | 'high' | 'confidence'> | null;
  bound: 'exact' | 'lower';
}

/** All of a run, cell by cell. Cells that are invalid, failed or skipped have none. */
export function quantitiesOf({ cells }: Summary): Quantity[] {
  return cells.filter((cell) => standingOf(cell) === 'figure').flatMap(quantitiesOfCell);
}

function quantitiesOfCell(cell: CellSummary): Quantity[] {
  const { answer, cpuNsPerReply, levels, ndr, pdr, repliesPerSecond, lossRatio, latencyNs, invokerCpuRatio } = cell;
  const rate = (name: string, figure: Figure | null, bound: Quantity['bound']): Quantity[] =>
    figure === null
      ? []
      : [{ cell, name, level: '', unit: 'requests/s', better: 'more', value: figure.median, interval: figure, bound }];
  const cost = cpuNsPerReply === null ? [] : [plain(cell, 'cpu_ns_per_reply_all_cpus', '', 'ns', cpuNsPerReply.total)];
  switch (answer.kind) {
    case 'peak':
      return [...rate('replies_per_second', repliesPerSecond, isLowerBound(cell) ? 'lower' : 'exact'), ...cost];
    case 'capacity':
      return [
        ...rate('ndr_per_second', ndr?.interval ?? null, ndr?.bound ?? 'exact'),
        ...rate('pdr_per_second', pdr?.interval ?? null, pdr?.bound ?? 'exact'),
        ...cost,
      ];
    case 'round-trips': {
      const isPaced = answer.offeredPerSecond !== null && lossRatio !== null;
      const loss = isPaced ? [plain(cell, 'loss_ratio', '', 'ratio', lossRatio)] : [];
      return [...percentilesOf(cell, '', latencyNs), ...loss, ...cost];
    }
    case 'levels':
      return levels.flatMap((level) => [
        ...percentilesOf(cell, level.level, level.latencyNs),
        plain(cell, 'loss_ratio', level.level, 'ratio', level.lossRatio),
      ]);
    case 'rest':
      return invokerCpuRatio === null ? [] : [plain(cell, 'invoker_cpu_ratio', '', 'ratio', invokerCpuRatio)];
  }
}

function percentilesOf(cell: CellSummary, level: string, latency: LatencySummary | null): Quantity[] {
  return percentileColumns.flatMap(({ key }) => {
    const ns = latency?.[key] ?? null;
    return ns === null ? [] : [plain(cell, `${key}_ns`, level, 'ns', ns)];
  });
}

function plain(cell: CellSummary, name: string, level: string, unit: 'ns' | 'ratio', value: number): Quantity {
  return { cell, name, level, unit, better: 'less', value, interval: null, bound: 'exact' };
}

/** Without the noise of binary fractions: twelve significant digits. */
export function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
