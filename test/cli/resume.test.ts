import { appendFileSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { main } from '../../harness/bench-command.js';
import { readRun } from '../../harness/store/store.js';
import { temporaryFolder } from '../fakes/folder.js';
import { Captured } from '../fakes/streams.js';

async function bench(argv: string[]) {
  const [stdout, stderr] = [new Captured(), new Captured()];
  const interrupt = new AbortController().signal;
  const code = await main(argv, { stdout, stderr, privileges: 'user', environment: {}, interrupt });
  return { code, stdout, stderr };
}

const patience = { timeout: 60_000 };

/** The folder of a run of four cells, none of which a user can measure; it ended in the third record. */
async function killed(): Promise<{ folder: string; cells: string[] }> {
  const out = temporaryFolder();
  const { code } = await bench(['--sizes', '60,800', '--impls', 'dgram,recvfrom', '--load', 'none', '--out', out]);
  expect(code).toBe(3);
  const folder = realpathSync(join(out, 'latest'));
  const lines = readFileSync(join(folder, 'runs.ndjson'), 'utf8').split('\n');
  writeFileSync(join(folder, 'runs.ndjson'), `${lines.slice(0, 2).join('\n')}\n${lines[2]?.slice(0, 99)}`);
  return { folder, cells: lines.slice(0, 4).map((line) => JSON.parse(line).cell.id) };
}

describe('--resume', () => {
  it('goes on with what has no record, and reports the whole', patience, async () => {
    const { folder, cells } = await killed();
    const { code, stdout, stderr } = await bench(['--resume', folder]);
    expect(code).toBe(3);
    expect(stderr.lines.slice(0, 1)).toEqual(['invoker-bench: 2 runs of it have no record, expected time 0 s.']);
    expect(stderr.lines.slice(1)).toEqual(cells.slice(2).map((id) => expect.stringMatching(`^${id}: skipped: `)));
    expect((await readRun(folder)).runs.map(({ cell }) => cell.id)).toEqual(cells);
    expect(stdout.text).toContain('Records, tables and charts: ');
    const again = await bench(['--resume', folder]);
    expect(again.stderr.lines).toEqual(['invoker-bench: 0 runs of it have no record, expected time 0 s.']);
  });

  it('--dry-run says what is left and touches nothing', patience, async () => {
    const { folder } = await killed();
    const records = readFileSync(join(folder, 'runs.ndjson'), 'utf8');
    const { code, stdout, stderr } = await bench(['--resume', folder, '--dry-run']);
    expect([code, stderr.text]).toEqual([0, '']);
    expect(stdout.text).toMatch(/^invoker-bench: 2 runs of it have no record, .*\n[\s\S]*Nothing was touched\.\n$/);
    expect(readFileSync(join(folder, 'runs.ndjson'), 'utf8')).toBe(records);
  });

  it('refuses where the kernel is another one', patience, async () => {
    const { folder } = await killed();
    const prologue = JSON.parse(readFileSync(join(folder, 'host.json'), 'utf8'));
    writeFileSync(
      join(folder, 'host.json'),
      JSON.stringify({ ...prologue, host: { ...prologue.host, kernel: '4.9' } }),
    );
    const { code, stdout, stderr } = await bench(['--resume', folder]);
    expect([code, stdout.text, stderr.lines.length]).toEqual([2, '', 1]);
    expect(stderr.text).toContain(` cannot be gone on with, as its records would not match: host.kernel is `);
  });

  it('names the line that is damaged', patience, async () => {
    const { folder } = await killed();
    appendFileSync(join(folder, 'runs.ndjson'), '\n');
    const { code, stderr } = await bench(['--resume', folder]);
    expect([code, stderr.lines.length]).toEqual([1, 1]);
    expect(stderr.text).toMatch(/runs\.ndjson line 3 is not JSON$/m);
  });

  it('refuses what is no run', async () => {
    const { code, stderr } = await bench(['--resume', temporaryFolder()]);
    expect(code).toBe(2);
    expect(stderr.text).toMatch(/^invoker-bench: --resume: \S+ is no folder of a run: cannot read its host\.json\n$/);
  });
});

describe('--budget and --cell', () => {
  const question = ['--sizes', '60,800', '--impls', 'dgram', '--load', 'closed=1', '--seed', '1', '--dry-run'];

  it('say what they take away', async () => {
    const { code, stdout } = await bench([...question, '--budget', '20s']);
    expect(code).toBe(0);
    expect(stdout.lines[0]).toMatch(
      /^invoker-bench: --budget: 4 of 6 repeats, of all cells alike, expected time 1\d s$/,
    );
    expect(stdout.text).toContain('8 runs of 2 cells, expected time');
  });

  it('leave the question as it is where there is room for it', async () => {
    const { stdout } = await bench([...question, '--budget', '1h', '--cell', 'dgram-1T1Q-800-reverse-closed=1']);
    expect(stdout.text).toMatch(/^Scenario [\s\S]*6 runs of 1 cell,/);
  });

  it.each([
    [['--budget', '2s'], /^invoker-bench: --budget: one repeat of each cell takes \d s, more than 2s\n$/],
    [['--cell', 'dgram'], /^invoker-bench: --cell: dgram is not one of the 2 cells of this question\n$/],
  ])('%j is refused', async (words, message) => {
    const { code, stdout, stderr } = await bench([...question, ...words]);
    expect([code, stdout.text]).toEqual([2, '']);
    expect(stderr.text).toMatch(message);
  });
});
