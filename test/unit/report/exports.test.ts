import { decodeFromCompressedBase64, HistogramLogReader } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ExportId, exportFiles, exportIds } from '../../../harness/report/export/exports.js';
import type { Subject } from '../../../harness/report/export/subject.js';
import type { CellDetail } from '../../../model/detail.js';
import { type HistogramPairs, percentiles } from '../../../model/histogram.js';
import type { CellSummary } from '../../../model/summary.js';
import { fakePlacement } from '../../fakes/detail.js';
import {
  cellWithout,
  fakeCapacityCell,
  fakeCell,
  fakeLatencyCell,
  fakeLevelsCell,
  fakeRateCell,
  fakeRestCell,
  fakeSummary,
  searchedOnce,
} from '../../fakes/summary.js';

const oneByOne = { threads: 1, queues: 1 };
const pairs: HistogramPairs = [
  [20_015, 9000],
  [41_023, 900],
  [1_000_447, 99],
  [4_182_015, 1],
];
const byRepeat = (rates: number[]) =>
  rates.map((repliesPerSecond, repeat) => ({
    ...{ repeat, repliesPerSecond, ndrPerSecond: null, pdrPerSecond: null, latencyNs: null, cpuNsPerReply: null },
  }));

const peak = fakeCell('afxdp', oneByOne, 200, 1e6, {
  ...{ id: 'afxdp-1T1Q-200-reverse-saturate-batch=64,idle=spin', variant: 'batch=64,idle=spin' },
  ...{ limit: 'generator', byRepeat: byRepeat([0.99e6, 1e6, 1.01e6]) },
});
const closed = fakeLatencyCell('recvmmsg', { latencyNs: percentiles(pairs) });
const levels = fakeLevelsCell('recvmmsg');
const cells: CellSummary[] = [
  peak,
  fakeCapacityCell('recvmmsg'),
  fakeCapacityCell('recvfrom', 200, { ndr: searchedOnce(8e4, 8.1e4), pdr: searchedOnce(9e4, null), repeats: 1 }),
  fakeCapacityCell('dgram'),
  closed,
  fakeRateCell('dgram'),
  levels,
  fakeRestCell('recvfrom'),
  cellWithout(fakeCell('xdp', oneByOne, 200, 1), 'skipped', 'no XDP here'),
  cellWithout(fakeCell('iouring', oneByOne, 200, 1), 'failed', 'PROBE: no "answer"'),
  fakeCell('dgram', oneByOne, 200, 5e4, { verdict: 'invalid', reasons: ['a reply was wrong'] }),
];

const detail = (id: string, changes: Partial<CellDetail>): CellDetail => ({
  ...{ id, placement: fakePlacement(peak), granted: {}, ledger: null, histogram: [], levels: [], cpuNsPerReply: null },
  ...{ handledByThread: [], receivedByQueue: [], courses: [], errors: [] },
  ...changes,
});

const subject: Subject = {
  summary: fakeSummary({ cells }),
  details: [
    detail(peak.id, {}),
    detail(closed.id, { histogram: pairs }),
    detail(levels.id, { levels: [{ level: '50%', offeredPerSecond: 137e3, histogram: pairs }] }),
  ],
};

async function filesOf(id: ExportId, of = subject): Promise<Record<string, string>> {
  return Object.fromEntries((await exportFiles(id, of)).map(({ name, text }) => [name, text]));
}

describe('exports', () => {
  it.each(exportIds)('as %s are as they were', async (id) => {
    const text = Object.entries(await filesOf(id)).map(([name, content]) => `==> ${name}\n${content}`);
    await expect(text.join('\n')).toMatchFileSnapshot(`golden/export-${id}.txt`);
  });

  it.each(exportIds)('as %s are none of a run in which every cell was skipped', async (id) => {
    const skipped = cells.map((cell) => cellWithout(cell, 'skipped', 'needs root'));
    expect(await exportFiles(id, { summary: fakeSummary({ cells: skipped }), details: [] })).toEqual([]);
  });

  it.each(exportIds.filter((id) => id !== 'csit'))('as %s hold no figure that must not be quoted', async (id) => {
    const text = Object.values(await filesOf(id)).join('\n');
    expect(text).not.toMatch(/iouring|xdp-1T1Q-200-reverse-saturate\b(?!-batch)|dgram-1T1Q-200-reverse-saturate/);
  });
});

describe('hdr', () => {
  it('decodes to the same histograms', async () => {
    const log = (await filesOf('hdr'))['round-trips.hlog'] as string;
    const reader = new HistogramLogReader(log);
    const [first, second] = [reader.nextIntervalHistogram(), reader.nextIntervalHistogram()];
    expect(reader.nextIntervalHistogram()).toBeNull();
    expect([first?.tag, second?.tag]).toEqual([closed.id, `${levels.id}:50%`]);
    const { p50, p99, p99_9, max, count } = percentiles(pairs);
    for (const histogram of [first, second]) {
      expect(histogram?.totalCount).toBe(count);
      expect(histogram?.maxValue).toBe(max);
      expect([50, 99, 99.9].map((percent) => histogram?.getValueAtPercentile(percent))).toEqual([p50, p99, p99_9]);
    }
  });

  it('has a tag that ends where it should', async () => {
    const own = { summary: subject.summary, details: [detail(closed.id, { histogram: pairs })] };
    const odd = { ...closed, id: 'a b,c' };
    const renamed = {
      summary: fakeSummary({ cells: [odd] }),
      details: [{ ...own.details[0], id: odd.id } as CellDetail],
    };
    const line = (await filesOf('hdr', renamed))['round-trips.hlog']?.split('\n').find((one) => one.startsWith('Tag='));
    expect(line).toMatch(/^Tag=a\+b\+c,0\.000,25\.000,4\.182,HIST/);
    expect(decodeFromCompressedBase64(line?.split(',').at(-1) as string).totalCount).toBe(10_000);
  });
});

describe('benchmark-action', () => {
  it('has names that are told apart, and numbers', async () => {
    const files = await filesOf('benchmark-action');
    expect(Object.keys(files)).toEqual(['benchmark-bigger.json', 'benchmark-smaller.json']);
    for (const text of Object.values(files)) {
      const entries: { name: string; unit: string; value: number }[] = JSON.parse(text);
      expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
      expect(entries.every(({ unit, value }) => unit !== '' && Number.isFinite(value))).toBe(true);
    }
  });

  it('leaves out the file of a tool that has nothing', async () => {
    const summary = fakeSummary({ cells: [closed] });
    expect(Object.keys(await filesOf('benchmark-action', { summary, details: [] }))).toEqual([
      'benchmark-smaller.json',
    ]);
  });
});

describe('otava', () => {
  it('has a column of numbers for every metric of its configuration', async () => {
    const files = await filesOf('otava');
    const [heading = '', row = ''] = files['otava.csv']?.trimEnd().split('\n') ?? [];
    const fields = (line: string) =>
      [...line.matchAll(/("[^"]*"|[^,]+)(,|$)/g)].map(([, field]) => field?.replaceAll('"', ''));
    const [names, values] = [fields(heading), fields(row)];
    const test = parse(files['otava.yaml'] as string).tests['invoker-bench'];
    expect([test.type, test.file, test.time_column]).toEqual(['csv', 'otava.csv', 'time']);
    expect(Number.isFinite(Date.parse(values[0] as string))).toBe(true);
    expect(names.slice(1, 3)).toEqual(test.attributes);
    const metrics: { column: string; direction: number }[] = Object.values(test.metrics);
    expect(metrics.map(({ column }) => column)).toEqual(names.slice(3));
    expect(values.slice(3).every((value) => Number.isFinite(Number(value)))).toBe(true);
    expect(new Set(metrics.map(({ direction }) => direction))).toEqual(new Set([1, -1]));
  });
});

describe('openmetrics', () => {
  it('is one sample a line with all its labels, families whole, and ends with # EOF', async () => {
    const text = (await filesOf('openmetrics'))['metrics.prom'] as string;
    expect(text).toMatch(/\n# EOF\n$/);
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of samples) expect(line).toMatch(/^[a-z_]+(\{([a-z_]+="([^"\\\n]|\\.)*",?)*\})? -?\d[\d.e+-]*$/);
    expect(new Set(samples).size).toBe(samples.length);
    const order = samples.map((line) => line.split(/[{ ]/)[0]);
    expect(new Set(order).size).toBe(order.filter((name, index) => name !== order[index - 1]).length);
    expect(text).toContain('stat="low",bound="lower"} 980000\n');
    expect(text).toMatch(
      /round_trip_seconds\{.*cell="recvmmsg-1T1Q-800-reverse-closed4".*percentile="50".* 0\.000020015\n/,
    );
  });

  it('escapes what a label may not hold', async () => {
    const summary = fakeSummary({ cells: [closed] });
    const named = { ...summary, scenario: { ...summary.scenario, name: 'a "b"\n\\c' } };
    const text = (await filesOf('openmetrics', { summary: named, details: [] }))['metrics.prom'];
    expect(text).toContain('scenario="a \\"b\\"\\n\\\\c"');
  });
});

describe('csit', () => {
  it('is a document a cell that ran', async () => {
    const files = await filesOf('csit');
    const documents = Object.values(files).map((text) => JSON.parse(text));
    expect(documents.map(({ result }) => result.type)).toEqual([
      ...['mrr', 'ndrpdr', 'ndrpdr', 'unknown', 'hoststack', 'hoststack', 'unknown', 'unknown'],
      ...['unknown', 'unknown'],
    ]);
    expect(documents.map(({ passed, message }) => passed === (message === ''))).toEqual(documents.map(() => true));
    expect(documents.filter(({ passed }) => !passed).map(({ message }) => message)).toEqual([
      'PROBE: no "answer"',
      'a reply was wrong',
    ]);
    expect(new Set(documents.map(({ test_id }) => test_id)).size).toBe(documents.length);
    expect(documents[2].result).toEqual({
      type: 'ndrpdr',
      ndr: { lower: { rate: { value: 8e4, unit: 'pps' } }, upper: { rate: { value: 8.1e4, unit: 'pps' } } },
      // No load failed: a tag says that there is no upper bound.
      pdr: { lower: { rate: { value: 9e4, unit: 'pps' } }, upper: { rate: { value: 9e4, unit: 'pps' } } },
    });
    expect(documents[2].tags).toContain('PDR_LOWER_BOUND');
  });
});
