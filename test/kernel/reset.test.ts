import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { exchangeAll } from '../fakes/client.js';
import { start, totalsOf } from './process.js';
import { buildWire, describeAsRoot, on } from './wire.js';

/** More than a batch of requests at once, from a socket that waits for no reply. */
const burst = `
import socket, sys
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(900): client.sendto(b"burst", (sys.argv[1], 1232))
`;

/** An invoker that has a batch of requests in hand, each of which keeps it for a millisecond, when its link goes down. */
async function serveUntilDown(idle: string) {
  const { server, client } = await buildWire(1);
  const options = `--impl afxdp --interface ${server.interface} --idle ${idle} --delay 1ms --json`;
  const invoker = start(server, 'impls/main.js', options.split(' '));
  await invoker.line('{"type":"ready"');
  await on(client, 'python3', '-c', burst, server.address);
  await on(server, 'ip', 'link', 'set', server.interface, 'down');
  return { server, client, invoker };
}

describeAsRoot('a link that goes down under load', () => {
  test.each(['spin', 'poll'])('and comes back is waited for by afxdp (%s)', async (idle) => {
    const { server, client, invoker } = await serveUntilDown(idle);
    await sleep(1500);
    await on(server, 'ip', 'link', 'set', server.interface, 'up');
    await sleep(2500);
    const [exchange] = await exchangeAll(client, server, 1232, ['0102']);
    expect(exchange?.reply).toBe('0201');
    const { threads, shared } = await totalsOf(invoker);
    const counters = threads[0]?.counters;
    expect(counters?.kickRetries).toBeGreaterThan(0);
    expect(counters?.handled).toBe(counters?.received);
    expect(shared.framesAccounted).toBe(shared.framesTotal);
  });

  test('and stays down ends afxdp with the cause', async () => {
    const { server, invoker } = await serveUntilDown('poll');
    expect(await invoker.ended()).toEqual({ code: 1, signal: null });
    expect(invoker.errors()).toBe(
      `invoker: cannot send on ${server.interface} for 5 s: sendto(AF_XDP): Network is down\n`,
    );
  });
});
