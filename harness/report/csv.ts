import { stringify } from 'csv-stringify/sync';
import { type LatencySummary, percentileColumns } from '../../model/histogram.js';
import type { Answer, CapacityFigure, CellSummary, Figure, Summary } from '../../model/summary.js';

type Field = string | number | null;

/** What stands in each column of a row, by the column's name and in this order. */
type Columns<Row> = Record<string, (row: Row) => Field>;

/** Which file holds the cells of each answer; what an invoker uses at rest stands in summary.json only. */
const files: Record<Answer['kind'], 'throughput' | 'latency' | null> = {
  peak: 'throughput',
  capacity: 'throughput',
  'round-trips': 'latency',
  levels: 'latency',
  rest: null,
};

/** State, verdict, limit and engine stand before the figures, so that nobody reads one without them. */
const identity: Columns<CellSummary> = {
  cell: ({ id }) => id,
  implementation: ({ impl }) => impl,
  settings: ({ variant }) => variant,
  threads: ({ threads }) => threads,
  queues: ({ queues }) => queues,
  packet_bytes: ({ packetBytes }) => packetBytes,
  function: ({ functionId }) => functionId,
  load: ({ load }) => load,
  engine: ({ engine }) => engine,
  state: ({ state }) => state,
  verdict: ({ verdict }) => verdict,
  limit: ({ limit }) => limit,
  repeats: ({ repeats }) => repeats,
};

const costs: Columns<CellSummary> = {
  loss_ratio: ({ lossRatio }) => lossRatio,
  residual_ratio: ({ residualRatio }) => residualRatio,
  waits: ({ idle }) => idle,
  invoker_cpu_ratio: ({ invokerCpuRatio }) => invokerCpuRatio,
  cpu_ns_per_reply_invoker_cpus: ({ cpuNsPerReply }) => cpuNsPerReply?.invoker ?? null,
  cpu_ns_per_reply_all_cpus: ({ cpuNsPerReply }) => cpuNsPerReply?.total ?? null,
  reasons: ({ reasons }) => reasons.join('; '),
  warnings: ({ warnings }) => warnings.join('; '),
  work_ns: ({ workNs }) => workNs,
  joules_per_reply: ({ joulesPerReply }) => joulesPerReply,
};

const throughputColumns: Columns<CellSummary> = {
  ...identity,
  ...figureColumns('replies_per_second', ({ repliesPerSecond }) => repliesPerSecond),
  ...figureColumns('bits_per_second', ({ bitsPerSecond }) => bitsPerSecond),
  ...figureColumns('overload_replies_per_second', ({ overloadRepliesPerSecond }) => overloadRepliesPerSecond),
  ...capacityColumns('ndr', ({ ndr }) => ndr),
  ...capacityColumns('pdr', ({ pdr }) => pdr),
  generator_ceiling_per_second: ({ generatorCeilingPerSecond }) => generatorCeilingPerSecond,
  ...costs,
};

/** The round trips of a cell: at its one load, or level by level. */
interface LatencyRow {
  cell: CellSummary;
  level: string;
  offeredPerSecond: number | null;
  lossRatio: number | null;
  latencyNs: LatencySummary | null;
}

const latencyColumns: Columns<LatencyRow> = {
  ...ofCell(identity),
  level: ({ level }) => level,
  offered_per_second: ({ offeredPerSecond }) => offeredPerSecond,
  level_loss_ratio: ({ lossRatio }) => lossRatio,
  round_trips: ({ latencyNs }) => latencyNs?.count ?? null,
  ...Object.fromEntries(
    percentileColumns.map(({ key }) => [`${key}_ns`, ({ latencyNs }: LatencyRow) => latencyNs?.[key] ?? null]),
  ),
  max_ns: ({ latencyNs }) => latencyNs?.max ?? null,
  ...ofCell({
    ...figureColumns('replies_per_second', ({ repliesPerSecond }: CellSummary) => repliesPerSecond),
    ...costs,
  }),
};

/** throughput.csv: one row a cell whose load finds a rate, base units, empty where there is no figure. */
export function throughputCsv(summary: Summary): string {
  return write(summary, throughputColumns, cellsIn(summary, 'throughput'));
}

/** latency.csv: one row a cell and level whose load measures round trips, nanoseconds, empty where there is no figure. */
export function latencyCsv(summary: Summary): string {
  return write(summary, latencyColumns, cellsIn(summary, 'latency').flatMap(latencyRows));
}

function cellsIn({ cells }: Summary, file: 'throughput' | 'latency'): CellSummary[] {
  return cells.filter(({ answer }) => files[answer.kind] === file);
}

function latencyRows(cell: CellSummary): LatencyRow[] {
  if (cell.levels.length > 0) return cell.levels.map((level) => ({ cell, ...level }));
  const offeredPerSecond = cell.answer.kind === 'round-trips' ? cell.answer.offeredPerSecond : null;
  return [{ cell, level: '', offeredPerSecond, lossRatio: cell.lossRatio, latencyNs: cell.latencyNs }];
}

function figureColumns(name: string, of: (cell: CellSummary) => Figure | null): Columns<CellSummary> {
  return {
    [`${name}_median`]: (cell) => of(cell)?.median ?? null,
    [`${name}_low`]: (cell) => of(cell)?.low ?? null,
    [`${name}_high`]: (cell) => of(cell)?.high ?? null,
    [`${name}_confidence`]: (cell) => of(cell)?.confidence ?? null,
  };
}

function capacityColumns(name: string, of: (cell: CellSummary) => CapacityFigure | null): Columns<CellSummary> {
  return {
    ...figureColumns(`${name}_per_second`, (cell) => of(cell)?.interval ?? null),
    [`${name}_bound`]: (cell) => of(cell)?.bound ?? null,
    // Of a single search: what it found to be too much.
    [`${name}_failed_per_second`]: (cell) => of(cell)?.bracket?.high ?? null,
  };
}

function ofCell(columns: Columns<CellSummary>): Columns<{ cell: CellSummary }> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, of]) => [name, ({ cell }: { cell: CellSummary }) => of(cell)]),
  );
}

/** The heading stands there even without a row. */
function write<Row>({ runId }: Summary, columns: Columns<Row>, rows: readonly Row[]): string {
  const records = rows.map((row) => [runId, ...Object.values(columns).map((of) => rounded(of(row)))]);
  return stringify([['run', ...Object.keys(columns)], ...records]);
}

/** To twelve significant digits: 48921.600000000006 is an artefact of binary fractions. */
function rounded(field: Field): Field {
  return typeof field === 'number' ? Number(field.toPrecision(12)) : field;
}
