import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { implementations } from '../../impls/table.js';
import type { ImplementationSettings } from '../../model/settings.js';
import { Invoker, type NativeInvoker, type NativeInvokerConfig } from '../../native/index.js';
import { configOnLoopback, optionsOnLoopback, serviceOn, totalOf } from '../fakes/invoker.js';
import { randomBytes } from '../fakes/random.js';
import { freePort, UdpClient } from '../fakes/udp.js';

/** What is the same for the threads of all socket invokers: how they wait, stop, and are kept busy. */
const kinds = ['recvfrom', 'recvmmsg', 'iouring'] as const;
type Kind = (typeof kinds)[number];

function start(kind: Kind, port: number, changes: Partial<NativeInvokerConfig>): NativeInvoker {
  const invoker = new Invoker(kind, configOnLoopback([serviceOn(port)], changes));
  onTestFinished(() => invoker.stop());
  return invoker;
}

async function clientOf(port: number): Promise<UdpClient> {
  const client = await UdpClient.to(port);
  onTestFinished(() => client.close());
  return client;
}

describe.each(kinds)('%s that spins', (kind) => {
  it('says so, answers, and stops', async () => {
    const port = await freePort();
    const invoker = start(kind, port, { idle: 'spin' });
    expect(invoker.granted().idle).toBe('spin');
    const client = await clientOf(port);
    for (const bytes of [0, 1, 1472]) {
      const request = randomBytes(bytes, bytes);
      expect((await client.ask(request)).equals(Buffer.from(request).reverse()), `${bytes} bytes`).toBe(true);
      await sleep(5); // it has nothing to do in between
    }
    invoker.stop();
    expect([totalOf(invoker, 'received'), totalOf(invoker, 'replied')]).toEqual([3, 3]);
  });

  it('answers what is in its socket when it is told to stop', async () => {
    const port = await freePort();
    const invoker = start(kind, port, { idle: 'spin', depthPackets: 4096, delayNs: 20_000 });
    const client = await clientOf(port);
    await Promise.all(Array.from({ length: 500 }, (_, i) => client.tell(Buffer.alloc(1 + (i % 5)))));
    invoker.stop();
    expect([totalOf(invoker, 'replied'), totalOf(invoker, 'socketDropped')]).toEqual([500, 0]);
  });
});

it('recvmmsg that spins answers messages of many datagrams, and scales', async () => {
  const port = await freePort();
  const invoker = start('recvmmsg', port, { idle: 'spin', gro: 'on', maxThreadsPerQueue: 2 });
  const client = await clientOf(port);
  for (const threads of [2, 1]) {
    invoker.scale(port, threads);
    expect(String(await client.ask(Buffer.from('abc')))).toBe('cba');
  }
  expect(invoker.threads().map(({ state }) => state)).toEqual(['running', 'retired']);
});

describe('the time that a thread was ready and did not run', () => {
  const cpus = [availableParallelism() - 1];
  const delayOf = (invoker: NativeInvoker) => invoker.threads()[0]?.counters.runDelayNs ?? Number.NaN;

  it('grows where another one has its CPU, and stays when both are gone', async () => {
    const [first, second] = [await freePort(), await freePort()];
    const spinning = [first, second].map((port) => start('recvmmsg', port, { idle: 'spin', cpus }));
    const begunNs = Number(process.hrtime.bigint());
    const before = spinning.map(delayOf);
    await sleep(300);
    const waited = spinning.map((invoker, i) => delayOf(invoker) - (before[i] as number));
    const elapsedNs = Number(process.hrtime.bigint()) - begunNs;
    // Of two that never rest one waits at any time; whoever else is here makes it more.
    expect((waited[0] as number) + (waited[1] as number)).toBeGreaterThan(elapsedNs / 2);
    const last = spinning.map((invoker) => {
      invoker.stop();
      return delayOf(invoker);
    });
    expect(last.map((ns, i) => ns >= (before[i] as number) + (waited[i] as number))).toEqual([true, true]);
    expect(spinning.map(delayOf)).toEqual(last);
  });

  it('is told of dgram, too', async () => {
    const running = await implementations.dgram.start(optionsOnLoopback([serviceOn(await freePort())]));
    const [thread] = await running.readThreads();
    expect(thread?.counters.runDelayNs).toBeGreaterThan(0);
    await running.stop();
  });
});

describe.each([...kinds, 'dgram'] as const)('a delay planted in %s', (id) => {
  /** Time that one request after the other takes. */
  async function busyNs(settings: Partial<ImplementationSettings>): Promise<number> {
    const port = await freePort();
    const running = await implementations[id].start(optionsOnLoopback([serviceOn(port, 'echo')], { settings }));
    const client = await clientOf(port);
    await client.ask(Buffer.from('x'));
    const begunNs = process.hrtime.bigint();
    for (let i = 0; i < 50; i++) await client.ask(Buffer.from('x'));
    const tookNs = Number(process.hrtime.bigint() - begunNs);
    await running.stop();
    return tookNs / 50;
  }

  it('keeps the thread busy after each request', async () => {
    const delayNs = 1_000_000;
    expect(await busyNs({ delayNs })).toBeGreaterThan(delayNs);
  });
});

describe('the sockets of dgram', () => {
  it('hold as many requests as those of the others, whatever the kernel limits others to', async () => {
    const granted = await Promise.all(
      (['dgram', 'recvfrom', 'recvmmsg', 'iouring'] as const).map(async (id) => {
        const running = await implementations[id].start(optionsOnLoopback([serviceOn(await freePort())]));
        await running.stop();
        return running.granted.depthPackets;
      }),
    );
    expect(granted).toEqual(new Array(4).fill('1024'));
  });

  it('have their port alone', async () => {
    const port = await freePort();
    const running = await implementations.dgram.start(optionsOnLoopback([serviceOn(port, 'echo')]));
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    onTestFinished(() => {
      socket.close();
    });
    socket.bind(port, '127.0.0.1');
    await expect(once(socket, 'listening')).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await running.stop();
  });
});
