import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { RunStore } from '../../harness/store/store.js';
import { temporaryFolder } from '../fakes/folder.js';
import freshDist from '../fakes/fresh-dist.js';
import { fakeCompleted, plannedPrologue } from '../fakes/runs.js';

/** What installs and compiles, none of which help, plans and reports need. */
const hidden = /^(dpkg|apt|g\+\+|gcc|cc|c\+\+|clang|ld|as|bpftool|pkg-config|sudo)/;

/** A copy of this tree whose datapaths are not built, on a machine that has neither dpkg nor a compiler. */
let folder = '';

beforeAll(() => {
  freshDist();
  folder = mkdtempSync(join(tmpdir(), 'ivb-unbuilt-'));
  const kept = readdirSync(packageRoot()).filter((name) => !/^(\.git|build|results|node_modules|test)$/.test(name));
  for (const name of kept)
    cpSync(join(packageRoot(), name), join(folder, name), { recursive: true, preserveTimestamps: true });
  cpSync(join(packageRoot(), 'results/reference'), join(folder, 'results/reference'), { recursive: true });
  symlinkSync(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'));
  for (const name of ['build', 'programs']) mkdirSync(join(folder, name));
  const programs = new Map<string, string>();
  for (const path of [dirname(process.execPath), ...(process.env.PATH ?? '').split(delimiter)].reverse()) {
    try {
      for (const name of readdirSync(path)) programs.set(name, join(path, name));
    } catch {
      // A PATH may name folders that are not there.
    }
  }
  for (const [name, path] of programs) if (!hidden.test(name)) symlinkSync(path, join(folder, 'programs', name));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function npmRun(line: string, environment: Record<string, string> = {}) {
  const [command = '', ...words] = line.split(' ');
  const PATH = join(folder, 'programs');
  const { exitCode, stdout, stderr } = await execa('npm', ['run', '-s', command, '--', ...words], {
    ...{ cwd: folder, reject: false, extendEnv: false, env: { PATH, HOME: folder, ...environment } },
  });
  return { exitCode, stdout, stderr };
}

describe('without the datapaths, dpkg and a compiler', { timeout: 60_000 }, () => {
  it.each([
    ['bench --help', /^Usage: npm run bench -- \[flags\]\n/],
    ['bench --sizes 200 --help', /^Usage: npm run bench /],
    ['bench --version', /^\d+\.\d+\.\d+$/],
    ['bench --dry-run --sizes 200', /Nothing was touched\.$/],
    ['compare --help', /^Usage: npm run compare /],
    ['history --help', /^Usage: npm run history /],
    ['compare --pair afxdp/recvmmsg --help', /^Usage: npm run compare /],
    ['bisect --help', /^Usage: npm run bisect /],
    ['nightly --help', /^Usage: npm run nightly /],
    ['nightly --profile short --dry-run', /^57 runs of 19 cells, .* Nothing was touched\.$/m],
    ['doctor --help', /^Usage: npm run doctor /],
    ['tune --help', /^Usage: npm run tune /],
    ['tune --interface eth1 --set channels=4 --dry-run', /./],
    ['report --help', /^Usage: npm run report /],
    ['merge --help', /^Usage: npm run merge /],
    ['loadgen -h', /^Usage of loadgen:\n/],
    ['loadgen --help', /^Usage of loadgen:\n/],
    ['invoker --help', /^Usage: npm run invoker /],
  ])('npm run %s', async (line, text) => {
    const { exitCode, stdout, stderr } = await npmRun(line);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(text);
    if (!line.startsWith('loadgen')) expect(stdout.split('\n').filter((one) => one.length > 100)).toEqual([]);
  });

  it('npm run report makes all reports of a run', async () => {
    const prologue = plannedPrologue({ impls: 'recvmmsg', sizes: '200', repeats: '1' });
    const store = await RunStore.create(temporaryFolder(), prologue);
    for (const { cell } of prologue.plan) await store.append(fakeCompleted(cell, 200_000));
    const { exitCode, stdout, stderr } = await npmRun(`report ${store.folder}`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^Records, tables and charts: /m);
    expect(readdirSync(join(store.folder, 'charts'))).toContain('throughput-live-1T1Q.svg');
  });

  it('the doctor says that they are not built, and blames no kernel', async () => {
    const { stdout } = await npmRun('doctor --json');
    const findings: { id: string; remedy: string | null }[] = JSON.parse(stdout);
    const ids = findings.map(({ id }) => id);
    expect(findings.find(({ id }) => id === 'datapaths')?.remedy).toBe('make build');
    expect(ids).not.toContain('io-uring');
  });
});

describe('where canvas has no binary, and none can be downloaded', { timeout: 60_000 }, () => {
  const nowhere = 'http://127.0.0.1:9';
  const environment = { npm_config_https_proxy: nowhere, npm_config_proxy: nowhere };
  const fault =
    /No charts: the npm package canvas cannot be loaded \(.*canvas\.node'\); make setup gets or compiles it\.$/m;

  beforeAll(() => {
    const [ours, modules] = [packageRoot(), folder].map((path) => join(path, 'node_modules')) as [string, string];
    rmSync(modules);
    mkdirSync(modules);
    for (const name of readdirSync(ours)) if (name !== 'canvas') symlinkSync(join(ours, name), join(modules, name));
    const source = (path: string) => path !== join(ours, 'canvas/build');
    cpSync(join(ours, 'canvas'), join(modules, 'canvas'), { recursive: true, filter: source });
  });

  it('a report has all but charts, and says why', async () => {
    const prologue = plannedPrologue({ impls: 'recvmmsg', sizes: '200', repeats: '1' });
    const store = await RunStore.create(temporaryFolder(), prologue);
    for (const { cell } of prologue.plan) await store.append(fakeCompleted(cell, 200_000));
    const { exitCode, stdout, stderr } = await npmRun(`report ${store.folder}`, environment);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(fault);
    const made = readdirSync(store.folder);
    expect(made).toEqual(
      expect.arrayContaining(['report.html', 'report.md', 'report.tex', 'tables', 'throughput.csv']),
    );
    expect(made).not.toContain('charts');
  });

  it('published tables are made, and the pictures are missed', async () => {
    const out = temporaryFolder();
    const { exitCode, stderr } = await npmRun(`report --figure 16,table7 --reference thesis --out ${out}`, environment);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(fault) });
    expect(readdirSync(join(out, 'figures')).sort()).toEqual(['table-7.csv', 'table-7.md', 'table-7.tex']);
    expect(existsSync(join(folder, 'node_modules/canvas/build'))).toBe(false);
  });
});
