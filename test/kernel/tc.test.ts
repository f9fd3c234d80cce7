import { expect, test } from 'vitest';
import type { Site } from '../../common/wire/topology.js';
import { exchangeAll } from '../fakes/client.js';
import { checksumSum, udpFrame } from '../fakes/frame.js';
import { randomBytes } from '../fakes/random.js';
import { sendFrames } from '../fakes/raw-client.js';
import { sniffingClient } from '../fakes/sniffer.js';
import { expectSound, invokerContext, runCell } from './cell.js';
import { loadContext } from './load.js';
import { lastPrinted, start } from './process.js';
import { buildWire, describeAsRoot, filtersOf, on, qdiscsOf, tcProgram, type Wire } from './wire.js';

const request = randomBytes(200).toString('hex');
const reply = Buffer.from(request, 'hex').reverse().toString('hex');

async function serve(site: Site, ...more: string[]) {
  const invoker = start(site, 'impls/main.js', ['--impl', 'tc', '--interface', site.interface, ...more]);
  await invoker.line('ready');
  return invoker;
}

async function refusal(site: Site): Promise<string> {
  const invoker = start(site, 'impls/main.js', ['--impl', 'tc', '--interface', site.interface, '--port', '5']);
  expect((await invoker.ended()).code).toBe(1);
  return invoker.errors();
}

async function end(invoker: Awaited<ReturnType<typeof serve>>) {
  invoker.process.kill('SIGTERM');
  expect(await invoker.ended()).toEqual({ code: 0, signal: null });
  return lastPrinted<{ threads: Record<string, number>[]; shared: Record<string, number> }>(invoker);
}

const ask = async ({ server, client }: Wire) => (await exchangeAll(client, server, 1232, [request]))[0]?.reply;

describeAsRoot('the filter of tc', () => {
  test('goes with the invoker, and so does the qdisc that was made for it', async () => {
    const { server } = await buildWire(1);
    const before = await qdiscsOf(server);
    const invoker = await serve(server);
    expect([await tcProgram(server), await qdiscsOf(server)]).toEqual([expect.any(Number), [...before, 'clsact']]);
    await end(invoker);
    expect([await filtersOf(server), await qdiscsOf(server)]).toEqual([[], before]);
  });

  test('leaves a qdisc that was there, and filters that came meanwhile', async () => {
    const { server } = await buildWire(1);
    await on(server, 'tc', 'qdisc', 'add', 'dev', server.interface, 'clsact');
    await end(await serve(server));
    expect([await filtersOf(server), await qdiscsOf(server)]).toEqual([[], expect.arrayContaining(['clsact'])]);
    await on(server, 'tc', 'qdisc', 'delete', 'dev', server.interface, 'clsact');

    const invoker = await serve(server);
    await addFilter(server, 'egress');
    await end(invoker);
    expect(await qdiscsOf(server)).toContain('clsact');
  });

  test('of others is named and left alone', async () => {
    const { server } = await buildWire(1);
    await on(server, 'tc', 'qdisc', 'add', 'dev', server.interface, 'clsact');
    await addFilter(server, 'ingress');
    const before = await filtersOf(server);
    expect(await refusal(server)).toMatch(
      /^invoker: cannot attach a program to the ingress of ivb-srv, filter \w+ is there already \(tc filter delete dev ivb-srv ingress pref 9\): .*\n$/,
    );
    expect(await filtersOf(server)).toEqual(before);
  });

  test('of another invoker is named and left alone', async () => {
    const wire = await buildWire(1);
    const first = await serve(wire.server);
    expect(await refusal(wire.server)).toMatch(/filter respond_tc:\[\d+\] is there already/);
    expect(await ask(wire)).toBe(reply);
    await end(first);
  });

  test('stays after SIGKILL until the next invoker takes its place', async () => {
    const wire = await buildWire(1);
    const killed = await serve(wire.server);
    killed.process.kill('SIGKILL');
    await killed.ended();
    const left = await tcProgram(wire.server);
    expect(left).toEqual(expect.any(Number));
    const next = await serve(wire.server);
    expect(await tcProgram(wire.server)).not.toBe(left);
    expect(await ask(wire)).toBe(reply);
    await end(next);
    expect([await filtersOf(wire.server), await qdiscsOf(wire.server)]).toEqual([
      [],
      expect.not.arrayContaining(['clsact']),
    ]);
  });

  test('stays after SIGKILL until --clean, which leaves that of a living one', async () => {
    const { server } = await buildWire(1);
    const clean = async () => {
      const cleaning = start(server, 'harness/main.js', ['--clean']);
      expect((await cleaning.ended()).code).toBe(0);
      return cleaning.output();
    };
    const killed = await serve(server);
    expect(await clean()).not.toContain('tc filter');
    expect(await tcProgram(server)).toEqual(expect.any(Number));
    killed.process.kill('SIGKILL');
    await killed.ended();
    expect(await clean()).toContain('Removed the tc filter that an invoker left on ivb-srv.\n');
    expect([await filtersOf(server), await qdiscsOf(server)]).toEqual([[], expect.not.arrayContaining(['clsact'])]);
  });

  test.each([
    [
      ['tc', 'filter', 'delete', 'dev', 'ivb-srv', 'ingress'],
      /^invoker: the filter was taken from the ingress of ivb-srv: .*\n$/,
    ],
    [['ip', 'link', 'delete', 'ivb-srv'], /^invoker: ivb-srv is gone: .*\n$/],
  ])('that goes away ends the invoker with the cause: %s', async (words, message) => {
    const { server } = await buildWire(1);
    const invoker = await serve(server);
    await on(server, ...words);
    expect((await invoker.ended()).code).toBe(1);
    expect(invoker.errors()).toMatch(message);
  });
});

/** Adds a filter of somebody else, which no packet comes to harm by. */
async function addFilter(site: Site, way: 'ingress' | 'egress'): Promise<void> {
  const place = ['dev', site.interface, way, 'pref', '9', 'protocol', 'ip'];
  await on(site, 'tc', 'filter', 'add', ...place, 'u32', 'match', 'u32', '0', '0', 'classid', '1:1');
}

/** Python code: a datagram whose pages the kernel takes as they are, and the reply in hex. */
const zeroCopyClient = `
import socket, sys
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.setsockopt(socket.SOL_SOCKET, 60, 1)
client.settimeout(2)
client.sendto(bytes.fromhex(sys.argv[2]), 0x4000000, (sys.argv[1], 1232))
print(client.recv(2048).hex())
`;

/** Python code: ten datagrams in one message; how many are answered within 0.5 s. */
const mergedClient = `
import socket, sys
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.setsockopt(socket.IPPROTO_UDP, 103, 100)
client.settimeout(0.5)
client.sendto(bytes(1000), (sys.argv[1], 1232))
answered = 0
try:
    while True:
        client.recv(2048)
        answered += 1
except TimeoutError:
    print(answered)
`;

describeAsRoot('tc and socket buffers', () => {
  test.each(['on', 'off'])(
    'whose checksum a device is to complete or not (%s) become replies that are right',
    async (offload) => {
      const { server, client } = await buildWire(1);
      // What leaves the server then stands on the wire as a device would send it.
      await on(server, 'ethtool', '-K', server.interface, 'tx', 'off');
      await on(client, 'ethtool', '-K', client.interface, 'tx', offload);
      const invoker = await serve(server, '--functions', '1232=reverse,1233=echo');
      for (const port of ['1232', '1233']) {
        const payloads = [1, 2, 17, 158, 1472].map((length) => randomBytes(length, length).toString('hex'));
        const words = ['python3', '-c', sniffingClient, client.interface, server.address, port, payloads.join(',')];
        const frames = (await on(client, ...words)).split('\n').map((hex) => Buffer.from(hex, 'hex'));
        expect(frames).toHaveLength(payloads.length);
        for (const frame of frames) {
          if (offload === 'off') expect(frame.readUInt16BE(40)).toBe(0);
          else expect(checksumSum(frame)).toBe(0xffff);
        }
      }
      await end(invoker);
    },
  );

  test('that are not in one piece are answered', async () => {
    const { server, client } = await buildWire(1);
    const invoker = await serve(server);
    expect(await on(client, 'python3', '-c', zeroCopyClient, server.address, request)).toBe(reply);
    await end(invoker);
  });

  test('that hold several datagrams are left to the kernel, and counted', async () => {
    const { server, client } = await buildWire(1);
    await on(client, 'ethtool', '-K', client.interface, 'tx-udp-segmentation', 'on');
    const invoker = await serve(server);
    expect(await on(client, 'python3', '-c', mergedClient, server.address)).toBe('0');
    const { threads, shared } = await end(invoker);
    expect(threads[0]?.received).toBe(0);
    expect(shared.steerNotUdp).toBeGreaterThan(0);
    expect(shared.leftToKernel).toBeGreaterThan(0);
  });

  test('of a VLAN are left to the kernel, which takes their tags off', async () => {
    const { server, client } = await buildWire(1);
    const invoker = await serve(server);
    const plain = udpFrame(1232, randomBytes(100));
    const tagged = Buffer.concat([plain.subarray(0, 12), Buffer.from('81000005', 'hex'), plain.subarray(12)]);
    expect(await sendFrames(client, [tagged, plain])).toHaveLength(1);
    const { threads, shared } = await end(invoker);
    expect(threads[0]?.received).toBe(1);
    expect(shared.steerNotUdp).toBeGreaterThan(0);
  });
});

describeAsRoot('tc under load', () => {
  test.each([60, 200, 1514])('answers right at the peak: live frames of %d bytes', async (packetBytes) => {
    const wire = await buildWire(1);
    const load = { ...loadContext(wire, { kind: 'saturate' }, 'live', 200e6), packetBytes };
    expectSound(await runCell(wire, invokerContext(wire, 'tc', 1), load));
  });

  test('answers connections', async () => {
    const wire = await buildWire(1);
    const load = loadContext(wire, { kind: 'closed', connections: 4 }, 'socket', 300e6);
    expectSound(await runCell(wire, invokerContext(wire, 'tc', 1, { receivePath: 'plain' }), load));
  });

  test.each(['live', 'afxdp'] as const)('counts by queue: %s', async (engine) => {
    const wire = await buildWire(2);
    const context = invokerContext(wire, 'tc', 1, { queues: 2, cpus: [0, 1] });
    const load = loadContext(wire, { kind: 'rate', perSecond: 20_000 }, engine, 300e6);
    const run = await runCell(wire, context, { ...load, queues: 2, cpus: engine === 'live' ? [0, 1] : [0] });
    expectSound(run);
    expect(run.invoker.threads).toHaveLength(2);
    for (const { handled } of run.invoker.threads) expect(handled).toBeGreaterThan(run.ledger.handled / 4);
  });
});
