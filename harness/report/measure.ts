import type { CellSummary, Interval } from '../../model/summary.js';
import { kiloPacketsPerSecond, mbitPerSecond, type Unit } from './units.js';

/** A throughput figure of a cell in base units, and the unit it is printed in. */
export interface Measure {
  id: 'mbit' | 'kpps';
  unit: Unit;
  of(cell: CellSummary): Interval | null;
}

/** In the order of the tables and charts. */
export const measures: readonly Measure[] = [
  { id: 'mbit', unit: mbitPerSecond, of: (cell) => cell.bitsPerSecond },
  { id: 'kpps', unit: kiloPacketsPerSecond, of: (cell) => cell.repliesPerSecond },
];

/** What a capacity allows to be lost: how a table's row and a chart are named after it, and the rate found. */
interface CapacityGoal {
  id: 'ndr' | 'pdr';
  label: string;
  title: string;
  of(cell: CellSummary): Interval | null;
}

/** The strictest first. */
export const capacityGoals: readonly CapacityGoal[] = [
  {
    id: 'ndr',
    label: 'no loss (NDR)',
    title: 'Highest rate without loss in half of the time (NDR)',
    of: (cell) => cell.ndrPerSecond,
  },
  {
    id: 'pdr',
    label: '0.5 % (PDR)',
    title: 'Highest rate with a loss of at most 0.5 % in half of the time (PDR)',
    of: (cell) => cell.pdrPerSecond,
  },
];

/** What a cell can show: a figure that may be quoted, or why it has none. */
export type Standing = 'figure' | 'invalid' | 'skipped' | 'failed' | 'unmeasured';

/** The cell's load measures round trips and not a rate. */
export function isLatencyCell(cell: CellSummary): boolean {
  return cell.load.startsWith('closed');
}

/** The cell's load measures round trips at several rates. */
export function isLevelCell(cell: CellSummary): boolean {
  return cell.load === 'latency-under-load';
}

/** The cell's load sends nothing. */
export function isRestCell(cell: CellSummary): boolean {
  return cell.load === 'none';
}

/** The cell's load measures a rate. */
export function isThroughputCell(cell: CellSummary): boolean {
  return !isLatencyCell(cell) && !isLevelCell(cell) && !isRestCell(cell);
}

/** Whether the cell's figure may be quoted; `unmeasured`: its load should have given a figure and did not. */
export function standingOf(cell: CellSummary): Standing {
  if (cell.state !== 'completed') return cell.state;
  if (cell.verdict === 'invalid') return 'invalid';
  if (isLatencyCell(cell)) return cell.latencyNs ? 'figure' : 'unmeasured';
  if (isRestCell(cell)) return cell.invokerCpuRatio === null ? 'unmeasured' : 'figure';
  return cell.repliesPerSecond && cell.bitsPerSecond ? 'figure' : 'unmeasured';
}

/** How an implementation is named where waiting decides the figure: one that spins answers sooner. */
export function withWaits(label: string, { idle }: CellSummary): string {
  return idle === 'spin' ? `${label} (spins)` : label;
}

/** The generator could not offer enough to find the invoker's own limit. */
export function isLowerBound(cell: CellSummary): boolean {
  return cell.limit === 'generator';
}
