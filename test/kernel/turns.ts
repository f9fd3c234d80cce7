import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interval } from '../../harness/judge/stats.js';

/**
 * How often two things that are compared take turns: what the machine does for minutes meets both then. One turn is for
 * the test alone; IVB_TURNS asks for more, and for the figures.
 */
export const turns = Number(process.env.IVB_TURNS ?? 1);

export const areFiguresAsked = process.env.IVB_TURNS !== undefined;

/** Median and its interval. */
export function told(values: number[], digits: number): string {
  const { median, low, high } = interval(values).interval;
  return `${median.toFixed(digits)} [${low.toFixed(digits)}..${high.toFixed(digits)}]`;
}

/** Adds a line to `invoker-bench-NAME.txt` in the folder for temporary files. */
export function keepLine(name: string, line: string): void {
  appendFileSync(join(tmpdir(), `invoker-bench-${name}.txt`), `${line}\n`);
}

/** Keeps the figures of two sides and the ratio of the second to the first within the turns, if they were asked for. */
export function keepFigures(name: string, what: string, sides: Record<string, number[]>): void {
  if (!areFiguresAsked) return;
  const [[first, of] = ['', []], [second, to] = ['', []]] = Object.entries(sides);
  const ratios = to.map((figure, turn) => figure / (of[turn] as number));
  keepLine(
    name,
    `${what}: ${first} ${of.map(Math.round).join(' ')}; ${second} ${to.map(Math.round).join(' ')}; ${second}/${first} ${told(ratios, 3)}`,
  );
}
