import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import type { PairSummary } from '../../model/pair.js';
import { temporaryFolder } from '../fakes/folder.js';
import { commit } from '../fakes/repository.js';
import { processes } from './process.js';
import { describeAsRoot, namespacesOf } from './wire.js';

/** What a build is made of, and what is made of it. */
const sources = ['Makefile', 'package.json', 'package-lock.json', 'binding.gyp', 'tsconfig.json', '.gitignore'];
const rooms = ['model', 'common', 'harness', 'impls', 'loadgen', 'native', 'bpf', 'runtimes'];
const made = ['dist', 'build', 'node_modules'];

/** A repository of this tree, built, and a cache for what is built of its commits. */
let [root, cache] = ['', ''];
const commits = { good: '', harmless: '', slow: '', broken: '' };

/** As long again as a request takes, or longer. */
const planted = 'delayNs: 3000,';

/** Runs a command of the repository's tree, as a user does. */
function run(script: string, words: readonly string[]) {
  const out = temporaryFolder();
  const env = { XDG_CACHE_HOME: cache };
  const running = execa(process.execPath, [join(root, `dist/harness/${script}.js`), ...words, '--wait', '--out', out], {
    ...{ cwd: root, env, reject: false, stdin: 'ignore' },
  });
  return { out, running };
}

const built = () => {
  const folder = join(cache, 'invoker-bench/builds');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
};
const short = (hash: string) => hash.slice(0, 12);
const quick = ['--turns', '8', '--duration', '300ms', '--warmup', '50ms'];
/** What a busy machine spoils is left out and told: turns, or a figure, where the generator did not run for long enough. */
const untold =
  /(cannot be told|not found): .*(of 6 that it takes|is a lower bound: the load generator was the limit)$/m;
const patience = { timeout: 900_000 };

describeAsRoot('builds of commits', () => {
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'ivb-test-repository-'));
    cache = mkdtempSync(join(tmpdir(), 'ivb-test-cache-'));
    // What runtimes are measured with is large, and not needed here.
    const filter = (source: string) => !source.endsWith('runtimes/node_modules');
    const options = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true, filter };
    for (const name of [...sources, ...rooms, ...made]) cpSync(join(packageRoot(), name), join(root, name), options);
    await execa('git', ['init', '-q', '-b', 'main', root]);
    commits.good = commit(root, 'Good');
    commits.harmless = commit(root, 'Harmless', { NOTES: 'nothing' });
    const file = join(root, 'impls/recvmmsg.ts');
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('delayNs: 0,');
    commits.slow = commit(root, 'Slow', { 'impls/recvmmsg.ts': text.replace('delayNs: 0,', planted) });
    commits.broken = commit(root, 'Broken', { 'impls/recvmmsg.ts': `${text}\nconst wrong: number = 'text';\n` });
    // The tree that measures is as it was built.
    writeFileSync(file, text);
  }, 120_000);

  afterAll(() => {
    for (const folder of [root, cache]) rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  test('one that does not build says why and leaves its log alone', patience, async () => {
    const { running, out } = run('compare-main', ['--pair', `recvmmsg/recvmmsg@${commits.broken}`, ...quick]);
    const { exitCode, stdout, stderr } = await running;
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr.split('\n').at(-1)).toMatch(
      new RegExp(
        `^invoker-bench: commit ${short(commits.broken)} does not build: impls/recvmmsg\\.ts\\(\\d+,\\d+\\): error TS2322: .* \\(log: .*\\)$`,
      ),
    );
    expect(built()).toEqual([`${commits.broken}.log`]);
    expect(readdirSync(out)).toEqual([]);
  });

  test('one that is interrupted leaves nothing, and no process', patience, async () => {
    const cell = ['--cell', 'recvmmsg-1T1Q-200-reverse-saturate', '--good', commits.good, '--bad', commits.slow];
    const { running } = run('bisect-main', [...cell, ...quick]);
    await new Promise<void>((resolve) => {
      running.stderr.on('data', (text) => String(text).includes('Building') && resolve());
    });
    await new Promise((resolve) => setTimeout(resolve, 5000));
    running.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await running;
    expect([exitCode, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/invoker-bench: interrupted; nothing is known of the commits between yet$/);
    expect(built()).not.toContain(commits.good);
    expect(built()).not.toContain('.partial');
    expect(processes().filter(({ command }) => command.includes(cache))).toEqual([]);
  });

  test('take turns with each other, and fail a gate', patience, async () => {
    const pair = `recvmmsg@${commits.good}/recvmmsg@${commits.slow}`;
    const { running, out } = run('compare-main', ['--pair', pair, '--fail-on', 'regression=5%', ...quick]);
    const { exitCode, stderr } = await running;
    const folder = join(out, readdirSync(out)[0] as string);
    const { question, comparisons } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as PairSummary;
    expect(question.candidates).toMatchObject([
      { build: { commit: commits.good, subject: 'Good' } },
      { build: { commit: commits.slow, subject: 'Slow' } },
    ]);
    expect(comparisons[0]?.shift?.ratio).toBeLessThan(1);
    const isTold = (comparisons[0]?.turns ?? 0) >= 6 && comparisons[0]?.figures?.[1].kind === 'exact';
    expect(stderr).toMatch(isTold ? /^--fail-on: 200 bytes: regression: Peak of /m : untold);
    expect(exitCode).toBe(isTold ? 3 : 1);
    expect(built()).toEqual(expect.arrayContaining([commits.good, commits.slow]));
    expect(namespacesOf(running.pid as number)).toEqual([]);
  });

  test('are searched for the one that made a cell slower', patience, async () => {
    const cell = ['--cell', 'recvmmsg-1T1Q-200-reverse-saturate', '--good', commits.good, '--bad', commits.slow];
    const { running, out } = run('bisect-main', [...cell, ...quick]);
    const { exitCode, stdout, stderr } = await running;
    expect(built()).not.toContain('.partial');
    if (untold.test(stderr)) return expect([exitCode, stdout]).toEqual([1, '']);
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    if (/^Skipped: commit /m.test(stderr))
      return expect(stdout).toContain(
        `Slow (or one of those before it that were skipped: ${short(commits.harmless)}): `,
      );
    expect(stdout).toMatch(
      new RegExp(
        `^recvmmsg-1T1Q-200-reverse-saturate: commit ${short(commits.slow)}, Slow: ` +
          `Peak of recvmmsg@${short(commits.slow)} is 0\\.\\d+ \\(0\\.\\d+–0\\.\\d+\\) of that of ` +
          `recvmmsg@${short(commits.harmless)} in [678] turns$`,
      ),
    );
    // The two ends, the one between, and the last step.
    expect(readdirSync(out).length).toBeGreaterThanOrEqual(3);
    for (const name of readdirSync(out)) expect(existsSync(join(out, name, 'report.md'))).toBe(true);
  });
});
