import { readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { functionTable } from '../../impls/functions.js';
import { iouring } from '../../impls/iouring.js';
import { resolveSettings } from '../../impls/settings.js';
import { type FunctionId, functionIds } from '../../model/ids.js';
import type { IdleMode, ImplementationSettings, Service } from '../../model/settings.js';
import { anyCpu, Invoker, type NativeInvoker } from '../../native/index.js';
import { answeredSizes } from '../fakes/invoker.js';
import { randomBytes } from '../fakes/random.js';
import { freePort, listeningSocket, UdpClient } from '../fakes/udp.js';

/** Two buffers: the smallest ring there is, so that any burst is larger. */
const smallest = { batch: 1 };

interface Changes {
  functionId?: FunctionId;
  threads?: number;
  settings?: Partial<ImplementationSettings>;
  idle?: IdleMode;
}

/** Starts an invoker on the loopback that goes with the test. */
function start(
  services: Service[],
  settings: Partial<ImplementationSettings> = {},
  idle: IdleMode = 'poll',
): NativeInvoker {
  const threads = services.reduce((sum, { threadsPerQueue }) => sum + threadsPerQueue, 0);
  const invoker = new Invoker('iouring', {
    ...resolveSettings(iouring.settings, settings),
    ...{ interface: 'lo', address: new Uint8Array(4), services, queues: 1, servedRxQueues: 0, idle, workSteps: 0 },
    cpus: new Array<number>(threads).fill(anyCpu),
    maxThreadsPerQueue: threads,
  });
  onTestFinished(() => invoker.stop());
  return invoker;
}

async function serve({ functionId = 'reverse', threads = 1, settings, idle }: Changes = {}) {
  const port = await freePort();
  const invoker = start([{ port, functionId, threadsPerQueue: threads }], settings, idle);
  return { invoker, port, client: await clientOf(port) };
}

async function clientOf(port: number): Promise<UdpClient> {
  const client = await UdpClient.to(port);
  onTestFinished(() => client.close());
  return client;
}

/** Sends so many datagrams at once; resolves when all stand in the socket's buffer or were taken from it. */
async function burst(client: UdpClient, count: number, bytesOf: (index: number) => number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, i) => client.tell(Buffer.alloc(bytesOf(i), i))));
}

/** Counters summed over the threads; exact once the invoker has stopped. */
function totals(invoker: NativeInvoker): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { counters } of invoker.threads()) {
    for (const [name, value] of Object.entries(counters)) sum[name] = (sum[name] ?? 0) + value;
  }
  return sum;
}

/** All counters of requests and replies when `count` were answered and nothing else happened. */
const answered = (count: number) => ({
  ...{ received: count, handled: count, replied: count },
  ...{ functionFailed: 0, malformed: 0, refusedSource: 0, sendFailed: 0, txFull: 0, txLost: 0, socketDropped: 0 },
});

/** Rings that this process holds open. */
function openRings(): number {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ''; // closed meanwhile, as the one of this very listing
    }
  });
  return targets.filter((target) => target.includes('[io_uring]')).length;
}

const sizes = [0, 1, 18, 158, 736, 737, 1472];

describe.each<[string, Partial<ImplementationSettings>]>([
  ['with its defaults', {}],
  ['with two buffers', smallest],
])('iouring %s', (_, settings) => {
  it.each(functionIds)('answers %s for every size, and its counters agree', async (functionId) => {
    const { invoker, client } = await serve({ functionId, settings });
    const asked = answeredSizes(functionId, sizes);
    for (const size of asked) {
      const request = randomBytes(size, size + 1);
      const expected = functionTable[functionId].run(Buffer.from(request));
      expect((await client.ask(request)).equals(expected), `${size} bytes`).toBe(true);
    }
    invoker.stop();
    expect(totals(invoker)).toMatchObject(answered(asked.length));
  });

  it('takes empty requests for requests, also a burst of nothing else', async () => {
    const { invoker, client, port } = await serve({ settings });
    await burst(client, 100, () => 0);
    expect(await (await clientOf(port)).ask(Buffer.from('ab'))).toEqual(Buffer.from('ba'));
    invoker.stop();
    expect(totals(invoker)).toMatchObject(answered(101));
  });

  it('answers bursts larger than its buffers, and waits again after each', async () => {
    const { invoker, client, port } = await serve({ settings });
    const other = await clientOf(port);
    for (let i = 0; i < 5; i++) {
      await burst(client, 400, (index) => (index % 7) * 100);
      expect(await other.ask(Buffer.from('ab'))).toEqual(Buffer.from('ba'));
    }
    invoker.stop();
    expect(totals(invoker)).toMatchObject(answered(5 * 401));
  });

  it('answers at its stop what it had received', async () => {
    for (let i = 0; i < 20; i++) {
      const { invoker, client } = await serve({ settings });
      await burst(client, 300, (index) => (index % 3) * 50);
      invoker.stop();
      expect(totals(invoker)).toMatchObject(answered(300));
    }
  });

  it('drops and counts what a function refuses, and takes its buffers back', async () => {
    const { invoker, client } = await serve({ functionId: 'expand', settings });
    await burst(client, 600, () => 1473);
    expect(await client.ask(Buffer.from('ab'))).toEqual(Buffer.from('abab'));
    invoker.stop();
    expect(totals(invoker)).toMatchObject({ ...answered(1), received: 601, functionFailed: 600 });
  });

  it('drops and counts datagrams that are longer than a request may be', async () => {
    const { invoker, client } = await serve({ functionId: 'echo', settings });
    await burst(client, 300, () => 2049);
    expect(await client.ask(Buffer.alloc(2048, 7))).toEqual(Buffer.alloc(2048, 7));
    invoker.stop();
    expect(totals(invoker)).toMatchObject({ ...answered(1), received: 301, malformed: 300 });
  });
});

describe('iouring', () => {
  it('answers each of several clients with its own', async () => {
    const { invoker, port } = await serve();
    const clients = await Promise.all(Array.from({ length: 8 }, () => clientOf(port)));
    const requests = clients.map((_, i) => randomBytes(100 + i, i + 1));
    const replies = await Promise.all(clients.map((client, i) => client.ask(requests[i] as Buffer)));
    expect(replies.map((reply) => reply.reverse())).toEqual(requests);
    invoker.stop();
    expect(totals(invoker)).toMatchObject(answered(8));
  });

  it('serves with two threads and loses nothing', async () => {
    const { invoker, port } = await serve({ threads: 2 });
    for (let i = 0; i < 40; i++) {
      // Another source port each time, so that the hash meets both sockets.
      await (await clientOf(port)).ask(randomBytes(18, i + 1));
    }
    invoker.stop();
    expect(invoker.threads().map(({ counters }) => (counters.handled ?? 0) > 0)).toEqual([true, true]);
    expect(totals(invoker)).toMatchObject(answered(40));
  });

  it('serves several functions, each on its port', async () => {
    const [reverse, upper] = [await freePort(), await freePort()];
    start([
      { port: reverse, functionId: 'reverse', threadsPerQueue: 1 },
      { port: upper, functionId: 'upper', threadsPerQueue: 1 },
    ]);
    expect(String(await (await clientOf(reverse)).ask(Buffer.from('abc')))).toBe('cba');
    expect(String(await (await clientOf(upper)).ask(Buffer.from('abc')))).toBe('ABC');
  });

  it('tells what it was granted', async () => {
    const { invoker } = await serve();
    expect(invoker.granted()).toEqual({
      ...{ batch: '64', busyPoll: 'off', depthPackets: '1024', idle: 'poll', steering: 'hash' },
      receiveBufferBytes: expect.stringMatching(/^[1-9]\d*$/),
      ring: 'single-issuer,defer-taskrun,submit-all',
      memoryNode: expect.stringMatching(/^\d+(,\d+)*$/),
    });
  });

  it('answers while it polls the device, too', async () => {
    const { client } = await serve({ settings: { busyPollUs: 50 } });
    expect(await client.ask(Buffer.from('ab'))).toEqual(Buffer.from('ba'));
  });

  it('stops while it waits, answers nothing more, and may be stopped again', async () => {
    const { invoker, client } = await serve();
    await client.ask(randomBytes(18, 1));
    invoker.stop();
    invoker.stop();
    expect(totals(invoker)).toMatchObject(answered(1));
    const silence = new Promise((resolve) => setTimeout(resolve, 50, 'silence'));
    const late = client.ask(randomBytes(18, 1)).catch(() => 'silence');
    expect(await Promise.race([late, silence])).toBe('silence');
  });

  it('starts and stops many times, and leaves no ring behind', async () => {
    const before = openRings();
    for (let i = 0; i < 100; i++) (await serve({ threads: 2 })).invoker.stop();
    expect(openRings()).toBe(before);
  });

  it('has a fixed number of threads', async () => {
    const { invoker, port } = await serve({ threads: 2 });
    expect(() => invoker.scale(port, 1)).toThrow(expect.objectContaining({ code: 'SCALE' }));
  });

  it('refuses a port in use, and leaves no ring behind', async () => {
    const other = await listeningSocket();
    onTestFinished(() => {
      other.close();
    });
    const { port } = other.address();
    const before = openRings();
    const free = await freePort();
    const both = [free, port].map((one) => ({ port: one, functionId: 'echo', threadsPerQueue: 1 }) as const);
    expect(() => start(both)).toThrow(
      expect.objectContaining({ code: 'PORT_IN_USE', errno: 98, message: expect.stringContaining(`${port}`) }),
    );
    expect(openRings()).toBe(before);
  });

  it.each([0, 8193])('refuses batches of %i', async (batch) => {
    const services = [{ port: await freePort(), functionId: 'echo', threadsPerQueue: 1 } as const];
    expect(() => start(services, { batch })).toThrow(
      expect.objectContaining({ code: 'ARGUMENT', message: `a batch of ${batch} is not from 1 to 8192: batch` }),
    );
  });
});
