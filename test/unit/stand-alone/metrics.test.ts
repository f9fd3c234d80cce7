import { describe, expect, it, onTestFinished } from 'vitest';
import { MetricsServer } from '../../../common/cli/metrics-server.js';
import { InvokerMetrics } from '../../../impls/stand-alone/metrics.js';
import { FakeInvoker, threadOf } from '../../fakes/running.js';

/** Samples of the text format by name and labels. */
const samplesOf = (text: string) =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );

const scrape = async (invoker: FakeInvoker) => samplesOf(await new InvokerMetrics('afxdp', invoker).scrape());

const labels = (thread: number | string, queue: number | string = 0, port: number | string = 1232) =>
  `implementation="afxdp",thread="${thread}",queue="${queue}",port="${port}"`;

describe('InvokerMetrics', () => {
  it('have a sample a thread, under the queue and port it serves', async () => {
    const places = [
      { port: 1232, queue: 0 },
      { port: 1232, queue: 1 },
      { port: 1300, queue: 0 },
    ];
    const threads = places.map((place, i) => threadOf({ received: 20 + i, handled: 10 + i, replied: 5 + i }, place));
    const samples = await scrape(new FakeInvoker(...threads));
    for (const [i, { port, queue }] of places.entries()) {
      expect(samples[`invoker_received_total{${labels(i, queue, port)}}`]).toBe(20 + i);
      expect(samples[`invoker_handled_total{${labels(i, queue, port)}}`]).toBe(10 + i);
      expect(samples[`invoker_replied_total{${labels(i, queue, port)}}`]).toBe(5 + i);
    }
  });

  it('tell the causes of drops apart', async () => {
    const first = { functionFailed: 1, malformed: 2, sendFailed: 3, txFull: 4, txLost: 5 };
    const samples = await scrape(
      new FakeInvoker(threadOf({ ...first, socketDropped: 6, receiveFailed: 7, refusedSource: 8 })),
    );
    const causes = ['function_failed', 'malformed', 'send_failed', 'tx_ring_full', 'tx_lost'];
    const counts = [...causes, 'socket_dropped', 'receive_failed', 'refused_source'].map(
      (cause) => samples[`invoker_dropped_total{${labels(0)},cause="${cause}"}`],
    );
    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('have what was lost before a thread was chosen, and what was steered where', async () => {
    const invoker = new FakeInvoker(threadOf({}));
    const steered = { steerNotUdp: 4, steerRedirected: 5 };
    invoker.shared = { xskRxRingFull: 1, xskRxDropped: 2, xskFillRingEmpty: 3, refusedSource: 6, ...steered };
    const samples = await scrape(invoker);
    const shared = Object.entries(samples).filter(([name]) => name.includes('"all"') || name.includes('steered'));
    const all = labels('all', 'all', 'all');
    expect(Object.fromEntries(shared)).toEqual({
      [`invoker_dropped_total{${all},cause="xsk_rx_ring_full"}`]: 1,
      [`invoker_dropped_total{${all},cause="xsk_rx_dropped"}`]: 2,
      [`invoker_dropped_total{${all},cause="refused_source"}`]: 6,
      'invoker_steered_total{implementation="afxdp",verdict="not_udp"}': 4,
      'invoker_steered_total{implementation="afxdp",verdict="redirected"}': 5,
    });
  });

  it('count the threads that run, and keep what those did that were scaled away', async () => {
    const retired = threadOf({ handled: 9 }, { state: 'retired' });
    const samples = await scrape(new FakeInvoker(threadOf({}), threadOf({}), retired, threadOf({}, { queue: 1 })));
    expect(samples['invoker_threads{implementation="afxdp",queue="0",port="1232"}']).toBe(2);
    expect(samples['invoker_threads{implementation="afxdp",queue="1",port="1232"}']).toBe(1);
    expect(samples[`invoker_handled_total{${labels(2)}}`]).toBe(9);
  });

  it('are those of the moment, not of all scrapes together', async () => {
    const invoker = new FakeInvoker(threadOf({ handled: 7 }));
    const metrics = new InvokerMetrics('afxdp', invoker);
    await metrics.scrape();
    invoker.threads = [threadOf({ handled: 9 })];
    const samples = samplesOf(await metrics.scrape());
    expect(samples[`invoker_handled_total{${labels(0)}}`]).toBe(9);
    expect(samples['invoker_threads{implementation="afxdp",queue="0",port="1232"}']).toBe(1);
  });
});

describe('MetricsServer', () => {
  async function listen() {
    const server = await MetricsServer.listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => server.close());
    const { port } = server;
    return { server, port, url: `http://127.0.0.1:${port}` };
  }

  async function serve(invoker: FakeInvoker) {
    const { server, url } = await listen();
    server.show(new InvokerMetrics('afxdp', invoker));
    return url;
  }

  it('answers at /metrics and nowhere else', async () => {
    const url = await serve(new FakeInvoker(threadOf({ handled: 3 })));
    for (const path of ['/metrics', '/metrics?name=x']) {
      const found = await fetch(`${url}${path}`);
      expect([found.status, found.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
      expect(await found.text()).toContain(`invoker_handled_total{${labels(0)}} 3`);
    }
    for (const path of ['', '/', '/metricsx', '/metrics/']) expect((await fetch(`${url}${path}`)).status).toBe(404);
  });

  it('answers HEAD like GET without the text, and refuses to be written to', async () => {
    const url = `${await serve(new FakeInvoker(threadOf({})))}/metrics`;
    const [get, head, post] = [
      await fetch(url),
      await fetch(url, { method: 'HEAD' }),
      await fetch(url, { method: 'POST' }),
    ];
    const text = await get.text();
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      String(text.length),
      '',
    ]);
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('says what an invoker died of', async () => {
    const invoker = new FakeInvoker();
    invoker.fault = new Error('thread 0: cannot receive');
    const failed = await fetch(`${await serve(invoker)}/metrics`);
    expect([failed.status, await failed.text()]).toEqual([500, 'thread 0: cannot receive\n']);
  });

  it('has nothing to show before the invoker is ready', async () => {
    const { url } = await listen();
    expect((await fetch(`${url}/metrics`)).status).toBe(503);
  });

  it.each([
    [
      'a port that is taken',
      'somebody has that port (see ss -ltnp): listen: EADDRINUSE',
      async () => ({ host: '127.0.0.1', port: (await listen()).port }),
    ],
    [
      'a foreign address',
      'no interface has that address: listen: EADDRNOTAVAIL',
      async () => ({ host: '192.0.2.1', port: 9464 }),
    ],
  ])('refuses %s', async (_, reason, endpoint) => {
    const { host, port } = await endpoint();
    await expect(MetricsServer.listen({ host, port })).rejects.toMatchObject({
      code: 'METRICS',
      message: `cannot serve metrics at ${host}:${port}, ${reason}`,
    });
  });
});
