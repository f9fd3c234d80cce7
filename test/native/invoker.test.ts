import { describe, expect, it, onTestFinished } from 'vitest';
import { functionTable } from '../../impls/functions.js';
import { type FunctionId, functionIds } from '../../model/ids.js';
import type { Service } from '../../model/settings.js';
import { Invoker, type NativeInvokerConfig } from '../../native/index.js';
import { answeredSizes, configOnLoopback, serviceOn, totalOf } from '../fakes/invoker.js';
import { randomBytes } from '../fakes/random.js';
import { freePort, listeningSocket, UdpClient } from '../fakes/udp.js';

type SocketKind = 'recvfrom' | 'recvmmsg';

/** A socket invoker on the loopback and a client of it; both go with the test. */
async function serve(kind: SocketKind, service: Partial<Service> = {}, changes: Partial<NativeInvokerConfig> = {}) {
  const only = { ...serviceOn(await freePort()), ...service };
  const config = configOnLoopback([only], changes);
  const invoker = new Invoker(kind, config);
  onTestFinished(() => invoker.stop());
  const client = await UdpClient.to(only.port);
  onTestFinished(() => client.close());
  return { invoker, client, config, port: only.port };
}

const sizes = [0, 1, 18, 158, 1472];

describe.each<SocketKind>(['recvfrom', 'recvmmsg'])('%s', (kind) => {
  it.each(functionIds)('answers %s for every size, and its counters agree', async (functionId: FunctionId) => {
    const { invoker, client } = await serve(kind, { functionId });
    const answered = answeredSizes(functionId, sizes);
    for (const size of answered) {
      const request = randomBytes(size, size);
      const expected = functionTable[functionId].run(Buffer.from(request));
      expect((await client.ask(request)).equals(expected), `${size} bytes`).toBe(true);
    }
    invoker.stop();
    for (const name of ['received', 'handled', 'replied'])
      expect([name, totalOf(invoker, name)]).toEqual([name, answered.length]);
    for (const name of ['functionFailed', 'malformed', 'sendFailed', 'txFull', 'txLost']) {
      expect([name, totalOf(invoker, name)]).toEqual([name, 0]);
    }
  });

  it('tells what it was granted', async () => {
    const { invoker } = await serve(kind);
    const own = kind === 'recvmmsg' ? { batch: '8', steering: 'hash', gro: 'off' } : {};
    const receiveBufferBytes = expect.stringMatching(/^[1-9]\d*$/);
    const all = { idle: 'poll', depthPackets: '256', receiveBufferBytes, busyPoll: 'off' };
    expect(invoker.granted()).toEqual({ ...own, ...all });
  });

  it('takes empty requests for requests, also a burst of nothing else', async () => {
    const { invoker, client, port } = await serve(kind);
    await Promise.all(Array.from({ length: 20 }, () => client.tell(Buffer.alloc(0))));
    // Stands behind them in the one queue there is.
    const last = await UdpClient.to(port);
    onTestFinished(() => last.close());
    await last.ask(randomBytes(18));
    invoker.stop();
    for (const name of ['received', 'handled', 'replied']) expect([name, totalOf(invoker, name)]).toEqual([name, 21]);
  });

  it('answers each of several clients with its own', async () => {
    const { invoker, port } = await serve(kind);
    const clients = await Promise.all(Array.from({ length: 8 }, () => UdpClient.to(port)));
    const requests = clients.map((_, i) => randomBytes(100 + i, i));
    const replies = await Promise.all(clients.map((client, i) => client.ask(requests[i] as Buffer)));
    for (const client of clients) client.close();
    replies.forEach((reply, i) => {
      expect(reply.reverse().equals(requests[i] as Buffer)).toBe(true);
    });
    invoker.stop();
    expect(totalOf(invoker, 'replied')).toBe(8);
  });

  it('stops while it waits, answers nothing more, and may be stopped again', async () => {
    const { invoker, client } = await serve(kind);
    await client.ask(randomBytes(18));
    invoker.stop();
    invoker.stop();
    expect(totalOf(invoker, 'handled')).toBe(1);
    await expect(
      Promise.race([client.ask(randomBytes(18)), new Promise((resolve) => setTimeout(resolve, 50, 'silence'))]),
    ).resolves.toBe('silence');
  });

  it('stops before its first request', async () => {
    const { invoker } = await serve(kind);
    invoker.stop();
    expect(totalOf(invoker, 'received')).toBe(0);
  });

  it('starts and stops many times without running out of anything', async () => {
    for (let i = 0; i < 50; i++) (await serve(kind)).invoker.stop();
  });

  it.each([
    [{ interface: 'ivb-none0' }, 'NO_INTERFACE', 'setsockopt(SO_BINDTODEVICE)', /ivb-none0/],
    [{ cpus: [4095] }, 'PIN', 'pthread_setaffinity_np', /CPU 4095/],
    [{ functionId: 'rot13' as FunctionId }, 'FUNCTION', 'findFunction', /rot13/],
  ])('refuses %o in one line', async (changes, code, call, named) => {
    const { functionId = 'reverse', ...others } = changes as Partial<NativeInvokerConfig & Service>;
    const service = serviceOn(await freePort(), functionId);
    const start = () => new Invoker(kind, configOnLoopback([service], others));
    expect(start).toThrow(expect.objectContaining({ code, call, message: expect.stringMatching(named) }));
    expect(start).toThrow(expect.objectContaining({ message: expect.not.stringContaining('\n') }));
  });
});

describe('recvmmsg with two threads', () => {
  it('counts by thread and loses nothing', async () => {
    const { invoker, port } = await serve('recvmmsg', { threadsPerQueue: 2 });
    for (let i = 0; i < 20; i++) {
      // Another source port each time, so that the hash meets both sockets.
      const client = await UdpClient.to(port);
      await client.ask(randomBytes(18, i));
      client.close();
    }
    invoker.stop();
    expect(invoker.threads()).toHaveLength(2);
    expect(totalOf(invoker, 'replied')).toBe(20);
  });
});

describe('a port in use', () => {
  it.each<SocketKind>(['recvfrom', 'recvmmsg'])('is refused by %s', async (kind) => {
    const other = await listeningSocket();
    onTestFinished(() => {
      other.close();
    });
    const { port } = other.address();
    expect(() => new Invoker(kind, configOnLoopback([serviceOn(port)]))).toThrow(
      expect.objectContaining({
        code: 'PORT_IN_USE',
        call: 'bind',
        errno: 98,
        message: expect.stringContaining(`${port}`),
      }),
    );
  });

  it('is refused while another invoker shares it among its threads', async () => {
    const { config } = await serve('recvmmsg', { threadsPerQueue: 2 });
    for (const kind of ['recvmmsg', 'iouring'] as const) {
      expect(() => new Invoker(kind, config)).toThrow(expect.objectContaining({ code: 'PORT_IN_USE' }));
    }
  });

  it('is refused while an invoker of another kind has it', async () => {
    const { config } = await serve('recvmmsg');
    expect(() => new Invoker('recvfrom', config)).toThrow(expect.objectContaining({ code: 'PORT_IN_USE' }));
  });
});

describe('afxdp', () => {
  it('refuses a missing interface in one line', () => {
    const start = () => new Invoker('afxdp', configOnLoopback([serviceOn(1232)], { interface: 'ivb-none0' }));
    const message = expect.stringMatching(/^no interface ivb-none0.*$/);
    expect(start).toThrow(expect.objectContaining({ code: 'NO_INTERFACE', call: 'if_nametoindex', message }));
  });
});

it('an implementation that is none is refused', () => {
  const kind = 'quic' as SocketKind;
  expect(() => new Invoker(kind, configOnLoopback([serviceOn(1)]))).toThrow(
    expect.objectContaining({ code: 'IMPLEMENTATION', message: expect.stringContaining('quic') }),
  );
});
