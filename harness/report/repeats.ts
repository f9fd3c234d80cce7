import { count } from '../../common/cli/text.js';
import { type CellSummary, type Figure, fewestForInterval } from '../../model/summary.js';
import { formatPercent } from './units.js';

/** The repeats are too few for an interval of 95 %. */
export function hasFewRepeats({ repeats }: CellSummary): boolean {
  return repeats < fewestForInterval;
}

/** `3 runs`, or `2 to 3 runs` where the cells differ. */
export function runsOf(cells: readonly CellSummary[]): string {
  const repeats = cells.map((cell) => cell.repeats);
  const [least, most] = [Math.min(...repeats), Math.max(...repeats)];
  return least === most ? count(most, 'run') : `${least} to ${count(most, 'run')}`;
}

/** What `low–high` beside the figures of these cells is: that depends on the number of runs. */
export function intervalNotes(cells: readonly CellSummary[], of: (cell: CellSummary) => Figure | null): string[] {
  const measured = cells.flatMap((cell) => {
    const figure = of(cell);
    return figure === null ? [] : [{ cell, confidence: figure.confidence }];
  });
  const several = measured.filter(({ confidence }) => confidence !== 0);
  const alone = several.length === 0 ? 'One run a cell: no interval.' : 'A figure without low–high is of one run.';
  return [
    ...(several.length < measured.length ? [alone] : []),
    ...intervalNote(
      'their range',
      several.filter(({ cell }) => hasFewRepeats(cell)),
    ),
    ...intervalNote(
      'an order-statistic interval',
      several.filter(({ cell }) => !hasFewRepeats(cell)),
    ),
  ];
}

function intervalNote(kind: string, figures: readonly { cell: CellSummary; confidence: number }[]): string[] {
  if (figures.length === 0) return [];
  const confidences = figures.map(({ confidence }) => confidence);
  const ends = new Set([Math.min(...confidences), Math.max(...confidences)].map(formatPercent));
  const runs = runsOf(figures.map(({ cell }) => cell));
  return [
    `Median of ${runs}; low–high is ${kind}, which covers the true median with a probability of ${[...ends].join(' to ')}.`,
  ];
}
