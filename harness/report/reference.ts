import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MatrixPoint } from '../../model/cell.js';
import { matrixLabel } from '../../model/cell.js';
import { distinct } from './group-by.js';
import type { Throughput } from './quantities.js';
import { figureColumns, type Table, type TableCell, textCell } from './table.js';

export const referenceIds = ['thesis'] as const;
export type ReferenceId = (typeof referenceIds)[number];

/** Published throughput of one implementation at one matrix point, in the unit of its table. */
export interface ReferenceLine extends MatrixPoint {
  implementation: string;
  /** Pairs of [frame size in bytes, figure], ascending. */
  values: [number, number][];
  /** What a reader must know about the line, or ''. */
  note: string;
}

/** One published latency percentile; `microseconds` is null where only words stand in the source. */
export interface ReferencePercentile {
  implementation: string;
  percentile: string;
  microseconds: number | null;
  note: string;
}

/** Published throughput of one thread with one socket by number of RX queues. */
export interface ReferenceQueues {
  queues: number;
  mbit: number;
  kpps: number;
}

/** Which queue's interrupts and which application thread a CPU of the published host had; null: none. */
export interface ReferenceCpu {
  cpu: number;
  core: number;
  queue: number | null;
  thread: number | null;
}

/** Published figures, measured on other hardware than ours. */
export interface Reference {
  /** As a legend names it. */
  source: string;
  /** `mbit` in Mbit/s, `kpps` in thousand packets/s. */
  throughput: Record<Throughput['id'], ReferenceLine[]>;
  latency: ReferencePercentile[];
  queues: ReferenceQueues[];
  cpus: ReferenceCpu[];
}

const sources: Record<ReferenceId, string> = { thesis: 'Gerling 2018' };

/**
 * Reads `<id>-throughput.csv`, `<id>-packet-rate.csv`, `<id>-latency.csv`, `<id>-rss.csv` and `<id>-placement.csv` of a
 * directory; Error where one is malformed.
 */
export async function loadReference(directory: string, id: ReferenceId): Promise<Reference> {
  const read = (name: string) => readFile(join(directory, `${id}-${name}.csv`), 'utf8');
  const names = ['throughput', 'packet-rate', 'latency', 'rss', 'placement'];
  const [mbit = '', kpps = '', latency = '', rss = '', placement = ''] = await Promise.all(names.map(read));
  return {
    source: sources[id],
    throughput: { mbit: parseLines(mbit), kpps: parseLines(kpps) },
    latency: parsePercentiles(latency),
    queues: parseQueues(rss),
    cpus: parseCpus(placement),
  };
}

/** Lines of a table `implementation,threads,queues,<size>...,note`; lines that start with # are comments. */
export function parseLines(text: string): ReferenceLine[] {
  return parseRecords(text).map((record) => ({
    implementation: record.implementation ?? '',
    threads: wholeNumber(record.threads),
    queues: wholeNumber(record.queues),
    // Keys that are whole numbers come first and ascending in an object.
    values: Object.entries(record)
      .filter(([name, value]) => /^\d+$/.test(name) && value !== '')
      .map(([name, value]): [number, number] => [Number(name), wholeNumber(value)]),
    note: record.note ?? '',
  }));
}

/** Lines of a table `implementation,percentile,microseconds,note`; lines that start with # are comments. */
export function parsePercentiles(text: string): ReferencePercentile[] {
  return parseRecords(text).map((record) => ({
    implementation: record.implementation ?? '',
    percentile: record.percentile ?? '',
    microseconds: record.microseconds === '' ? null : wholeNumber(record.microseconds),
    note: record.note ?? '',
  }));
}

/** Lines of a table `queues,gbit_per_s,packets_per_s`. */
function parseQueues(text: string): ReferenceQueues[] {
  return parseRecords(text).map((record) => ({
    queues: wholeNumber(record.queues),
    // From text: 1.45 x 1000 is 1450 exactly.
    mbit: Number(`${record.gbit_per_s}e3`),
    kpps: wholeNumber(record.packets_per_s) / 1000,
  }));
}

/** Lines of a table `cpu,core,irq_of_queue,application_thread`, the last two blank where a CPU has none. */
function parseCpus(text: string): ReferenceCpu[] {
  const optional = (value: string | undefined) => (value === '' ? null : wholeNumber(value));
  return parseRecords(text).map((record) => ({
    cpu: wholeNumber(record.cpu),
    core: wholeNumber(record.core),
    queue: optional(record.irq_of_queue),
    thread: optional(record.application_thread),
  }));
}

/** The published figures as tables of their own: they were measured on other hardware and compare with nothing here. */
export function referenceTables({ source, throughput, latency }: Reference): Table[] {
  const head = `Published figures, other hardware (${source})`;
  return [
    linesTable('published-mbit', `${head}: throughput in Mbit/s by frame size in bytes`, throughput.mbit),
    linesTable('published-kpps', `${head}: throughput in thousand packets/s by frame size in bytes`, throughput.kpps),
    percentilesTable(`${head}: round-trip time in µs by percentile`, latency),
  ];
}

function linesTable(name: string, title: string, lines: ReferenceLine[]): Table {
  const sizes = distinct(lines.flatMap(({ values }) => values.map(([size]) => size))).sort((a, b) => a - b);
  const labelOf = (line: ReferenceLine) => `${line.implementation} ${matrixLabel(line)}`;
  const rows = lines.map((line) => {
    const figures = new Map(line.values);
    return [textCell(labelOf(line)), ...sizes.map((size) => textCell(String(figures.get(size) ?? '–')))];
  });
  const notes = lines.filter(({ note }) => note !== '').map((line) => `${labelOf(line)}: ${line.note}.`);
  return { name, title, notes, columns: figureColumns('', sizes), rows, content: 'figures' };
}

function percentilesTable(title: string, entries: ReferencePercentile[]): Table {
  const percentiles = distinct(entries.map(({ percentile }) => percentile));
  const rows = distinct(entries.map(({ implementation }) => implementation)).map((implementation) => {
    const own = entries.filter((entry) => entry.implementation === implementation);
    const cells = percentiles.map((percentile): TableCell => {
      const entry = own.find((candidate) => candidate.percentile === percentile);
      return textCell(String(entry?.microseconds ?? '–'));
    });
    return [textCell(implementation), ...cells];
  });
  const noted = distinct(entries.map(({ percentile, note }) => `${percentile}: ${note}`));
  const notes = noted.map((key) => {
    const own = entries.filter(({ percentile, note }) => `${percentile}: ${note}` === key);
    return `${own.map(({ implementation }) => implementation).join(', ')} at percentile ${key}.`;
  });
  const name = 'published-round-trips';
  return { name, title, notes, columns: figureColumns('', percentiles), rows, content: 'figures' };
}

/** Records of a CSV text without quoting, by the names of its first line. */
function parseRecords(text: string): Record<string, string>[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const names = (lines[0] ?? '').split(',');
  return lines.slice(1).map((line) => {
    const values = line.split(',');
    if (values.length !== names.length || line.includes('"')) {
      throw new Error(`expected ${names.length} unquoted values: ${line}`);
    }
    return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
  });
}

function wholeNumber(text: string | undefined): number {
  if (text === undefined || !/^\d+$/.test(text)) throw new Error(`not a whole number: ${text ?? 'nothing'}`);
  return Number(text);
}
