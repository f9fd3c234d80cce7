import { formatCpuList } from '../../common/cli/cpu-list.js';
import { count, wrap } from '../../common/cli/text.js';
import { formatDuration } from '../../common/cli/values.js';
import {
  type Cell,
  formatLoad,
  matrixLabel,
  type Placement,
  type PlannedCell,
  type Scenario,
} from '../../model/cell.js';
import type { HostCpus } from './host-cpus.js';
import { type Ends, isOneHost } from './placement.js';
import { expectedTotalNs } from './plan.js';

const columns = 100;
const maxCpusText = 11;
const maxBytesText = 12;

/**
 * The plan as text of at most 100 columns: the hosts' CPUs, a row for cells that are placed alike, warnings, skipped
 * cells, the lines that tell of their tuning, expected time.
 */
export function renderDryRun(
  scenario: Scenario,
  cells: readonly PlannedCell[],
  ends: Ends,
  tuning: readonly string[],
): string {
  const runnable = cells.filter(({ state }) => state === 'runnable').map(({ cell }) => cell);
  return [
    ...wrap(
      `Scenario ${scenario.name}: function ${scenario.functionId}, topology ${scenario.topology}, ` +
        `warm-up ${formatDuration(scenario.warmupNs)}, measure ${formatDuration(scenario.durationNs)}, ` +
        `${count(scenario.repeats, 'repeat')}, seed ${scenario.seed}.`,
      columns,
    ),
    ...endLines(scenario, ends),
    ...cellLines(runnable, isOneHost(ends) ? 'one' : 'several'),
    ...skippedLines(cells),
    ...tuning,
    '',
    `${count(runnable.length * scenario.repeats, 'run')} of ${count(runnable.length, 'cell')}, expected time ` +
      `${formatExpected(expectedTotalNs(cells, scenario.repeats))}. Nothing was touched.`,
    '',
  ].join('\n');
}

function endLines(scenario: Scenario, ends: Ends): string[] {
  const { server, clients } = ends;
  if (isOneHost(ends)) return hostLines(scenario, server);
  const { cpus, sides } = scenario;
  const nameOf = (index: number) => (clients.length === 1 ? 'Client' : `Client ${sides?.clients[index]?.target}`);
  return [
    'Server:',
    ...hostLines({ ...scenario, cpus: { ...cpus, client: null } }, server),
    ...clients.flatMap((client, index) => [
      `${nameOf(index)}:`,
      ...hostLines({ ...scenario, cpus: { ...cpus, server: null, irq: null }, pinned: [] }, client),
    ]),
  ];
}

/** What placement had to choose from: a line a fact, none for what is as on the simplest host. */
function hostLines({ cpus: asked, pinned }: Scenario, host: HostCpus): string[] {
  const own = new Set([...host.cpus, ...(asked.server ?? []), ...(asked.client ?? []), ...(asked.irq ?? [])]);
  const among = (cpus: readonly number[]) => formatCpuList(cpus.filter((cpu) => own.has(cpu)));
  const has = (cpus: readonly number[]) => cpus.some((cpu) => own.has(cpu));
  const cores = host.siblings.filter(has);
  const nodes = Object.entries(host.nodes).filter(([, cpus]) => has(cpus));
  const kinds = host.kinds.filter(({ cpus }) => has(cpus)).map(({ name, cpus }) => `${among(cpus)} (${name})`);
  const unused = host.isolated.filter((cpu) => !own.has(cpu));
  const roles = Object.entries({ server: asked.server, client: asked.client, irq: asked.irq }).flatMap(
    ([role, cpus]) => (cpus === null ? [] : [`${formatCpuList(cpus)} for ${role}`]),
  );
  const points = pinned.map(
    (point) => `${matrixLabel(point)}${point.implementation === null ? '' : ` of ${point.implementation}`}`,
  );
  const example = cores.find((core) => core.length > 1);
  const facts = [
    `CPU${own.size === 1 ? '' : 's'} ${formatCpuList([...own])}, ${count(cores.length, 'core')}${example ? ` (${example.join('+')} is one)` : ''}.`,
    nodes.length > 1 ? `NUMA: ${nodes.map(([node, cpus]) => `node ${node} has ${among(cpus)}`).join('; ')}.` : '',
    kinds.length > 1 ? `Unequal cores: ${kinds.join('; ')}.` : '',
    has(host.isolated) ? `Isolated: ${among(host.isolated)}.` : '',
    unused.length > 0 ? `Isolated and left alone: ${formatCpuList(unused)} (--cpus names CPUs to use).` : '',
    roles.length > 0 ? `CPUs given: ${roles.join(', ')}.` : '',
    points.length > 0 ? `Placements given: ${points.join(', ')}.` : '',
  ];
  return facts.filter(Boolean).flatMap((fact) => wrap(fact, columns, '  '));
}

function cellLines(cells: readonly Cell[], hosts: 'one' | 'several'): string[] {
  if (cells.length === 0) return [];
  const warnings = [...new Set(cells.flatMap(({ placement }) => placement.warnings))];
  const hasIrq = cells.some(({ placement }) => placement.irqCpus.length > 0);
  const head = ['cells', 'bytes', 'engine', 'generator', ...(hasIrq ? ['irq'] : []), 'invoker', 'harness', 'notes'];
  const groups = groupsOf(cells).map(({ name, bytes, variants, cell: { engine, placement } }) => {
    const notes = placement.warnings.map((warning) => warnings.indexOf(warning) + 1);
    const row = [
      ...[name, bytesText([...bytes]), engine, generatorsText(placement)],
      ...(hasIrq ? [cpusText(placement.irqCpus)] : []),
      ...[cpusText(placement.invokerCpus), harnessText(placement, hosts), formatCpuList(notes)],
    ];
    const settings = [...variants].filter(Boolean).join('; ');
    return { row, more: settings === '' ? [] : wrap(`  ${settings}`, columns, '  ') };
  });
  const widths = head.map((title, column) =>
    Math.max(title.length, ...groups.map(({ row }) => row[column]?.length ?? 0)),
  );
  const line = (row: string[]) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    '',
    `Cells, and the CPUs of generator threads,${hasIrq ? ' interrupts,' : ''} invoker threads and harness` +
      `${hosts === 'one' ? '' : ' (server/client)'}:`,
    line(head),
    ...groups.flatMap(({ row, more }) => [line(row), ...more]),
    ...(warnings.length > 0 ? ['', 'Notes:'] : []),
    ...warnings.flatMap((warning, index) => wrap(`${index + 1}. ${warning}`, columns, '   ')),
  ];
}

function generatorsText({ clients }: Placement): string {
  return ofEach(clients.map(({ generatorCpus }) => cpusText(generatorCpus)));
}

/** Of several hosts that of each. */
function harnessText({ housekeepingCpu, clients }: Placement, hosts: 'one' | 'several'): string {
  if (hosts === 'one') return String(housekeepingCpu);
  return `${housekeepingCpu}/${ofEach(clients.map((client) => String(client.housekeepingCpu)))}`;
}

/** What is said of each client; once where it is the same for all, and not at all where that would be too long. */
function ofEach(texts: readonly string[]): string {
  if (new Set(texts).size === 1) return texts[0] as string;
  const all = texts.join('/');
  return all.length <= maxCpusText ? all : `${texts.length} clients`;
}

/** Cells that differ by frame size and settings, and are placed alike. */
interface Group {
  name: string;
  cell: Cell;
  bytes: Set<number>;
  variants: Set<string>;
}

function groupsOf(cells: readonly Cell[]): Group[] {
  const groups = new Map<string, Group>();
  for (const cell of cells) {
    const name = `${cell.implementation} ${matrixLabel(cell)} ${formatLoad(cell.load)}`;
    // Another number of channels takes other CPUs.
    const key = JSON.stringify([name, cell.engine, cell.placement]);
    const group = groups.get(key) ?? { name, cell, bytes: new Set(), variants: new Set() };
    group.bytes.add(cell.packetBytes);
    group.variants.add(cell.variant);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Frame sizes as a user writes them, `200..1400` or `60,200`, or how many there are. */
function bytesText(bytes: readonly number[]): string {
  const [first = 0, second = 0] = bytes;
  const isRange = bytes.length > 2 && bytes.every((size, index) => size === first + index * 200);
  const text = isRange && second > first ? `${first}..${bytes.at(-1)}` : bytes.join(',');
  return text.length <= maxBytesText ? text : `${bytes.length} sizes`;
}

/** CPUs in the order of the threads, or a shorter text of at most `maxCpusText` characters. */
function cpusText(cpus: readonly number[]): string {
  const texts = [cpus.join(',') || '-', `${cpus.length} on ${formatCpuList(cpus)}`];
  return texts.find((text) => text.length <= maxCpusText) ?? `${cpus.length} threads`;
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
export function formatExpected(durationNs: number): string {
  const seconds = Math.ceil(durationNs / 1e9);
  if (seconds < 60) return `${seconds} s`;
  const hours = Math.floor(seconds / 3600);
  const rest = `${Math.floor((seconds % 3600) / 60)} min ${seconds % 60} s`;
  return hours > 0 ? `${hours} h ${rest}` : rest;
}
