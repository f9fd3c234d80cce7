import { percentileColumns } from '../../../model/histogram.js';
import type { CellSummary } from '../../../model/summary.js';
import type { Footnote } from '../footnotes.js';
import { describeSlice, linesOf, type SizedSlice } from '../slice.js';
import { standingOf, withWaits } from '../standing.js';
import { figureColumns, type Table, textCell } from '../table.js';
import { formatShare } from '../units.js';
import { isSetOff, type RankedCell, type Rival, unranked, withBest } from './best.js';
import { keyOf, markNotes, withoutFigure } from './cells.js';
import { percentileHeadings, percentileTexts, tooFewNotes } from './percentile-cells.js';

/** Of the requests: as at the PDR. */
const mostLost = 0.005;

const spinNote = '(spins): looks for work without rest; the others block, and waking them takes part of the time.';

/** Round trips at one load and frame size: a row an implementation and matrix point. */
export function roundTripTable(slice: SizedSlice, footnotes: readonly Footnote[]): Table {
  const isPaced = slice.cells.some(isAtRate);
  const rows = withBest(
    linesOf(slice.cells).flatMap(({ label, cells }) =>
      cells.map((cell) => [
        unranked(textCell(withWaits(label, cell))),
        ...(isPaced ? [unranked(textCell(cell.lossRatio === null ? '–' : formatShare(cell.lossRatio)))] : []),
        ...figuresOf(cell, keyOf(cell, footnotes)),
      ]),
    ),
    'less',
  );
  const since = isPaced ? 'when a request was due' : 'sending a request';
  const measured = slice.cells.filter((cell) => standingOf(cell) === 'figure');
  return {
    name: `round-trips-${slice.suffix}`,
    title: `Round-trip time in µs by percentile: frames of ${slice.packetBytes} bytes, ${describeSlice(slice)}`,
    notes: [
      `Percentiles of the merged histogram of all runs, from ${since} to its reply at the client.`,
      ...(isSetOff(rows) ? bestNotes(measured) : []),
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

function figuresOf(cell: CellSummary, key: string | null): RankedCell[] {
  const texts = percentileTexts(cell.latencyNs);
  if (key !== null) return texts.map((text) => unranked(withoutFigure(cell, key, text === '–' ? null : text)));
  // The largest and the number of round trips, which stand last, are no merit.
  return texts.map((text, index) => {
    const percentile = percentileColumns[index];
    return { cell: textCell(text), rival: percentile && !losesMuch(cell) ? rivalAt(cell, percentile.key) : null };
  });
}

/** Its interval is the range of the percentile over the runs. */
function rivalAt({ latencyNs, byRepeat }: CellSummary, key: (typeof percentileColumns)[number]['key']): Rival | null {
  const median = latencyNs?.[key] ?? null;
  if (median === null) return null;
  const found = byRepeat.map((run) => run.latencyNs?.[key] ?? null).filter((ns) => ns !== null);
  const isRange = found.length > 1 && found.length === byRepeat.length;
  return { group: '', median, ends: isRange ? { low: Math.min(...found), high: Math.max(...found) } : null };
}

/** Whose requests are lost does not answer them soon. */
function losesMuch({ lossRatio }: CellSummary): boolean {
  return (lossRatio ?? 0) > mostLost;
}

function bestNotes(cells: readonly CellSummary[]): string[] {
  const note =
    'Bold, in plain text *: the best of a column, and all that cannot be told from it: ranges over the runs overlap.';
  return [cells.some(losesMuch) ? `${note} Rows that lost more than ${formatShare(mostLost)} % are not ranked.` : note];
}
