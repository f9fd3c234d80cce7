import { count } from '../../../common/cli/text.js';
import type { Placement } from '../../../model/cell.js';
import type { CellDetail } from '../../../model/detail.js';
import type { CapacityFigure, CellSummary, Figure } from '../../../model/summary.js';
import { capacityGoals, capacityText, type FigureText, figureText } from '../quantities.js';
import { engineTitle } from '../slice.js';
import { isLowerBound } from '../standing.js';
import { figureColumns, type Table, type TableCell, textCell } from '../table.js';
import { bounded } from '../tables/cells.js';
import { percentileCells, percentileHeadings, tooFewNotes } from '../tables/percentile-cells.js';
import {
  formatIn,
  formatPercent,
  formatShare,
  kiloPacketsPerSecond,
  mbitPerSecond,
  microseconds,
  nanoseconds,
  partsPerMillion,
  type Unit,
} from '../units.js';

/** What is known of a cell as tables, those without a row left out. */
export function cellTables(cell: CellSummary, detail: CellDetail | null): Table[] {
  return [
    figuresTable(cell),
    roundTripsTable(cell),
    repeatsTable(cell),
    ...(detail
      ? [
          ledgerTable(detail),
          cpuTable(detail),
          shareTable('Requests by invoker thread', 'thread', detail.handledByThread),
          shareTable('Packets by RX queue', 'queue', detail.receivedByQueue),
          factTable('Which CPU does what', placementFacts(detail.placement)),
          factTable('What the implementation was granted', Object.entries(detail.granted)),
          errorsTable(detail),
        ]
      : []),
  ].filter(({ rows }) => rows.length > 0);
}

type Row = [name: string, cell: TableCell | null];

/** The figures that the load answers with, and what it cost. */
function figuresTable(cell: CellSummary): Table {
  const isBound = cell.answer.kind === 'peak' && isLowerBound(cell);
  const rows: Row[] = [
    ['replies', figure(cell.repliesPerSecond, kiloPacketsPerSecond, isBound)],
    ['throughput', figure(cell.bitsPerSecond, mbitPerSecond, isBound)],
    ['replies under full overload', figure(cell.overloadRepliesPerSecond, kiloPacketsPerSecond)],
    ...capacityGoals.map(({ label, of }): Row => [`highest load, ${label}`, capacity(of(cell))]),
    ['the generator can send', value(cell.generatorCeilingPerSecond, kiloPacketsPerSecond)],
    ['lost of the requests sent', cell.lossRatio === null ? null : textCell(`${formatShare(cell.lossRatio)} %`)],
    ['unaccounted for', value(cell.residualRatio, partsPerMillion)],
    ["CPU time a reply, invoker's CPUs", value(cell.cpuNsPerReply?.invoker ?? null, nanoseconds)],
    ['CPU time a reply, all CPUs', value(cell.cpuNsPerReply?.total ?? null, nanoseconds)],
    [
      "CPU use of the invoker's CPUs",
      cell.invokerCpuRatio === null ? null : textCell(`${formatShare(cell.invokerCpuRatio)} %`),
    ],
  ];
  const stated: [string, string][] = [
    ['limit', cell.limit ?? ''],
    ['waits', cell.state === 'completed' ? cell.idle : ''],
    ['settings', cell.variant],
    ['load', `${cell.load}, ${engineTitle(cell.engine)}`],
    ['runs', count(cell.repeats, 'run')],
  ];
  const known = rows.flatMap(([name, shown]) => (shown === null ? [] : [[textCell(name), shown]]));
  const told = stated.filter(([, text]) => text !== '').map(([name, text]) => [name, text].map(textCell));
  return { ...twoColumns('Summary'), rows: [...known, ...told] };
}

function figure(found: Figure | null, unit: Unit, isBound = false): TableCell | null {
  return found && labelled(figureText(unit, found), unit, isBound);
}

function capacity(found: CapacityFigure | null): TableCell | null {
  return found && labelled(capacityText(kiloPacketsPerSecond, found), kiloPacketsPerSecond, found.bound === 'lower');
}

function labelled({ value: text, range }: FigureText, { label }: Unit, isBound: boolean): TableCell {
  return { ...bounded(isBound, `${text} ${label}`), detail: range };
}

function value(base: number | null, unit: Unit): TableCell | null {
  return base === null ? null : inUnit(base, unit);
}

function inUnit(base: number, unit: Unit): TableCell {
  return textCell(`${formatIn(unit, base)} ${unit.label}`);
}

function roundTripsTable({ latencyNs, levels }: CellSummary): Table {
  const rows = [
    ...(latencyNs ? [[textCell('all runs'), ...percentileCells(latencyNs)]] : []),
    ...levels.map(({ level, offeredPerSecond, latencyNs: own }) => [
      textCell(`${level} (${inUnit(offeredPerSecond, kiloPacketsPerSecond).value})`),
      ...percentileCells(own),
    ]),
  ];
  return {
    name: 'round-trips',
    title: 'Round-trip time in µs by percentile',
    notes: tooFewNotes([latencyNs, ...levels.map((level) => level.latencyNs)]),
    columns: figureColumns('', percentileHeadings),
    ...{ rows, content: 'figures' },
  };
}

/** A column for each figure that a run has. */
function repeatsTable({ byRepeat }: CellSummary): Table {
  type Repeat = CellSummary['byRepeat'][number];
  const columns: { heading: string; unit: Unit; of(repeat: Repeat): number | null | undefined }[] = [
    { heading: 'replies 1000/s', unit: kiloPacketsPerSecond, of: ({ repliesPerSecond }) => repliesPerSecond },
    { heading: 'NDR 1000/s', unit: kiloPacketsPerSecond, of: ({ ndrPerSecond }) => ndrPerSecond },
    { heading: 'PDR 1000/s', unit: kiloPacketsPerSecond, of: ({ pdrPerSecond }) => pdrPerSecond },
    { heading: 'median µs', unit: microseconds, of: ({ latencyNs }) => latencyNs?.p50 },
    { heading: '99th percentile µs', unit: microseconds, of: ({ latencyNs }) => latencyNs?.p99 },
    { heading: 'CPU-ns a reply, all CPUs', unit: nanoseconds, of: ({ cpuNsPerReply }) => cpuNsPerReply },
  ];
  const used = columns.filter(({ of }) => byRepeat.some((repeat) => of(repeat) != null));
  const rows = byRepeat.map((repeat) => [
    textCell(String(repeat.repeat + 1)),
    ...used.map(({ unit, of }) => {
      const found = of(repeat);
      return textCell(found == null ? '–' : formatIn(unit, found));
    }),
  ]);
  const columnsOf = figureColumns(
    'repeat',
    used.map(({ heading }) => heading),
  );
  return { name: 'runs', title: 'What each valid run found', notes: [], columns: columnsOf, rows, content: 'figures' };
}

function ledgerTable({ ledger }: CellDetail): Table {
  if (ledger === null) return { ...twoColumns(''), rows: [] };
  const { sent, handled, replied, right, wrong, drops, residual } = ledger;
  const lines: [string, number][] = [
    ['requests sent', sent],
    ['handled by the invoker', handled],
    ['replies that it sent', replied],
    ['right replies at the client', right],
    ['wrong replies', wrong],
    ...drops.map(({ name, count: lost }): [string, number] => [`lost: ${name}`, lost]),
    ['unaccounted for', residual],
  ];
  const share = (lost: number) => (sent > 0 ? `${formatShare(lost / sent)} %` : '');
  return {
    ...twoColumns('Where the requests of all runs went'),
    rows: lines.map(([name, number]) => [
      textCell(name),
      { ...textCell(number.toLocaleString('en')), detail: share(number) },
    ]),
  };
}

function cpuTable({ cpuNsPerReply }: CellDetail): Table {
  const names = { user: 'user', system: 'system', softirq: 'softirq', other: "processes that are not the benchmark's" };
  const rows = cpuNsPerReply
    ? Object.entries(names).map(([key, name]) => [
        textCell(name),
        textCell(formatIn(nanoseconds, cpuNsPerReply[key as keyof typeof names])),
      ])
    : [];
  return { ...twoColumns('CPU time a reply in ns, all CPUs of the cell'), rows };
}

/** Only where there are several to compare. */
function shareTable(title: string, noun: string, counts: readonly number[]): Table {
  const all = counts.reduce((sum, own) => sum + own, 0);
  const rows =
    counts.length < 2
      ? []
      : counts.map((own, index) => [
          textCell(`${noun} ${index}`),
          { ...textCell(own.toLocaleString('en')), detail: all > 0 ? formatPercent(own / all) : '' },
        ]);
  return { ...twoColumns(title), rows };
}

function placementFacts(placement: Placement): [string, string][] {
  const { clients, invokerCpus, irqCpus, housekeepingCpu, nodes, sharing, cores } = placement;
  if (invokerCpus.length === 0) return [];
  const several = clients.length > 1;
  return [
    ['invoker threads, CPUs', invokerCpus.join(', ')],
    ...clients.map(({ generatorCpus }, index): [string, string] => [
      `generator threads${several ? ` of client ${index + 1}` : ''}, CPUs`,
      generatorCpus.join(', '),
    ]),
    ...(irqCpus.length > 0 ? [['interrupts of the queues, CPUs', irqCpus.join(', ')] satisfies [string, string]] : []),
    ['JavaScript, CPU', String(housekeepingCpu)],
    ...(nodes.length > 0 ? [['NUMA nodes', nodes.join(', ')] satisfies [string, string]] : []),
    ['busy threads a CPU', sharing === 'exclusive' ? 'one' : 'several on some'],
    ['busy threads a core', cores === 'own' ? 'one' : 'several on some'],
  ];
}

function errorsTable({ errors }: CellDetail): Table {
  const rows = errors.map(({ code, message, call, errno, stderr }) =>
    [
      code,
      message,
      [call, errno === undefined ? undefined : `errno ${errno}`].filter(Boolean).join(', '),
      (stderr ?? []).join('\n'),
    ].map(textCell),
  );
  const columns = ['code', 'message', 'failed call', 'last lines of its stderr'];
  return {
    ...{ name: 'errors', title: 'Runs that failed', notes: [], rows, content: 'text' },
    columns: columns.map((heading) => ({ heading, align: 'left' })),
  };
}

/** Names and what stands beside them. */
export function factTable(title: string, facts: readonly (readonly [string, string])[]): Table {
  return { ...twoColumns(title), rows: facts.map((fact) => fact.map(textCell)), content: 'text' };
}

function twoColumns(title: string): Omit<Table, 'rows'> {
  return { name: 'facts', title, notes: [], columns: figureColumns('', ['']), content: 'figures' };
}
