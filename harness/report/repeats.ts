import type { CellSummary } from '../../model/summary.js';
import { count } from './host.js';
import { formatPercent } from './units.js';

/** From so many repeats on an interval covers the true median with 95 %; below it is the range of the repeats. */
const fewestForInterval = 6;

/** The repeats are too few for an interval of 95 %. */
export function hasFewRepeats({ repeats }: CellSummary): boolean {
  return repeats < fewestForInterval;
}

/** `3 repeats`, or `2 to 3 repeats` where the cells differ. */
export function repeatsOf(cells: readonly CellSummary[]): string {
  const repeats = cells.map((cell) => cell.repeats);
  const [least, most] = [Math.min(...repeats), Math.max(...repeats)];
  return least === most ? count(most, 'repeat') : `${least} to ${count(most, 'repeat')}`;
}

/** What ± means for these cells: the interval depends on the number of repeats. */
export function intervalNotes(cells: readonly CellSummary[]): string[] {
  const measured = cells.filter((cell) => cell.confidence !== null);
  const several = measured.filter((cell) => cell.confidence !== 0);
  const alone = several.length === 0 ? 'One run a cell: no interval.' : 'A figure without ± is of one run.';
  return [
    ...(several.length < measured.length ? [alone] : []),
    ...intervalNote('the range of the repeats', several.filter(hasFewRepeats)),
    ...intervalNote(
      'an order-statistic interval',
      several.filter((cell) => !hasFewRepeats(cell)),
    ),
  ];
}

function intervalNote(kind: string, cells: readonly CellSummary[]): string[] {
  if (cells.length === 0) return [];
  const confidences = cells.map(({ confidence }) => confidence ?? 0);
  const ends = new Set([Math.min(...confidences), Math.max(...confidences)].map(formatPercent));
  const covers = `it covers the true median with ${[...ends].join(' to ')}`;
  return [`Median of ${repeatsOf(cells)} ± half the width of ${kind}; ${covers}.`];
}
