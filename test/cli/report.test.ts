import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Environment } from '../../common/cli/complaint.js';
import { main } from '../../harness/report-command.js';
import { RunStore } from '../../harness/store/store.js';
import type { PlannedCell } from '../../model/cell.js';
import type { Run } from '../../model/record.js';
import { temporaryFolder } from '../fakes/folder.js';
import { fakeCompleted, fakeFailed, fakeLedger, fakeSkipped, plannedPrologue } from '../fakes/runs.js';
import { Captured } from '../fakes/streams.js';

async function report(...argv: string[]) {
  return reportOn('file', {}, argv);
}

async function reportOn(kind: 'file' | 'terminal', environment: Environment, argv: string[]) {
  const [stdout, stderr] = [new Captured(kind), new Captured()];
  const code = await main(argv, { stdout, stderr, environment });
  return { code, stdout, stderr };
}

/** The records of three repeats of every cell; `attempt` says how one went. */
async function recorded(attempt: (planned: PlannedCell, repeat: number) => Run) {
  const prologue = plannedPrologue({ impls: 'recvmmsg,afxdp', sizes: '200,800,1400', repeats: '3' });
  const store = await RunStore.create(temporaryFolder(), prologue);
  for (const repeat of [0, 1, 2]) {
    for (const planned of prologue.plan) await store.append(attempt(planned, repeat));
  }
  return store.folder;
}

const completed = ({ cell }: PlannedCell, repeat: number) =>
  fakeCompleted(cell, (cell.implementation === 'afxdp' ? 700_000 : 200_000) + 1000 * repeat, { repeat });

const csvOf = (folder: string) =>
  ['throughput.csv', 'latency.csv'].map((name) => readFileSync(join(folder, name), 'utf8'));

describe('npm run report', { timeout: 30_000 }, () => {
  it('makes all reports again from the records alone, the same each time', async () => {
    const folder = await recorded(completed);
    const records = readFileSync(join(folder, 'runs.ndjson'), 'utf8');

    const first = await report(folder, '--timing');
    expect([first.code, first.stderr.text]).toEqual([0, '']);
    const once = csvOf(folder);
    const charts = readdirSync(join(folder, 'charts'));
    expect(charts.length).toBeGreaterThanOrEqual(4);
    expect(charts.filter((name) => !/\.(svg|png)$/.test(name))).toEqual([]);

    for (const name of ['throughput.csv', 'latency.csv', 'summary.json', 'report.md', 'charts']) {
      rmSync(join(folder, name), { recursive: true });
    }
    const second = await report(folder, '--timing');
    expect(second.stdout.text).toBe(first.stdout.text);
    expect(csvOf(folder)).toEqual(once);
    expect(readdirSync(join(folder, 'charts'))).toEqual(charts);
    expect(readFileSync(join(folder, 'runs.ndjson'), 'utf8')).toBe(records);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('prints the figures, the timing and where the files are', async () => {
    const folder = await recorded(completed);
    const { stdout } = await report(folder, '--timing');
    expect(stdout.text).toMatch(/\b701\b/);
    expect(stdout.text).toContain('median of 24 runs: 120 ms + 60 ms, together 180 ms.');
    expect(stdout.lines.at(-1)).toMatch(/^Records, tables and charts: /);
    expect((await report(folder)).stdout.text).not.toContain('Set-up');
  });

  it('is coloured on a terminal, unless NO_COLOR is set', async () => {
    const folder = await recorded(completed);
    expect((await reportOn('terminal', {}, [folder])).stdout.text).toContain('\u001b[');
    expect((await reportOn('terminal', { NO_COLOR: '1' }, [folder])).stdout.text).not.toContain('\u001b[');
  });

  it('lays published figures over them when asked', async () => {
    const folder = await recorded(completed);
    const plain = await report(folder);
    const compared = await report(folder, '--reference', 'thesis');
    expect(compared.code).toBe(0);
    expect(plain.stdout.text).not.toContain('Gerling');
    expect(compared.stdout.text).toContain('Gerling');
  });

  it.each<[string, (planned: PlannedCell, repeat: number) => Run, number]>([
    ['skipped', ({ cell }) => fakeSkipped(cell, 'no XDP here'), 0],
    ['failed', ({ cell }) => fakeFailed(cell, 'PROBE', 'no answer'), 1],
    [
      'failed once of three times, which leaves enough sound runs',
      (planned, repeat) => (repeat === 1 ? fakeFailed(planned.cell, 'PROBE', 'no answer') : completed(planned, repeat)),
      0,
    ],
    [
      'failed twice of three times',
      (planned, repeat) => (repeat > 0 ? fakeFailed(planned.cell, 'PROBE', 'no answer') : completed(planned, repeat)),
      1,
    ],
    ['invalid', ({ cell }, repeat) => fakeCompleted(cell, 1000, { repeat, ledger: fakeLedger(1000, { wrong: 1 }) }), 1],
  ])('says by its exit code that cells are %s', async (_, attempt, code) => {
    const folder = await recorded((planned, repeat) =>
      planned.cell.implementation === 'afxdp' ? attempt(planned, repeat) : completed(planned, repeat),
    );
    expect((await report(folder)).code).toBe(code);
  });

  it('says by its exit code that nothing was measured', async () => {
    const folder = await recorded(({ cell }) => fakeSkipped(cell, 'needs root'));
    expect((await report(folder)).code).toBe(3);
    expect((await report(folder, '--allow-empty')).code).toBe(0);
  });

  it('makes do with the cells that an interrupted run reached', async () => {
    const folder = await recorded(completed);
    const [first = ''] = readFileSync(join(folder, 'runs.ndjson'), 'utf8').split('\n');
    writeFileSync(join(folder, 'runs.ndjson'), `${first}\n{"half`);
    const { code, stderr } = await report(folder);
    expect([code, stderr.text]).toEqual([0, '']);
    expect(csvOf(folder)[0]?.trimEnd().split('\n')).toHaveLength(2);
  });
});

describe('what is no run', () => {
  it.each<[string, (folder: string) => void, RegExp]>([
    ['a folder that is missing', (folder) => rmSync(folder, { recursive: true }), /is no folder of a run/],
    ['an empty folder', () => {}, /is no folder of a run: cannot read its host\.json$/],
    ['an older version', (folder) => writeFileSync(join(folder, 'host.json'), '{"schemaVersion":5}'), /of version 5:/],
    ['a folder in place of a file', (folder) => mkdirSync(join(folder, 'host.json')), /is no folder of a run/],
  ])('%s: one line, exit 1, no file', async (_, act, message) => {
    const folder = join(temporaryFolder(), 'run');
    mkdirSync(folder);
    act(folder);
    const { code, stdout, stderr } = await report(folder);
    expect([code, stdout.text]).toEqual([1, '']);
    expect(stderr.lines).toEqual([expect.stringMatching(message)]);
    expect(stderr.text).toContain(folder);
  });
});

describe('wrong usage', () => {
  it.each([
    ['', 'DIR: it is missing, the folder of a run such as results/latest'],
    ['a b c', 'DIR: one folder, not also b c'],
    ['a --reference rfc', '--reference: rfc is not thesis'],
  ])('npm run report -- %s', async (line, message) => {
    const { code, stdout, stderr } = await report(...line.split(' ').filter(Boolean));
    expect([code, stdout.text, stderr.text]).toEqual([2, '', `invoker-bench: ${message}\n`]);
  });

  it.each([['--frobnicate'], ['--reference'], ['--timing=yes'], ['-x']])('%s is refused in one line', async (flag) => {
    const { code, stdout, stderr } = await report('a', flag);
    expect([code, stdout.text]).toEqual([2, '']);
    expect(stderr.lines).toEqual([expect.stringContaining(flag.split('=')[0] as string)]);
  });

  it.each(['--help', '-h'])('%s prints how to use it', async (flag) => {
    const { code, stdout, stderr } = await report(flag);
    expect([code, stderr.text]).toEqual([0, '']);
    expect(stdout.text).toMatch(/^Usage: npm run report -- DIR/);
  });
});
