import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { main } from '../../harness/merge-command.js';
import { main as reportMain } from '../../harness/report-command.js';
import { RunStore } from '../../harness/store/store.js';
import { temporaryFolder } from '../fakes/folder.js';
import { fakeCompleted, plannedPrologue } from '../fakes/runs.js';
import { Captured } from '../fakes/streams.js';

async function run(command: typeof main, ...argv: string[]) {
  const [stdout, stderr] = [new Captured(), new Captured()];
  const code = await command(argv, { stdout, stderr, environment: {} });
  return { code, stdout, stderr };
}

const merge = (...argv: string[]) => run(main, ...argv);

/** The folder of a run that measured every cell of a size three times. */
async function recorded(results: string, runId: string, sizes: string, kernel = '6.8.0-45-generic'): Promise<string> {
  const planned = plannedPrologue({ impls: 'recvmmsg,afxdp', load: 'saturate', sizes, repeats: '3' });
  const prologue = { ...planned, runId, host: { ...planned.host, kernel } };
  const store = await RunStore.create(results, prologue);
  for (const repeat of [0, 1, 2]) {
    for (const { cell } of prologue.plan) await store.append(fakeCompleted(cell, 200_000 + repeat, { runId, repeat }));
  }
  return store.folder;
}

/** Every file of a folder with what is in it. */
const contents = (folder: string) =>
  readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);

describe('npm run merge', { timeout: 30_000 }, () => {
  it('makes one run of several, which npm run report reads, and leaves theirs as they are', async () => {
    const results = temporaryFolder();
    const folders = [
      await recorded(results, 'first', '200'),
      await recorded(results, 'second', '200'),
      await recorded(results, 'third', '800'),
    ];
    const before = folders.map(contents);
    const out = join(results, 'new', 'merged');

    const merged = await merge(...folders, '--out', out);
    expect([merged.code, merged.stderr.text]).toEqual([0, '']);
    expect(merged.stdout.lines).toEqual([
      `Merged 3 runs, 4 cells, 18 records: ${out}`,
      `Tables and charts: npm run report -- ${out}`,
    ]);
    expect(folders.map(contents)).toEqual(before);
    expect(readdirSync(join(results, 'new'))).toEqual(['merged']);
    expect(readdirSync(out).sort()).toEqual(['host.json', 'runs.ndjson']);

    const report = await run(reportMain, out);
    expect([report.code, report.stderr.text]).toEqual([0, '']);
    const said = report.stdout.text.replace(/\s+/g, ' ');
    expect(said).toContain('up to 9 repeats. Merged from 3 runs (first, second, third): cells of different runs');
    const { cells } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
    expect(cells.map((cell: { repeats: number }) => cell.repeats)).toEqual([6, 6, 3, 3]);
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('Merged from 3 runs (first, second, third): ');
  });

  it('loses no more than the half line of a killed run', async () => {
    const results = temporaryFolder();
    const [a, b] = [await recorded(results, 'a', '200'), await recorded(results, 'b', '200')];
    appendFileSync(join(a, 'runs.ndjson'), '{"half');
    expect((await merge(a, b, '--out', join(results, 'out'))).stdout.lines[0]).toContain('12 records');
  });

  it.each<[string, number, (folders: [string, string], out: string) => string[], RegExp]>([
    ['one folder', 2, ([a]) => [a], /^invoker-bench: DIR: two or more are needed, /],
    ['the same folder twice', 2, ([a]) => [a, a], /a is named twice: its records would count twice$/],
    ['its folder by another name', 2, ([a]) => [a, `${a}/.`], /both have records of run a, which would count twice/],
    [
      'a folder without records',
      2,
      ([a, b]) => {
        writeFileSync(join(b, 'runs.ndjson'), '');
        return [a, b];
      },
      /b has no record: leave it out$/,
    ],
    [
      'an empty folder',
      1,
      ([a, b]) => {
        rmSync(b, { recursive: true });
        mkdirSync(b);
        return [a, b];
      },
      /b is no folder of a run: cannot read its host\.json$/,
    ],
    [
      'a damaged line',
      1,
      ([a, b]) => {
        appendFileSync(join(b, 'runs.ndjson'), '{"schemaVersion":8}\n');
        return [a, b];
      },
      /b\/runs\.ndjson line 7 is no record of a run: /,
    ],
    [
      'a later version',
      1,
      ([a, b]) => {
        appendFileSync(join(b, 'runs.ndjson'), '{"schemaVersion":999}\n');
        return [a, b];
      },
      /b\/runs\.ndjson line 7 has records of version 999: /,
    ],
    [
      'a folder that exists',
      2,
      ([a, b], out) => {
        mkdirSync(out);
        return [a, b];
      },
      /^invoker-bench: --out: .*out exists: name a folder that is to be made$/,
    ],
    [
      'a file in the way',
      1,
      ([a, b]) => [a, b, '--out', join(a, 'host.json/out')],
      /out cannot be written \(ENOTDIR\)$/,
    ],
    ['a flag that is none', 2, ([a, b]) => [a, b, '--force'], /'--force'/],
  ])('%s: one line, nothing written', async (_, code, words, message) => {
    const results = temporaryFolder();
    const folders: [string, string] = [await recorded(results, 'a', '200'), await recorded(results, 'b', '200')];
    const out = join(results, 'out');
    const given = words(folders, out);
    const before = readdirSync(results);
    const refused = await merge('--out', out, ...given);
    expect([refused.code, refused.stdout.text]).toEqual([code, '']);
    expect(refused.stderr.lines).toEqual([expect.stringMatching(message)]);
    expect(readdirSync(results)).toEqual(before);
    expect(existsSync(join(out, 'host.json'))).toBe(false);
  });

  it('names the fact that another host or commit differs in', async () => {
    const results = temporaryFolder();
    const [a, b] = [await recorded(results, 'a', '200'), await recorded(results, 'b', '200', '6.12.0')];
    const refused = await merge(a, b, '--out', join(results, 'out'));
    expect(refused.code).toBe(2);
    expect(refused.stderr.text).toBe(
      `invoker-bench: ${b} is not to be merged with ${a}: host.kernel is 6.12.0, not 6.8.0-45-generic\n`,
    );
  });

  it('takes a copy of a folder for what it is', async () => {
    const results = temporaryFolder();
    const a = await recorded(results, 'a', '200');
    const copy = join(results, 'copy');
    cpSync(a, copy, { recursive: true });
    expect((await merge(a, copy, '--out', join(results, 'out'))).code).toBe(2);
  });

  it.each(['--help', '-h'])('%s prints how to use it', async (flag) => {
    const { code, stdout, stderr } = await merge(flag);
    expect([code, stderr.text]).toEqual([0, '']);
    expect(stdout.text).toMatch(/^Usage: npm run merge -- DIR DIR\.\.\./);
  });
});

describe('no folder', () => {
  it.each([
    [['a', ''], 'DIR'],
    [['a', 'b', '--out', ' '], '--out'],
  ])('has the name in %j', async (argv, option) => {
    const { code, stderr } = await merge(...argv);
    expect([code, stderr.text]).toEqual([
      2,
      expect.stringMatching(`^invoker-bench: ${option}: needs the path of a folder, `),
    ]);
  });
});
