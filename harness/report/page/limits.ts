import { count } from '../../../common/cli/text.js';
import type { CellSummary, Summary } from '../../../model/summary.js';
import { describeCells, footnotesOf, warningsOf } from '../footnotes.js';
import { mergedLine } from '../host.js';
import { hasFewRepeats, runsOf } from '../repeats.js';
import { isLowerBound, standingOf } from '../standing.js';

/** What keeps the answer of a run from being more than it is, as sentences; the tables below have the details. */
export function limitsOf(summary: Summary): string[] {
  const { cells } = summary;
  if (cells.length === 0) return ['Nothing was measured: the run has no records of any cell.'];
  const figures = cells.filter((cell) => standingOf(cell) === 'figure');
  if (figures.length === 0) return [withoutFigures(cells)];
  const peaks = figures.filter(({ answer }) => answer.kind === 'peak');
  const single = figures.filter(({ repeats }) => repeats === 1);
  const few = figures.filter((cell) => hasFewRepeats(cell) && cell.repeats > 1);
  const warnings = warningsOf(summary).length;
  const merged = mergedLine(summary);
  return [
    ...said(peaks.filter(isLowerBound), cells, 'Lower bounds, the load generator was the limit'),
    ...said(
      peaks.filter(({ limit }) => limit === 'path'),
      cells,
      'Held back by the path between client and server, not by the invoker',
    ),
    ...said(
      peaks.filter(({ limit }) => limit === 'config'),
      cells,
      'Held back by how it was set up, not by the invoker',
    ),
    ...(single.length === 0 ? [] : [`${count(single.length, 'figure')} of a single run: without any interval.`]),
    ...(few.length === 0 ? [] : [`Figures of ${runsOf(few)} have their range, and no interval of 95 %.`]),
    ...(figures.length < cells.length ? [withoutFigures(cells)] : []),
    ...(warnings === 0 ? [] : [`${count(warnings, 'warning')} under “What went wrong”.`]),
    ...(merged === '' ? [] : [merged]),
    'Figures depend on the machine: compare ratios within this run, not figures of different runs.',
  ];
}

function said(some: readonly CellSummary[], all: readonly CellSummary[], what: string): string[] {
  return some.length === 0 ? [] : [`${what}: ${describeCells(some, all)}.`];
}

/** The reasons themselves where they are few. */
function withoutFigures(cells: readonly CellSummary[]): string {
  const missing = cells.filter((cell) => standingOf(cell) !== 'figure');
  const reasons = footnotesOf({ cells: missing } as Summary).map(({ reason }) => reason);
  const why = reasons.length === 1 ? reasons[0] : 'the reasons stand under “What went wrong”';
  return `${missing.length} of ${count(cells.length, 'cell')} have no figure to quote: ${why}.`;
}
