import type { MetricId } from '../../../model/comparison.js';
import type { Change } from '../../../model/night.js';

/** What the script of the trend page reads: columns with a value a night, the oldest first, in units of the axes. */
export interface TrendContent {
  nights: NightColumns;
  cells: TrendCell[];
  series: Series[];
  /** What changed about the machine or the question, by the index of the first night that had it so. */
  surroundings: { night: number; texts: string[] }[];
}

/** An element each for every night. */
export interface NightColumns {
  /** Days since 1970 began, UTC; each after the one before. */
  days: number[];
  /** As a reader is told of a night: `2026-11-22`. */
  names: string[];
  commits: string[];
  /** Address of its report, relative to the page; null without one. */
  reports: (string | null)[];
}

export interface TrendCell {
  id: string;
  impl: string;
  /** Of its implementation in every picture. */
  colour: string;
  /** The command that measures it. */
  command: string;
  /** Why it has no figure in the newest night; null where it has one. */
  missing: string | null;
  /** An alert of it is open. */
  isAlarmed: boolean;
}

/** A figure of a cell over all nights. */
export interface Series {
  /** Index of the cell. */
  cell: number;
  metric: MetricId;
  title: string;
  /** The title where there is little room. */
  name: string;
  unit: string;
  better: 'more' | 'less';
  /** What nights are compared by: the median of the better half of the repeats. Null where the night has none. */
  levels: (number | null)[];
  medians: (number | null)[];
  /** Ends of the interval of the median. */
  lows: (number | null)[];
  highs: (number | null)[];
  /** Indexes of the nights where it is a lower bound. */
  bounds: number[];
  /** From one step to the next: the median of the levels of its nights. */
  plateaus: { from: number; to: number; value: number }[];
  changes: SeriesChange[];
}

export interface SeriesChange {
  /** Index of the first night that has it. */
  night: number;
  kind: Change['kind'];
  direction: Change['direction'];
  /** How much, with its interval: `−5.2 % (−5.9 to −4.6)`. */
  text: string;
  commits: string;
  p: string;
}
