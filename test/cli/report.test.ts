import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CanvasRenderingContext2D, createCanvas, type TextMetrics } from 'canvas';
import { describe, expect, it, vi } from 'vitest';
import type { Environment } from '../../common/cli/complaint.js';
import { exportIds } from '../../harness/report/export/exports.js';
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
    expect(charts.filter((name) => !/\.(svg|png|pdf)$/.test(name))).toEqual([]);

    for (const name of ['throughput.csv', 'latency.csv', 'summary.json', 'report.md', 'report.html', 'charts']) {
      rmSync(join(folder, name), { recursive: true });
    }
    const second = await report(folder, '--timing');
    expect(second.stdout.text).toBe(first.stdout.text);
    expect(csvOf(folder)).toEqual(once);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/<h2>The answer.*afxdp answers 701 /s);
    expect(readdirSync(join(folder, 'charts'))).toEqual(charts);
    expect(readFileSync(join(folder, 'runs.ndjson'), 'utf8')).toBe(records);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('leaves no chart or table of an earlier report beside the new ones, and what is not its own alone', async () => {
    const folder = await recorded(completed);
    await report(folder, '--reference', 'thesis');
    const own = ['charts/throughput.png', 'charts/notes.svg', 'tables/mine.csv', 'machine.png'];
    for (const name of own) writeFileSync(join(folder, name), 'mine');
    const lines = readFileSync(join(folder, 'runs.ndjson'), 'utf8').trim().split('\n');
    // The figures of one frame size and one load are left.
    const left = lines.filter((line) => /"packetBytes":200,/.test(line) && /"kind":"saturate"/.test(line));
    expect(left.length).toBeGreaterThan(0);
    writeFileSync(join(folder, 'runs.ndjson'), `${left.join('\n')}\n`);
    const fresh = temporaryFolder();
    for (const name of ['host.json', 'runs.ndjson']) cpSync(join(folder, name), join(fresh, name));
    expect((await report(folder)).code).toBe((await report(fresh)).code);
    const files = (of: string) => readdirSync(of, { recursive: true }).map(String).sort();
    expect(files(folder)).toEqual([...files(fresh), ...own].sort());
    for (const name of own) expect(readFileSync(join(folder, name), 'utf8')).toBe('mine');
  });

  it('prints the figures, the timing and where the files are', async () => {
    const folder = await recorded(completed);
    const { stdout } = await report(folder, '--timing');
    expect(stdout.text).toMatch(/\b701\b/);
    expect(stdout.text).toContain('median of 24 runs: 120 ms + 60 ms, together 180 ms.');
    expect(stdout.lines.at(-1)).toMatch(/^Records, tables and charts: /);
    expect((await report(folder)).stdout.text).not.toContain('Set-up');
  });

  it('prints the summary and nothing else on stdout as JSON', async () => {
    const folder = await recorded(completed);
    const { code, stdout, stderr } = await reportOn('terminal', {}, [
      folder,
      '--json',
      '--timing',
      '--reference',
      'thesis',
    ]);
    expect(code).toBe(0);
    expect(stdout.text).toBe(readFileSync(join(folder, 'summary.json'), 'utf8'));
    expect(stderr.text).toMatch(/^Set-up and tear-down[\s\S]*\nRecords, tables and charts: .*\n$/);
  });

  it('draws no charts where letters would be boxes, and says so in a line', async () => {
    const folder = await recorded(completed);
    const context = Object.getPrototypeOf(createCanvas(1, 1).getContext('2d')) as CanvasRenderingContext2D;
    const measured = vi.spyOn(context, 'measureText').mockReturnValue({ width: 10 } as TextMetrics);
    const { code, stdout } = await report(folder);
    measured.mockRestore();
    expect(code).toBe(0);
    expect(stdout.lines.at(-1)).toMatch(/^No charts: there is no font .* \(fonts-dejavu-core\)\.$/);
    expect(readdirSync(folder)).not.toContain('charts');
    expect(readFileSync(join(folder, 'report.md'), 'utf8')).not.toContain('](charts/');
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
    expect(readFileSync(join(folder, 'tables/published-kpps.csv'), 'utf8')).toMatch(/^name,200,.*\nrecvfrom 1T1Q,220,/);
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

  it('of a folder without a record says so, in every file', async () => {
    const folder = await recorded(completed);
    writeFileSync(join(folder, 'runs.ndjson'), '');
    const { code, stdout, stderr } = await report(folder, '--json');
    expect([code, JSON.parse(stdout.text).cells]).toEqual([3, []]);
    expect(stderr.lines).toEqual([expect.stringMatching(/^Records, tables and charts: /)]);
    expect(readFileSync(join(folder, 'report.tex'), 'utf8')).toMatch(/\\begin\{document\}[\s\S]*\\end\{document\}\n$/);
    expect(csvOf(folder).map((text) => text.split('\n').length)).toEqual([2, 2]);
  });

  it('makes do with one cell', async () => {
    const prologue = plannedPrologue({ impls: 'afxdp', sizes: '200', load: 'saturate', repeats: '1' });
    const store = await RunStore.create(temporaryFolder(), prologue);
    for (const planned of prologue.plan) await store.append(completed(planned, 0));
    const { code, stderr } = await report(store.folder);
    expect([code, stderr.text]).toEqual([0, '']);
    expect(readFileSync(join(store.folder, 'tables/throughput-kpps-live.csv'), 'utf8')).toBe(
      'name,200\nafxdp 1T1Q,700\n',
    );
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

describe('npm run report -- --figure', { timeout: 30_000 }, () => {
  it('draws what was published, without a run', async () => {
    const out = temporaryFolder();
    const { code, stdout, stderr } = await report('--figure', '16,table3', '--reference', 'thesis', '--out', out);
    expect([code, stderr.text]).toEqual([0, '']);
    const names = readdirSync(join(out, 'figures')).sort();
    expect(names).toEqual(expect.arrayContaining(['figure-16.png', 'figure-16.svg', 'table-3.csv', 'table-3.md']));
    for (const name of names) expect(stdout.lines.some((line) => line.endsWith(`figures/${name}`))).toBe(true);
    expect(stdout.text).toMatch(/^8 +1080 +169$/m);
  });

  it('draws a run into its folder, and names the cells that it lacks', async () => {
    const folder = await recorded(completed);
    const { code, stdout, stderr } = await report(folder, '--figure', '16', '--figure', '14');
    expect(code).toBe(0);
    expect(stdout.text).toContain('figures/figure-16.svg');
    const by = 'measured by npm run bench -- --scenario scenarios/thesis.yaml';
    expect(stderr.lines).toEqual([
      `invoker-bench: --figure 16: the run has no valid figure of recvmmsg 2T2Q, 4T2Q, 4T4Q, 8T4Q, ${by}`,
      `invoker-bench: --figure 14 is not drawn: the run has no valid figure of recvfrom 1T1Q, ${by}`,
    ]);
    expect(readdirSync(folder)).not.toContain('report.md');
  });

  it('says by its exit code that nothing could be drawn', async () => {
    const folder = await recorded(completed);
    const { code, stdout } = await report(folder, '--figure', '14,table3');
    expect([code, stdout.text, readdirSync(folder)]).toEqual([3, '', ['host.json', 'runs.ndjson']]);
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
    [
      'a --figure 1',
      '--figure: 1 is not one of 14, 15, 16, 23, 24, 25, 26, 27, table3, table4, table5, table6, table7, all',
    ],
    ['--figure 16', 'DIR: it is missing, the folder of a run; without one --reference thesis draws what was published'],
    ['a --figure 16 --out b', '--out: is of --export, and of --figure without DIR'],
    ['a --figure 16 --timing', '--timing: is of a whole report, not of --figure'],
    ['a --export xml', '--export: xml is not one of hdr, benchmark-action, otava, openmetrics, csit'],
    ['a --export hdr --json', '--export: makes no report, and goes without --json'],
    ['a --out b', '--out: is of --export, and of --figure without DIR'],
    ['a --export hdr --out=', '--out: needs the path of a folder, not ""'],
    ['--figure 16 --reference thesis --out=', '--out: needs the path of a folder, not ""'],
  ])('npm run report -- %s', async (line, message) => {
    const { code, stdout, stderr } = await report(...line.split(' ').filter(Boolean));
    expect([code, stdout.text, stderr.text]).toEqual([2, '', `invoker-bench: ${message}\n`]);
  });

  it.each([[''], ['', '--figure', '16'], [' ', '--export', 'hdr']])('no folder has the name "%s"', async (...argv) => {
    const { code, stderr } = await report(...argv);
    expect([code, stderr.text]).toEqual([2, `invoker-bench: DIR: needs the path of a folder, not "${argv[0]}"\n`]);
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

describe('npm run report -- DIR --export', () => {
  it.each(exportIds)('%s writes below the run, prints the paths, and makes no report', async (id) => {
    const folder = await recorded(completed);
    const { code, stdout, stderr } = await report(folder, '--export', id);
    expect([code, stderr.text]).toEqual([0, '']);
    expect(stdout.lines.length).toBeGreaterThan(0);
    for (const path of stdout.lines) expect(readFileSync(path, 'utf8').length).toBeGreaterThan(100);
    expect(readdirSync(folder).sort()).toEqual(['export', 'host.json', 'runs.ndjson']);
    const found = readdirSync(join(folder, 'export'), { recursive: true, withFileTypes: true });
    expect(found.filter((entry) => entry.isFile())).toHaveLength(stdout.lines.length);
  });

  it('writes where --out says, as often as it is asked, and of the newest version', async () => {
    const folder = await recorded(completed);
    const out = join(temporaryFolder(), 'a', 'b');
    await report(folder, '--export', 'otava', '--out', out);
    const { code } = await report(folder, '--export', 'otava', '--out', out);
    expect([code, readdirSync(out).sort()]).toEqual([0, ['otava.csv', 'otava.yaml']]);
  });

  it('has the exit code of the run', async () => {
    const folder = await recorded((planned, repeat) =>
      planned.cell.implementation === 'afxdp' ? fakeFailed(planned.cell, 'PROBE', 'no') : completed(planned, repeat),
    );
    const { code, stdout } = await report(folder, '--export', 'benchmark-action');
    expect([code, stdout.lines.length]).toEqual([1, 2]);
  });

  it.each(exportIds)('%s of a run without a figure says so and writes nothing', async (id) => {
    for (const attempt of [() => [], ({ cell }: PlannedCell) => [fakeSkipped(cell, 'needs root')]]) {
      const prologue = plannedPrologue({ impls: 'recvmmsg', sizes: '200', repeats: '1' });
      const store = await RunStore.create(temporaryFolder(), prologue);
      for (const run of prologue.plan.flatMap(attempt)) await store.append(run);
      const { code, stdout, stderr } = await report(store.folder, '--export', id);
      expect([code, stdout.text]).toEqual([3, '']);
      expect(stderr.lines).toEqual([expect.stringMatching(`: nothing to export as ${id}: no cell (has|ran)`)]);
      expect(readdirSync(store.folder).sort()).toEqual(['host.json', 'runs.ndjson']);
      expect((await report(store.folder, '--export', id, '--allow-empty')).code).toBe(0);
    }
  });

  it('that cannot be written fails in one line and leaves nothing half-written', async () => {
    const folder = await recorded(completed);
    writeFileSync(join(folder, 'taken'), 'mine');
    const blocked = await report(folder, '--export', 'otava', '--out', join(folder, 'taken', 'below'));
    expect([blocked.code, blocked.stdout.text]).toEqual([1, '']);
    expect(blocked.stderr.lines).toEqual([expect.stringMatching(/otava\.csv cannot be written \(ENOTDIR\)$/)]);
    mkdirSync(join(folder, 'export', 'otava.csv', 'full'), { recursive: true });
    const { code, stdout, stderr } = await report(folder, '--export', 'otava');
    expect([code, stdout.text]).toEqual([1, '']);
    expect(stderr.lines).toEqual([expect.stringMatching(/otava\.csv cannot be written \((EISDIR|ENOTEMPTY)\)$/)]);
    expect(readdirSync(join(folder, 'export'))).toEqual(['otava.csv']);
  });
});
