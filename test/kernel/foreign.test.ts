import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { objections } from '../../harness/judge/verdict.js';
import { allowedCpus, keepTo } from '../../harness/measure/affinity.js';
import { runCell } from '../../harness/measure/run.js';
import { vethTestbed } from '../../harness/measure/testbed.js';
import type { CompletedRun } from '../../model/record.js';
import { fakeRunCell } from '../fakes/runs.js';
import { describeAsRoot } from './wire.js';

const invokerCpu = 1;
const placement = {
  ...fakeRunCell('recvmmsg', { kind: 'saturate' }).placement,
  clients: [{ generatorCpus: [0], housekeepingCpu: 0 }],
  housekeepingCpu: 0,
};
const cell = fakeRunCell(
  'recvmmsg',
  { kind: 'rate', perSecond: 20_000 },
  { placement: { ...placement, invokerCpus: [invokerCpu] }, durationNs: 1e9 },
);

async function measure(): Promise<CompletedRun> {
  const before = allowedCpus();
  const run = await runCell({ runId: 'r', cell, repeat: 0 }, vethTestbed, new AbortController().signal);
  await keepTo(before);
  if (run.state !== 'completed') throw new Error(`the run is ${run.state}`);
  return run;
}

const foreignRatio = ({ foreign, windows }: CompletedRun) => {
  const window = windows.find(({ phase }) => phase === 'measure');
  if (!window) throw new Error('no measure phase');
  return (foreign.find(({ cpu }) => cpu === invokerCpu)?.ns ?? 0) / (window.endNs - window.beginNs);
};

/** Keeps the invoker's CPU busy until the test is over; resolves to what it has used so far, in nanoseconds. */
async function neighbour(): Promise<() => number> {
  const loop = spawn('taskset', ['-c', String(invokerCpu), process.execPath, '-e', 'console.log(); for (;;);']);
  onTestFinished(() => void loop.kill('SIGKILL'));
  await once(loop.stdout, 'data');
  return () => Number(readFileSync(`/proc/${loop.pid}/schedstat`, 'utf8').split(' ')[0]);
}

describeAsRoot('a run beside others on its CPU', () => {
  test('is invalid, and says how much they used of which', async () => {
    const usedNs = await neighbour();
    const [beganNs, before] = [process.hrtime.bigint(), usedNs()];
    const run = await measure();
    const share = (usedNs() - before) / Number(process.hrtime.bigint() - beganNs);
    // While the cell was set up it had more of the CPU; somebody else may have worked there, too.
    expect(foreignRatio(run)).toBeGreaterThan(Math.max(0.2, 0.6 * share));
    expect(objections(run)).toContainEqual(
      expect.stringMatching(new RegExp(`^others used \\d+ % of CPU ${invokerCpu} \\(see top\\)$`)),
    );
  });

  test('is invalid for no more than they used', async () => {
    // Somebody else may work on this machine just now: what is said is then said of them.
    for (let look = 0; look < 5; look++) {
      const run = await measure();
      const crowded = foreignRatio(run) > 0.2;
      expect(objections(run).some((reason) => reason.startsWith('others used'))).toBe(crowded);
      if (!crowded) return;
    }
  });
});
