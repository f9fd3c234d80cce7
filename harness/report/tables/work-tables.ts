import type { CellSummary, Figure, Summary } from '../../../model/summary.js';
import { workBase } from '../../../model/work.js';
import type { Footnote } from '../footnotes.js';
import { figureText } from '../quantities.js';
import { intervalNotes } from '../repeats.js';
import { describeSlice, type WorkSlice, workSlicesOf } from '../slice.js';
import { isLowerBound } from '../standing.js';
import { figureColumns, type Table, type TableCell, textCell } from '../table.js';
import { formatPercent, kiloPacketsPerSecond, type Unit } from '../units.js';
import { amountsOf, crossingText, inUs, type WorkLine, workLinesOf, worthwhile } from '../work-lines.js';
import { bounded, keyOf, lowerBoundNotes, markNotes, withoutFigure } from './cells.js';

const times: Unit = { label: 'times', divisor: 1 };

/** Replies/s by work, and what that is of the sockets: a row an implementation, where work was an axis. */
export function workTables(summary: Summary, footnotes: readonly Footnote[]): Table[] {
  return workSlicesOf(summary).flatMap((slice) => {
    const lines = workLinesOf(summary, slice);
    return [repliesTable(slice, lines, footnotes), ratioTable(slice, lines, footnotes)];
  });
}

function repliesTable(slice: WorkSlice, lines: readonly WorkLine[], footnotes: readonly Footnote[]): Table {
  return {
    name: `work-replies-${slice.suffix}`,
    title: `Throughput in ${kiloPacketsPerSecond.label} by work in µs: ${describe(slice)}`,
    notes: [
      ...intervalNotes(slice.cells, ({ repliesPerSecond }) => repliesPerSecond),
      ...lowerBoundNotes(slice.cells),
      ...markNotes(slice.cells),
    ],
    columns: figureColumns('', headings(slice)),
    rows: lines.map((line) => [
      textCell(line.name),
      ...cellsOf(slice, line, footnotes, kiloPacketsPerSecond, ({ cell }) => cell.repliesPerSecond),
    ]),
    content: 'figures',
  };
}

function ratioTable(slice: WorkSlice, lines: readonly WorkLine[], footnotes: readonly Footnote[]): Table {
  const others = lines.filter(({ points }) => points.some(({ ratio }) => ratio !== null));
  const crossings = others.flatMap(({ crossing }) => crossing ?? []);
  const confidences = crossings.map(({ confidence }) => confidence).filter((confidence) => confidence > 0);
  return {
    name: `work-ratio-${slice.suffix}`,
    title: `Replies/s over those of ${workBase} by work in µs: ${describe(slice)}`,
    notes: [
      `Below ${worthwhile.ratio} from: work in µs from which on less than ${worthwhile.percent} more is answered than by` +
        ` ${workBase}; ≤ the least asked, > the most.`,
      ...(confidences.length > 0
        ? [
            'low–high: the interval of the rank-sum test, and for work where its ends fall below' +
              ` ${worthwhile.ratio}; it covers the true value with ${formatPercent(Math.min(...confidences))} at least.`,
          ]
        : ['Single runs: no interval.']),
      ...lowerBoundNotes(slice.cells),
      ...markNotes(slice.cells),
    ],
    columns: figureColumns('', [...headings(slice), `below\n${worthwhile.ratio}\nfrom`]),
    rows: others.map((line) => {
      const { value, range } = crossingText(line);
      const ratios = cellsOf(slice, line, footnotes, times, ({ ratio }) => ratio);
      return [textCell(line.name), ...ratios, { ...textCell(value), detail: range }];
    }),
    content: 'figures',
  };
}

function cellsOf(
  slice: WorkSlice,
  { points }: WorkLine,
  footnotes: readonly Footnote[],
  unit: Unit,
  of: (point: WorkLine['points'][number]) => Figure | null,
): TableCell[] {
  return amountsOf(slice).map((amount) => {
    const point = points.find(({ workNs }) => workNs === amount);
    return point ? figureCell(point.cell, of(point), unit, footnotes) : textCell('');
  });
}

function figureCell(cell: CellSummary, figure: Figure | null, unit: Unit, footnotes: readonly Footnote[]): TableCell {
  const key = keyOf(cell, footnotes);
  if (key !== null) return withoutFigure(cell, key, figure && figureText(unit, figure).value);
  if (figure === null) return textCell('–');
  const { value, range } = figureText(unit, figure);
  return { ...bounded(isLowerBound(cell), value), detail: range };
}

const headings = (slice: WorkSlice) => amountsOf(slice).map(inUs);

const describe = (slice: WorkSlice) => `${slice.packetBytes} bytes, ${slice.point}, ${describeSlice(slice)}`;
