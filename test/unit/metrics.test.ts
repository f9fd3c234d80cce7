import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Counters } from '../../harness/model.js';
import type { InvokerOptions, RunningInvoker } from '../../impls/invoker.js';
import { invokerMetrics, serveMetrics } from '../../impls/metrics.js';

const options = { threads: 4, queues: 2 } as InvokerOptions;

/** An invoker whose counters are what `read` says. */
const invokerOf = (read: () => Counters[]): RunningInvoker => ({
  granted: {},
  counters: async () => read(),
  stop: async () => ({ threads: read(), shared: {} }),
});

/** Samples of the text format by name and labels. */
const samplesOf = (text: string) =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );

const labels = (thread: number, queue: number) => `implementation="afxdp",thread="${thread}",queue="${queue}"`;

describe('invokerMetrics', () => {
  it('have a sample a thread, under the queue it serves', async () => {
    const threads = [0, 1, 2, 3].map((thread) => ({ handled: 10 + thread, replied: 5 + thread }));
    const samples = samplesOf(
      await invokerMetrics(
        'afxdp',
        options,
        invokerOf(() => threads),
      ).scrape(),
    );
    for (const [thread, queue] of [0, 0, 1, 1].entries()) {
      expect(samples[`invoker_handled_total{${labels(thread, queue)}}`]).toBe(10 + thread);
      expect(samples[`invoker_replied_total{${labels(thread, queue)}}`]).toBe(5 + thread);
    }
  });

  it('tell the causes of drops apart', async () => {
    const thread = { functionFailed: 1, malformed: 2, sendFailed: 3, txFull: 4, txLost: 5 };
    const samples = samplesOf(
      await invokerMetrics(
        'afxdp',
        options,
        invokerOf(() => [thread]),
      ).scrape(),
    );
    const dropped = (cause: string) => samples[`invoker_dropped_total{${labels(0, 0)},cause="${cause}"}`];
    expect(['function_failed', 'malformed', 'send_failed', 'tx_ring_full', 'tx_lost'].map(dropped)).toEqual([
      1, 2, 3, 4, 5,
    ]);
  });

  it('are those of the moment, not of all scrapes together', async () => {
    let handled = 7;
    const metrics = invokerMetrics(
      'afxdp',
      options,
      invokerOf(() => [{ handled }]),
    );
    await metrics.scrape();
    handled = 9;
    expect(samplesOf(await metrics.scrape())[`invoker_handled_total{${labels(0, 0)}}`]).toBe(9);
  });
});

describe('serveMetrics', () => {
  async function serve(read: () => Counters[]) {
    // A port that was free a moment ago: serveMetrics wants to be told one.
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const close = await serveMetrics({ host: '127.0.0.1', port }, invokerMetrics('afxdp', options, invokerOf(read)));
    onTestFinished(close);
    return { url: `http://127.0.0.1:${port}`, port };
  }

  it('answers at /metrics and nowhere else', async () => {
    const { url } = await serve(() => [{ handled: 3 }]);
    const found = await fetch(`${url}/metrics`);
    expect([found.status, found.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
    expect(await found.text()).toContain(`invoker_handled_total{${labels(0, 0)}} 3`);
    expect((await fetch(url)).status).toBe(404);
  });

  it('says what an invoker died of', async () => {
    const { url } = await serve(() => {
      throw new Error('thread 0: cannot receive');
    });
    const failed = await fetch(`${url}/metrics`);
    expect([failed.status, await failed.text()]).toEqual([500, 'thread 0: cannot receive\n']);
  });

  it('refuses an address that is taken', async () => {
    const { port } = await serve(() => []);
    const metrics = invokerMetrics(
      'afxdp',
      options,
      invokerOf(() => []),
    );
    await expect(serveMetrics({ host: '127.0.0.1', port }, metrics)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
