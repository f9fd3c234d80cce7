import type { CellSummary } from '../../../model/summary.js';
import type { Footnote } from '../footnotes.js';
import { type CapacityGoal, capacityGoals, capacityText } from '../quantities.js';
import { intervalNotes } from '../repeats.js';
import { describeSlice, linesOf, type Slice, sizesOf } from '../slice.js';
import { standingOf } from '../standing.js';
import { figureColumns, type Table, textCell } from '../table.js';
import { kiloPacketsPerSecond } from '../units.js';
import { bestNotes, isSetOff, type RankedCell, rivalOf, unranked, withBest } from './best.js';
import { bounded, keyOf, markNotes, withoutFigure } from './cells.js';

const meaning =
  'The highest load at which most quarters of a second lost no request (NDR), or at most 0.5 % of them (PDR).';
const bracketNote = 'low–high of one search: the highest load that held and the lowest above it that did not.';
const boundNote = '≥ a lower bound: the generator could not send more, or time was up before a load failed.';
const noneNote =
  'none: no load that was tried held; where the search ran out of time, a warning below says so and a lower load may hold.';

/** Capacities of a slice by frame size, a row a goal. */
export function capacityTable(slice: Slice, footnotes: readonly Footnote[]): Table {
  const sizes = sizesOf(slice.cells);
  const rows = withBest(
    linesOf(slice.cells).flatMap(({ label, cells }) =>
      capacityGoals.map((goal) => [
        unranked(textCell(`${label} ${goal.label}`)),
        ...sizes.map((size) => capacityCell(cells, size, goal, footnotes)),
      ]),
    ),
    'more',
  );
  const measured = slice.cells.filter((cell) => standingOf(cell) === 'figure');
  const found = measured.flatMap((cell) => capacityGoals.flatMap(({ of }) => of(cell) ?? []));
  const searchedOnce = (cell: CellSummary) => capacityGoals.some(({ of }) => of(cell)?.bracket);
  const repeated = measured.filter((cell) => !searchedOnce(cell));
  return {
    name: `capacity-${slice.suffix}`,
    title: `Capacity in ${kiloPacketsPerSecond.label} by frame size in bytes: ${describeSlice(slice)}`,
    notes: [
      meaning,
      ...intervalNotes(repeated, (cell) => (cell.ndr ?? cell.pdr)?.interval ?? null),
      ...(measured.some(searchedOnce) ? [bracketNote] : []),
      ...(isSetOff(rows) ? bestNotes : []),
      ...(found.some(({ bound }) => bound === 'lower') ? [boundNote] : []),
      ...(found.length < measured.length * capacityGoals.length ? [noneNote] : []),
      ...markNotes(slice.cells),
    ],
    columns: figureColumns('', sizes),
    rows,
    content: 'figures',
  };
}

function capacityCell(
  cells: readonly CellSummary[],
  size: number,
  { id, of }: CapacityGoal,
  footnotes: readonly Footnote[],
): RankedCell {
  const cell = cells.find(({ packetBytes }) => packetBytes === size);
  if (!cell) return unranked(textCell(''));
  const key = keyOf(cell, footnotes);
  if (key !== null) return unranked(withoutFigure(cell, key, null));
  const found = of(cell);
  if (found === null) return unranked(textCell('none'));
  const { value, range } = capacityText(kiloPacketsPerSecond, found);
  const isBound = found.bound === 'lower';
  return {
    cell: { ...bounded(isBound, value), detail: range },
    rival: rivalOf(found.interval, isBound, id),
  };
}
