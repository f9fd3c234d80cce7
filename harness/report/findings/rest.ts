import { matrixLabel } from '../../../model/cell.js';
import type { CellSummary, Summary } from '../../../model/summary.js';
import type { Footnote } from '../footnotes.js';
import { slicesOf } from '../slice.js';
import { nameOf, withWaits } from '../standing.js';
import { formatShare } from '../units.js';
import { ascendingBy, type Group, groupSentences, sentence } from './groups.js';

/** What each implementation uses while nothing is sent, the least first. */
export function restFindings(summary: Summary, footnotes: readonly Footnote[]): string[] {
  // Nothing is sent, so one frame size says it all.
  return slicesOf(summary, 'rest', 'ends').flatMap((slice) =>
    groupSentences(summary, slice, footnotes, restSentence).slice(0, 1),
  );
}

function restSentence({ figures, missing }: Group): string {
  const use = ascendingBy(figures, ({ invokerCpuRatio }) => invokerCpuRatio).map(
    (cell) => `${withWaits(nameOf(cell), cell)} ${formatShare(cell.invokerCpuRatio ?? 0)} %`,
  );
  const first = figures[0] as CellSummary;
  const where = `At rest, ${matrixLabel(first)}, function ${first.functionId}`;
  return sentence(where, [`CPU use of the invoker's CPUs ${use.join(', ')}`], missing);
}
