import type { CellSummary, Interval } from '../model.js';
import { kiloPacketsPerSecond, mbitPerSecond, type Unit } from '../units.js';

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
