import type { LevelId } from '../../../model/ids.js';
import type { CellSummary, LevelSummary, Summary } from '../../../model/summary.js';
import type { Footnote } from '../footnotes.js';
import { sizedSlicesOf } from '../slice.js';
import { isLowerBound, nameOf, withWaits } from '../standing.js';
import { formatShare } from '../units.js';
import { ascendingBy, type Group, groupSentences, sentence } from './groups.js';
import { percentilesText, percentilesTitle } from './round-trips.js';

/** The two levels that tell most: half of what each takes, and what is the same for all. */
const told: readonly { id: LevelId; title: string }[] = [
  { id: '50%', title: 'at 50 % of its capacity' },
  { id: 'equal', title: 'at the rate that is equal for all' },
];

/** Median and 99th percentile of each implementation at half of its capacity, and at the equal rate. */
export function levelsFindings(summary: Summary, footnotes: readonly Footnote[]): string[] {
  return sizedSlicesOf(summary, 'levels', 'ends').flatMap((slice) =>
    groupSentences(summary, slice, footnotes, levelsSentence),
  );
}

function levelsSentence({ where, figures, missing }: Group): string {
  const parts = told.flatMap(({ id, title }) => {
    const at = (cell: CellSummary) => cell.levels.find(({ level }) => level === id);
    const texts = ascendingBy(
      figures.filter((cell) => at(cell)),
      (cell) => at(cell)?.latencyNs?.p50 ?? null,
    ).map((cell) => levelText(cell, at(cell) as LevelSummary));
    return texts.length > 0 ? [`${title} ${texts.join(', ')}`] : [];
  });
  return sentence(where, [`${percentilesTitle} ${parts.join('; ')}`], missing);
}

function levelText(cell: CellSummary, { level, latencyNs, lossRatio }: LevelSummary): string {
  const lost = lossRatio > 0 ? `lost ${formatShare(lossRatio)} %` : '';
  const bound = level !== 'equal' && isLowerBound(cell) ? 'of a lower bound' : '';
  const remarks = [lost, bound].filter(Boolean).join(', ');
  return `${withWaits(nameOf(cell), cell)} ${percentilesText(latencyNs)}${remarks === '' ? '' : ` (${remarks})`}`;
}
