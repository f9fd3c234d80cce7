import { expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { patience, slow } from '../fakes/patience.js';
import { describeKernels } from './case.js';

/** Tests of this project that run in a guest, on loopback and veth: a project of vitest, and files. Compilers know no kernel. */
const suites = [
  ['native', "'--exclude=**/{parts,architectures}.test.ts'"],
  ['kernel', 'frames'],
  ['kernel', 'afxdp.test'],
  ['kernel', 'kernel/xdp.test'],
] as const;

/** For a suite: ten minutes where a CPU is emulated. */
const limitSeconds = patience(30);

/** Names of the tests of that mark in what vitest's verbose reporter printed. */
const marked = (report: string, mark: '✓' | '×') =>
  report.split('\n').flatMap((line) => {
    const [, found, name = ''] = /^ (✓|×) (?:\S+ )?(test\/.*?)(?: \d+ms)?$/.exec(line) ?? [];
    return found === mark ? [name] : [];
  });

describeKernels((booted) => {
  test.each(suites)(
    'its own tests pass: %s %s',
    async (project, filter) => {
      const environment = `LAB_SLOW=${slow} NO_COLOR=1 timeout -k 5 ${limitSeconds}`;
      const vitest = `node_modules/.bin/vitest run --project ${project} --reporter=verbose ${filter}`;
      const run = booted.guest.start(`cd ${packageRoot()} && ${environment} ${vitest}`);
      const { code } = await run.ended(1000 * limitSeconds + patience(500));
      const [passed, failed] = [marked(run.output(), '✓'), marked(run.output(), '×')];
      const words = `exit code ${code}, ${passed.length} passed, ${failed.length} failed: ${failed.join('; ')}`;
      expect({ code, failed }, words).toEqual({ code: 0, failed: [] });
      expect(passed.length, run.output()).toBeGreaterThan(0);
    },
    1000 * limitSeconds + patience(1000),
  );

  test('the main command measures a cell', async () => {
    const words = '--impls recvmmsg --sizes 200 --load closed=4 --duration 1s --repeats 1 --quiet --out /tmp/results';
    const run = booted.guest.start(`cd ${packageRoot()} && node dist/harness/main.js ${words}`);
    const { code } = await run.ended(patience(5000));
    expect(code, run.errors()).toBe(0);
    const records = await booted.guest.run('cat /tmp/results/latest/runs.ndjson');
    expect(records.split('\n').map((line) => JSON.parse(line).state)).toEqual(['completed']);
  });
});
