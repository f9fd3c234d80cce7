import { expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { patience, slow } from '../fakes/patience.js';
import { describeKernels } from './case.js';

/** Tests of this project that run in a guest, on loopback and veth: a project of vitest and a file's name. */
const suites = [
  ['native', ''],
  ['kernel', 'frames'],
  ['kernel', 'xdp.test'],
  ['kernel', 'afxdp.test'],
] as const;

/** Names of the tests that a TAP report tells of. */
function namesIn(report: string, verdict: 'ok' | 'not ok'): string[] {
  const lines = report.split('\n').filter((line) => line.startsWith(`${verdict} `) && !line.includes('# SKIP'));
  return lines.map((line) => line.replace(/^(not )?ok \d+ - /, '').replace(/ # time=.*/, ''));
}

describeKernels((booted) => {
  test.each(suites)(
    'its own tests: %s %s',
    async (project, filter) => {
      const vitest = `node_modules/.bin/vitest run --project ${project} --reporter=tap-flat ${filter}`;
      const run = booted.guest.start(`cd ${packageRoot()} && LAB_SLOW=${slow} ${vitest}`);
      await run.ended(patience(12_000));
      const [passed, failed] = [namesIn(run.output(), 'ok'), namesIn(run.output(), 'not ok')];
      expect(failed, `${failed.length} of ${failed.length + passed.length} failed`).toEqual([]);
      expect(passed.length, run.errors()).toBeGreaterThan(0);
    },
    300_000,
  );

  test('the main command measures a cell', async () => {
    const words = '--impls recvmmsg --sizes 200 --load closed=4 --duration 1s --repeats 1 --quiet --out /tmp/results';
    const run = booted.guest.start(`cd ${packageRoot()} && node dist/harness/main.js ${words}`);
    const { code } = await run.ended(patience(6000));
    expect(run.errors()).toBe('');
    expect(code).toBe(0);
    const records = await booted.guest.run('cat /tmp/results/latest/runs.ndjson');
    const [{ state } = { state: 'none' }] = records.split('\n').map((line) => JSON.parse(line) as { state: string });
    expect(state).toBe('completed');
  });
});
