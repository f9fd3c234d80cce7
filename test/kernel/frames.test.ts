import { expect, test } from 'vitest';
import { framesMissing, invokerContext, runCell } from './cell.js';
import { loadContext } from './load.js';
import { buildWire, describeAsRoot } from './wire.js';

describeAsRoot('the frames of AF_XDP', () => {
  test.each([
    { threads: 1, idle: 'spin' },
    { threads: 2, idle: 'poll' },
    { threads: 4, idle: 'poll' },
  ] as const)('are each in one place, with $threads threads on a queue', async ({ threads, idle }) => {
    const wire = await buildWire(1);
    const invoker = invokerContext(wire, 'afxdp', threads, { idle, sampleIntervalNs: 50e6 });
    const load = loadContext(wire, { kind: 'saturate' }, 'afxdp', 500e6);
    // The debug build throws at the first frame that is in two places, which makes its process report an error.
    const result = await runCell(wire, invoker, load, { environment: ['INVOKER_BENCH_ADDON=Debug'] });

    expect(result.load.generator.wrong).toBe(0);
    for (const { handled } of result.invoker.threads) expect(handled).toBeGreaterThan(0);
    expect(framesMissing(result)).toBeLessThanOrEqual(1);
    expect(framesMissing(result)).toBeGreaterThanOrEqual(0);
  });
});
