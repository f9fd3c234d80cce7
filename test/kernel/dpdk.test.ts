import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { removeLeftPrograms } from '../../common/wire/left-programs.js';
import { functionTable } from '../../impls/functions.js';
import { dpdkIds, type FunctionId, functionIds } from '../../model/ids.js';
import { replyFrame, udpFrame } from '../fakes/frame.js';
import { randomBytes } from '../fakes/random.js';
import { sendFrames } from '../fakes/raw-client.js';
import { invokerContext, runCell } from './cell.js';
import { loadContext } from './load.js';
import { attachPass } from './pass.js';
import { childOf, processes, type Running, start, totalsOf } from './process.js';
import { buildWire, describeAsRoot, on, type Wire, xdpProgram } from './wire.js';

/** Not on hosts that measure without it. */
const isMissing = spawnSync('pkg-config', ['--exists', 'libdpdk']).status !== 0;
const describeWithDpdk = isMissing ? describe.skip : describeAsRoot;

const services = functionIds.map((id) => `${functionTable[id].port}=${id}`).join(',');

async function serve({ server }: Wire, id: string, ...options: string[]): Promise<Running> {
  const words = ['--impl', id, '--interface', server.interface, '--functions', services, '--json', ...options];
  const invoker = start(server, 'impls/main.js', words);
  await invoker.line('{"type":"ready"');
  return invoker;
}

const hex = (frames: readonly Buffer[]) => frames.map((frame) => frame.toString('hex'));

/** A request to `reverse` whose bytes from `offset` on are others. */
function edited(offset: number, ...bytes: number[]): Buffer {
  const frame = udpFrame(1232, randomBytes(100));
  frame.set(bytes, offset);
  return frame;
}

const udpBytes = (length: number) => edited(38, length >> 8, length & 0xff);
const sourcePort = (port: number) => edited(34, port >> 8, port & 0xff);
const source = (...address: number[]) => edited(26, ...address);

const hostile = {
  malformed: [...[0, 7, 109, 0xffff].map(udpBytes), edited(16, 0, 127), edited(16, 0, 129)],
  refusedSource: [
    ...[0, 53, 1023, 1232, 1235].map(sourcePort),
    ...[source(0, 0, 0, 1), source(127, 0, 0, 1), source(224, 0, 0, 1), source(10, 0, 0, 10)],
  ],
  forOthers: [edited(5, 0x11), edited(30, 10, 0, 0, 11), edited(30, 127, 0, 0, 1)],
  noFunction: [udpFrame(1231, randomBytes(9)), udpFrame(4000, randomBytes(9))],
  notUdp: [
    edited(23, 6),
    edited(14, 0x46),
    edited(20, 0x20),
    edited(21, 0x10),
    edited(12, 0x86, 0xdd),
    edited(6, 0x03),
  ],
};

/** What a frame of that length is answered with by a function whose reply is as long. */
function answered(functionId: FunctionId, length: number, ttl = 64): { request: Buffer; reply: Buffer } {
  const { port, run } = functionTable[functionId];
  const payload = randomBytes(length, length);
  return {
    request: udpFrame(port, payload, ttl),
    reply: replyFrame(udpFrame(port, payload), run(Buffer.from(payload))),
  };
}

describeWithDpdk('a program on DPDK', () => {
  describe.each(dpdkIds)('%s', (id) => {
    test('answers with a packet of its own, and drops and counts what is no request', async () => {
      const wire = await buildWire(1);
      const invoker = await serve(wire, id);
      const lengths = [0, 1, 17, 18, 19, 158, 1472];
      const plain = (['reverse', 'echo', 'upper'] as const).flatMap((functionId) =>
        lengths.map((length) => answered(functionId, length)),
      );
      const lives = [1, 63, 255].map((ttl) => answered('reverse', 100, ttl));
      const good = [...plain, ...lives];
      const frames = [...Object.values(hostile).flat(), ...good.map(({ request }) => request)];
      expect(hex(await sendFrames(wire.client, frames))).toEqual(hex(good.map(({ reply }) => reply)));

      const { threads, shared } = await totalsOf(invoker);
      const counters = threads.map(({ counters }) => counters);
      expect(counters[0]).toMatchObject({
        ...{ received: 10 + hostile.malformed.length + hostile.refusedSource.length, handled: 10, replied: 10 },
        ...{
          malformed: hostile.malformed.length,
          refusedSource: hostile.refusedSource.length,
          functionFailed: 0,
          txFull: 0,
        },
      });
      for (const own of [counters[1], counters[3]])
        expect(own).toMatchObject({ received: 7, handled: 7, replied: 7, malformed: 0 });
      expect(shared).toMatchObject({ steerNoTarget: 2, steerForOthers: 3 });
    });

    test('is right at its peak, and every request is accounted for', async () => {
      const wire = await buildWire(1);
      const load = loadContext(wire, { kind: 'saturate' }, 'live', 300e6);
      const {
        ledger,
        load: totals,
        granted,
      } = await runCell(wire, invokerContext(wire, id, 1, { idle: 'spin' }), load);
      expect(ledger).toMatchObject({ wrong: 0, residual: 0 });
      expect(ledger.right).toBeGreaterThan(0);
      expect(totals.generator.checked).toBeGreaterThan(0);
      if (id === 'dpdk') expect(granted.attach).toBe('native');
    });

    test('holds its port, and says who has it', async () => {
      const wire = await buildWire(1);
      const invoker = await serve(wire, id);
      const second = start(wire.server, 'impls/main.js', ['--impl', 'recvfrom', '--port', '1232']);
      expect((await second.ended()).code).toBe(1);
      expect(second.errors()).toMatch(/cannot bind UDP port 1232, somebody has it/);
      await totalsOf(invoker);
      expect(await xdpProgram(wire.server)).toBeNull();
    });

    test('ends with its interface, and with the cause', async () => {
      const wire = await buildWire(1);
      const invoker = await serve(wire, id);
      await on(wire.server, 'ip', 'link', 'delete', wire.server.interface);
      expect((await invoker.ended()).code).toBe(1);
      expect(invoker.errors()).toMatch(/ivb-srv/);
    });

    test('dies with its invoker, and what stays is taken away', async () => {
      const wire = await buildWire(1);
      const invoker = await serve(wire, id);
      const program = await childOf(invoker.process.pid as number, 'build/runtimes/dpdk');
      invoker.process.kill('SIGKILL');
      await invoker.ended();
      while (processes().some(({ pid }) => pid === program)) await new Promise((resolve) => setTimeout(resolve, 10));
      // The driver attached it to the interface. The next one takes it away, and so does --clean of the host's own.
      expect(await xdpProgram(wire.server)).toEqual(id === 'dpdk' ? expect.any(Number) : null);
      await totalsOf(await serve(wire, id));
      expect(await xdpProgram(wire.server)).toBeNull();
    });
  });

  test('does not take the place of another XDP program', async () => {
    const wire = await buildWire(1);
    const detach = await attachPass(wire.server);
    const invoker = start(wire.server, 'impls/main.js', ['--impl', 'dpdk', '--interface', wire.server.interface]);
    expect((await invoker.ended()).code).toBe(1);
    expect(invoker.errors()).toMatch(/XDP program pass \(id \d+\) is attached already \(detach it first/);
    await detach();
    expect(await removeLeftPrograms()).toEqual([]);
  });

  test('has no choice of how it waits', async () => {
    const invoker = start(null, 'impls/main.js', ['--impl', 'dpdk', '--interface', 'lo', '--idle', 'poll']);
    expect((await invoker.ended()).code).toBe(2);
    expect(invoker.errors()).toMatch(/--idle: dpdk has no choice, its threads never rest/);
  });
});
