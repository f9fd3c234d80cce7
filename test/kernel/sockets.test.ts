import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { Site } from '../../common/wire/topology.js';
import { runtimeIds } from '../../model/runtimes.js';
import { askAll } from '../fakes/asker.js';
import { type Running, start, totalsOf } from './process.js';
import { buildWire, describeAsRoot, on } from './wire.js';

async function serve(site: Site, options: string): Promise<Running> {
  const invoker = start(site, 'impls/main.js', [...options.split(' '), '--json']);
  await invoker.line('{"type":"ready"');
  return invoker;
}

/** Ends it; resolves to its counters, summed over its threads. */
async function sumsOf(invoker: Running): Promise<Record<string, number>> {
  const { threads } = await totalsOf(invoker);
  expect(invoker.errors()).toBe('');
  const sums: Record<string, number> = {};
  for (const { counters } of threads)
    for (const [name, count] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

const implementations = ['dgram', 'recvfrom', 'recvmmsg', 'recvmmsg --gro on', 'iouring', ...runtimeIds];
/** Those that have a socket for each address, and take one after the other. */
const oneByOne: readonly string[] = ['dgram', ...runtimeIds];

describeAsRoot('the source port of a request', () => {
  test.each(implementations)('of a service is not answered by %s', async (implementation) => {
    const { server, client } = await buildWire(1);
    const place = `--impl ${implementation} --interface ${server.interface}`;
    const invoker = await serve(server, `${place} --functions 1232=reverse,5000=echo`);
    const questions = [1, 53, 1023, 1024, 1231, 1232, 1233, 1234, 1235, 1236, 1237, 1238, 5000, 5001].flatMap(
      (sourcePort) => [1232, 5000].map((port) => ({ address: server.address, port, sourcePort, bytes: 10 })),
    );
    const answers = await askAll(client, questions);
    expect(answers.map(({ port }) => port).sort()).toEqual([1232, 1232, 1232, 1232, 5000, 5000, 5000, 5000]);
    expect(await sumsOf(invoker)).toMatchObject({ received: 28, replied: 8, refusedSource: 20 });
  });

  test.each(implementations)('keeps two of %s from answering each other', async (implementation) => {
    const { server, client } = await buildWire(1);
    const [here, there] = await Promise.all(
      [server, client].map((site) => serve(site, `--impl ${implementation} --interface ${site.interface}`)),
    );
    const forge = `
import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
s.sendto(struct.pack('!HHHH', 1232, 1232, 12, 0) + b'abcd', ('${server.address}', 0))
`;
    const [file = '', ...args] = [...client.enter, 'python3', '-c', forge];
    await execa(file, args);
    await sleep(200);
    expect(await sumsOf(here as Running)).toMatchObject({ received: 1, replied: 0, refusedSource: 1 });
    expect(await sumsOf(there as Running)).toMatchObject({ received: 0, replied: 0 });
  });
});

describeAsRoot('the address that is asked', () => {
  test.each([...implementations, 'afpacket', 'afxdp'])(
    'is where the reply of %s comes from',
    async (implementation) => {
      const { server, client } = await buildWire(1);
      await on(server, 'ip', 'address', 'add', '10.0.0.11/24', 'dev', server.interface);
      const invoker = await serve(server, `--impl ${implementation} --interface ${server.interface} --function expand`);
      // Those of 1473 bytes get no reply: what is behind them moves up in a batch.
      const asked = [
        '10.0.0.10',
        '10.0.0.11',
        '10.0.0.11',
        '10.0.0.10',
        '10.0.0.11',
        '10.0.0.10',
        '10.0.0.10',
        '10.0.0.11',
      ];
      const questions = asked.flatMap((address) => [
        { address, port: 1234, bytes: implementation.startsWith('af') ? 700 : 1473 },
        { address, port: 1234, bytes: 50 },
      ]);
      const answers = await askAll(client, questions);
      const repliedBy = answers.filter(({ bytes }) => bytes === 100).map(({ address }) => address);
      if (oneByOne.includes(implementation)) expect(repliedBy.sort()).toEqual(asked.sort());
      else expect(repliedBy).toEqual(asked);
      expect(await sumsOf(invoker)).toMatchObject({ received: 16, sendFailed: 0 });
    },
  );

  test.each(['dgram --threads 2', 'recvmmsg --threads 2 --steering port'])(
    'is, of several threads of %s, too',
    async (implementation) => {
      const { server, client } = await buildWire(1);
      await on(server, 'ip', 'address', 'add', '10.0.0.11/24', 'dev', server.interface);
      const invoker = await serve(server, `--impl ${implementation} --interface ${server.interface}`);
      const questions = [20_000, 20_001, 20_002].flatMap((sourcePort) =>
        ['10.0.0.11', '10.0.0.10'].map((address) => ({ address, port: 1232, sourcePort, bytes: 10 })),
      );
      const addresses = (await askAll(client, questions)).map(({ address }) => address);
      expect(addresses.sort()).toEqual(['10.0.0.10', '10.0.0.10', '10.0.0.10', '10.0.0.11', '10.0.0.11', '10.0.0.11']);
      await sumsOf(invoker);
    },
  );
});

describeAsRoot('a reply that is longer than the MTU allows', () => {
  test.each([...implementations, 'afpacket', 'afxdp'])('is refused and counted by %s', async (implementation) => {
    const { server, client } = await buildWire(1);
    for (const side of [server, client]) await on(side, 'ip', 'link', 'set', side.interface, 'mtu', '1280');
    const invoker = await serve(server, `--impl ${implementation} --interface ${server.interface} --function expand`);
    const questions = [626, 627, 900, 300].map((bytes) => ({ address: server.address, port: 1234, bytes }));
    const answers = await askAll(client, questions);
    expect(answers.map(({ bytes }) => bytes)).toEqual([1252, 600]);
    expect(await sumsOf(invoker)).toMatchObject({ received: 4, handled: 4, replied: 2, sendFailed: 2 });
  });

  test('does not take those with it that it was merged with', async () => {
    const { server } = await buildWire(1);
    await on(server, 'ip', 'link', 'set', 'lo', 'mtu', '1280');
    const invoker = await serve(server, '--impl recvmmsg --gro on --interface lo --function expand');
    // The kernel hands them over as it got them: ten of 900 bytes and one of 100, in one message.
    const burst = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_UDP, 103, 900)
s.settimeout(2)
for _ in range(2):
    s.sendto(bytes(10 * 900 + 100), ('127.0.0.1', 1234))
    print(len(s.recv(9000)))
`;
    expect(await on(server, 'python3', '-c', burst)).toBe('200\n200');
    expect(await sumsOf(invoker)).toMatchObject({ received: 22, handled: 22, replied: 2, sendFailed: 20 });
  });
});

describeAsRoot('a stream of replies', () => {
  test.each(['dgram', 'recvmmsg', ...runtimeIds])(
    '%s replies no faster than a slow link takes it',
    async (implementation) => {
      const { server, client } = await buildWire(1);
      await on(
        server,
        ...[
          'tc',
          'qdisc',
          'add',
          'dev',
          server.interface,
          'root',
          'tbf',
          'rate',
          '5mbit',
          'burst',
          '10kb',
          'limit',
          '100mb',
        ],
      );
      const invoker = await serve(
        server,
        `--impl ${implementation} --interface ${server.interface} --depth 64 --function echo`,
      );
      const flood = `
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(5000):
    s.sendto(bytes(1400), ('${server.address}', 1233))
    if i % 20 == 0: time.sleep(0.004)
`;
      const [file = '', ...args] = [...client.enter, 'python3', '-c', flood];
      await execa(file, args);
      const totals = await sumsOf(invoker);
      const [link] = JSON.parse(await on(server, 'ip', '-json', '-stats', 'link', 'show', server.interface));
      const left = link.stats64.tx.packets;
      const { handled = 0, replied = 0, sendFailed = 0 } = totals;
      expect(handled).toBe(replied + sendFailed);
      // The kernel holds no more than the socket's buffer, of 64 x 4352 bytes and as much again.
      expect(replied - left).toBeLessThan(400);
    },
  );
});

describeAsRoot('a stop', () => {
  test('a stop under load ends where there is no memory for a filter', async () => {
    const { server, client } = await buildWire(1);
    await on(server, 'sysctl', '-qw', 'net.core.optmem_max=1');
    const invoker = await serve(server, `--impl recvmmsg --interface ${server.interface}`);
    expect(await askAll(client, [{ address: server.address, port: 1232, bytes: 10 }])).toHaveLength(1);
    expect(await sumsOf(invoker)).toMatchObject({ replied: 1 });
  });
});
