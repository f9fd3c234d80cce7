import { expect, test } from 'vitest';
import { functionTable } from '../../impls/functions.js';
import { headerBytes } from '../../model/frame.js';
import { implementationIds } from '../../model/ids.js';
import type { Counters } from '../../model/record.js';
import { exchangeAll } from '../fakes/client.js';
import { attachPass } from './pass.js';
import { lastPrinted, start } from './process.js';
import { buildWire, describeAsRoot, on, xdpProgram } from './wire.js';

const sizes = [60, 61, 200, 1400, 1514];
const payloads = sizes.map((size) => Buffer.from(Array.from({ length: size - headerBytes }, (_, i) => (i * 7) % 251)));

describeAsRoot('an invoker alone', () => {
  for (const id of implementationIds) {
    for (const functionId of ['reverse', 'echo'] as const) {
      test(`${id} answers ${functionId} to a plain client, and leaves nothing attached`, async () => {
        const { server, client } = await buildWire(1);
        const { port, run } = functionTable[functionId];
        const detachPass = id === 'xdp' ? await attachPass(client) : null;
        const args = ['--impl', id, '--interface', server.interface, '--port', String(port), '--function', functionId];
        const invoker = start(server, 'impls/main.js', [...args, '--threads', '1', '--queues', '1']);
        expect(await invoker.line('ready')).toContain(`ready ${id} 1T1Q ${functionId}`);
        const exchanges = await exchangeAll(
          client,
          server,
          port,
          payloads.map((payload) => payload.toString('hex')),
        );
        const expected = payloads.map((payload) => run(Buffer.from(payload)).toString('hex'));
        expect(exchanges.map(({ reply }) => reply)).toEqual(expected);

        invoker.process.kill('SIGTERM');
        expect(await invoker.ended()).toEqual({ code: 0, signal: null });
        expect(lastPrinted<{ threads: Counters[] }>(invoker).threads[0]).toMatchObject({
          received: sizes.length,
          handled: sizes.length,
          replied: sizes.length,
        });
        expect(await xdpProgram(server)).toBeNull();
        await detachPass?.();
      });
    }
  }

  test('two threads or processes share the port', async () => {
    const { server, client } = await buildWire(2);
    for (const id of ['dgram', 'recvmmsg', 'afpacket', 'afxdp'] as const) {
      const args = ['--impl', id, '--interface', server.interface, '--threads', '2', '--queues', '2'];
      const invoker = start(server, 'impls/main.js', args);
      await invoker.line('ready');
      const [exchange] = await exchangeAll(client, server, 1232, ['010203']);
      expect(exchange?.reply).toBe('030201');
      invoker.process.kill('SIGINT');
      expect((await invoker.ended()).code).toBe(0);
    }
  });

  test('metrics are served while it runs', async () => {
    const { server, client } = await buildWire(1);
    const args = ['--impl', 'recvmmsg', '--interface', server.interface, '--metrics', `${server.address}:9464`];
    const invoker = start(server, 'impls/main.js', args);
    await invoker.line('ready');
    await exchangeAll(client, server, 1232, ['0102', '0304']);
    const code = `fetch('http://${server.address}:9464/metrics').then(async (r) => console.log(await r.text()))`;
    const text = await on(client, process.execPath, '-e', code);
    expect(text).toContain('invoker_handled_total{implementation="recvmmsg",thread="0",queue="0",port="1232"} 2');
    expect(text).toContain(
      'invoker_dropped_total{implementation="recvmmsg",thread="0",queue="0",port="1232",cause="send_failed"} 0',
    );
    invoker.process.kill('SIGTERM');
    expect((await invoker.ended()).code).toBe(0);
  });

  test('an interface that goes away ends the invoker with the cause', async () => {
    const { server } = await buildWire(1);
    const invoker = start(server, 'impls/main.js', ['--impl', 'afxdp', '--interface', server.interface]);
    await invoker.line('ready');
    await on(server, 'ip', 'link', 'delete', server.interface);
    expect((await invoker.ended()).code).toBe(1);
    expect(invoker.errors()).toMatch(/^invoker: ivb-srv is gone or down: .*\n$/);
  });

  test('SIGKILL leaves no program attached', async () => {
    const { server } = await buildWire(1);
    const invoker = start(server, 'impls/main.js', ['--impl', 'afxdp', '--interface', server.interface]);
    await invoker.line('ready');
    expect(await xdpProgram(server)).not.toBeNull();
    invoker.process.kill('SIGKILL');
    await invoker.ended();
    expect(await xdpProgram(server)).toBeNull();
  });

  test('an interface with a program is named and left alone', async () => {
    const { server } = await buildWire(1);
    const first = start(server, 'impls/main.js', ['--impl', 'afxdp', '--interface', server.interface]);
    await first.line('ready');
    const id = await xdpProgram(server);
    const second = start(server, 'impls/main.js', ['--impl', 'afxdp', '--interface', server.interface, '--port', '5']);
    expect((await second.ended()).code).toBe(1);
    expect(second.errors()).toMatch(new RegExp(`^invoker: cannot attach .* XDP program steer \\(id ${id}\\) is .*\n$`));
    expect(await xdpProgram(server)).toBe(id);
    first.process.kill('SIGTERM');
    await first.ended();
  });

  test('a port or interface that cannot be had is one line and exit 1', async () => {
    const { server } = await buildWire(1);
    const cases: [string[], RegExp][] = [
      [['--impl', 'afxdp', '--interface', 'ivb-none'], /no interface ivb-none/],
      [['--impl', 'recvmmsg', '--interface', 'ivb-none'], /interface ivb-none/],
      [['--impl', 'dgram', '--interface', 'ivb-none'], /interface ivb-none/],
    ];
    for (const [args, message] of cases) {
      const invoker = start(server, 'impls/main.js', args);
      expect((await invoker.ended()).code).toBe(1);
      expect(invoker.errors()).toMatch(message);
      expect(invoker.errors().trim().split('\n')).toHaveLength(1);
    }
    const holder = start(server, 'impls/main.js', ['--impl', 'recvfrom', '--interface', server.interface]);
    await holder.line('ready');
    const late = start(server, 'impls/main.js', ['--impl', 'recvfrom', '--interface', server.interface]);
    expect((await late.ended()).code).toBe(1);
    expect(late.errors()).toMatch(/UDP port 1232/);
    holder.process.kill('SIGTERM');
    await holder.ended();
    expect(await xdpProgram(server)).toBeNull();
  });

  test('everything but plain requests to the port goes to the kernel', async () => {
    const { server, client } = await buildWire(1);
    const invoker = start(server, 'impls/main.js', ['--impl', 'afxdp', '--interface', server.interface]);
    await invoker.line('ready');
    const otherPort = start(server, 'impls/main.js', ['--impl', 'recvfrom', '--function', 'echo', '--port', '77']);
    await otherPort.line('ready');

    // Reversed by AF_XDP; a datagram of two fragments goes to the kernel, where the held port is its end.
    const whole = `${'01'.repeat(99)}02`;
    const fragmented = `${'01'.repeat(1899)}02`;
    const [small, large] = await exchangeAll(client, server, 1232, [whole, fragmented]);
    expect(small?.reply).toBe(`02${'01'.repeat(99)}`);
    expect(large?.reply).toBeNull();
    const [other] = await exchangeAll(client, server, 77, [whole]);
    expect(other?.reply).toBe(whole);
    // ARP: with the static neighbour gone, the client must ask, and the server's kernel must answer.
    await on(client, 'ip', 'neighbour', 'del', server.address, 'dev', client.interface);
    const [afterArp] = await exchangeAll(client, server, 1232, [whole]);
    expect(afterArp?.reply).toBe(small?.reply);

    for (const one of [invoker, otherPort]) {
      one.process.kill('SIGTERM');
      await one.ended();
    }
    expect(invoker.output()).toMatch(/"leftToKernel":1[,}]/);
  });
});
