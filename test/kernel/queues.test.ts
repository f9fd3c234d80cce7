import { basename } from 'node:path';
import { expect, test } from 'vitest';
import type { Site } from '../../common/wire/topology.js';
import { answeredClients } from '../fakes/many-clients.js';
import { attachPass } from './pass.js';
import { start, totalsOf } from './process.js';
import { buildWire, describeAsRoot, on } from './wire.js';

const address = '10.0.1.10';
const clients = 40;

/** A wire whose server has four RX queues and one TX queue, as virtio_net has while XDP is attached. */
async function lopsidedWire(): Promise<{ server: Site; client: Site }> {
  const wire = await buildWire(1);
  const server = { ...wire.server, interface: 'ivb-many', address };
  const client = { ...wire.client, interface: 'ivb-few', address: '10.0.1.20' };
  const many = ['ivb-many', 'numrxqueues', '4', 'numtxqueues', '1', 'type', 'veth'];
  const few = ['ivb-few', 'numrxqueues', '1', 'numtxqueues', '4', 'netns', basename(client.enter.at(-1) ?? '')];
  await on(server, 'ip', 'link', 'add', ...many, 'peer', 'name', ...few);
  for (const side of [server, client]) {
    await on(side, 'ip', 'address', 'add', `${side.address}/24`, 'dev', side.interface);
    await on(side, 'ip', 'link', 'set', side.interface, 'up');
  }
  return { server, client };
}

const serve = (site: Site, line: string) => start(site, 'impls/main.js', line.split(' '));

describeAsRoot('an interface with more queues to receive by than to send by', () => {
  test.each(['afxdp', 'afxdp --attach skb', 'afxdp --idle spin'])('%s serves all of them', async (options) => {
    const { server, client } = await lopsidedWire();
    const invoker = serve(server, `--impl ${options} --interface ivb-many --json`);
    expect(await invoker.line('{"type":"ready"')).toContain('"rxQueues":"4 of 4"');
    expect(await answeredClients(client, address, 1232, clients)).toBe(clients);
    const { threads, shared } = await totalsOf(invoker);
    expect(threads).toMatchObject([{ counters: { replied: clients } }]);
    expect(shared).toMatchObject({ steerUnservedQueue: 0, steerRedirected: clients });
    expect(shared.framesAccounted).toBe(shared.framesTotal);
  });

  test.each(['afxdp', 'xdp'])('%s says at once that requests come in on queues that are not served', async (id) => {
    const { server, client } = await lopsidedWire();
    const detachPass = await attachPass(client);
    const invoker = serve(server, `--impl ${id} --interface ivb-many --queues 1 --json --stats`);
    expect(await invoker.line('{"type":"ready"')).toContain('"rxQueues":"1 of 4"');
    const answered = await answeredClients(client, address, 1232, clients);
    expect(answered).toBeLessThan(clients);
    const { shared } = await totalsOf(invoker);
    await detachPass();
    const unserved = clients - answered;
    expect(shared.steerUnservedQueue).toBe(unserved);
    // At the first second that saw any: how many had come by then is not ours to assert.
    expect(invoker.errors()).toMatch(
      /^invoker: \d+ requests came in on RX queues of ivb-many that are not served .*\n$/,
    );
  });

  test.each(['afpacket', 'afpacket --idle spin --queues 2 --threads 4', 'tc --queues 1'])(
    '%s serves all of them, too',
    async (options) => {
      const { server, client } = await lopsidedWire();
      const invoker = serve(server, `--impl ${options} --interface ivb-many --json`);
      await invoker.line('{"type":"ready"');
      expect(await answeredClients(client, address, 1232, clients)).toBe(clients);
      const { threads } = await totalsOf(invoker);
      expect(threads.reduce((sum, { counters }) => sum + (counters.replied ?? 0), 0)).toBe(clients);
    },
  );

  test('threads of more queues than it sends by are refused', async () => {
    const { server } = await lopsidedWire();
    const invoker = serve(server, '--impl afxdp --interface ivb-many --queues 4 --threads 4');
    expect(await invoker.ended()).toEqual({ code: 2, signal: null });
    expect(invoker.errors()).toMatch(/^invoker: --queues: ivb-many has 1 TX queue for the replies of 4 /);
  });
});
