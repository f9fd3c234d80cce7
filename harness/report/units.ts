import type { Interval } from '../../model/summary.js';

/** How a base unit is printed: its label and the number of base units in one of it. */
export interface Unit {
  label: string;
  divisor: number;
}

/** For bit/s. */
export const mbitPerSecond: Unit = { label: 'Mbit/s', divisor: 1e6 };
/** For packets/s. */
export const kiloPacketsPerSecond: Unit = { label: 'thousand packets/s', divisor: 1e3 };
/** For nanoseconds. */
export const microseconds: Unit = { label: 'µs', divisor: 1e3 };

/** For joules. */
export const microjoules: Unit = { label: 'µJ', divisor: 1e-6 };

/** For shares (0..1). */
export const partsPerMillion: Unit = { label: 'ppm', divisor: 1e-6 };
/** For nanoseconds as they are. */
export const nanoseconds: Unit = { label: 'ns', divisor: 1 };

/** A value in base units with three significant digits or, from 100 on, as a whole number; without the unit's label. */
export function formatIn(unit: Unit, value: number): string {
  const scaled = value / unit.divisor;
  return scaled.toFixed(decimalsOf(scaled));
}

/**
 * How a figure and the ends of its interval are printed: all with the same digits, as `formatIn` has them but none below
 * the second digit of the interval's width. What lies below that says nothing.
 */
export function figureFormat(unit: Unit, { median, low, high }: Interval): (value: number) => string {
  const [scaled, width] = [median / unit.divisor, (high - low) / unit.divisor];
  if (width <= 0 || scaled === 0) return (value) => formatIn(unit, value);
  const told = Math.min(exponentOf(width) - 1, exponentOf(scaled));
  const decimals = Math.min(decimalsOf(scaled), -told);
  return (value) => toDigits(value / unit.divisor, decimals);
}

/** A number of things in five characters at most: `990`, `12.3k`, `1.09M`. */
export function formatCount(number: number): string {
  if (number < 1000) return String(number);
  // 999,950 is 1.00M and not 1000k.
  const [divisor, letter] = number < 999_500 ? [1e3, 'k'] : number < 999.5e6 ? [1e6, 'M'] : [1e9, 'G'];
  const scaled = number / divisor;
  return `${scaled.toFixed(decimalsOf(scaled))}${letter}`;
}

/** A probability as a percentage with at most three significant digits: `96.9 %`. */
export function formatPercent(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(3))} %`;
}

/** A share (0..1) in % without the sign, with two significant digits but no more than two decimals: `<0.01`, `1.2`, `98`. */
export function formatShare(ratio: number): string {
  const percent = ratio * 100;
  if (percent > 0 && percent < 0.005) return '<0.01';
  return percent.toFixed(percent === 0 || percent >= 9.95 ? 0 : percent >= 0.995 ? 1 : 2);
}

/** A number from 1 on with two significant digits, a whole number from 10 on: `2.9`, `14`. */
export function formatRatio(ratio: number): string {
  return ratio >= 9.95 ? ratio.toFixed(0) : ratio.toPrecision(2);
}

/** `300 ns`, `1 µs`: an amount of work as it was asked for. */
export function workText(workNs: number): string {
  if (workNs < 1000) return workNs === 0 ? '0' : `${workNs} ns`;
  return workNs < 1e6 ? `${workNs / 1e3} µs` : `${workNs / 1e6} ms`;
}

function decimalsOf(scaled: number): number {
  const size = Math.abs(scaled);
  if (size === 0 || size >= 99.95) return 0;
  return Math.min(6, 2 - exponentOf(size));
}

/** Of the first digit: 0 of 1 to 9.99. 9.996 is printed as 10.0, so the digits are counted after rounding. */
function exponentOf(value: number): number {
  return Math.floor(Math.log10(Number(Math.abs(value).toPrecision(3))));
}

/** With so many decimals; fewer than none are noughts before the point. */
function toDigits(value: number, decimals: number): string {
  if (decimals >= 0) return value.toFixed(decimals);
  const step = 10 ** -decimals;
  return String(Math.round(value / step) * step);
}
