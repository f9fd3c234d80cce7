import { formatCount, formatIn, microseconds } from '../report/units.js';
import type { LiveState } from './live-run.js';
import { matrixLines } from './matrix-lines.js';
import { cutTo, type Line, paintLine } from './styled.js';
import { formatSeconds } from './words.js';

/** Of a terminal, in characters. */
export interface FrameSize {
  columns: number;
  rows: number;
}

const barWidth = 24;
const labelWidth = 11;
const figureWidth = 7;
const levels = '▁▂▃▄▅▆▇█';

/**
 * A benchmark under way as lines that fit the terminal: how far it is, the cell under way with its rates, and the matrix
 * that fills. Three quarters of the height at most: above stands what was printed meanwhile.
 */
export function renderFrame(state: LiveState, { columns, rows }: FrameSize, colour: 'plain' | 'ansi'): string[] {
  // A line as long as the terminal is wide would wrap in some.
  const width = columns - 1;
  const height = Math.max(1, Math.floor((rows * 3) / 4));
  const head = [progressLine(state), currentLine(state), ...traceLines(state, width), lastLine(state)].filter(
    ({ length }) => length > 0,
  );
  const matrix = matrixLines(state, { columns: width, rows: height - head.length - 1 });
  const lines = matrix.length === 0 ? head : [...head, [], ...matrix];
  return lines.slice(0, height).map((line) => paintLine(cutTo(line, width), colour));
}

function progressLine({ scenario, runs, secondsSpent, secondsLeft }: LiveState): Line {
  const whole = secondsSpent + secondsLeft;
  const full = whole === 0 ? 0 : Math.floor((barWidth * secondsSpent) / whole);
  const left = `${runs.done}/${runs.planned} runs, ${formatSeconds(secondsLeft)} left`;
  return [
    { text: '█'.repeat(full), style: 'good' },
    { text: '░'.repeat(barWidth - full), style: 'faint' },
    { text: `  ${left}`, style: 'strong' },
    { text: `  ${scenario}`, style: 'faint' },
  ];
}

function currentLine({ current }: LiveState): Line {
  // Between two runs, too: the lines below stay where they are.
  if (current === null) return [{ text: '>', style: 'faint' }];
  const { kind, name, repeat, repeats, phase, seconds } = current;
  const where = [kind === 'cell' ? `run ${repeat} of ${repeats}` : null, phase, formatSeconds(seconds)];
  return [
    { text: '> ', style: 'now' },
    { text: name, style: 'plain' },
    { text: `  ${where.filter((part) => part !== null).join(', ')}`, style: 'faint' },
  ];
}

function lastLine({ last }: LiveState): Line {
  if (last === '') return [];
  return [
    { text: 'last'.padEnd(labelWidth), style: 'faint' },
    { text: last, style: 'plain' },
  ];
}

function traceLines({ traces }: LiveState, width: number): Line[] {
  const { source, repliesPerSecond, roundTrips } = traces;
  const room = Math.max(0, width - labelWidth - figureWidth);
  const replies = traceLine(source === 'invoker' ? 'handled/s' : 'replies/s', repliesPerSecond, room, (perSecond) =>
    formatCount(Math.round(perSecond)),
  );
  if (roundTrips.length === 0) return [replies];
  const trips = (['p50', 'p99'] as const).map((key) =>
    traceLine(
      `${key} µs`,
      roundTrips.map((trip) => trip?.[key] ?? null),
      room,
      (ns) => formatIn(microseconds, ns),
    ),
  );
  return [replies, ...trips];
}

function traceLine(label: string, values: (number | null)[], room: number, format: (value: number) => string): Line {
  const shown = values.slice(-room);
  const last = shown.at(-1);
  return [
    { text: label.padEnd(labelWidth), style: 'faint' },
    { text: (last === undefined || last === null ? '' : format(last)).padEnd(figureWidth), style: 'strong' },
    { text: sparkline(shown), style: 'now' },
  ];
}

/** A character a value, from nothing to the largest of them; a blank where there is none. */
export function sparkline(values: readonly (number | null)[]): string {
  const largest = Math.max(0, ...values.map((value) => value ?? 0));
  return values
    .map((value) => {
      if (value === null) return ' ';
      const level = largest === 0 ? 0 : Math.round((value / largest) * (levels.length - 1));
      return levels[Math.max(0, level)];
    })
    .join('');
}
