/** What a comparison says: of two stored runs, or of two candidates that took turns. */

import type { Interval } from './summary.js';

/** A ratio of two figures, the median and its interval. */
export interface Ratio extends Interval {
  /** Probability that the interval covers the true ratio: 0.95 or more where there are figures enough. */
  confidence: number;
}

/** Figures that a repeat of a cell may have. */
export const metricIds = ['peak', 'ndr', 'pdr', 'p50', 'p99', 'cpu'] as const;

export type MetricId = (typeof metricIds)[number];

/** Which side of a figure is better. */
export const betterSide: Record<MetricId, 'more' | 'less'> = {
  ...{ peak: 'more', ndr: 'more', pdr: 'more' },
  ...{ p50: 'less', p99: 'less', cpu: 'less' },
};

/** One side of a compared cell. */
export interface ComparedFigure {
  median: number;
  repeats: number;
  /** `lower bound`: the load generator was the limit. */
  kind: 'exact' | 'lower bound';
}

/** `unclear`: the interval covers 1, or the corrected p-value is above 0.05, or a lower bound leaves it open. */
export type Outcome = 'better' | 'worse' | 'unclear';

export interface ComparedCell {
  id: string;
  old: ComparedFigure;
  new: ComparedFigure;
  /** New over old. */
  ratio: Ratio;
  /** Of the rank-sum test. */
  p: number;
  /** The same, corrected for the number of cells of the metric. */
  holmP: number;
  outcome: Outcome;
}

/** The geometric mean of the ratios of the cells of one implementation and load. */
export interface RatioGroup {
  name: string;
  cells: number;
  geometricMean: number;
}

export interface MetricComparison {
  metric: MetricId;
  better: 'more' | 'less';
  /** In the order of the old run. */
  cells: ComparedCell[];
  groups: RatioGroup[];
  /** The least corrected p-value that so many cells and repeats allow: above 0.05 no difference can be told. */
  leastHolmP: number;
  /** Repeats a side from which on it is below. */
  repeatsNeeded: number;
}

/** A cell, or a metric of it, that cannot be compared. */
export interface NotCompared {
  id: string;
  /** Null: all of the cell. */
  metric: MetricId | null;
  reason: string;
  /** `lost`: the old run has a figure, and the new one measured the cell without getting one. */
  state: 'absent' | 'lost';
}

/** A fact about the machine or the question that is not the same for both runs. */
export interface FactDifference {
  fact: string;
  old: string;
  new: string;
}

/** Facts that are not the same, in their order. */
export function factDifferences(before: Record<string, string>, after: Record<string, string>): FactDifference[] {
  const facts = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...facts]
    .filter((fact) => before[fact] !== after[fact])
    .map((fact) => ({ fact, old: before[fact] ?? 'not recorded', new: after[fact] ?? 'not recorded' }));
}

export interface RunComparison {
  old: { runId: string; startedAt: string };
  new: { runId: string; startedAt: string };
  differences: FactDifference[];
  metrics: MetricComparison[];
  notCompared: NotCompared[];
}
