import type { CellDetail } from '../../../../model/detail.js';
import type { Ledger } from '../../../../model/record.js';
import type { Answer, Summary } from '../../../../model/summary.js';
import { distinct } from '../../group-by.js';
import { type Slice, slicesOf } from '../../slice.js';
import { nameOf, standingOf } from '../../standing.js';
import { formatShare } from '../../units.js';
import { barDataset } from '../dataset.js';
import { barOptions, shareAxis } from '../layout.js';
import { lossShades, outcomeShades } from '../palette.js';
import { type Chart, type Ends, endsOf, styleOf, subtitleOf } from '../parts.js';

const kinds: readonly Answer['kind'][] = ['peak', 'capacity', 'round-trips', 'levels'];

/**
 * Where did requests go? What was sent by what became of it: a row an implementation, the smallest and the largest frame.
 * No chart where every request was answered right.
 */
export function ledgerCharts(summary: Summary, details: ReadonlyMap<string, CellDetail>): Chart[] {
  return kinds.flatMap((kind) =>
    slicesOf(summary, kind, 'ends').flatMap((slice) =>
      endsOf(slice).map((ends) => ledgerChart({ summary, details, kind, slice, ends })),
    ),
  );
}

interface LedgerChart {
  summary: Summary;
  details: ReadonlyMap<string, CellDetail>;
  kind: Answer['kind'];
  slice: Slice;
  ends: Ends;
}

function ledgerChart({ summary, details, kind, slice, ends }: LedgerChart): Chart {
  const { cells, packetBytes, point } = ends;
  const rows = cells.flatMap((cell) => {
    const ledger = standingOf(cell) === 'figure' ? details.get(cell.id)?.ledger : null;
    return ledger && ledger.sent > 0 ? [{ cell, ledger }] : [];
  });
  const title = `Where did requests go? Load ${slice.load}: ${packetBytes} bytes, ${point}`;
  const remark = 'of all that was sent, also where a search or an overload offers more than can be answered';
  const options = barOptions(
    title,
    subtitleOf(summary, slice, cells, [remark]),
    shareAxis('Share of the requests sent in %'),
    {
      styles: rows.map(({ cell }) => styleOf(summary, nameOf(cell))),
      ends: rows.map(({ ledger }) => `${formatShare(1 - ledger.right / ledger.sent)} % lost`),
    },
  );
  const datasets = partsOf(rows.map(({ ledger }) => ledger)).map(({ label, colour, of }) =>
    barDataset(
      label,
      colour,
      rows.map(({ ledger }) => (100 * of(ledger)) / ledger.sent),
    ),
  );
  const isAllRight = rows.every(({ ledger: { sent, right } }) => sent === right);
  const data = { labels: rows.map(({ cell }) => nameOf(cell)), datasets: isAllRight ? [] : datasets };
  return {
    name: `ledger-${kind}-${slice.suffix}-${packetBytes}-${point}`,
    title,
    config: { type: 'bar', data, options },
  };
}

/** What became of requests, the losses in the order of the ledgers; what happened nowhere is left out. */
function partsOf(ledgers: readonly Ledger[]): { label: string; colour: string; of(ledger: Ledger): number }[] {
  const places = distinct(ledgers.flatMap(({ drops }) => drops.map(({ name }) => name)));
  const parts = [
    { label: 'answered right', colour: outcomeShades.right, of: ({ right }: Ledger) => right },
    { label: 'answered wrong', colour: outcomeShades.wrong, of: ({ wrong }: Ledger) => wrong },
    ...places.map((place, index) => ({
      label: place,
      colour: lossShades[index % lossShades.length] as string,
      of: ({ drops }: Ledger) => drops.find(({ name }) => name === place)?.count ?? 0,
    })),
    // More may be counted than was lost: a bar has no room for less than nothing.
    { label: 'not explained', colour: outcomeShades.unexplained, of: ({ residual }: Ledger) => Math.max(0, residual) },
  ];
  return parts.filter(({ of }, index) => index === 0 || ledgers.some((ledger) => of(ledger) > 0));
}
