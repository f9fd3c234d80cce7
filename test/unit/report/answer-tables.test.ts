import { describe, expect, it } from 'vitest';
import { figureTables } from '../../../harness/report/tables/tables.js';
import type { CellSummary } from '../../../model/summary.js';
import {
  fakeCapacityCell,
  fakeCapacityFigure,
  fakeLevelsCell,
  fakeSummary,
  searchedOnce,
} from '../../fakes/summary.js';

const tablesOf = (...cells: CellSummary[]) => figureTables(fakeSummary({ cells }), 'brief');
const texts = (rows: { value: string; detail: string }[][] | undefined) =>
  rows?.map((row) => row.map(({ value, detail }) => `${value} ${detail}`.trim()));

describe('capacities', () => {
  const capacityTable = (...cells: CellSummary[]) =>
    tablesOf(...cells).find(({ title }) => title.startsWith('Capacity in '));
  const found = fakeCapacityCell('afxdp', 200, { ndr: fakeCapacityFigure(812_000), pdr: fakeCapacityFigure(845_000) });
  const lossy = fakeCapacityCell('dgram', 200, { pdr: fakeCapacityFigure(61_000) });

  it('stand in a table by goal with both ends, and say where no load held', () => {
    const table = capacityTable(found, lossy);
    expect(texts(table?.rows)).toEqual([
      ['afxdp 1T1Q no loss (NDR)', '812 796–836'],
      ['afxdp 1T1Q 0.5 % (PDR)', '845 828–870'],
      ['dgram 1T1Q no loss (NDR)', 'none'],
      ['dgram 1T1Q 0.5 % (PDR)', '61.0 59.8–62.8'],
    ]);
    expect(table?.notes.filter((note) => note.startsWith('none: no load that was tried held'))).toHaveLength(1);
    expect(capacityTable(found)?.notes.join()).not.toContain('none:');
  });

  it('are marked as lower bounds each by itself', () => {
    const [ndr, pdr] = texts(capacityTable({ ...found, pdr: fakeCapacityFigure(9e5, { bound: 'lower' }) })?.rows) ?? [];
    expect([ndr?.[1], pdr?.[1]]).toEqual(['812 796–836', '≥900 882–927']);
    const limited: CellSummary = { ...found, limit: 'generator' };
    expect(capacityTable(limited)?.rows.map((row) => row[1]?.value)).toEqual(['812', '845']);
    expect(capacityTable(limited)?.notes.join()).not.toContain('≥');
  });

  it('of one search have its bracket, where a load failed', () => {
    const table = capacityTable({ ...found, repeats: 1, ndr: searchedOnce(8e5, 8.1e5), pdr: searchedOnce(9e5, null) });
    expect(texts(table?.rows)).toEqual([
      ['afxdp 1T1Q no loss (NDR)', '800 800–810'],
      ['afxdp 1T1Q 0.5 % (PDR)', '≥900'],
    ]);
    expect(table?.notes.filter((note) => note.startsWith('low–high of one search'))).toHaveLength(1);
    expect(table?.notes.filter((note) => /no interval|range/.test(note))).toEqual([]);
    expect(capacityTable(found)?.notes.filter((note) => note.startsWith('low–high of one search'))).toEqual([]);
  });
});

describe('round trips under load', () => {
  const cell = fakeLevelsCell('afxdp');

  it('stand in a table by level, and not among the throughputs', () => {
    const tables = tablesOf(cell);
    expect(tables.map(({ title }) => title.split(':')[0])).toEqual(['Round-trip time under load in µs by percentile']);
    expect(texts(tables[0]?.rows)?.[2]).toEqual([
      ...['afxdp 1T1Q (spins) 90 %', '725', '0.12', '55.0', '67.6', '104', '246', '5350', '10455', '3.63M'],
    ]);
    expect(tables[0]?.rows.map(([label]) => label?.value.split(') ')[1])).toEqual(['10 %', '50 %', '90 %', 'equal']);
  });

  it('have no figure where nothing came back', () => {
    const levels = [{ level: 'equal' as const, offeredPerSecond: 10_000, lossRatio: 1, latencyNs: null }];
    expect(texts(tablesOf({ ...cell, levels })[0]?.rows)?.[0]?.slice(2)).toEqual(['100', ...Array(7).fill('–')]);
  });

  it('were taken at shares of a lower bound where the generator was the limit, but for the equal rate', () => {
    const [table] = tablesOf({ ...cell, limit: 'generator' });
    expect(table?.rows.map(([, rate]) => rate?.value)).toEqual(['≥80.6', '≥403', '≥725', '10.0']);
  });

  it('without levels has a footnote', () => {
    const [table] = tablesOf({ ...cell, levels: [] }, fakeLevelsCell('recvmmsg'));
    expect(texts(table?.rows)?.[0]?.slice(0, 2)).toEqual(['afxdp 1T1Q', '– (a)']);
  });
});
