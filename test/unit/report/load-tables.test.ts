import { describe, expect, it } from 'vitest';
import { ceilingOf } from '../../../harness/judge/ceilings.js';
import { latencyCsv, throughputCsv } from '../../../harness/report/csv.js';
import { figureTables } from '../../../harness/report/tables.js';
import type { Ceiling } from '../../../model/record.js';
import type { CellSummary } from '../../../model/summary.js';
import { fakeRunCell } from '../../fakes/runs.js';
import { fakeCell, fakeSummary } from '../../fakes/summary.js';

const oneByOne = { threads: 1, queues: 1 };
const tablesOf = (...cells: CellSummary[]) => figureTables(fakeSummary({ cells }), 'ends');
const texts = (rows: { value: string }[][] | undefined) => rows?.map((row) => row.map(({ value }) => value));

const found = fakeCell('afxdp', oneByOne, 200, 800_000, {
  load: 'capacity',
  ndrPerSecond: { median: 812_000, low: 810_000, high: 814_000 },
  pdrPerSecond: { median: 845_000, low: 840_000, high: 850_000 },
});
const lossy = fakeCell('dgram', oneByOne, 200, 60_000, {
  load: 'capacity',
  pdrPerSecond: { median: 61_000, low: 61_000, high: 61_000 },
});

describe('capacities', () => {
  it('stand in a table by goal, and say where every rate lost', () => {
    const table = tablesOf(found, lossy).find(({ title }) => title.startsWith('Capacity in '));
    expect(texts(table?.rows)).toEqual([
      ['afxdp 1T1Q no loss (NDR)', '812'],
      ['afxdp 1T1Q 0.5 % (PDR)', '845'],
      ['dgram 1T1Q no loss (NDR)', 'none'],
      ['dgram 1T1Q 0.5 % (PDR)', '61.0'],
    ]);
    expect(table?.rows[0]?.[1]?.detail).toBe('±2');
  });

  it('of one run have the bracket of its search', () => {
    const notes = (...cells: CellSummary[]) =>
      tablesOf(...cells).find(({ title }) => title.startsWith('Capacity in '))?.notes ?? [];
    const once = { ...found, repeats: 1, confidence: 0 };
    expect(tablesOf(once).find(({ title }) => title.startsWith('Capacity in '))?.rows[0]?.[1]?.detail).toBe('810–814');
    const own = /^With a figure of one run: its bracket/;
    expect(notes(once).filter((note) => own.test(note))).toHaveLength(1);
    expect(notes(once).filter((note) => /no interval/.test(note))).toEqual([]);
    expect(notes(found).filter((note) => own.test(note))).toEqual([]);
  });

  it('are columns of throughput.csv', () => {
    const [heading = '', row = ''] = throughputCsv(fakeSummary({ cells: [found] })).split('\n');
    const at = heading.split(',').indexOf('ndr_per_second_median');
    expect(row.split(',').slice(at, at + 6)).toEqual(['812000', '810000', '814000', '845000', '840000', '850000']);
  });
});

describe('round trips under load', () => {
  const latencyNs = { p50: 20_000, p90: 30_000, p99: 40_000, p99_9: 50_000, p99_99: 60_000, max: 70_000 };
  const cell = fakeCell('afxdp', oneByOne, 800, 400_000, {
    load: 'latency-under-load',
    levels: [
      { level: '10%', offeredPerSecond: 81_200, lossRatio: 0.01, latencyNs },
      { level: 'equal', offeredPerSecond: 10_000, lossRatio: 0, latencyNs: null },
    ],
  });

  it('stand in a table by level, and not among the throughputs', () => {
    const tables = tablesOf(cell);
    expect(tables.map(({ title }) => title.split(':')[0])).toEqual(['Round-trip time under load in µs by percentile']);
    expect(texts(tables[0]?.rows)).toEqual([
      ['afxdp 1T1Q (spins) 10 %', '81.2', '1.0', '20.0', '30.0', '40.0', '50.0', '60.0', '70.0'],
      ['afxdp 1T1Q (spins) equal', '10.0', '0', '–', '–', '–', '–', '–', '–'],
    ]);
  });

  it('were taken at shares of a lower bound where the generator was the limit, but for the equal rate', () => {
    const [table] = tablesOf({ ...cell, limit: 'generator' });
    expect(table?.rows.map(([, rate]) => rate?.value)).toEqual(['≥81.2', '10.0']);
  });

  it('are rows of latency.csv by level', () => {
    const [heading = '', ...rows] = latencyCsv(fakeSummary({ cells: [cell] }))
      .trim()
      .split('\n');
    const at = heading.split(',').indexOf('level');
    expect(rows.map((row) => row.split(',').slice(at, at + 4))).toEqual([
      ['10%', '81200', '0.01', '20000'],
      ['equal', '10000', '0', ''],
    ]);
  });

  it('of an open loop at one rate stand beside its throughput', () => {
    const open = fakeCell('afxdp', oneByOne, 200, 100_000, { load: 'rate=100000', latencyNs });
    const titles = tablesOf(open).map(({ title }) => title);
    expect(titles.filter((title) => title.startsWith('Round-trip time in µs'))).toHaveLength(1);
    expect(titles.filter((title) => title.startsWith('Throughput'))).toHaveLength(2);
  });
});

describe('ceilingOf', () => {
  const cell = fakeRunCell('afxdp', { kind: 'saturate' });
  const ceiling: Ceiling = {
    ...{ engine: 'live', packetBytes: 200, queues: 1, cpus: [0], timed: false, checkEvery: 64 },
    ...{ sentPerSecond: 4e6, countedPerSecond: 4e6 },
  };
  it('is that of the same engine, size, queues and CPUs', () => {
    expect(ceilingOf([ceiling], cell)).toBe(ceiling);
    const others = [
      { engine: 'afxdp' },
      { packetBytes: 800 },
      { queues: 2 },
      { cpus: [1] },
      { timed: true },
    ] as Partial<Ceiling>[];
    expect(
      ceilingOf(
        others.map((other) => ({ ...ceiling, ...other })),
        cell,
      ),
    ).toBeNull();
  });
});
