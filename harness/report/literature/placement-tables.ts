import { type MatrixPoint, matrixLabel, type Placement } from '../../../model/cell.js';
import type { CellDetail } from '../../../model/detail.js';
import type { ImplementationId } from '../../../model/ids.js';
import type { Summary } from '../../../model/summary.js';
import { isAt, matrixPointsOf } from '../slice.js';
import { textCell } from '../table.js';
import { lackingLines, pointLines } from './lines.js';
import { type Figure, type Made, type NamedTable, plainCells, type Source } from './source.js';

/** Tables 4 and 5. */
export const placementTables: Figure[] = [
  {
    ...{ id: 'table4', title: 'Which CPU does what, sockets' },
    make: placementTable('4', 'recvmmsg', ['1T1Q', '2T2Q', '4T2Q', '4T4Q', '8T4Q']),
  },
  {
    ...{ id: 'table5', title: 'Which CPU does what, AF_XDP' },
    make: placementTable('5', 'afxdp', ['1T1Q', '2T1Q', '2T2Q', '4T4Q', '8T8Q']),
  },
];

/** A column of the table: what each CPU does at a setting. */
interface Column {
  heading: string;
  duties: ReadonlyMap<number, string>;
}

function placementTable(number: string, implementation: ImplementationId, labels: string[]): Figure['make'] {
  return ({ run, published }: Source): Made => {
    const rule: Column = {
      heading: published.source,
      duties: new Map(published.cpus.map(({ cpu, queue, thread }) => [cpu, duty(queue, thread)])),
    };
    const title = `Table ${number}: which CPU does what, ${implementation}`;
    const rows = { cpus: published.cpus.map(({ cpu }) => cpu) };
    const cores = new Map(published.cpus.map(({ cpu, core }) => [cpu, core]));
    if (run === null) {
      const note = 'CPUs 2n and 2n+1 are one core. A setting with fewer queues or threads leaves the last ones out.';
      const coresColumn = { heading: 'core', duties: new Map([...cores].map(([cpu, core]) => [cpu, String(core)])) };
      const table = tableOf(`table-${number}`, title, rows.cpus, [coresColumn, rule], [note]);
      return { pictures: [], tables: [table], lacking: null };
    }
    const summary = plainCells(run.summary);
    const columns = columnsOf(summary, run.details, implementation);
    const cells = summary.cells.filter(({ impl }) => impl === implementation);
    const cpus = [...new Set(columns.flatMap(({ duties }) => [...duties.keys()]))].sort((a, b) => a - b);
    const notes = [
      'IRQ: interrupts of an RX queue; thread: of the invoker; gen: a generator thread; harness: JavaScript.',
      `The last column is the rule of the published experiment (${published.source}), of a host with 6 cores of 2 threads, CPUs 2n and 2n+1.`,
    ];
    const all = [...new Set([...cpus, ...rows.cpus])].sort((a, b) => a - b);
    return {
      pictures: [],
      tables: columns.length === 0 ? [] : [tableOf(`table-${number}`, title, all, [...columns, rule], notes)],
      lacking: lackingLines(pointLines(implementation, ...labels), cells),
    };
  };
}

/** A column a matrix point at which a cell under load completed. */
function columnsOf({ cells }: Summary, details: readonly CellDetail[], implementation: ImplementationId): Column[] {
  const own = cells.filter(
    ({ impl, state, answer }) => impl === implementation && state === 'completed' && answer.kind === 'peak',
  );
  return matrixPointsOf(own).flatMap((point: MatrixPoint) => {
    const cell = own.find((one) => isAt(one, point));
    const detail = details.find(({ id }) => id === cell?.id);
    return detail ? [{ heading: matrixLabel(point), duties: dutiesOf(detail.placement) }] : [];
  });
}

function dutiesOf({ irqCpus, invokerCpus, clients, housekeepingCpu }: Placement): Map<number, string> {
  const duties = new Map<number, string[]>();
  const add = (cpu: number, what: string) => duties.set(cpu, [...(duties.get(cpu) ?? []), what]);
  for (const [queue, cpu] of irqCpus.entries()) add(cpu, `IRQ ${queue}`);
  for (const [thread, cpu] of invokerCpus.entries()) add(cpu, `thread ${thread}`);
  // Generators of other hosts have CPUs of their own there.
  const onHost = clients.length === 1 && clients[0]?.housekeepingCpu === housekeepingCpu ? clients : [];
  for (const { generatorCpus } of onHost)
    for (const [thread, cpu] of generatorCpus.entries()) add(cpu, `gen ${thread}`);
  add(housekeepingCpu, 'harness');
  return new Map([...duties].map(([cpu, all]) => [cpu, all.join(', ')]));
}

function duty(queue: number | null, thread: number | null): string {
  return [...(queue === null ? [] : [`IRQ ${queue}`]), ...(thread === null ? [] : [`thread ${thread}`])].join(', ');
}

function tableOf(name: string, title: string, cpus: number[], columns: Column[], notes: string[]): NamedTable {
  const at = (cpu: number) => columns.map(({ duties }) => duties.get(cpu) ?? '');
  const left = (heading: string) => ({ heading, align: 'left' as const });
  return {
    name,
    table: {
      ...{ name, title, notes, columns: ['CPU', ...columns.map(({ heading }) => heading)].map(left) },
      rows: cpus.map((cpu) => [String(cpu), ...at(cpu)].map(textCell)),
      content: 'text',
    },
    csv: [['cpu', ...columns.map(({ heading }) => heading)], ...cpus.map((cpu) => [cpu, ...at(cpu)])],
  };
}
