import { expect, test } from 'vitest';
import { start } from './process.js';
import { buildWire, describeAsRoot, on } from './wire.js';

describeAsRoot('an interface that is asked for', () => {
  test('of another network namespace is told, with those that there are', async () => {
    const wire = await buildWire(1);
    const asked = start(wire.server, 'impls/main.js', ['--impl', 'afxdp', '--interface', 'ivb-cli']);
    expect(await asked.ended()).toEqual({ code: 1, signal: null });
    const there = 'there are ivb-srv, lo';
    expect(asked.errors()).toBe(`invoker: no interface ivb-cli in this network namespace: ${there}\n`);
  });

  test('is served by its other name, too', async () => {
    const { server } = await buildWire(1);
    await on(server, 'ip', 'link', 'property', 'add', 'dev', server.interface, 'altname', 'ivb-alternative');
    const invoker = start(server, 'impls/main.js', ['--impl', 'afxdp', '--interface', 'ivb-alternative']);
    await invoker.line('ready');
    invoker.process.kill('SIGTERM');
    expect(await invoker.ended()).toEqual({ code: 0, signal: null });
    expect(invoker.errors()).toBe('');
  });

  test.each(['down', 'a port of a bridge'])('and is %s is told with what to do', async (what) => {
    const { server } = await buildWire(1);
    const name = server.interface;
    if (what === 'down') await on(server, 'ip', 'link', 'set', name, 'down');
    else {
      await on(server, 'ip', 'link', 'add', 'ivb-br', 'type', 'bridge');
      await on(server, 'ip', 'link', 'set', name, 'master', 'ivb-br');
    }
    for (const id of ['afpacket', 'afxdp', 'tc', 'xdp', 'recvmmsg', 'iouring']) {
      const invoker = start(server, 'impls/main.js', ['--impl', id, '--interface', name]);
      await invoker.line('ready');
      invoker.process.kill('SIGTERM');
      expect(await invoker.ended()).toEqual({ code: 0, signal: null });
      const skb = id === 'afxdp' || id === 'xdp' ? ' --attach skb' : '';
      const remark =
        what === 'down'
          ? `${name} is down, nothing comes in (ip link set ${name} up)`
          : `${name} is a port of ivb-br, which takes in what is for this host (--interface ivb-br${skb})`;
      expect(invoker.errors()).toBe(`invoker: ${remark}\n`);
    }
  });
});
