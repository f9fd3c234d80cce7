import type { CapacityFigure, CellSummary, Figure } from '../../model/summary.js';
import { kiloPacketsPerSecond, mbitPerSecond, type Unit } from './units.js';

/** Throughput of a cell in base units, and the unit it is printed in. */
export interface Throughput {
  id: 'mbit' | 'kpps';
  unit: Unit;
  of(cell: CellSummary): Figure | null;
}

/** In the order of the tables and charts. */
export const throughputs: readonly [Throughput, Throughput] = [
  { id: 'kpps', unit: kiloPacketsPerSecond, of: (cell) => cell.repliesPerSecond },
  { id: 'mbit', unit: mbitPerSecond, of: (cell) => cell.bitsPerSecond },
];

/** What a capacity allows to be lost: how a table's row and a chart are named after it, and the load found. */
export interface CapacityGoal {
  id: 'ndr' | 'pdr';
  label: string;
  title: string;
  of(cell: CellSummary): CapacityFigure | null;
}

/** The strictest first. */
export const capacityGoals: readonly [CapacityGoal, CapacityGoal] = [
  { id: 'ndr', label: 'no loss (NDR)', title: 'Highest load without loss (NDR)', of: ({ ndr }) => ndr },
  { id: 'pdr', label: '0.5 % (PDR)', title: 'Highest load with a loss of at most 0.5 % (PDR)', of: ({ pdr }) => pdr },
];

/** What separates the two ends of an interval. */
const dash = '–';

/** `low–high` of an interval, empty of a single run. */
export function rangeOf({ low, high, confidence }: Figure, format: (value: number) => string): string {
  return confidence === 0 ? '' : `${format(low)}${dash}${format(high)}`;
}

/** The interval of several searches, the bracket of one; empty where no load failed above it. */
export function capacityRangeOf({ interval, bracket }: CapacityFigure, format: (value: number) => string): string {
  if (bracket === null) return rangeOf(interval, format);
  return bracket.high === null ? '' : `${format(bracket.low)}${dash}${format(bracket.high)}`;
}
