import type { CapacityFigure, CellSummary, Figure } from '../../model/summary.js';
import { figureFormat, kiloPacketsPerSecond, mbitPerSecond, type Unit } from './units.js';

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

/** A figure as every table, label and page has it: with the digits that its interval supports. */
export interface FigureText {
  value: string;
  /** `low–high`; empty of a single run. */
  range: string;
}

/** In a unit, without its label. */
export function figureText(unit: Unit, figure: Figure): FigureText {
  const { median, low, high, confidence } = figure;
  const format = figureFormat(unit, figure);
  return { value: format(median), range: confidence === 0 ? '' : rangeOf(low, high, format) };
}

/** The range is the interval of several searches, the bracket of one; empty where no load failed above it. */
export function capacityText(unit: Unit, { interval, bracket }: CapacityFigure): FigureText {
  if (bracket === null) return figureText(unit, interval);
  const format = figureFormat(unit, interval);
  return {
    value: format(interval.median),
    range: bracket.high === null ? '' : rangeOf(bracket.low, bracket.high, format),
  };
}

function rangeOf(low: number, high: number, format: (value: number) => string): string {
  return `${format(low)}–${format(high)}`;
}
