import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../../harness/report/markdown.js';
import { renderTerminal } from '../../../harness/report/terminal.js';
import type { ImplementationId } from '../../../model/ids.js';
import type { CellSummary, Summary } from '../../../model/summary.js';
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
const plain = { colour: 'plain', reference: null } as const;

const impls: ImplementationId[] = ['dgram', 'recvmmsg', 'afxdp'];
const each = (make: (impl: ImplementationId) => CellSummary) => impls.map(make);

/** A small run of each load, with what its marks and notes are for. */
const runs: Record<string, CellSummary[]> = {
  saturate: [
    ...each((impl) => fakeCell(impl, oneByOne, 200, { dgram: 62e3, recvmmsg: 458e3 }[impl as 'dgram'] ?? 1343e3)),
    cellWithout(fakeCell('xdp', oneByOne, 200, 1), 'skipped', 'no XDP here'),
  ],
  capacity: [
    ...each((impl) => fakeCapacityCell(impl)),
    fakeCapacityCell('afxdp', 1400, { pdr: { ...searchedOnce(561e3, null), bracket: null } }),
  ],
  'capacity-once': [
    fakeCapacityCell('recvmmsg', 200, { ndr: searchedOnce(366e3, 369e3), pdr: searchedOnce(412e3, null), repeats: 1 }),
    fakeCapacityCell('dgram', 200, { pdr: searchedOnce(61e3, 61.5e3), repeats: 1 }),
  ],
  rate: each((impl) => fakeRateCell(impl)),
  closed: each((impl) => fakeLatencyCell(impl)),
  'latency-under-load': each((impl) => fakeLevelsCell(impl, { limit: impl === 'afxdp' ? 'generator' : 'none' })),
  none: each((impl) => fakeRestCell(impl)),
};

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

  it.each(Object.entries(runs))('of %s', async (load, cells) => {
    const summary = fakeSummary({ cells });
    const text = renderTerminal(summary, { ...plain, width: 100 });
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    await expect(text).toMatchFileSnapshot(`golden/${load}.txt`);
    await expect(renderMarkdown(summary, [], null)).toMatchFileSnapshot(`golden/${load}.md`);
  });
});

describe('renderMarkdown', () => {
  it('has no heading with nothing under it', () => {
    const cells = [cellWithout(fakeCell('afxdp', oneByOne, 200, 1e6), 'failed', 'no')];
    const text = renderMarkdown(fakeSummary({ cells }), [], null);
    expect(text.match(/^## .*$/gm)).toEqual(['## How to read it', '## What went wrong']);
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

  it('ends with the findings', () => {
    const text = renderTerminal(fakeSummary(), { ...plain, width: 80 });
    const [, after = ''] = text.split('\nFindings\n');
    expect(after).not.toContain('\n\n');
    expect(after.match(/^- /gm)?.length).toBe(7);
  });

  it('has no block of one column where blocks can be even', () => {
    const text = renderTerminal(fakeSummary(), { ...plain, width: 80 });
    expect(text.match(/^ +(200 +)?400 .*$|^ +1000 +1200 +1400$/gm)?.length).toBeGreaterThan(1);
  });
});
