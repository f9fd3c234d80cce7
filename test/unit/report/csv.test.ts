import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../common/process/paths.js';
import { latencyCsv, throughputCsv } from '../../../harness/report/csv.js';
import { oldestTurnVersion, oldestVersion } from '../../../harness/store/lift.js';
import { schemaVersion } from '../../../model/record.js';
import type { CellSummary } from '../../../model/summary.js';
import {
  fakeCapacityCell,
  fakeCapacityFigure,
  fakeCell,
  fakeFigure,
  fakeLevelsCell,
  fakeRateCell,
  fakeRestCell,
  fakeSummary,
  searchedOnce,
} from '../../fakes/summary.js';

/** The rows of a CSV by the names of its first line. */
function rowsOf(text: string): Record<string, string>[] {
  const [heading = '', ...lines] = text.trimEnd().split('\n');
  const names = heading.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, at) => [names[at] ?? '', value])));
}

const throughput = (...cells: CellSummary[]) => rowsOf(throughputCsv(fakeSummary({ cells })));
const latency = (...cells: CellSummary[]) => rowsOf(latencyCsv(fakeSummary({ cells })));
const saturate = fakeCell('afxdp', { threads: 1, queues: 1 }, 200, 48_921.600_000_000_006);

describe('csv', () => {
  it('is as it was', async () => {
    await expect(throughputCsv(fakeSummary())).toMatchFileSnapshot('golden/throughput.csv');
    await expect(latencyCsv(fakeSummary())).toMatchFileSnapshot('golden/latency.csv');
  });

  it.each([throughputCsv, latencyCsv])('has its heading without a row', (csv) => {
    expect(csv(fakeSummary({ cells: [] }))).toMatch(/^run,cell,implementation,.*,work_ns,joules_per_reply\n$/);
  });

  it.each([throughputCsv, latencyCsv])('has no column that docs/data.md does not name', (csv) => {
    const page = readFileSync(join(packageRoot(), 'docs/data.md'), 'utf8');
    const named = [...page.matchAll(/`([a-z0-9_]+)(_\*)?`/g)].map(([, name = '', rest]) => ({
      name,
      isPrefix: rest !== undefined,
    }));
    const isNamed = (column: string) =>
      named.some(({ name, isPrefix }) => (isPrefix ? column.startsWith(`${name}_`) : column === name));
    const columns = (csv(fakeSummary({ cells: [] })).split('\n')[0] as string).split(',');
    expect(columns.filter((column) => !isNamed(column))).toEqual([]);
    expect(page).toContain(
      `versions ${oldestVersion} to ${schemaVersion} (turns of \`compare --pair\`: ${oldestTurnVersion} to`,
    );
  });

  it('has no noise of binary fractions', () => {
    expect(throughput(saturate)[0]?.replies_per_second_median).toBe('48921.6');
  });

  it('holds each load in one file, by what it answers with', () => {
    const cells = [saturate, fakeCapacityCell('dgram'), fakeRateCell('dgram'), fakeRestCell('dgram')];
    expect(throughput(...cells).map(({ load }) => load)).toEqual(['saturate', 'capacity']);
    expect(latency(...cells).map(({ load }) => load)).toEqual(['rate=100000']);
  });
});

describe('throughput.csv', () => {
  it('has a confidence a figure', () => {
    const ndr = fakeCapacityFigure(8e5, { interval: { ...fakeFigure(8e5), confidence: 0.75 } });
    expect(throughput(fakeCapacityCell('afxdp', 200, { ndr }))[0]).toMatchObject({
      ...{ replies_per_second_confidence: '0.9375', ndr_per_second_confidence: '0.75', ndr_bound: 'exact' },
      ...{ ndr_per_second_median: '800000', ndr_per_second_low: '784000', ndr_per_second_high: '824000' },
    });
  });

  it('has the bracket of a single search', () => {
    const [row] = throughput(
      fakeCapacityCell('afxdp', 200, { ndr: searchedOnce(8e5, 8.1e5), pdr: searchedOnce(9e5, null) }),
    );
    expect(row).toMatchObject({ ndr_failed_per_second: '810000', ndr_per_second_confidence: '0', ndr_bound: 'exact' });
    expect(row).toMatchObject({ pdr_failed_per_second: '', pdr_bound: 'lower' });
  });
});

describe('latency.csv', () => {
  it('has a row a level', () => {
    const rows = latency(fakeLevelsCell('afxdp'));
    expect(rows.map(({ level, offered_per_second }) => [level, offered_per_second])).toEqual([
      ...[
        ['10%', '80574'],
        ['50%', '402870'],
        ['90%', '725166'],
        ['equal', '10000'],
      ],
    ]);
    expect(rows[3]).toMatchObject({ p50_ns: '15410', p99_99_ns: '', max_ns: '2927411', round_trips: '50000' });
  });

  it('has the offered rate of an open loop', () => {
    expect(latency(fakeRateCell('dgram'))[0]).toMatchObject({
      ...{ level: '', offered_per_second: '100000', level_loss_ratio: '0.38', p50_ns: '61023' },
    });
  });
});
