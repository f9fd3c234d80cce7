import type { Answer, Summary } from '../../../model/summary.js';
import { type Footnote, footnotesOf } from '../footnotes.js';
import { throughputs } from '../quantities.js';
import { amountsIn, sizedSlicesOf, slicesOf } from '../slice.js';
import type { Extent, Table } from '../table.js';
import { capacityTable } from './capacity-table.js';
import { costTables } from './cost-tables.js';
import { levelsTable } from './levels-table.js';
import { restTable } from './rest-table.js';
import { roundTripTable } from './round-trip-table.js';
import { throughputTable } from './throughput-table.js';
import { workTables } from './work-tables.js';

type Make = (summary: Summary, footnotes: readonly Footnote[], extent: Extent) => Table[];

/** Tables of each answer, one a slice. */
const makers: Record<Answer['kind'], Make> = {
  peak: (summary, footnotes, extent) => [
    ...slicesOf(summary, 'peak', amountsIn(extent)).flatMap((slice) =>
      throughputs.slice(0, extent === 'brief' ? 1 : undefined).map((unit) => throughputTable(slice, unit, footnotes)),
    ),
    ...workTables(summary, footnotes),
  ],
  capacity: (summary, footnotes) => slicesOf(summary, 'capacity').map((slice) => capacityTable(slice, footnotes)),
  'round-trips': (summary, footnotes) =>
    sizedSlicesOf(summary, 'round-trips').map((slice) => roundTripTable(slice, footnotes)),
  levels: (summary, footnotes) => sizedSlicesOf(summary, 'levels').map((slice) => levelsTable(slice, footnotes)),
  rest: (summary, footnotes) => slicesOf(summary, 'rest').map((slice) => restTable(slice, footnotes)),
};

/** All tables of figures, each for one engine, function and load: what the loads answer with, then what it costs. */
export function figureTables(summary: Summary, extent: Extent): Table[] {
  const footnotes = footnotesOf(summary);
  const answers = Object.values(makers).flatMap((make) => make(summary, footnotes, extent));
  return [...answers, ...costTables(summary, extent)];
}
