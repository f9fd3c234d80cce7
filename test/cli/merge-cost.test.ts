import { describe, expect, it } from 'vitest';
import { main } from '../../harness/cost-command.js';
import { RunStore } from '../../harness/store/store.js';
import type { HistogramPairs } from '../../model/histogram.js';
import { temporaryFolder } from '../fakes/folder.js';
import { fakeCompleted, fakePrologue, fakeRunCell } from '../fakes/runs.js';
import { Captured } from '../fakes/streams.js';

async function mergeCost(...argv: string[]) {
  const [stdout, stderr] = [new Captured(), new Captured()];
  const code = await main(argv, { stdout, stderr, environment: {} });
  return { code, stdout, stderr };
}

async function recorded(histogram: HistogramPairs): Promise<string> {
  const cell = fakeRunCell('recvmmsg', { kind: 'closed', connections: 4 });
  const store = await RunStore.create(temporaryFolder(), fakePrologue([{ state: 'runnable', cell }]));
  await store.append(fakeCompleted(cell, 1000, { histogram }));
  return store.folder;
}

describe('npm run merge-cost', () => {
  it('has a line for each number of generators, whose round trips are of more and more buckets', async () => {
    const { code, stdout, stderr } = await mergeCost(await recorded([[100_000, 700]]));
    expect([code, stderr.text]).toEqual([0, '']);
    const [heading, ...rows] = stdout.lines.map((line) => line.trim().split(/ {2,}/));
    expect(heading).toEqual(['generators', 'MB of lines', 'ms to read', 'ms to merge', 'MB of memory', 'buckets']);
    const figures = rows.map((row) => row.join(' ').split(/ +/).map(Number));
    expect(figures.map(([generators]) => generators)).toEqual([1, 10, 100, 1000]);
    const buckets = figures.map((row) => row.at(-1) as number);
    expect(buckets[0]).toBe(1);
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
    expect(buckets[3]).toBeGreaterThan(10);
  });

  it.each<[string, () => Promise<string[]>, number, RegExp]>([
    [
      'a run without round trips',
      async () => [await recorded([])],
      1,
      /has no round trips: bench with --load closed=4$/,
    ],
    ['no run', async () => [temporaryFolder()], 1, /is no folder of a run/],
    ['no folder', async () => [], 2, /^invoker-bench: DIR: /],
    ['two folders', async () => ['a', 'b'], 2, /^invoker-bench: DIR: /],
  ])('%s: one line', async (_, words, code, message) => {
    const refused = await mergeCost(...(await words()));
    expect([refused.code, refused.stdout.text]).toEqual([code, '']);
    expect(refused.stderr.lines).toEqual([expect.stringMatching(message)]);
  });

  it.each(['--help', '-h'])('%s prints how to use it', async (flag) => {
    expect((await mergeCost(flag)).stdout.text).toMatch(/^usage: npm run merge-cost -- DIR/);
  });
});
