import type { CellSummary, Summary } from '../../../model/summary.js';
import type { Footnote } from '../footnotes.js';
import { type CapacityGoal, capacityGoals, figureText } from '../quantities.js';
import { slicesOf } from '../slice.js';
import { nameOf } from '../standing.js';
import { kiloPacketsPerSecond } from '../units.js';
import { type Group, groupSentences, sentence } from './groups.js';
import { compare, type Rate, weakness } from './ratio.js';
import { scalingFindings } from './scaling.js';

const [ndr, pdr] = capacityGoals;

/** Which implementation takes most without loss, how much more than each other one, and what each takes with little. */
export function capacityFindings(summary: Summary, footnotes: readonly Footnote[]): string[] {
  return slicesOf(summary, 'capacity', 'ends').flatMap((slice) => [
    ...groupSentences(summary, slice, footnotes, capacitySentence),
    ...scalingFindings(slice, footnotes, rateOf(ndr)),
  ]);
}

function capacitySentence({ where, figures, missing }: Group): string {
  const [best, ...others] = ranked(figures, ndr);
  const comparisons = best ? others.map((other) => compare(best, other, nameOf(other.cell))) : [];
  const without = figures.filter((cell) => cell.ndr === null).map((cell) => `${nameOf(cell)}: no NDR`);
  const most = best
    ? [
        `${nameOf(best.cell)} takes ${textOf(best)} ${kiloPacketsPerSecond.label} without loss (NDR)` +
          (comparisons.length > 0 ? `: ${comparisons.map(({ text }) => text).join(', ')}` : ''),
      ]
    : [];
  const withLoss = ranked(figures, pdr).map((rate) => `${nameOf(rate.cell)} ${textOf(rate)}`);
  const rest = [...without, `PDR ${withLoss.length > 0 ? withLoss.join(', ') : 'none'}`, ...missing];
  return `${sentence(where, most, rest)}${weakness(comparisons)}`;
}

function ranked(cells: readonly CellSummary[], goal: CapacityGoal): Rate[] {
  return cells.flatMap((cell) => rateOf(goal)(cell) ?? []).sort((a, b) => b.figure.median - a.figure.median);
}

function rateOf({ of }: CapacityGoal): (cell: CellSummary) => Rate | null {
  return (cell) => {
    const found = of(cell);
    return found && { cell, figure: found.interval, isBound: found.bound === 'lower' };
  };
}

function textOf({ figure, isBound }: Rate): string {
  return `${isBound ? 'at least ' : ''}${figureText(kiloPacketsPerSecond, figure).value}`;
}
