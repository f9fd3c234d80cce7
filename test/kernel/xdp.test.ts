import { expect, test } from 'vitest';
import { functionTable, portOf } from '../../impls/functions.js';
import { headerBytes } from '../../model/frame.js';
import type { Service } from '../../model/settings.js';
import { exchangeAll } from '../fakes/client.js';
import { randomBytes } from '../fakes/random.js';
import { expectSound, invokerContext, runCell } from './cell.js';
import { loadContext } from './load.js';
import { attachPass } from './pass.js';
import { start } from './process.js';
import { serve } from './responder.js';
import { buildWire, describeAsRoot, on, type Wire, xdpProgram } from './wire.js';

const services: Service[] = (['reverse', 'echo'] as const).map((functionId) => ({
  functionId,
  port: portOf(functionId),
  threadsPerQueue: 1,
}));

describeAsRoot('xdp alone', () => {
  const sizes = [60, 61, 200, 1400, 1514];
  const payloads = sizes.map((size) => randomBytes(size - headerBytes, size).toString('hex'));

  test.each(['reverse', 'echo'] as const)('answers %s to a plain client, and leaves nothing attached', async (id) => {
    const { server, client } = await buildWire(1);
    const { port, run } = functionTable[id];
    const detachPass = await attachPass(client);
    const args = ['--impl', 'xdp', '--interface', server.interface, '--port', String(port), '--function', id];
    const invoker = start(server, 'impls/main.js', args);
    expect(await invoker.line('ready')).toContain('attach=native');
    const replies = (await exchangeAll(client, server, port, payloads)).map(({ reply }) => reply);
    expect(replies).toEqual(payloads.map((hex) => run(Buffer.from(hex, 'hex')).toString('hex')));
    invoker.process.kill('SIGTERM');
    expect(await invoker.ended()).toEqual({ code: 0, signal: null });
    await detachPass();
    expect([await xdpProgram(server), await xdpProgram(client)]).toEqual([null, null]);
  });

  test('behind the driver it answers over the ordinary way out: a plain client needs no program', async () => {
    const { server, client } = await buildWire(1);
    const invoker = start(server, 'impls/main.js', [
      ...['--impl', 'xdp', '--interface', server.interface, '--attach', 'skb'],
    ]);
    expect(await invoker.line('ready')).toContain('attach=skb');
    const replies = (await exchangeAll(client, server, 1232, payloads)).map(({ reply }) => reply);
    expect(replies).toEqual(payloads.map((hex) => Buffer.from(hex, 'hex').reverse().toString('hex')));
    invoker.process.kill('SIGTERM');
    expect((await invoker.ended()).code).toBe(0);
  });

  test('SIGKILL leaves no program attached', async () => {
    const { server } = await buildWire(1);
    const invoker = start(server, 'impls/main.js', ['--impl', 'xdp', '--interface', server.interface]);
    await invoker.line('ready');
    expect(await xdpProgram(server)).not.toBeNull();
    invoker.process.kill('SIGKILL');
    await invoker.ended();
    expect(await xdpProgram(server)).toBeNull();
  });

  test('what is not for its port reaches sockets, and ARP the kernel', async () => {
    const { server, client } = await buildWire(1);
    const detachPass = await attachPass(client);
    const starting = [
      ['--impl', 'xdp', '--interface', server.interface],
      ['--impl', 'recvfrom', '--function', 'echo', '--port', '77'],
    ].map((args) => start(server, 'impls/main.js', args));
    for (const invoker of starting) await invoker.line('ready');
    const whole = `${'01'.repeat(99)}02`;
    expect((await exchangeAll(client, server, 77, [whole]))[0]?.reply).toBe(whole);
    // With the static neighbour gone the client must ask by ARP, and the server's kernel must answer.
    await on(client, 'ip', 'neighbour', 'del', server.address, 'dev', client.interface);
    expect((await exchangeAll(client, server, 1232, [whole]))[0]?.reply).toBe(`02${'01'.repeat(99)}`);
    for (const invoker of starting) {
      invoker.process.kill('SIGTERM');
      await invoker.ended();
    }
    await detachPass();
  });

  test('an interface that goes away ends it with the cause', async () => {
    const { server } = await buildWire(1);
    const invoker = start(server, 'impls/main.js', ['--impl', 'xdp', '--interface', server.interface]);
    await invoker.line('ready');
    await on(server, 'ip', 'link', 'delete', server.interface);
    expect((await invoker.ended()).code).toBe(1);
    expect(invoker.errors()).toMatch(/^invoker: ivb-srv is gone: .*\n$/);
  });

  test('a reply that a client end without a program cannot take is counted once', async () => {
    const wire = await buildWire(1);
    const { stop } = await serve(wire, services);
    const [exchange] = await exchangeAll(wire.client, wire.server, 1232, ['0102']);
    expect(exchange?.reply).toBeNull();
    const { threads, kernel } = await stop();
    expect(threads[0]).toMatchObject({ received: 1, replied: 1 });
    // What the ledger takes for the client's receive ring holds it already.
    expect(kernel).toMatchObject({ rx_queue_0_xdp_tx_errors: 1, 'dev.txDropped': 1 });
  });
});

describeAsRoot('xdp under load', () => {
  // The generator sends pages that come back reversed again as they are, but for their ends: from 92 bytes on.
  test.each([60, 61, 91, 92, 93, 200, 1400, 1514])(
    'answers right at the peak: live frames of %d bytes',
    async (size) => {
      const wire = await buildWire(1);
      const load = { ...loadContext(wire, { kind: 'saturate' }, 'live', 200e6), packetBytes: size };
      expectSound(await runCell(wire, invokerContext(wire, 'xdp', 1), load));
    },
  );

  test('answers right at the peak: echo', async () => {
    const wire = await buildWire(1);
    const load = { ...loadContext(wire, { kind: 'saturate' }, 'live', 200e6), functionId: 'echo' as const, port: 1233 };
    expectSound(await runCell(wire, invokerContext(wire, 'xdp', 1, { services }), load));
  });

  test.each<[string, (wire: Wire) => ReturnType<typeof loadContext>]>([
    ['AF_XDP sockets', (wire) => loadContext(wire, { kind: 'rate', perSecond: 20_000 }, 'afxdp', 300e6)],
    ['connections', (wire) => loadContext(wire, { kind: 'closed', connections: 4 }, 'socket', 300e6)],
  ])('answers %s', async (_, load) => {
    const wire = await buildWire(1);
    expectSound(await runCell(wire, invokerContext(wire, 'xdp', 1, { receivePath: 'plain' }), load(wire)));
    expect(await xdpProgram(wire.client)).toBeNull();
  });

  test('counts by queue', async () => {
    const wire = await buildWire(2);
    const context = invokerContext(wire, 'xdp', 1, { queues: 2, cpus: [0, 1] });
    const load = loadContext(wire, { kind: 'rate', perSecond: 20_000 }, 'live', 300e6);
    const run = await runCell(wire, context, { ...load, queues: 2, cpus: [0, 1] });
    expectSound(run);
    expect(run.invoker.threads).toHaveLength(2);
    for (const { handled } of run.invoker.threads) expect(handled).toBeGreaterThan(run.ledger.handled / 4);
  });
});
