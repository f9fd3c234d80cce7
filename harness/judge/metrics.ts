import type { MetricId } from '../../model/comparison.js';
import type { CellSummary, RepeatFigures } from '../../model/summary.js';

/** A figure of a repeat, and whether that of a cell is a lower bound. */
export interface Metric {
  of(figures: RepeatFigures): number | null;
  isBound(cell: CellSummary): boolean;
}

const cost = { isBound: () => false } as const;

export const metrics: Record<MetricId, Metric> = {
  peak: { of: (figures) => figures.repliesPerSecond, isBound: ({ limit }) => limit === 'generator' },
  ndr: { of: (figures) => figures.ndrPerSecond, isBound: ({ ndr }) => ndr?.bound === 'lower' },
  pdr: { of: (figures) => figures.pdrPerSecond, isBound: ({ pdr }) => pdr?.bound === 'lower' },
  p50: { ...cost, of: ({ latencyNs }) => latencyNs?.p50 ?? null },
  p99: { ...cost, of: ({ latencyNs }) => latencyNs?.p99 ?? null },
  cpu: { ...cost, of: (figures) => figures.cpuNsPerReply },
};
