import { describe, expect, it } from 'vitest';
import type { Summary } from '../../harness/model.js';
import { latencyCsv, throughputCsv } from '../../harness/report/csv.js';
import { headlines } from '../../harness/report/headline.js';
import { renderMarkdown } from '../../harness/report/markdown.js';
import type { Table } from '../../harness/report/table.js';
import { figureTables, remarkTables } from '../../harness/report/tables.js';
import { renderTerminal } from '../../harness/report/terminal.js';
import { cellWithout, fakeCell, fakeSummary } from '../fakes/summary.js';

const oneByOne = { threads: 1, queues: 1 };
const plain = { colour: 'plain', reference: null } as const;

function rowOf(table: Table | undefined, label: string): string[] {
  const row = table?.rows.find(([first]) => first?.value === label) ?? [];
  return row.slice(1).map(({ value, detail }) => `${value} ${detail}`.trim());
}

describe('goldens', () => {
  it.each([80, 120])('terminal of %d columns', async (width) => {
    const text = renderTerminal(fakeSummary(), { ...plain, width });
    expect(text.split('\n').filter((line) => line.length > width)).toEqual([]);
    await expect(text).toMatchFileSnapshot(`golden/terminal-${width}.txt`);
  });

  it('markdown', async () => {
    const charts = [{ name: 'throughput-mbit-live', title: 'Throughput' }];
    await expect(renderMarkdown(fakeSummary(), charts, null)).toMatchFileSnapshot('golden/report.md');
  });

  it('csv', async () => {
    await expect(throughputCsv(fakeSummary())).toMatchFileSnapshot('golden/throughput.csv');
    await expect(latencyCsv(fakeSummary())).toMatchFileSnapshot('golden/latency.csv');
  });
});

describe('figureTables', () => {
  const tables = figureTables(fakeSummary());

  it('makes one throughput table an engine and unit, then latency', () => {
    expect(tables.map(({ title }) => title)).toEqual([
      expect.stringMatching(/Mbit\/s .*XDP live frames/),
      expect.stringMatching(/thousand packets\/s .*XDP live frames/),
      expect.stringMatching(/Mbit\/s .*AF_XDP TX sockets/),
      expect.stringMatching(/thousand packets\/s .*AF_XDP TX sockets/),
      expect.stringMatching(/Round-trip time in µs .*800 bytes.*UDP sockets.*closed=4/),
    ]);
  });

  it('makes one where there is one engine', () => {
    const summary = fakeSummary();
    const cells = summary.cells.filter(({ engine }) => engine === 'live');
    expect(figureTables({ ...summary, cells })).toHaveLength(2);
  });

  it('splits by function and load', () => {
    const echo = fakeCell('afxdp', oneByOne, 200, 2e6, { functionId: 'echo' });
    const rate = fakeCell('afxdp', oneByOne, 200, 1e5, { load: 'rate=100000' });
    const base = fakeCell('afxdp', oneByOne, 200, 1e6);
    expect(figureTables(fakeSummary({ cells: [base, echo, rate] }))).toHaveLength(6);
  });

  it('marks what is no plain figure', () => {
    expect(rowOf(tables[0], 'dgram 2T2Q')[0]).toBe('– (a)');
    expect(rowOf(tables[2], 'recvfrom 4T4Q')[5]).toBe('failed (b)');
    expect(rowOf(tables[0], 'recvmmsg 2T2Q')[2]).toBe('!2958 (c)');
    expect(rowOf(tables[2], 'afxdp 4T4Q')[0]).toBe('≥6661 ±133');
    expect(tables[2]?.notes.join(' ')).toContain('lower bound');
    expect(tables[0]?.notes.join(' ')).not.toContain('lower bound');
  });

  it('gives no interval for a single run', () => {
    const cell = fakeCell('afxdp', oneByOne, 200, 1e6, { repeats: 1, confidence: 0 });
    const [table] = figureTables(fakeSummary({ cells: [cell] }));
    expect(rowOf(table, 'afxdp 1T1Q')).toEqual(['1600']);
    expect(table?.notes).toEqual(['One run a cell: no interval.']);
  });

  it('names an order-statistic interval from 6 repeats on', () => {
    const cell = fakeCell('afxdp', oneByOne, 200, 1e6, { repeats: 9, confidence: 0.9609375 });
    const [table] = figureTables(fakeSummary({ cells: [cell] }));
    expect(table?.notes[0]).toMatch(/9 repeats .*order-statistic interval.* 96.1 %/);
  });

  it('says so where a completed cell has no figure', () => {
    const cell = fakeCell('afxdp', oneByOne, 200, 1e6, { repliesPerSecond: null, bitsPerSecond: null });
    const [table] = figureTables(fakeSummary({ cells: [cell] }));
    expect(rowOf(table, 'afxdp 1T1Q')).toEqual(['– (a)']);
  });
});

describe('remarkTables', () => {
  it('names each reason and warning once, with its cells', () => {
    const texts = remarkTables(fakeSummary()).map(({ rows }) => rows.map((row) => row.map(({ value }) => value)));
    expect(texts).toEqual([
      [
        ['(a)', 'skipped', expect.any(String), 'dgram 2T2Q at every size; dgram 4T4Q at every size'],
        ['(b)', 'failed', expect.any(String), 'recvfrom 4T4Q at 1200'],
        ['(c)', 'invalid', 'queue 1 stayed idle', 'recvmmsg 2T2Q at 600'],
      ],
      [[expect.any(String), 'afxdp 4T4Q at every size']],
    ]);
  });

  it('are left out of a healthy run', () => {
    expect(remarkTables(fakeSummary({ cells: [fakeCell('afxdp', oneByOne, 200, 1e6)] }))).toEqual([]);
  });
});

describe('headlines', () => {
  const cellOf = (rate: number, changes = {}) => fakeCell('recvmmsg', oneByOne, 200, rate, changes);
  const best = fakeCell('afxdp', oneByOne, 200, 1e6);
  it.each([
    { name: 'a ratio', cells: [best, cellOf(5e5)], expected: /: 2\.0 x recvmmsg \(1\.9 to 2\.1\)\.$/ },
    { name: 'overlap', cells: [best, cellOf(9.9e5)], expected: /: ~ recvmmsg \(no evidence of a difference\)\.$/ },
    { name: 'a bound below', cells: [best, cellOf(5e5, { limit: 'generator' })], expected: /no ratio to recvmmsg/ },
    {
      name: 'a bound above',
      cells: [{ ...best, limit: 'generator' as const }, cellOf(5e5)],
      expected: /answers at least 1000 .*: at least 2\.0 x/,
    },
    { name: 'the link', cells: [{ ...best, limit: 'link' as const }], expected: /\(limit: link\)\.$/ },
    {
      name: 'invalid',
      cells: [cellOf(5e5), { ...best, verdict: 'invalid' as const }],
      expected: /^(?!.*afxdp).*recvmmsg/,
    },
    { name: 'nothing', cells: [cellWithout(best, 'failed', 'no')], expected: /^No cell of this run/ },
  ])('say $name', ({ cells, expected }) => {
    expect(headlines(fakeSummary({ cells })).join('\n')).toMatch(expected);
  });
});

describe('renderTerminal', () => {
  it('breaks columns into blocks where they do not fit', () => {
    const sizes = Array.from({ length: 20 }, (_, index) => 100 + index * 60);
    const cells = sizes.map((size) => fakeCell('recvmmsg', oneByOne, size, 1e6));
    const text = renderTerminal(fakeSummary({ cells }), { ...plain, width: 60 });
    const lines = text.split('\n');
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
    expect(lines.filter((line) => line.startsWith('recvmmsg 1T1Q ')).length).toBeGreaterThan(2);
  });

  it('keeps all of a reason that is one long word', () => {
    const reason = 'x'.repeat(200);
    const cells: Summary['cells'] = [cellWithout(fakeCell('afxdp', oneByOne, 200, 1e6), 'failed', reason)];
    const text = renderTerminal(fakeSummary({ cells }), { ...plain, width: 80 });
    expect(text.match(/x/g)?.length).toBeGreaterThanOrEqual(200);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('uses colour only where asked', () => {
    const introducer = '\u001b[';
    expect(renderTerminal(fakeSummary(), { ...plain, width: 80 })).not.toContain(introducer);
    expect(renderTerminal(fakeSummary(), { ...plain, width: 80, colour: 'ansi' })).toContain(introducer);
  });
});
