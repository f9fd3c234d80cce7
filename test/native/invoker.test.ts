import { describe, expect, it, onTestFinished } from 'vitest';
import { type FunctionId, functionIds } from '../../harness/model.js';
import { anyCpu, Invoker, type NativeInvoker, type NativeInvokerConfig } from '../../native/index.js';
import { randomBytes } from '../fakes/random.js';
import { freePort, listeningSocket, UdpClient } from '../fakes/udp.js';

type SocketKind = 'recvfrom' | 'recvmmsg';

const onLoopback: Omit<NativeInvokerConfig, 'port'> = {
  ...{ interface: 'lo', functionId: 'reverse', threads: 1, queues: 1, cpus: [anyCpu], idle: 'poll' },
  ...{ batch: 8, ringSize: 2048, frameBytes: 2048, socketBufferBytes: 1 << 20 },
};

/** A socket invoker on the loopback and a client of it; both go with the test. */
async function serve(kind: SocketKind, changes: Partial<NativeInvokerConfig> = {}) {
  const config = { ...onLoopback, port: await freePort(), ...changes };
  const invoker = new Invoker(kind, config);
  onTestFinished(() => invoker.stop());
  const client = await UdpClient.to(config.port);
  onTestFinished(() => client.close());
  return { invoker, client, config };
}

/** A counter summed over the threads; to be read when the invoker has stopped. */
const total = (invoker: NativeInvoker, name: string) =>
  invoker.threads().reduce((sum, counters) => sum + (counters[name] ?? 0), 0);

const sizes = [0, 1, 18, 158, 1472];

describe.each<SocketKind>(['recvfrom', 'recvmmsg'])('%s', (kind) => {
  it.each(functionIds)('answers %s for every size, and its counters agree', async (functionId: FunctionId) => {
    const { invoker, client } = await serve(kind, { functionId });
    for (const size of sizes) {
      const request = randomBytes(size, size);
      const expected = functionId === 'reverse' ? Buffer.from(request).reverse() : request;
      expect((await client.ask(request)).equals(expected), `${size} bytes`).toBe(true);
    }
    invoker.stop();
    for (const name of ['received', 'handled', 'replied']) expect([name, total(invoker, name)]).toEqual([name, 5]);
    for (const name of ['functionFailed', 'malformed', 'sendFailed', 'txFull', 'txLost']) {
      expect([name, total(invoker, name)]).toEqual([name, 0]);
    }
  });

  it('tells what it was granted, and hiccups only if its threads can tell them from rest', async () => {
    const { invoker } = await serve(kind);
    const batch = kind === 'recvmmsg' ? { batch: '8' } : {};
    expect(invoker.granted()).toEqual({ ...batch, receiveBufferBytes: expect.stringMatching(/^[1-9]\d*$/) });
    expect(invoker.threads().map((counters) => 'hiccupCount' in counters)).toEqual([kind === 'recvmmsg']);
  });

  it('takes empty requests for requests, also a burst of nothing else', async () => {
    const { invoker, client, config } = await serve(kind);
    await Promise.all(Array.from({ length: 20 }, () => client.tell(Buffer.alloc(0))));
    // Stands behind them in the one queue there is.
    const last = await UdpClient.to(config.port);
    onTestFinished(() => last.close());
    await last.ask(randomBytes(18));
    invoker.stop();
    for (const name of ['received', 'handled', 'replied']) expect([name, total(invoker, name)]).toEqual([name, 21]);
  });

  it('answers each of several clients with its own', async () => {
    const { invoker, config } = await serve(kind);
    const clients = await Promise.all(Array.from({ length: 8 }, () => UdpClient.to(config.port)));
    const requests = clients.map((_, i) => randomBytes(100 + i, i));
    const replies = await Promise.all(clients.map((client, i) => client.ask(requests[i] as Buffer)));
    for (const client of clients) client.close();
    replies.forEach((reply, i) => {
      expect(reply.reverse().equals(requests[i] as Buffer)).toBe(true);
    });
    invoker.stop();
    expect(total(invoker, 'replied')).toBe(8);
  });

  it('stops while it waits, answers nothing more, and may be stopped again', async () => {
    const { invoker, client } = await serve(kind);
    await client.ask(randomBytes(18));
    invoker.stop();
    invoker.stop();
    expect(total(invoker, 'handled')).toBe(1);
    await expect(
      Promise.race([client.ask(randomBytes(18)), new Promise((resolve) => setTimeout(resolve, 50, 'silence'))]),
    ).resolves.toBe('silence');
  });

  it('stops before its first request', async () => {
    const { invoker } = await serve(kind);
    invoker.stop();
    expect(total(invoker, 'received')).toBe(0);
  });

  it('starts and stops many times without running out of anything', async () => {
    for (let i = 0; i < 50; i++) (await serve(kind)).invoker.stop();
  });

  it.each([
    [{ interface: 'ivb-none0' }, 'NO_INTERFACE', 'setsockopt(SO_BINDTODEVICE)', /ivb-none0/],
    [{ cpus: [4095] }, 'PIN', 'pthread_setaffinity_np', /CPU 4095/],
    [{ functionId: 'rot13' as FunctionId }, 'FUNCTION', 'findFunction', /rot13/],
  ])('refuses %o in one line', async (changes, code, call, named) => {
    const port = await freePort();
    const start = () => new Invoker(kind, { ...onLoopback, port, ...changes });
    expect(start).toThrow(expect.objectContaining({ code, call, message: expect.stringMatching(named) }));
    expect(start).toThrow(expect.objectContaining({ message: expect.not.stringContaining('\n') }));
  });
});

describe('recvmmsg with two threads', () => {
  it('counts by thread and loses nothing', async () => {
    const { invoker, config } = await serve('recvmmsg', { threads: 2, cpus: [anyCpu, anyCpu] });
    for (let i = 0; i < 20; i++) {
      // Another source port each time, so that the hash meets both sockets.
      const client = await UdpClient.to(config.port);
      await client.ask(randomBytes(18, i));
      client.close();
    }
    invoker.stop();
    expect(invoker.threads()).toHaveLength(2);
    expect(total(invoker, 'replied')).toBe(20);
  });
});

describe('a port in use', () => {
  it.each<SocketKind>(['recvfrom', 'recvmmsg'])('is refused by %s', async (kind) => {
    const other = await listeningSocket();
    onTestFinished(() => {
      other.close();
    });
    const { port } = other.address();
    expect(() => new Invoker(kind, { ...onLoopback, port })).toThrow(
      expect.objectContaining({
        code: 'PORT_IN_USE',
        call: 'bind',
        errno: 98,
        message: expect.stringContaining(`${port}`),
      }),
    );
  });

  it('is refused while an invoker of another kind has it', async () => {
    const { config } = await serve('recvmmsg');
    expect(() => new Invoker('recvfrom', config)).toThrow(expect.objectContaining({ code: 'PORT_IN_USE' }));
  });
});

describe('afxdp', () => {
  it('refuses a missing interface in one line', () => {
    const start = () => new Invoker('afxdp', { ...onLoopback, port: 1232, interface: 'ivb-none0' });
    const message = expect.stringMatching(/^no interface ivb-none0.*$/);
    expect(start).toThrow(expect.objectContaining({ code: 'NO_INTERFACE', call: 'if_nametoindex', message }));
  });
});

it('an implementation that is none is refused', () => {
  const kind = 'quic' as SocketKind;
  expect(() => new Invoker(kind, { ...onLoopback, port: 1 })).toThrow(
    expect.objectContaining({ code: 'IMPLEMENTATION', message: expect.stringContaining('quic') }),
  );
});
