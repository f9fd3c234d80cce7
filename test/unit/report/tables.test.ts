import { describe, expect, it } from 'vitest';
import { latencyCsv, throughputCsv } from '../../../harness/report/csv.js';
import { headlines } from '../../../harness/report/headline.js';
import { renderMarkdown } from '../../../harness/report/markdown.js';
import { type Table, unbroken } from '../../../harness/report/table.js';
import { figureTables, remarkTables } from '../../../harness/report/tables.js';
import { renderTerminal } from '../../../harness/report/terminal.js';
import type { Summary } from '../../../model/summary.js';
import { cellWithout, fakeCell, fakeLatencyCell, fakeRestCell, fakeSummary } from '../../fakes/summary.js';

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
  const tables = figureTables(fakeSummary(), 'ends');

  it('makes one throughput table an engine and unit, then latency', () => {
    expect(tables.map(({ title }) => title)).toEqual([
      expect.stringMatching(/Mbit\/s .*XDP live frames/),
      expect.stringMatching(/thousand packets\/s .*XDP live frames/),
      expect.stringMatching(/Mbit\/s .*AF_XDP TX sockets/),
      expect.stringMatching(/thousand packets\/s .*AF_XDP TX sockets/),
      expect.stringMatching(/Round-trip time in µs .*800 bytes.*UDP sockets.*closed=4/),
      expect.stringMatching(/What it costs at the peak.*XDP live frames/),
      expect.stringMatching(/What it costs at the peak.*AF_XDP TX sockets/),
      expect.stringMatching(/What it costs.*800 bytes.*UDP sockets.*closed=4/),
      expect.stringMatching(/At rest/),
    ]);
  });

  it('makes one where there is one engine', () => {
    const summary = fakeSummary();
    const cells = summary.cells.filter(({ engine }) => engine === 'live');
    expect(figureTables({ ...summary, cells }, 'ends')).toHaveLength(3);
  });

  it('splits by function and load', () => {
    const echo = fakeCell('afxdp', oneByOne, 200, 2e6, { functionId: 'echo' });
    const rate = fakeCell('afxdp', oneByOne, 200, 1e5, { load: 'rate=100000' });
    const base = fakeCell('afxdp', oneByOne, 200, 1e6);
    expect(figureTables(fakeSummary({ cells: [base, echo, rate] }), 'ends')).toHaveLength(10);
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
    const [table] = figureTables(fakeSummary({ cells: [cell] }), 'ends');
    expect(rowOf(table, 'afxdp 1T1Q')).toEqual(['1600']);
    expect(table?.notes).toEqual(['One run a cell: no interval.']);
  });

  it('names an order-statistic interval from 6 repeats on', () => {
    const cell = fakeCell('afxdp', oneByOne, 200, 1e6, { repeats: 9, confidence: 0.9609375 });
    const [table] = figureTables(fakeSummary({ cells: [cell] }), 'ends');
    expect(table?.notes[0]).toMatch(/9 repeats .*order-statistic interval.* 96.1 %/);
  });

  it.each([
    { repeats: [2, 3, 9], expected: [/^Median of 2 to 3 repeats .*range.* 50 % to 75 %\.$/, /^Median of 9 repeats /] },
    { repeats: [1, 3], expected: [/^A figure without ± is of one run\.$/, /^Median of 3 repeats .* with 75 %\.$/] },
  ])('explains the intervals of $repeats repeats in a sentence a kind', ({ repeats, expected }) => {
    const cells = repeats.map((number, index) =>
      fakeCell('afxdp', oneByOne, 200 + index * 100, 1e6, { repeats: number, confidence: 1 - 2 * 0.5 ** number }),
    );
    const [table] = figureTables(fakeSummary({ cells }), 'ends');
    expect(table?.notes).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  it('tells which implementations spin beside their round trips', () => {
    expect(tables[4]?.rows.map(([label]) => label?.value)).toContain('afxdp 1T1Q (spins)');
    expect(tables[4]?.notes.join(' ')).toContain('(spins)');
    const polling = figureTables(fakeSummary({ cells: [fakeLatencyCell('afxdp', { idle: 'poll' })] }), 'ends');
    expect(polling.flatMap(({ notes }) => notes).join(' ')).not.toContain('spin');
  });

  it('says so where a completed cell has no figure', () => {
    const cell = fakeCell('afxdp', oneByOne, 200, 1e6, { repliesPerSecond: null, bitsPerSecond: null });
    const [table] = figureTables(fakeSummary({ cells: [cell] }), 'ends');
    expect(rowOf(table, 'afxdp 1T1Q')).toEqual(['– (a)']);
  });
});

describe('costs', () => {
  const titled = (title: RegExp, cells: Summary['cells'], choice: 'all' | 'ends' = 'ends') =>
    figureTables(fakeSummary({ cells }), choice).find((table) => table.title.match(title));
  const peak = /^What it costs at the peak/;

  it('stand beside the replies they buy', () => {
    const table = titled(peak, [fakeCell('afxdp', { threads: 2, queues: 2 }, 200, 2e6)]);
    expect(table?.columns.map(({ heading }) => unbroken(heading))).toEqual([
      ...['', 'bytes', 'replies 1000/s', 'lost %', 'full overload 1000/s'],
      ...['CPU-ns a reply invoker CPUs', 'CPU-ns a reply all CPUs', 'waits', 'limit'],
    ]);
    expect(rowOf(table, 'afxdp 2T2Q')).toEqual(['200', '2000', '<0.01', '1600', '1000', '2000', 'spin', 'invoker']);
  });

  it.each([
    { choice: 'ends' as const, expected: ['200', '800'] },
    { choice: 'all' as const, expected: ['200', '400', '800'] },
  ])('of $choice sizes, smallest first', ({ choice, expected }) => {
    const cells = [800, 200, 400].map((size) => fakeCell('recvmmsg', oneByOne, size, 1e6));
    const table = titled(peak, cells, choice);
    expect(table?.rows.map((row) => row[1]?.value)).toEqual(expected);
    expect(table?.notes.some((note) => note.includes('report.md'))).toBe(choice === 'ends');
  });

  it('leave out what must not be quoted, and say so', () => {
    const good = fakeCell('recvmmsg', oneByOne, 200, 1e6);
    const bad = fakeCell('afxdp', oneByOne, 200, 1e6, { verdict: 'invalid', reasons: ['no'] });
    expect(titled(peak, [good, bad])?.notes).toContain('1 cell without a figure to quote left out.');
    expect(titled(peak, [good, bad])?.rows).toHaveLength(1);
    expect(titled(/What it costs/, [bad])).toBeUndefined();
  });

  it.each([
    { ratios: [0, 0], expected: undefined },
    { ratios: [12.4e-6, 0], expected: '12.4 ppm of the requests sent are unaccounted for: afxdp 1T1Q at 200.' },
    { ratios: [3e-6, 4e-6], expected: 'Up to 4.00 ppm of the requests sent are unaccounted for: all cells.' },
  ])('mention a residual of $ratios', ({ ratios, expected }) => {
    const cells = ratios.map((residualRatio, index) =>
      fakeCell('afxdp', oneByOne, 200 + 100 * index, 1e6, { residualRatio }),
    );
    expect(titled(peak, cells)?.notes.find((note) => note.includes('unaccounted'))).toBe(expected);
  });

  it('tell an absent figure from nothing', () => {
    const absent = { lossRatio: null, cpuNsPerReply: null, overloadRepliesPerSecond: null };
    const table = titled(peak, [fakeCell('dgram', oneByOne, 200, 1e6, absent)]);
    expect(rowOf(table, 'dgram 1T1Q')).toEqual(['200', '1000', '–', '–', '–', '–', 'poll', 'invoker']);
    expect(table?.notes).toContain('– not measured.');
  });

  it('are explained once, in the first table that needs it', () => {
    const notes = figureTables(fakeSummary(), 'ends').flatMap((table) =>
      table.title.startsWith('What it costs') ? table.notes : [],
    );
    const about = (pattern: RegExp) => notes.filter((note) => pattern.test(note));
    for (const pattern of [/^Lost:/, /^Full overload:/, /^CPU-ns a reply:/, /^On veth/, /upper bound/, /^spin:/]) {
      expect(about(pattern)).toHaveLength(1);
    }
  });

  it('of closed loops are CPU time and the way to wait, without a pacing generator', () => {
    const table = titled(/^What it costs: frames of 800 bytes/, [fakeLatencyCell('dgram')]);
    expect(rowOf(table, 'dgram 1T1Q')).toEqual(['15256', '30512', 'poll']);
    expect(table?.notes.join(' ')).not.toMatch(/never rests|Lost/);
  });
});

describe('rest', () => {
  const tablesOf = (cells: Summary['cells']) => figureTables(fakeSummary({ cells }), 'ends');

  it('shows what an invoker uses while nothing is sent', () => {
    const [table, ...others] = tablesOf([fakeRestCell('recvmmsg'), fakeRestCell('afxdp')]);
    expect(others).toEqual([]);
    expect(table?.columns.map(({ heading }) => unbroken(heading))).toEqual(['', 'CPU use invoker CPUs, %', 'waits']);
    expect(rowOf(table, 'recvmmsg 1T1Q')).toEqual(['0.02', 'poll']);
    expect(rowOf(table, 'afxdp 1T1Q')).toEqual(['100', 'spin']);
  });

  it('tells cells of several sizes apart', () => {
    const [table] = tablesOf([fakeRestCell('dgram'), fakeRestCell('dgram', { packetBytes: 400 })]);
    expect(table?.rows.map((row) => row[1]?.value)).toEqual(['200', '400']);
  });

  it('marks what is no plain figure', () => {
    const [table] = tablesOf([
      fakeRestCell('dgram', { verdict: 'invalid', reasons: ['steal'] }),
      cellWithout(fakeRestCell('recvfrom'), 'failed', 'no'),
      fakeRestCell('recvmmsg', { invokerCpuRatio: null }),
    ]);
    expect(table?.rows.map((row) => `${row[1]?.value} ${row[1]?.detail}`)).toEqual([
      '!0.42 (a)',
      'failed (b)',
      '– (c)',
    ]);
  });
});

describe('renderMarkdown', () => {
  it('has no heading with nothing under it', () => {
    const cells = [cellWithout(fakeCell('afxdp', oneByOne, 200, 1e6), 'failed', 'no')];
    const text = renderMarkdown(fakeSummary({ cells }), [], null);
    expect(text.match(/^## .*$/gm)).toEqual(['## How to read it', '## What went wrong']);
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
    {
      name: 'a ratio',
      cells: [best, cellOf(5e5)],
      expected: /: 2\.0 x recvmmsg \(1\.9 to 2\.1\)\. Weak evidence: ranges of 5 repeats\.$/,
    },
    { name: 'overlap', cells: [best, cellOf(9.9e5)], expected: /: ~ recvmmsg \(no evidence of a difference\)\.$/ },
    { name: 'a bound below', cells: [best, cellOf(5e5, { limit: 'generator' })], expected: /no ratio to recvmmsg/ },
    {
      name: 'a bound above',
      cells: [{ ...best, limit: 'generator' as const }, cellOf(5e5)],
      expected: /answers at least 1000 .*: at least 2\.0 x/,
    },
    { name: 'the path', cells: [{ ...best, limit: 'path' as const }], expected: /\(limit: path\)\.$/ },
    {
      name: 'invalid',
      cells: [cellOf(5e5), { ...best, verdict: 'invalid' as const }],
      expected: /^(?!.*afxdp).*recvmmsg/,
    },
    {
      name: 'no weakness from 6 repeats on',
      cells: [{ ...best, repeats: 6 }, cellOf(5e5, { repeats: 7 })],
      expected: /: 2\.0 x recvmmsg \(1\.9 to 2\.1\)\.$/,
    },
    {
      name: 'how few repeats there are',
      cells: [{ ...best, repeats: 2 }, cellOf(5e5, { repeats: 3 })],
      expected: /Weak evidence: ranges of 2 to 3 repeats\.$/,
    },
    {
      name: 'a single run',
      cells: [{ ...best, repeats: 1, confidence: 0 }, cellOf(5e5, { repeats: 1, confidence: 0 })],
      expected: /: 2\.0 x recvmmsg\. Weak evidence: one run each\.$/,
    },
    {
      name: 'round trips and who spins',
      cells: [fakeLatencyCell('dgram'), fakeLatencyCell('afxdp')],
      expected: /median round trip 22\.0 µs afxdp \(spins\), 61\.0 µs dgram\.$/,
    },
    {
      name: 'rest',
      cells: [fakeRestCell('afxdp'), fakeRestCell('recvfrom')],
      expected: /^At rest, 1T1Q, .* <0\.01 % recvfrom, 100 % afxdp \(spins\)\.$/,
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

  it('repeats implementation and frame size in each block of a cost table', () => {
    const cells = [fakeCell('recvmmsg', { threads: 1, queues: 1 }, 200, 1e6)];
    const text = renderTerminal(fakeSummary({ cells }), { ...plain, width: 50 });
    expect(text.split('\n').filter((line) => line.length > 50)).toEqual([]);
    expect(text.match(/^recvmmsg 1T1Q {2}200 /gm)?.length).toBeGreaterThan(1);
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
