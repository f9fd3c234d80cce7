import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type InvokerContext, type InvokerMessage, readLines } from '../../common/process/protocol.js';
import { serveSession } from '../../impls/session.js';
import { implementations } from '../../impls/table.js';
import type { ImplementationId } from '../../model/ids.js';
import { optionsOnLoopback, serviceOn } from '../fakes/invoker.js';
import { randomBytes } from '../fakes/random.js';
import { freePort, listeningSocket, UdpClient } from '../fakes/udp.js';

/** Those that a user may start on the loopback. */
const kinds = ['dgram', 'recvfrom', 'recvmmsg'] as const satisfies ImplementationId[];

async function clientOf(port: number) {
  const client = await UdpClient.to(port);
  onTestFinished(() => client.close());
  return client;
}

describe.each(kinds)('%s as a running invoker', (id) => {
  it('gives a list of counters a thread while it runs, and what is shared besides at the end', async () => {
    const port = await freePort();
    const running = await implementations[id].start(optionsOnLoopback([serviceOn(port)]));
    const client = await clientOf(port);
    for (let i = 0; i < 3; i++) await client.ask(randomBytes(18, i));
    const served = expect.objectContaining({ received: 3, handled: 3, functionFailed: 0 });
    const reading = { port, queue: 0, state: 'running', counters: served };
    expect(await running.read()).toEqual({ threads: [reading], shared: {} });
    const { threads, shared } = await running.stop();
    expect({ threads, shared }).toEqual({ threads: [reading], shared: {} });
    expect(threads[0]?.counters.replied).toBe(3);
    expect(running.granted.receiveBufferBytes).toMatch(/^[1-9]\d*$/);
  });
});

describe('dgram', () => {
  it('counts of failed sends those that Node tells', async () => {
    const running = await implementations.dgram.start(optionsOnLoopback([serviceOn(await freePort())]));
    expect(running.granted.steering).toBe('none');
    expect((await running.stop()).threads.map(({ counters }) => counters)).toEqual([
      expect.objectContaining({
        received: 0,
        handled: 0,
        replied: 0,
        functionFailed: 0,
        receiveFailed: 0,
        sendFailed: 0,
      }),
    ]);
  });

  it.each([
    ['ivb-none0', expect.stringMatching(/^cannot bind to interface ivb-none0: /)],
    ['', null],
  ])('on interface %j', async (name, message) => {
    const start = implementations.dgram.start(optionsOnLoopback([serviceOn(await freePort())], { interface: name }));
    if (message === null) await (await start).stop();
    else await expect(start).rejects.toMatchObject({ code: 'NO_INTERFACE', message });
  });
});

/** A session whose input and output are ours. */
function session(output = new PassThrough()) {
  const input = new PassThrough();
  const said: InvokerMessage[] = [];
  let hear = () => {};
  readLines(
    output,
    (line) => {
      said.push(JSON.parse(line));
      hear();
    },
    () => {},
  );
  const code = serveSession(input as unknown as NodeJS.ReadStream, output as unknown as NodeJS.WriteStream);
  const heard = (type: InvokerMessage['type']) =>
    new Promise<void>((resolve) => {
      hear = () => said.some((message) => message.type === type) && resolve();
      hear();
    });
  return { input, said, code, heard };
}

const contextOf = (port: number): InvokerContext => ({
  ...optionsOnLoopback([serviceOn(port)]),
  ...{ implementation: 'recvfrom', receivePath: 'plain', sampleIntervalNs: 3600e9 },
});

describe('serveSession', () => {
  it.each<[string, (input: PassThrough) => void]>([
    ['the command to stop', (input) => input.write('{"type":"stop"}\n')],
    ['the end of its input, which means that the harness is gone', (input) => input.end()],
  ])('says ready, serves, and tells a last sample and its totals at %s', async (_, stop) => {
    const port = await freePort();
    const { input, said, code, heard } = session();
    input.write(`${JSON.stringify(contextOf(port))}\n`);
    await heard('ready');
    await (await clientOf(port)).ask(randomBytes(18));
    stop(input);
    expect(await code).toBe(0);
    await heard('stopped');
    expect(said).toEqual([
      { type: 'ready', pid: process.pid, granted: expect.objectContaining({ receivePath: 'socket' }) },
      {
        type: 'sample',
        atNs: expect.any(Number),
        counters: expect.objectContaining({ handled: 1, 'handled.0': 1, 'runs.0': expect.any(Number) }),
      },
      {
        type: 'stopped',
        totals: {
          threads: [expect.objectContaining({ received: 1, handled: 1, replied: 1 })],
          shared: {},
          kernel: expect.objectContaining({ 'udp.NoPorts': expect.any(Number) }),
        },
      },
    ]);
  });

  it('told to stop before it is ready stops all the same', async () => {
    const { input, said, code, heard } = session();
    input.end(`${JSON.stringify(contextOf(await freePort()))}\n{"type":"stop"}\n`);
    expect(await code).toBe(0);
    await heard('stopped');
    expect(said.map(({ type }) => type)).toEqual(['ready', 'sample', 'stopped']);
  });

  it('is not over before its last words are with a reader that was busy', async () => {
    const output = new PassThrough({ highWaterMark: 1 });
    const { input, said, code, heard } = session(output);
    input.write(`${JSON.stringify(contextOf(await freePort()))}\n`);
    await heard('ready');
    output.pause();
    input.end();
    const early = await Promise.race([code, new Promise((resolve) => setTimeout(resolve, 500, 'waits'))]);
    expect([early, said.map(({ type }) => type)]).toEqual(['waits', ['ready']]);
    output.resume();
    expect(await code).toBe(0);
    expect(said.map(({ type }) => type)).toEqual(['ready', 'sample', 'stopped']);
  });

  it('without a context fails and says nothing', async () => {
    const { input, said, code } = session();
    input.end();
    expect(await code).toBe(1);
    expect(said).toEqual([]);
  });

  it('that cannot start reports why', async () => {
    const other = await listeningSocket();
    onTestFinished(() => {
      other.close();
    });
    const { input, said, code, heard } = session();
    input.write(`${JSON.stringify(contextOf(other.address().port))}\n`);
    expect(await code).toBe(1);
    await heard('error');
    expect(said).toEqual([
      { type: 'error', error: expect.objectContaining({ code: 'PORT_IN_USE', call: 'bind', errno: 98 }) },
    ]);
  });
});
