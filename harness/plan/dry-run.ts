import { formatCpuList } from '../../common/cli/cpu-list.js';
import { count, wrap } from '../../common/cli/text.js';
import { formatDuration } from '../../common/cli/values.js';
import { type Cell, formatLoad, matrixLabel, type PlannedCell, type Scenario } from '../../model/cell.js';
import { expectedTotalNs } from './plan.js';

const columns = 100;
const maxCpusText = 11;

/**
 * The plan as text of at most 100 columns: cells with engine and placement, warnings, skipped cells, the lines that tell of
 * their tuning, expected time.
 */
export function renderDryRun(scenario: Scenario, cells: readonly PlannedCell[], tuning: readonly string[]): string {
  const runnable = cells.filter(({ state }) => state === 'runnable').map(({ cell }) => cell);
  return [
    ...wrap(
      `Scenario ${scenario.name}: function ${scenario.functionId}, topology ${scenario.topology}, ` +
        `warm-up ${formatDuration(scenario.warmupNs)}, measure ${formatDuration(scenario.durationNs)}, ` +
        `${count(scenario.repeats, 'repeat')}, seed ${scenario.seed}.`,
      columns,
    ),
    ...cellLines(runnable),
    ...warningLines(runnable),
    ...skippedLines(cells),
    ...tuning,
    '',
    `${count(runnable.length * scenario.repeats, 'run')} of ${count(runnable.length, 'cell')}, expected time ` +
      `${formatExpected(expectedTotalNs(cells, scenario.repeats))}. Nothing was touched.`,
    '',
  ].join('\n');
}

function cellLines(cells: readonly Cell[]): string[] {
  if (cells.length === 0) return [];
  const head = ['cell', 'engine', 'generator', 'invoker', 'harness', 'waits', 'note'];
  const rows = cells.map(({ id, engine, placement, idle }) => [
    id,
    engine,
    cpusText(placement.generatorCpus),
    cpusText(placement.invokerCpus),
    String(placement.housekeepingCpu),
    idle,
    [placement.sharing === 'shared' ? 'shared' : '', placement.nodes.length > 1 ? `nodes ${placement.nodes}` : '']
      .filter(Boolean)
      .join(', '),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return ['', 'Cells, and the CPUs of generator, invoker and harness:', ...[head, ...rows].map(line)];
}

/** CPUs in the order of the threads, or a shorter text of at most `maxCpusText` characters. */
function cpusText(cpus: readonly number[]): string {
  const texts = [cpus.join(',') || '-', `${cpus.length} on ${formatCpuList(cpus)}`];
  return texts.find((text) => text.length <= maxCpusText) ?? `${cpus.length} threads`;
}

function warningLines(cells: readonly Cell[]): string[] {
  const counts = new Map<string, number>();
  for (const { placement } of cells) {
    for (const warning of placement.warnings) counts.set(warning, (counts.get(warning) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const lines = [...counts].flatMap(([warning, cellCount]) =>
    wrap(`- ${count(cellCount, 'cell')}: ${warning}`, columns, '  '),
  );
  return ['', 'Warnings:', ...lines];
}

/** Each reason with its cells: a line an implementation, matrix point and load, with the frame sizes. */
function skippedLines(cells: readonly PlannedCell[]): string[] {
  const byReason = new Map<string, Cell[]>();
  for (const planned of cells) {
    if (planned.state !== 'skipped') continue;
    byReason.set(planned.reason, [...(byReason.get(planned.reason) ?? []), planned.cell]);
  }
  if (byReason.size === 0) return [];
  const lines = [...byReason].flatMap(([reason, skipped]) => [
    ...wrap(`- ${count(skipped.length, 'cell')}: ${reason}`, columns, '  '),
    ...cellsBriefly(skipped),
  ]);
  return ['', 'Skipped:', ...lines];
}

function cellsBriefly(cells: readonly Cell[]): string[] {
  const sizes = new Map<string, number[]>();
  for (const cell of cells) {
    const line = `${cell.implementation} ${matrixLabel(cell)}, load ${formatLoad(cell.load)}`;
    sizes.set(line, [...(sizes.get(line) ?? []), cell.packetBytes]);
  }
  return [...sizes].flatMap(([line, bytes]) => wrap(`  ${line}: ${bytes.join(', ')} bytes`, columns, '    '));
}

/** Whole seconds, in minutes from one minute up. */
function formatExpected(durationNs: number): string {
  const seconds = Math.ceil(durationNs / 1e9);
  if (seconds < 60) return `${seconds} s`;
  const hours = Math.floor(seconds / 3600);
  const rest = `${Math.floor((seconds % 3600) / 60)} min ${seconds % 60} s`;
  return hours > 0 ? `${hours} h ${rest}` : rest;
}
