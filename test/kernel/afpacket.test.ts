import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { exchangeAll } from '../fakes/client.js';
import { replyFrame, udpFrame } from '../fakes/frame.js';
import { randomBytes } from '../fakes/random.js';
import { sendFrames } from '../fakes/raw-client.js';
import { invokerContext, runCell } from './cell.js';
import { loadContext } from './load.js';
import { type Running, start, totalsOf } from './process.js';
import { buildWire, describeAsRoot, on, type Wire } from './wire.js';

async function serve({ server }: Wire, options = ''): Promise<Running> {
  const words = [
    '--impl',
    'afpacket',
    '--interface',
    server.interface,
    ...options.split(' ').filter(Boolean),
    '--json',
  ];
  const invoker = start(server, 'impls/main.js', words);
  await invoker.line('{"type":"ready"');
  return invoker;
}

const ask = async ({ server, client }: Wire, hex = '0102') =>
  (await exchangeAll(client, server, 1232, [hex]))[0]?.reply;

describeAsRoot('afpacket', () => {
  test('drops and counts what contradicts itself, and leaves what is no plain request to the kernel', async () => {
    const wire = await buildWire(1);
    const invoker = await serve(wire);
    const plain = udpFrame(1232, randomBytes(100));
    const claiming = (udpBytes: number) => {
      const frame = Buffer.from(plain);
      frame.writeUInt16BE(udpBytes, 38);
      return frame;
    };
    const edited = (offset: number, value: number) => {
      const frame = Buffer.from(plain);
      frame[offset] = value;
      return frame;
    };
    const malformed = [0, 7, 109, 0xffff].map(claiming);
    const vlan = Buffer.concat([plain.subarray(0, 12), Buffer.from('81000005', 'hex'), plain.subarray(12)]);
    const others = [
      vlan,
      edited(23, 6),
      edited(14, 0x46),
      edited(20, 0x20),
      edited(21, 0x10),
      udpFrame(1231, randomBytes(9)),
    ];
    const replies = await sendFrames(wire.client, [...malformed, ...others, plain]);
    const payload = Buffer.from(randomBytes(100)).reverse();
    expect(replies.map((frame) => frame.toString('hex'))).toEqual([replyFrame(plain, payload).toString('hex')]);
    const { threads } = await totalsOf(invoker);
    expect(threads[0]?.counters).toMatchObject({ received: 5, handled: 1, replied: 1, malformed: malformed.length });
  });

  test('deals requests out to the threads of a queue in turn', async () => {
    const wire = await buildWire(1);
    const invoker = await serve(wire, '--threads 4 --queues 1');
    for (let i = 0; i < 8; i++) expect(await ask(wire)).toBe('0201');
    const { threads } = await totalsOf(invoker);
    // Each client process may be received on another CPU, which has a turn of its own.
    expect(threads.reduce((sum, { counters }) => sum + (counters.replied ?? 0), 0)).toBe(8);
    expect(threads.filter(({ counters }) => counters.replied).length).toBeGreaterThan(1);
  });

  test('serves again after its link was down, and ends when its interface goes away', async () => {
    const wire = await buildWire(1);
    const invoker = await serve(wire);
    await on(wire.server, 'ip', 'link', 'set', wire.server.interface, 'down');
    await sleep(1200);
    expect(invoker.errors()).toBe('');
    await on(wire.server, 'ip', 'link', 'set', wire.server.interface, 'up');
    await on(
      wire.server,
      'ip',
      'neighbour',
      'replace',
      wire.client.address,
      'lladdr',
      wire.client.mac,
      'dev',
      'ivb-srv',
    );
    await sleep(300);
    expect(await ask(wire)).toBe('0201');
    await on(wire.server, 'ip', 'link', 'delete', wire.server.interface);
    expect((await invoker.ended()).code).toBe(1);
    expect(invoker.errors()).toMatch(/^invoker: ivb-srv is gone: .*\n$/);
  });

  test('has no use for its own replies, nor for what others on the host send', async () => {
    const wire = await buildWire(1);
    const invoker = await serve(wire);
    const other = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', 16384))
for _ in range(5): s.sendto(b'x', ('${wire.client.address}', 1232))
`;
    await on(wire.server, 'python3', '-c', other);
    expect(await ask(wire)).toBe('0201');
    const { threads, shared } = await totalsOf(invoker);
    expect(threads[0]?.counters.received).toBe(1);
    expect(shared).toMatchObject({ steerRedirected: 1, steerForOthers: 0, leftToKernel: 0 });
  });

  test.each([60, 200, 1514])('answers right at the peak: live frames of %d bytes', async (packetBytes) => {
    const wire = await buildWire(1);
    const load = { ...loadContext(wire, { kind: 'saturate' }, 'live', 300e6), packetBytes };
    const { ledger, load: totals } = await runCell(wire, invokerContext(wire, 'afpacket', 1), load);
    expect(ledger).toMatchObject({ wrong: 0, residual: 0 });
    expect(ledger.right).toBeGreaterThan(0);
    expect(totals.generator.checked).toBeGreaterThan(0);
  });

  test.each(['live', 'afxdp'] as const)('gives each queue its own requests: %s', async (engine) => {
    const wire = await buildWire(2);
    const context = invokerContext(wire, 'afpacket', 1, { queues: 2, cpus: [0, 1], idle: 'spin' });
    const load = loadContext(wire, { kind: 'rate', perSecond: 20_000 }, engine, 300e6);
    const run = await runCell(wire, context, { ...load, queues: 2, cpus: engine === 'live' ? [0, 1] : [0] });
    expect(run.ledger).toMatchObject({ wrong: 0, residual: 0 });
    for (const { received } of run.invoker.threads) expect(received).toBeGreaterThan(run.ledger.handled / 4);
  });
});
