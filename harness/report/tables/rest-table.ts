import type { CellSummary } from '../../../model/summary.js';
import type { Footnote } from '../footnotes.js';
import { linesOf, type Slice, sizesOf } from '../slice.js';
import { type Table, type TableCell, textCell } from '../table.js';
import { formatShare } from '../units.js';
import { keyOf, markNotes, withoutFigure } from './cells.js';

/** What invokers use while nothing is sent. */
export function restTable({ cells, functionId, suffix }: Slice, footnotes: readonly Footnote[]): Table {
  // Nothing is sent, so a frame size only tells cells apart.
  const sized = sizesOf(cells).length > 1;
  const rows = linesOf(cells).flatMap(({ label, cells: own }) =>
    own.map((cell) => [
      textCell(label),
      ...(sized ? [textCell(String(cell.packetBytes))] : []),
      use(cell, footnotes),
      textCell(cell.state === 'completed' ? cell.idle : ''),
    ]),
  );
  return {
    name: `rest-${suffix}`,
    title: `At rest: function ${functionId}, nothing is sent`,
    notes: [
      '100 %: no CPU that runs an invoker thread is ever idle. It counts whatever else runs there.',
      ...markNotes(cells),
    ],
    columns: [
      { heading: '', align: 'left' },
      ...(sized ? [{ heading: 'bytes', align: 'left' } as const] : []),
      { heading: 'CPU use\ninvoker\nCPUs, %', align: 'right' },
      { heading: 'waits', align: 'right' },
    ],
    rows,
    content: 'figures',
  };
}

function use(cell: CellSummary, footnotes: readonly Footnote[]): TableCell {
  const value = cell.invokerCpuRatio === null ? null : formatShare(cell.invokerCpuRatio);
  const key = keyOf(cell, footnotes);
  return key !== null || value === null ? withoutFigure(cell, key ?? '?', value) : textCell(value);
}
