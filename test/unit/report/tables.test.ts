import { describe, expect, it } from 'vitest';
import { type Extent, type Table, unbroken } from '../../../harness/report/table.js';
import { remarkTables } from '../../../harness/report/tables/remark-tables.js';
import { figureTables } from '../../../harness/report/tables/tables.js';
import type { Summary } from '../../../model/summary.js';
import {
  cellWithout,
  fakeCell,
  fakeFigure,
  fakeLatencyCell,
  fakeRateCell,
  fakeRestCell,
  fakeSummary,
} from '../../fakes/summary.js';

const oneByOne = { threads: 1, queues: 1 };

function rowOf(table: Table | undefined, label: string): string[] {
  const row = table?.rows.find(([first]) => first?.value === label) ?? [];
  return row.slice(1).map(({ value, detail }) => `${value} ${detail}`.trim());
}

describe('figureTables', () => {
  const tables = figureTables(fakeSummary(), 'full');

  it('makes one throughput table an engine and unit, then the other answers, then costs', () => {
    expect(tables.map(({ title }) => title)).toEqual([
      expect.stringMatching(/thousand packets\/s .*XDP live frames/),
      expect.stringMatching(/Mbit\/s .*XDP live frames/),
      expect.stringMatching(/thousand packets\/s .*AF_XDP TX sockets/),
      expect.stringMatching(/Mbit\/s .*AF_XDP TX sockets/),
      expect.stringMatching(/Round-trip time in µs .*800 bytes.*UDP sockets.*closed=4/),
      expect.stringMatching(/At rest/),
      expect.stringMatching(/What it costs at the peak.*XDP live frames/),
      expect.stringMatching(/What it costs at the peak.*AF_XDP TX sockets/),
      expect.stringMatching(/What it costs.*800 bytes.*UDP sockets.*closed=4/),
    ]);
  });

  it('has a row a variant, named by what varies', () => {
    const cells = ['', 'batch=8', 'batch=64,idle=spin'].map((variant) => ({
      ...fakeCell('afxdp', oneByOne, 200, 1e6),
      variant,
    }));
    const [table] = figureTables(fakeSummary({ cells }), 'brief');
    expect(table?.rows.map(([label]) => label?.value)).toEqual([
      'afxdp 1T1Q',
      'afxdp 1T1Q batch=8',
      'afxdp 1T1Q batch=64 idle=spin',
    ]);
  });

  it('makes throughput tables in one unit where it is brief', () => {
    const titles = figureTables(fakeSummary(), 'brief').map(({ title }) => title);
    expect(titles.filter((title) => title.startsWith('Throughput'))).toHaveLength(2);
    expect(titles.join()).not.toContain('Mbit');
  });

  it('makes one where there is one engine', () => {
    const summary = fakeSummary();
    const cells = summary.cells.filter(({ engine }) => engine === 'live');
    expect(figureTables({ ...summary, cells }, 'full')).toHaveLength(3);
  });

  it('splits by function and load', () => {
    const base = fakeCell('afxdp', oneByOne, 200, 1e6);
    const echo = { ...base, functionId: 'echo' as const };
    const titles = figureTables(fakeSummary({ cells: [base, echo, fakeRateCell('afxdp')] }), 'brief').map(({ title }) =>
      title.replace(/:.*: |: /, ': '),
    );
    expect(new Set(titles).size).toBe(6);
  });

  it('never calls an offered rate throughput', () => {
    const titles = figureTables(fakeSummary({ cells: [fakeRateCell('afxdp')] }), 'full').map(({ title }) => title);
    expect(titles).toEqual([
      expect.stringMatching(/^Round-trip time/),
      expect.stringMatching(/^What it costs: frames/),
    ]);
  });

  it('says that Mbit/s count the longer replies of expand', () => {
    const notesOf = (functionId: 'expand' | 'echo') =>
      figureTables(fakeSummary({ cells: [fakeCell('afxdp', oneByOne, 200, 1e6, { functionId })] }), 'full').map(
        ({ notes }) => notes.join(' '),
      );
    expect(notesOf('expand').map((notes) => notes.includes('frames of the replies'))).toEqual([false, true, false]);
    expect(notesOf('echo').join()).not.toContain('frames of the replies');
  });

  it('marks what is no plain figure', () => {
    expect(rowOf(tables[0], 'dgram 2T2Q')[0]).toBe('– (a)');
    expect(rowOf(tables[2], 'recvfrom 4T4Q')[5]).toBe('failed (b)');
    expect(rowOf(tables[0], 'recvmmsg 2T2Q')[2]).toBe('!616 (c)');
    expect(rowOf(tables[2], 'afxdp 4T4Q')[0]).toBe('≥4160 4080–4290');
    expect(tables[2]?.notes.join(' ')).toContain('lower bound');
    expect(tables[0]?.notes.join(' ')).not.toContain('lower bound');
  });

  it('gives no interval for a single run', () => {
    const cell = fakeCell('afxdp', oneByOne, 200, 1e6, {
      repeats: 1,
      repliesPerSecond: { ...fakeFigure(1e6), confidence: 0 },
    });
    const [table] = figureTables(fakeSummary({ cells: [cell] }), 'brief');
    expect(rowOf(table, 'afxdp 1T1Q')).toEqual(['1000']);
    expect(table?.notes).toEqual(['One run a cell: no interval.']);
  });

  it('names an order-statistic interval from 6 repeats on', () => {
    const cell = fakeCell('afxdp', oneByOne, 200, 1e6, {
      repeats: 9,
      repliesPerSecond: { ...fakeFigure(1e6), confidence: 0.9609375 },
    });
    const [table] = figureTables(fakeSummary({ cells: [cell] }), 'brief');
    expect(table?.notes[0]).toMatch(/9 runs; low–high is an order-statistic interval, .* 96.1 %/);
  });

  it.each([
    {
      repeats: [2, 3, 9],
      expected: [/^Median of 2 to 3 runs; low–high is their range, .* 50 % to 75 %\.$/, /^Median of 9 runs; /],
    },
    {
      repeats: [1, 3],
      expected: [/^A figure without low–high is of one run\.$/, /^Median of 3 runs; .* with a probability of 75 %\.$/],
    },
  ])('explains the intervals of $repeats runs in a sentence a kind', ({ repeats, expected }) => {
    const cells = repeats.map((number, index) =>
      fakeCell('afxdp', oneByOne, 200 + index * 100, 1e6, {
        repeats: number,
        repliesPerSecond: { ...fakeFigure(1e6), confidence: 1 - 2 * 0.5 ** number },
      }),
    );
    const [table] = figureTables(fakeSummary({ cells }), 'brief');
    expect(table?.notes).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  it('tells which implementations spin beside their round trips', () => {
    expect(tables[4]?.rows.map(([label]) => label?.value)).toContain('afxdp 1T1Q (spins)');
    expect(tables[4]?.notes.join(' ')).toContain('(spins)');
    const polling = figureTables(fakeSummary({ cells: [fakeLatencyCell('afxdp', { idle: 'poll' })] }), 'brief');
    expect(polling.flatMap(({ notes }) => notes).join(' ')).not.toContain('spin');
  });

  it('says so where a completed cell has no figure', () => {
    const cell = fakeCell('afxdp', oneByOne, 200, 1e6, { repliesPerSecond: null, bitsPerSecond: null });
    const [table] = figureTables(fakeSummary({ cells: [cell] }), 'brief');
    expect(rowOf(table, 'afxdp 1T1Q')).toEqual(['– (a)']);
  });

  it.each([
    [1, 'a percentile that too few round trips support', 990, ['22.0', '27.0', '–', '–', '–', '4182', '990']],
    [0, 'none that enough support', 100_000, ['22.0', '27.0', '41.4', '98.3', '2140', '4182', '100k']],
  ])('has %d notes on %s', (notes, _, count, row) => {
    const { latencyNs } = fakeLatencyCell('afxdp');
    const few = latencyNs && { ...latencyNs, count, ...(notes === 1 ? { p99: null, p99_9: null, p99_99: null } : {}) };
    const [table] = figureTables(fakeSummary({ cells: [fakeLatencyCell('afxdp', { latencyNs: few })] }), 'brief');
    expect(rowOf(table, 'afxdp 1T1Q (spins)')).toEqual(row);
    expect(table?.notes.filter((note) => note.startsWith('– too few round trips'))).toHaveLength(notes);
  });

  it('tells the loss beside the round trips at a rate', () => {
    const [table] = figureTables(fakeSummary({ cells: [fakeRateCell('dgram')] }), 'brief');
    expect(rowOf(table, 'dgram 1T1Q').slice(0, 2)).toEqual(['38', '61.0']);
    expect(table?.notes.join()).toContain('from when a request was due');
  });
});

describe('costs', () => {
  const titled = (title: RegExp, cells: Summary['cells'], extent: Extent = 'full') =>
    figureTables(fakeSummary({ cells }), extent).find((table) => table.title.match(title));
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
    { extent: 'brief' as const, expected: ['200', '800'] },
    { extent: 'full' as const, expected: ['200', '400', '800'] },
  ])('of $extent extent, smallest frame first', ({ extent, expected }) => {
    const cells = [800, 200, 400].map((size) => fakeCell('recvmmsg', oneByOne, size, 1e6));
    const table = titled(peak, cells, extent);
    expect(table?.rows.map((row) => row[1]?.value)).toEqual(expected);
    expect(table?.notes.some((note) => note.includes('report.md'))).toBe(extent === 'brief');
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
    { ratios: [12.4e-6, 0], expected: 'Requests unaccounted for, of those measured: 12.4 ppm; afxdp 1T1Q at 200.' },
    { ratios: [3e-6, 4e-6], expected: 'Requests unaccounted for, of those measured: up to 4.00 ppm; all cells.' },
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
    expect(table?.notes).toContain(
      '– not measured, or too few ticks of 10 ms: phases under 1 s, CPUs busy for under 0.1 s.',
    );
  });

  it('are explained in the file only', () => {
    const notes = figureTables(fakeSummary(), 'brief').flatMap((table) => table.notes);
    expect(notes.filter((note) => /^CPU-ns a reply:|^On veth/.test(note))).toEqual([]);
  });

  it('are explained once, in the first table that needs it', () => {
    const notes = figureTables(fakeSummary(), 'full').flatMap((table) =>
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
  const tablesOf = (cells: Summary['cells']) => figureTables(fakeSummary({ cells }), 'brief');

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
