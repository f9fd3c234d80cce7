import type { MetricId } from '../../model/comparison.js';
import type { CellSummary, RepeatFigures } from '../../model/summary.js';

/** A figure of a repeat: which side of it is better, and whether that of a cell is a lower bound. */
export interface Metric {
  better: 'more' | 'less';
  of(figures: RepeatFigures): number | null;
  isBound(cell: CellSummary): boolean;
}

const cost = { better: 'less', isBound: () => false } as const;

export const metrics: Record<MetricId, Metric> = {
  peak: { better: 'more', of: (figures) => figures.repliesPerSecond, isBound: ({ limit }) => limit === 'generator' },
  ndr: { better: 'more', of: (figures) => figures.ndrPerSecond, isBound: ({ ndr }) => ndr?.bound === 'lower' },
  pdr: { better: 'more', of: (figures) => figures.pdrPerSecond, isBound: ({ pdr }) => pdr?.bound === 'lower' },
  p50: { ...cost, of: ({ latencyNs }) => latencyNs?.p50 ?? null },
  p99: { ...cost, of: ({ latencyNs }) => latencyNs?.p99 ?? null },
  cpu: { ...cost, of: (figures) => figures.cpuNsPerReply },
};
