import { count } from '../../../common/cli/text.js';
import type { EngineId, TopologyId } from '../../../model/ids.js';
import type { Answer, CellSummary, Figure, Summary } from '../../../model/summary.js';
import { describeCells } from '../footnotes.js';
import { figureText } from '../quantities.js';
import {
  amountsIn,
  describeSlice,
  linesOf,
  type SizedSlice,
  type Slice,
  sizedSlicesOf,
  sizesOf,
  slicesOf,
} from '../slice.js';
import { isLowerBound, standingOf } from '../standing.js';
import { type Extent, figureColumns, type Table, type TableCell, textCell } from '../table.js';
import { formatIn, formatShare, kiloPacketsPerSecond, microjoules, nanoseconds, partsPerMillion } from '../units.js';
import { bounded, lowerBoundNotes } from './cells.js';

interface CostColumn {
  heading: string;
  of(cell: CellSummary): TableCell;
}

const cpuColumns: readonly CostColumn[] = [
  { heading: 'CPU-ns\na reply\ninvoker\nCPUs', of: ({ cpuNsPerReply: cpu }) => cpuTime(cpu?.invoker) },
  { heading: 'CPU-ns\na reply\nall\nCPUs', of: ({ cpuNsPerReply: cpu }) => cpuTime(cpu?.total) },
  { heading: 'waits', of: ({ idle }) => textCell(idle) },
];

/** Only where a cell has one: most machines have no counter, or none that may be read. */
const energyColumn: CostColumn = {
  heading: 'µJ\na reply\nserver',
  of: ({ joulesPerReply: joules }) => textCell(joules === null ? unknown : formatIn(microjoules, joules)),
};

const columnsFor = (base: readonly CostColumn[], cells: readonly CellSummary[]): readonly CostColumn[] =>
  cells.some(({ joulesPerReply }) => joulesPerReply !== null) ? [...base, energyColumn] : base;

const overloadColumn: CostColumn = {
  heading: 'full\nover-\nload\n1000/s',
  of: (cell) => textCell(rate(cell.overloadRepliesPerSecond)),
};

// Narrow enough for all of them side by side on 80 columns.
const rateColumns = (isPeak: boolean): CostColumn[] => [
  { heading: 'replies\n1000/s', of: (cell) => bounded(isPeakBound(cell), rate(cell.repliesPerSecond)) },
  { heading: 'lost\n%', of: ({ lossRatio }) => textCell(lossRatio === null ? unknown : formatShare(lossRatio)) },
  ...(isPeak ? [overloadColumn] : []),
  ...cpuColumns,
  { heading: 'limit', of: ({ limit }) => textCell(limit ?? unknown) },
];

const unknown = '–';

/** Replies at a capacity are no bound of anything, whatever ended the search. */
function isPeakBound(cell: CellSummary): boolean {
  return cell.answer.kind === 'peak' && isLowerBound(cell);
}

const notMeasuredNote = `${unknown} not measured, or too few ticks of 10 ms: phases under 1 s, CPUs busy for under 0.1 s.`;
const lossNote = 'Lost: of the requests sent, those without a right reply.';
const peakLossNote =
  'Lost: of the requests sent at the rate of the peak, those without a right reply. The peak is where replies are most,' +
  ' not where losses begin.';
const overloadNote = 'Full overload: right replies while the generator sends as fast as it can.';
const cpuNote =
  'CPU-ns a reply: busy time of the CPUs that run invoker threads, with whatever else runs there, and of all CPUs of' +
  ' the cell.';
const energyNote =
  "µJ a reply: energy of the packages and memory of the server's host (RAPL), whatever else runs there included.";
const spinNote = 'spin: the invoker never rests and always uses the whole of its CPUs, however few the requests.';

const interruptNote =
  "The CPUs of an interrupt are billed for the receive work, which may be others than the invoker's.";

/** Who pays for receiving decides which of the CPU figures is fair. */
const topologyNotes: Record<TopologyId, string> = {
  nic: interruptNote,
  remote: interruptNote,
  veth: "On veth the receive work is billed to the generator's CPU, so the figure of all CPUs is the fair one.",
};

const restlessNote =
  'The figure of all CPUs also holds the generator, which never rests while it keeps to its rate: an upper bound.';
const engineNotes: Record<EngineId, string[]> = {
  live: [restlessNote],
  afxdp: [restlessNote],
  sendmmsg: [restlessNote],
  socket: [],
  none: [],
};

/**
 * What the figures of each slice cost, without cells whose figure must not be quoted. `full`: at all frame sizes and
 * explained, each table with what no table before it says.
 */
export function costTables(summary: Summary, extent: Extent): Table[] {
  const said = new Set<string>();
  return tablesOf(summary, extent)
    .filter(({ rows }) => rows.length > 0)
    .map(({ cells, explanations, notes, ...table }) => {
      const all = [
        ...explanations,
        cpuNote,
        topologyNotes[summary.scenario.topology],
        ...cells.slice(0, 1).flatMap(({ engine }) => engineNotes[engine]),
        ...(cells.some(({ joulesPerReply }) => joulesPerReply !== null) ? [energyNote] : []),
        ...(cells.some(({ idle }) => idle === 'spin') ? [spinNote] : []),
      ];
      const unsaid = all.filter((sentence) => !said.has(sentence));
      for (const sentence of unsaid) said.add(sentence);
      return { ...table, notes: [...notes, ...(extent === 'full' ? unsaid : [])] };
    });
}

/** Of an invoker at rest its CPU use is the answer, and at several levels only one of them was read. */
const makers: Record<Answer['kind'], (summary: Summary, extent: Extent) => CostTable[]> = {
  peak: (summary, extent) => slicesOf(summary, 'peak', amountsIn(extent)).map((slice) => rateTable(slice, extent)),
  capacity: (summary, extent) => slicesOf(summary, 'capacity').map((slice) => rateTable(slice, extent)),
  'round-trips': (summary) => sizedSlicesOf(summary, 'round-trips').map((slice) => roundTripTable(slice)),
  levels: () => [],
  rest: () => [],
};

function tablesOf(summary: Summary, extent: Extent): CostTable[] {
  return Object.values(makers).flatMap((make) => make(summary, extent));
}

/** A table with the cells it shows and with sentences that one table says for all. */
type CostTable = Table & { cells: CellSummary[]; explanations: string[] };

function rateTable(slice: Slice, extent: Extent): CostTable {
  const isPeak = slice.cells[0]?.answer.kind === 'peak';
  const columns = columnsFor(rateColumns(isPeak), slice.cells);
  const measured = sizesOf(slice.cells.filter((cell) => standingOf(cell) === 'figure'));
  const sizes = extent === 'full' ? measured : [...new Set([...measured.slice(0, 1), ...measured.slice(-1)])];
  const atSizes = slice.cells.filter(({ packetBytes }) => sizes.includes(packetBytes));
  const cells = atSizes.filter((cell) => standingOf(cell) === 'figure');
  const rows = linesOf(cells).flatMap(({ label, cells: own }) =>
    own
      .toSorted((a, b) => a.packetBytes - b.packetBytes)
      .map((cell) => [textCell(label), textCell(String(cell.packetBytes)), ...columns.map(({ of }) => of(cell))]),
  );
  const [label, ...figures] = columnsOf(columns);
  return {
    name: `cost-${isPeak ? 'peak' : 'capacity'}-${slice.suffix}`,
    title: `What it costs at the ${isPeak ? 'peak' : 'capacity'}: ${describeSlice(slice)}`,
    notes: [
      ...(sizes.length < measured.length
        ? ['The smallest and the largest frames; report.md has all sizes and explains the columns.']
        : []),
      ...(isPeak ? lowerBoundNotes(cells) : []),
      ...(cells.some(({ limit }) => limit === 'none') ? ['limit none: nothing was seen at its limit.'] : []),
      ...absenceNotes(slice, atSizes, rows),
    ],
    columns: [label as Table['columns'][number], { heading: 'bytes', align: 'left' }, ...figures],
    rows,
    content: 'figures',
    ...{ cells, explanations: isPeak ? [peakLossNote, overloadNote] : [lossNote] },
  };
}

function roundTripTable(slice: SizedSlice): CostTable {
  const cells = slice.cells.filter((cell) => standingOf(cell) === 'figure');
  const columns = columnsFor(cpuColumns, slice.cells);
  const rows =
    cells.length === 0
      ? []
      : linesOf(cells).flatMap(({ label, cells: own }) =>
          own.map((cell) => [textCell(label), ...columns.map(({ of }) => of(cell))]),
        );
  return {
    name: `cost-round-trips-${slice.suffix}`,
    title: `What it costs: frames of ${slice.packetBytes} bytes, ${describeSlice(slice)}`,
    notes: absenceNotes(slice, slice.cells, rows),
    columns: columnsOf(columns),
    rows,
    content: 'figures',
    ...{ cells, explanations: [] },
  };
}

/** Says what is not in the table, or should not be missing from the counters. */
function absenceNotes(slice: Slice, cells: CellSummary[], rows: TableCell[][]): string[] {
  const missing = cells.filter((cell) => standingOf(cell) !== 'figure').length;
  const unexplained = slice.cells.filter((cell) => standingOf(cell) === 'figure' && (cell.residualRatio ?? 0) > 0);
  const most = Math.max(...unexplained.map(({ residualRatio }) => residualRatio ?? 0));
  const upTo = unexplained.length > 1 ? 'up to ' : '';
  const share = `${upTo}${formatIn(partsPerMillion, most)} ${partsPerMillion.label}`;
  const where = describeCells(unexplained, slice.cells);
  return [
    ...(rows.some((row) => row.some(({ value }) => value === unknown)) ? [notMeasuredNote] : []),
    ...(missing > 0 ? [`${count(missing, 'cell')} without a figure to quote left out.`] : []),
    ...(unexplained.length > 0 ? [`Requests unaccounted for, of those measured: ${share}; ${where}.`] : []),
  ];
}

function columnsOf(columns: readonly CostColumn[]): Table['columns'] {
  return figureColumns(
    '',
    columns.map(({ heading }) => heading),
  );
}

function cpuTime(ns: number | undefined): TableCell {
  return textCell(ns === undefined ? unknown : formatIn(nanoseconds, ns));
}

function rate(figure: Figure | null): string {
  return figure === null ? unknown : figureText(kiloPacketsPerSecond, figure).value;
}
