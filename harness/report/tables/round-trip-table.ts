import type { CellSummary } from '../../../model/summary.js';
import type { Footnote } from '../footnotes.js';
import { describeSlice, linesOf, type SizedSlice } from '../slice.js';
import { standingOf, withWaits } from '../standing.js';
import { figureColumns, type Table, type TableCell, textCell } from '../table.js';
import { formatShare } from '../units.js';
import { keyOf, markNotes, withoutFigure } from './cells.js';
import { percentileHeadings, percentileTexts, tooFewNotes } from './percentile-cells.js';

const spinNote = '(spins): looks for work without rest; the others block, and waking them takes part of the time.';

/** Round trips at one load and frame size: a row an implementation and matrix point. */
export function roundTripTable(slice: SizedSlice, footnotes: readonly Footnote[]): Table {
  const isPaced = slice.cells.some(isAtRate);
  const rows = linesOf(slice.cells).flatMap(({ label, cells }) =>
    cells.map((cell) => [
      textCell(withWaits(label, cell)),
      ...(isPaced ? [textCell(cell.lossRatio === null ? '–' : formatShare(cell.lossRatio))] : []),
      ...figuresOf(cell, keyOf(cell, footnotes)),
    ]),
  );
  const since = isPaced ? 'when a request was due' : 'sending a request';
  const measured = slice.cells.filter((cell) => standingOf(cell) === 'figure');
  return {
    title: `Round-trip time in µs by percentile: frames of ${slice.packetBytes} bytes, ${describeSlice(slice)}`,
    notes: [
      `Percentiles of the merged histogram of all runs, from ${since} to its reply at the client.`,
      ...tooFewNotes(measured.map(({ latencyNs }) => latencyNs)),
      ...(slice.cells.some(({ idle }) => idle === 'spin') ? [spinNote] : []),
      ...markNotes(slice.cells),
    ],
    columns: figureColumns('', [...(isPaced ? ['lost\n%'] : []), ...percentileHeadings]),
    rows,
    content: 'figures',
  };
}

/** The requests come at a rate, so some may be lost. */
function isAtRate({ answer }: CellSummary): boolean {
  return answer.kind === 'round-trips' && answer.offeredPerSecond !== null;
}

function figuresOf(cell: CellSummary, key: string | null): TableCell[] {
  const texts = percentileTexts(cell.latencyNs);
  return key === null ? texts.map(textCell) : texts.map((text) => withoutFigure(cell, key, text === '–' ? null : text));
}
