import { expect, test } from 'vitest';
import { Child } from '../../harness/child.js';
import { childScripts } from '../../harness/paths.js';
import type { InvokerContext, InvokerMessage, LoadMessage } from '../../harness/protocol.js';
import { loadContext } from './load.js';
import { buildWire, describeAsRoot } from './wire.js';

/** The debug build throws at the first frame that is in two places, which makes its invoker report an error. */
const debugNode = ['env', 'INVOKER_BENCH_ADDON=Debug', process.execPath];

describeAsRoot('the frames of AF_XDP', () => {
  test.each([
    { threads: 1, idle: 'spin' },
    { threads: 2, idle: 'poll' },
    { threads: 4, idle: 'poll' },
  ] as const)('are each in one place, with $threads threads on a queue', async ({ threads, idle }) => {
    const wire = await buildWire(1);
    const { server, client } = wire;
    const invokerContext: InvokerContext = {
      implementation: 'afxdp',
      services: [{ port: 1232, functionId: 'reverse', threadsPerQueue: threads }],
      interface: server.interface,
      queues: 1,
      cpus: new Array(threads).fill(1),
      maxThreadsPerQueue: threads,
      idle,
      settings: {},
      receivePath: 'xdp',
      sampleIntervalNs: 50e6,
    };
    const invokerWords = [...server.enter, ...debugNode, childScripts.invoker, '--session'];
    const invoker = new Child<InvokerMessage>('invoker', invokerWords, invokerContext, () => {});
    await invoker.expect('ready');
    const generatorWords = [...client.enter, ...debugNode, childScripts.generator, '--session'];
    const generator = new Child<LoadMessage>(
      'generator',
      generatorWords,
      loadContext(wire, { kind: 'saturate' }, 'afxdp', 500e6),
      () => {},
    );
    generator.command({ type: 'start' });
    const { totals: load } = await generator.expect('done');
    invoker.command({ type: 'stop' });
    const { totals } = await invoker.expect('stopped');
    await Promise.all([invoker.end(2000), generator.end(2000)]);

    expect(load.generator.wrong).toBe(0);
    for (const counters of totals.threads) expect(counters.handled).toBeGreaterThan(0);
    const { framesTotal = 0, framesAccounted = 0 } = totals.shared;
    // The kernel may keep the one frame that it took for a packet it then had to drop.
    expect(framesTotal - framesAccounted).toBeLessThanOrEqual(1);
    expect(framesTotal).toBeGreaterThanOrEqual(framesAccounted);
  });
});
