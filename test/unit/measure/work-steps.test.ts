import { describe, expect, it } from 'vitest';
import type { Site } from '../../../common/wire/topology.js';
import { refuseIdle, workStepsOf } from '../../../harness/measure/work-steps.js';
import { fakeRunCell } from '../../fakes/runs.js';

/** A server where a step takes a nanosecond on CPU 0, and 2 ns on all others; it is asked as `script` says. */
const site = (script: string): Site => ({
  ...{ interface: 'none', address: '10.0.0.1', mac: '02:00:00:00:00:01', driver: 'veth' },
  ...{ enter: [process.execPath, '-e', script, '--'], node: 'node', root: '/' },
});
const answering = site(
  'console.log(JSON.stringify(Object.fromEntries(process.argv.slice(4).map((cpu) => [cpu, cpu === "0" ? 1 : 2]))))',
);
const failing = site('console.error("invoker-bench: no CPU 7"); process.exit(1)');

const old = site('process.exit(2)');
const never = new AbortController().signal;

const cellOf = (workNs: number | undefined, ...invokerCpus: number[]) => {
  const { placement } = fakeRunCell('recvmmsg', { kind: 'saturate' });
  return { settings: workNs === undefined ? {} : { workNs }, placement: { ...placement, invokerCpus } };
};

describe('steps of work', () => {
  it.each([
    [1000, [0], 1000],
    [1000, [1], 500],
    [1000, [0, 1], 667],
    [0.2, [1], 1],
    [0, [0], 0],
    [undefined, [0], 0],
  ])('of %s ns on CPUs %j are %i', async (workNs, cpus, steps) => {
    expect(await workStepsOf(cellOf(workNs, ...cpus), answering, new Map(), never)).toBe(steps);
  });

  it('are measured once for each CPU', async () => {
    const known = new Map([[0, 4]]);
    expect(await workStepsOf(cellOf(1000, 0), failing, known, never)).toBe(250);
    await workStepsOf(cellOf(1000, 0, 1), answering, known, never);
    expect([...known]).toEqual([
      [0, 4],
      [1, 2],
    ]);
  });

  it('that cannot be measured say why', async () => {
    await expect(workStepsOf(cellOf(1000, 7), failing, new Map(), never)).rejects.toMatchObject({
      code: 'WORK',
      message: 'how long a step of work takes on CPU 7 cannot be measured: invoker-bench: no CPU 7',
    });
  });

  it('are unknown to an old build', async () => {
    await expect(workStepsOf(cellOf(1000, 7), old, new Map(), never)).rejects.toMatchObject({
      code: 'WORK',
      message: expect.stringMatching(/commit is older than --work/),
    });
  });

  it('of an invoker that says nothing of them are refused', () => {
    expect(() => refuseIdle(10, {})).toThrow(expect.objectContaining({ code: 'WORK' }));
    expect(() => refuseIdle(10, { workSteps: '10' })).not.toThrow();
    expect(() => refuseIdle(0, {})).not.toThrow();
  });
});
