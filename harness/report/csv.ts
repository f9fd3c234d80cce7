import { stringify } from 'csv-stringify/sync';
import type { LatencySummary } from '../../model/histogram.js';
import type { CellSummary, Interval, Summary } from '../../model/summary.js';
import { isLatencyCell, isLevelCell, isThroughputCell } from './measure.js';

type Field = string | number | null;

/** throughput.csv: one row a cell whose load measures a rate, base units, empty where there is no figure. */
export function throughputCsv({ runId, cells }: Summary): string {
  return write(
    cells.filter(isThroughputCell).map((cell) => ({
      ...identity(runId, cell),
      ...intervalColumns('replies_per_second', cell.repliesPerSecond),
      ...intervalColumns('bits_per_second', cell.bitsPerSecond),
      ...intervalColumns('overload_replies_per_second', cell.overloadRepliesPerSecond),
      ...intervalColumns('ndr_per_second', cell.ndrPerSecond),
      ...intervalColumns('pdr_per_second', cell.pdrPerSecond),
      confidence: cell.confidence,
      generator_ceiling_per_second: cell.generatorCeilingPerSecond,
      ...costs(cell),
      ...remarks(cell),
    })),
  );
}

/** latency.csv: one row a cell whose load measures round trips, nanoseconds, empty where there is no figure. */
export function latencyCsv({ runId, cells }: Summary): string {
  return write(
    cells.flatMap((cell) =>
      levelsOf(cell).map(({ level, offeredPerSecond, lossRatio, latencyNs }) => ({
        ...identity(runId, cell),
        level,
        offered_per_second: offeredPerSecond,
        level_loss_ratio: lossRatio,
        p50_ns: latencyNs?.p50 ?? null,
        p90_ns: latencyNs?.p90 ?? null,
        p99_ns: latencyNs?.p99 ?? null,
        p99_9_ns: latencyNs?.p99_9 ?? null,
        p99_99_ns: latencyNs?.p99_99 ?? null,
        max_ns: latencyNs?.max ?? null,
        ...intervalColumns('replies_per_second', cell.repliesPerSecond),
        confidence: cell.confidence,
        ...costs(cell),
        ...remarks(cell),
      })),
    ),
  );
}

interface LevelRow {
  level: string;
  offeredPerSecond: Field;
  lossRatio: Field;
  latencyNs: LatencySummary | null;
}

/** The round trips of a cell: at its one load, or level by level. */
function levelsOf(cell: CellSummary): LevelRow[] {
  if (cell.levels.length > 0) return cell.levels;
  const rate = /^rate=(\d+)$/.exec(cell.load)?.[1];
  if (rate !== undefined)
    return [{ level: '', offeredPerSecond: Number(rate), lossRatio: cell.lossRatio, latencyNs: cell.latencyNs }];
  const timed = isLatencyCell(cell) || isLevelCell(cell);
  return timed ? [{ level: '', offeredPerSecond: null, lossRatio: cell.lossRatio, latencyNs: cell.latencyNs }] : [];
}

/** State, verdict, limit and engine stand before the figures, so that nobody reads one without them. */
function identity(runId: string, cell: CellSummary): Record<string, Field> {
  return {
    run: runId,
    cell: cell.id,
    implementation: cell.impl,
    threads: cell.threads,
    queues: cell.queues,
    packet_bytes: cell.packetBytes,
    function: cell.functionId,
    load: cell.load,
    engine: cell.engine,
    state: cell.state,
    verdict: cell.verdict,
    limit: cell.limit,
    repeats: cell.repeats,
  };
}

function intervalColumns(name: string, interval: Interval | null): Record<string, Field> {
  return {
    [`${name}_median`]: interval?.median ?? null,
    [`${name}_low`]: interval?.low ?? null,
    [`${name}_high`]: interval?.high ?? null,
  };
}

function costs(cell: CellSummary): Record<string, Field> {
  return {
    loss_ratio: cell.lossRatio,
    residual_ratio: cell.residualRatio,
    waits: cell.idle,
    invoker_cpu_ratio: cell.invokerCpuRatio,
    cpu_ns_per_reply_invoker_cpus: cell.cpuNsPerReply?.invoker ?? null,
    cpu_ns_per_reply_all_cpus: cell.cpuNsPerReply?.total ?? null,
  };
}

function remarks(cell: CellSummary): Record<string, Field> {
  return { reasons: cell.reasons.join('; '), warnings: cell.warnings.join('; ') };
}

function write(rows: Record<string, Field>[]): string {
  return rows.length === 0 ? '' : stringify(rows, { header: true });
}
