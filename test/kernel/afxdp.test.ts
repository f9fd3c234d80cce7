import { expect, test } from 'vitest';
import { Child } from '../../common/process/child.js';
import { childScripts } from '../../common/process/paths.js';
import type { InvokerContext, InvokerMessage } from '../../common/process/protocol.js';
import type { Topology } from '../../common/wire/topology.js';
import { functionTable } from '../../impls/functions.js';
import { headerBytes } from '../../model/frame.js';
import type { ImplementationSettings } from '../../model/settings.js';
import { exchangeAll } from '../fakes/client.js';
import { checksumSum } from '../fakes/frame.js';
import { kernelIsAtLeast } from '../fakes/kernel.js';
import { nodeOf } from '../fakes/nodes.js';
import { sniffingClient } from '../fakes/sniffer.js';
import { invokerContext } from './cell.js';
import { buildWire, describeAsRoot, on, xdpProgram } from './wire.js';

const sizes = [60, 61, 200, 1400, 1514];
const payloadOf = (size: number) => Buffer.from(Array.from({ length: size - headerBytes }, (_, i) => (i * 7) % 251));
const payloads = sizes.map((size) => payloadOf(size).toString('hex'));

const reverseAlone = { port: 1232, functionId: 'reverse' as const, threadsPerQueue: 1 };

/** An AF_XDP invoker of both sorts of functions: one that keeps the length and one that changes it. */
async function serve(wire: Topology, changes: Partial<InvokerContext>) {
  const services: InvokerContext['services'] = [
    { port: 1232, functionId: 'reverse', threadsPerQueue: 1 },
    { port: 77, functionId: 'expand', threadsPerQueue: 1 },
  ];
  const context = invokerContext(wire, 'afxdp', 1, { services, cpus: [1, 1], receivePath: 'plain', ...changes });
  const words = [...wire.server.enter, process.execPath, childScripts.invoker, '--session'];
  const invoker = new Child<InvokerMessage>('invoker', words, context, () => {});
  try {
    return { invoker, granted: (await invoker.expect('ready')).granted };
  } catch (error) {
    await invoker.end(1000);
    throw error;
  }
}

async function stop(invoker: Child<InvokerMessage>) {
  invoker.command({ type: 'stop' });
  const { totals } = await invoker.expect('stopped');
  await invoker.end(2000);
  return totals;
}

/** The code by which a kernel that is too old for them refuses two functions on a queue with these settings; null if it is not. */
function refusalOf({ attach, checksum }: Partial<ImplementationSettings>): string | null {
  if (attach === 'skb' && !kernelIsAtLeast(6, 15)) return 'SHARED_RING';
  if (checksum === 'offload' && !kernelIsAtLeast(6, 8)) return 'UMEM';
  return null;
}

describeAsRoot('the options of afxdp', () => {
  const cases: [Partial<ImplementationSettings>, Partial<InvokerContext>, Record<string, string>][] = [
    [{ attach: 'skb' }, {}, { attach: 'skb', copyMode: 'copy' }],
    [{ copyMode: 'auto' }, {}, { copyMode: 'copy', memoryNode: nodeOf(1) }],
    [{ checksum: 'full' }, {}, { checksum: 'full' }],
    [{ checksum: 'offload' }, {}, { checksum: 'offload' }],
    [
      { batch: 1, depthPackets: 128, ringSize: 64 },
      { idle: 'spin' },
      { batch: '1', depthPackets: '128', ringSize: '64', idle: 'spin' },
    ],
    [
      { batch: 256, depthPackets: 8192, ringSize: 4096, frameSize: 4096 },
      { idle: 'adaptive' },
      { frameSize: '4096', idle: 'adaptive' },
    ],
    [{ busyPollUs: 20 }, {}, { busyPoll: '20 us, no NAPI' }],
    [{ hugePages: 'on' }, {}, { pages: expect.stringMatching(/^(huge|normal)$/) as unknown as string }],
  ];
  test.each(cases)('%o %o', async (settings, changes, expected) => {
    const wire = await buildWire(1);
    const refusal = refusalOf(settings);
    if (refusal !== null) {
      await expect(serve(wire, { ...changes, settings })).rejects.toMatchObject({ code: refusal });
      return;
    }
    const { invoker, granted } = await serve(wire, { ...changes, settings });
    expect(granted).toMatchObject(expected);
    for (const [port, functionId] of [[1232, 'reverse'] as const, [77, 'expand'] as const]) {
      const replies = await exchangeAll(wire.client, wire.server, port, payloads);
      const right = payloads.map((hex) => functionTable[functionId].run(Buffer.from(hex, 'hex')).toString('hex'));
      expect(replies.map(({ reply }) => reply)).toEqual(right);
    }
    const { threads, shared } = await stop(invoker);
    expect(threads.map(({ handled }) => handled)).toEqual([sizes.length, sizes.length]);
    expect(shared.framesAccounted).toBe(shared.framesTotal);
    expect(shared.xskTxInvalid).toBe(0);
    expect(await xdpProgram(wire.server)).toBeNull();
  });

  const policies = (['zero', 'offload', 'full'] as const).filter((checksum) => refusalOf({ checksum }) === null);
  test.each(policies)('replies carry the checksum of policy %s', async (checksum) => {
    const wire = await buildWire(1);
    // Where the device does not complete checksums, the kernel does: the frame on the wire holds the whole one.
    await on(wire.server, 'ethtool', '-K', wire.server.interface, 'tx', 'off');
    const { invoker } = await serve(wire, { settings: { checksum } });
    for (const [port, functionId] of [[1232, 'reverse'] as const, [77, 'expand'] as const]) {
      const words = ['python3', '-c', sniffingClient, wire.client.interface, wire.server.address, String(port)];
      const frames = (await on(wire.client, ...words, payloads.join(',')))
        .split('\n')
        .map((hex) => Buffer.from(hex, 'hex'));
      expect(frames).toHaveLength(sizes.length);
      frames.forEach((frame, i) => {
        const reply = functionTable[functionId].run(Buffer.from(payloads[i] ?? '', 'hex'));
        expect(frame.subarray(headerBytes, headerBytes + reply.length).equals(reply)).toBe(true);
        expect(frame.readUInt16BE(16)).toBe(reply.length + 28);
        expect(frame.readUInt16BE(38)).toBe(reply.length + 8);
        if (checksum === 'zero') expect(frame.readUInt16BE(40)).toBe(0);
        else expect(checksumSum(frame)).toBe(0xffff);
      });
    }
    await stop(invoker);
  });

  test('zero-copy that is not granted is refused, and nothing stays attached', async () => {
    const wire = await buildWire(1);
    await expect(serve(wire, { settings: { copyMode: 'zerocopy' } })).rejects.toMatchObject({
      code: 'XDP_ZEROCOPY',
      message: expect.stringMatching(
        /^invoker: zero-copy is not granted on queue 0 of .* \(choose copy or auto\): .*$/,
      ),
    });
    expect(await xdpProgram(wire.server)).toBeNull();
  });

  test('a program attached in the other mode is named, too', async () => {
    const wire = await buildWire(1);
    const { invoker } = await serve(wire, { services: [reverseAlone], cpus: [1], settings: { attach: 'skb' } });
    const id = await xdpProgram(wire.server);
    await expect(serve(wire, { settings: { attach: 'native' } })).rejects.toMatchObject({
      code: 'XDP_ATTACH',
      message: expect.stringContaining(`XDP program steer (id ${id}) is attached already`),
    });
    await stop(invoker);
  });

  test('a request that a function refuses is dropped and counted', async () => {
    const wire = await buildWire(1);
    for (const { enter, interface: name } of [wire.server, wire.client])
      await on({ ...wire.server, enter }, 'ip', 'link', 'set', name, 'mtu', '1700');
    const { invoker } = await serve(wire, {});
    const [refused, served] = await exchangeAll(wire.client, wire.server, 77, ['ab'.repeat(1473), 'cd']);
    expect([refused?.reply, served?.reply]).toEqual([null, 'cdcd']);
    const { threads } = await stop(invoker);
    expect(threads[1]).toMatchObject({ received: 2, handled: 1, replied: 1, functionFailed: 1 });
  });

  test.each(['afxdp', 'xdp'] as const)('%s gives its port back when it has stopped', async (implementation) => {
    const wire = await buildWire(1);
    const changes = { implementation, services: [reverseAlone], cpus: [1] };
    const first = (await serve(wire, changes)).invoker;
    first.command({ type: 'stop' });
    await first.expect('stopped');
    await stop((await serve(wire, changes)).invoker);
    await first.end(2000);
  });
});
