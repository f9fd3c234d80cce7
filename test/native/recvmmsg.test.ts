import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { functionTable } from '../../impls/functions.js';
import type { FunctionId } from '../../model/ids.js';
import { Invoker, type NativeInvoker, type NativeInvokerConfig } from '../../native/index.js';
import { configOnLoopback, serviceOn, totalOf } from '../fakes/invoker.js';
import { patience } from '../fakes/patience.js';
import { randomBytes } from '../fakes/random.js';
import { freePort, UdpClient } from '../fakes/udp.js';

function serve(services: ReturnType<typeof serviceOn>[], changes: Partial<NativeInvokerConfig>) {
  const invoker = new Invoker('recvmmsg', configOnLoopback(services, changes));
  onTestFinished(() => invoker.stop());
  return invoker;
}

const handled = (invoker: NativeInvoker) => invoker.threads().map(({ counters }) => counters.handled);

/** The CPUs that each thread of this process may use, by its id, as the kernel lists them. */
const threadCpus = () =>
  new Map(
    readdirSync('/proc/self/task').map((id) => {
      const status = readFileSync(`/proc/self/task/${id}/status`, 'utf8');
      return [id, /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? ''];
    }),
  );

/** One request from a source port of `residue` modulo `modulus`; resolves to the reply. */
async function askFrom(residue: number, modulus: number, port: number): Promise<Buffer> {
  for (;;) {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    try {
      if (socket.address().port % modulus !== residue) continue;
      const reply = once(socket, 'message', { signal: AbortSignal.timeout(patience(2000)) });
      socket.send(Buffer.from('abc'), port, '127.0.0.1');
      return (await reply)[0];
    } finally {
      socket.close();
    }
  }
}

describe('steering by port', () => {
  it.each(['recvmmsg', 'iouring'] as const)('of %s gives each socket the source ports of its number', async (kind) => {
    const port = await freePort();
    const invoker = new Invoker(kind, configOnLoopback([serviceOn(port, 'reverse', 3)], { steering: 'port' }));
    onTestFinished(() => invoker.stop());
    for (const residue of [0, 1, 1, 2, 2, 2]) expect((await askFrom(residue, 3, port)).toString()).toBe('cba');
    expect(handled(invoker)).toEqual([1, 2, 3]);
  });

  it('does so after threads came and went', async () => {
    const port = await freePort();
    const invoker = serve([serviceOn(port, 'reverse', 1)], { steering: 'port', maxThreadsPerQueue: 4 });
    for (const threads of [4, 2]) invoker.scale(port, threads);
    for (const residue of [0, 1, 1]) await askFrom(residue, 2, port);
    expect(handled(invoker)).toEqual([1, 2, 0, 0]);
    expect(invoker.threads().map(({ state }) => state)).toEqual(['running', 'running', 'retired', 'retired']);
  });
});

describe('scaling', () => {
  it.each([
    [1232, 0, /^0 threads a queue is not from 1 to 4: scale$/],
    [1232, 5, /^5 threads a queue is not from 1 to 4: scale$/],
    [7, 2, /^no function is served on port 7: scale$/],
  ])('port %i to %i is refused', async (given, threads, message) => {
    const port = await freePort();
    const invoker = serve([serviceOn(port)], { maxThreadsPerQueue: 4 });
    const scale = () => invoker.scale(given === 1232 ? port : given, threads);
    expect(scale).toThrow(expect.objectContaining({ code: 'SCALE', message: expect.stringMatching(message) }));
    const client = await UdpClient.to(port);
    expect(await client.ask(Buffer.from([1, 2]))).toEqual(Buffer.from([2, 1]));
    client.close();
  });

  it.each([
    ['runs threads on the CPUs that are named for them', [1, 0, 1], ['1', '0', '1']],
    ['runs added threads on any CPU where none is named', [1], ['1', 'any', 'any']],
  ])('%s', async (_, cpus, expected) => {
    const any = threadCpus().get(`${process.pid}`);
    const port = await freePort();
    const before = threadCpus();
    const invoker = serve([serviceOn(port)], { cpus, maxThreadsPerQueue: 3 });
    for (const [i, list] of expected.entries()) {
      invoker.scale(port, i + 1);
      const [thread = ''] = [...threadCpus().keys()].filter((id) => !before.has(id));
      expect(threadCpus().get(thread)).toBe(list === 'any' ? any : list);
      before.set(thread, list);
    }
    expect(threadCpus().get(`${process.pid}`)).toBe(any);
  });

  it('finds the CPUs of added threads behind those of the first ones', async () => {
    const [first, second] = [await freePort(), await freePort()];
    const services = [serviceOn(first, 'echo', 1), serviceOn(second, 'echo', 2)];
    const invoker = serve(services, { cpus: [0, 0, 0, 1], maxThreadsPerQueue: 2 });
    const before = threadCpus();
    invoker.scale(first, 2);
    expect([...threadCpus()].filter(([id]) => !before.has(id)).map(([, list]) => list)).toEqual(['1']);
  });

  it('of one function leaves the other alone', async () => {
    const [first, second] = [await freePort(), await freePort()];
    const invoker = serve([serviceOn(first, 'echo'), serviceOn(second, 'upper')], { maxThreadsPerQueue: 3 });
    invoker.scale(second, 3);
    invoker.scale(second, 1);
    expect(invoker.threads().map(({ port, state }) => [port, state])).toEqual([
      [first, 'running'],
      [second, 'running'],
      [second, 'retired'],
      [second, 'retired'],
    ]);
    for (const [port, expected] of [[first, 'aB'] as const, [second, 'AB'] as const]) {
      const client = await UdpClient.to(port);
      expect((await client.ask(Buffer.from('aB'))).toString()).toBe(expected);
      client.close();
    }
  });
});

/** Sends each line of input (hex) as a message that the kernel cuts into datagrams, prints the replies as hex. */
const segmentingClient = `
import socket, sys
port, size = int(sys.argv[1]), int(sys.argv[2])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_UDP, 103, size)
s.settimeout(1)
s.connect(('127.0.0.1', port))
for line in sys.stdin:
    data = bytes.fromhex(line)
    s.send(data)
    for _ in range(max(1, -(-len(data) // size))):
        print(s.recv(65536).hex())
`;

describe('many datagrams in a message', () => {
  const cases = [
    ['reverse', 1000, 40 * 1000],
    ['reverse', 1000, 10 * 1000 + 17],
    ['reverse', 500, 500],
    ['upper', 100, 3 * 100 + 1],
    ['expand', 700, 44 * 700 + 3],
    ['expand', 1472, 4 * 1472],
    ['echo', 1, 60],
  ] as const satisfies [FunctionId, number, number][];
  it.each(cases)('%s of %i bytes each, %i in all', async (functionId, size, bytes) => {
    const port = await freePort();
    const invoker = serve([serviceOn(port, functionId)], { gro: 'on' });
    expect(invoker.granted().gro).toBe('on');
    const messages = [randomBytes(bytes, 1), randomBytes(size, 2), randomBytes(bytes, 3)];
    const input = messages.map((message) => message.toString('hex')).join('\n');
    const { stdout } = await execa('python3', ['-c', segmentingClient, String(port), String(size)], { input });
    const requests = messages.flatMap((message) =>
      Array.from({ length: Math.ceil(message.length / size) }, (_, i) => message.subarray(i * size, (i + 1) * size)),
    );
    const expected = requests.map((request) => functionTable[functionId].run(Buffer.from(request)).toString('hex'));
    expect(stdout.split('\n')).toEqual(expected);
    invoker.stop();
    for (const name of ['received', 'handled', 'replied']) expect(totalOf(invoker, name), name).toBe(requests.length);
  });

  it('drops and counts what a function refuses, and answers the rest', async () => {
    const port = await freePort();
    const invoker = serve([serviceOn(port, 'expand')], { gro: 'on' });
    const client = await UdpClient.to(port);
    onTestFinished(() => client.close());
    await client.tell(Buffer.alloc(1473));
    await client.tell(Buffer.alloc(3000));
    expect((await client.ask(Buffer.from('x'))).toString()).toBe('xx');
    invoker.stop();
    expect([totalOf(invoker, 'received'), totalOf(invoker, 'functionFailed')]).toEqual([3, 2]);
  });
});

it('drops what is longer than a datagram of Ethernet, and says so', async () => {
  for (const kind of ['recvfrom', 'recvmmsg'] as const) {
    const port = await freePort();
    const invoker = new Invoker(kind, configOnLoopback([serviceOn(port)]));
    const client = await UdpClient.to(port);
    await client.tell(Buffer.alloc(2049));
    expect(await client.ask(Buffer.alloc(2048))).toHaveLength(2048);
    client.close();
    invoker.stop();
    expect([totalOf(invoker, 'malformed'), totalOf(invoker, 'replied')]).toEqual([1, 1]);
  }
});

it('keeps an empty reply apart from others, many datagrams in a message or not', async () => {
  const port = await freePort();
  const invoker = serve([serviceOn(port)], { gro: 'on' });
  const client = await UdpClient.to(port);
  onTestFinished(() => client.close());
  await Promise.all(['ab', '', 'cd'].map((text) => client.tell(Buffer.from(text))));
  await client.ask(Buffer.from('x'));
  invoker.stop();
  expect([totalOf(invoker, 'received'), totalOf(invoker, 'replied'), totalOf(invoker, 'sendFailed')]).toEqual([
    4, 4, 0,
  ]);
});

it('counts the datagrams that its socket had no room for', async () => {
  const port = await freePort();
  const invoker = serve([serviceOn(port)], { socketBufferBytes: 1, delayNs: 50_000 });
  const client = await UdpClient.to(port);
  onTestFinished(() => client.close());
  for (let i = 0; i < 2000; i++) client.tell(Buffer.alloc(1400)).catch(() => {});
  await client.tell(Buffer.alloc(1));
  invoker.stop();
  const [received, dropped] = [totalOf(invoker, 'received'), totalOf(invoker, 'socketDropped')];
  expect(received + dropped).toBe(2001);
  expect(dropped).toBeGreaterThan(0);
});
