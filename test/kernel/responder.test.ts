import { describe, expect, test } from 'vitest';
import { functionTable, portOf } from '../../impls/functions.js';
import { compute } from '../../impls/work.js';
import { headerBytes, maxPacketBytes } from '../../model/frame.js';
import type { FunctionId } from '../../model/ids.js';
import type { Service } from '../../model/settings.js';
import { replyFrame, udpFrame } from '../fakes/frame.js';
import { runProgram, tcVerdicts, verdicts as xdpVerdicts } from '../fakes/program-run.js';
import { randomBytes } from '../fakes/random.js';
import { programOf, serve, workDigests } from './responder.js';
import { buildWire, describeAsRoot } from './wire.js';

const services: Service[] = (['reverse', 'echo'] as const).map((functionId) => ({
  functionId,
  port: portOf(functionId),
  threadsPerQueue: 1,
}));
const maxPayloadBytes = maxPacketBytes - headerBytes;
const verdictsOf = { xdp: xdpVerdicts, tc: tcVerdicts };

describeAsRoot('a function inside eBPF', () => {
  describe.each(['xdp', 'tc'] as const)('the program of %s', (id) => {
    const verdicts = verdictsOf[id];

    test.each(services)('gives the same replies as JavaScript: $functionId of every length', async (service) => {
      const wire = await buildWire(1);
      const { program, stop } = await serve(wire, services, id);
      const lengths = Array.from({ length: maxPayloadBytes + 1 }, (_, length) => length);
      // What follows the datagram, as Ethernet pads short frames, stays as it is.
      for (const padding of [0, 5]) {
        const requests = lengths.map((length) =>
          Buffer.concat([udpFrame(service.port, randomBytes(length, length)), Buffer.alloc(padding, 0xee)]),
        );
        const runs = await runProgram(program, requests);
        const wrong = lengths.filter((length) => {
          const request = requests[length] as Buffer;
          const payload = Buffer.from(request.subarray(headerBytes, headerBytes + length));
          const expected = replyFrame(request, functionTable[service.functionId].run(payload));
          const run = runs[length];
          return run?.verdict !== verdicts.tx || !run.frame.equals(expected);
        });
        expect(wrong, `${padding} bytes after the datagram`).toEqual([]);
      }
      const requests = 2 * lengths.length;
      const { threads } = await stop();
      expect(threads[services.indexOf(service)]).toEqual({
        ...{
          received: requests,
          handled: requests,
          replied: requests,
          functionFailed: 0,
          malformed: 0,
          refusedSource: 0,
        },
      });
    });

    test('drops and counts what contradicts itself, and what no frame holds', async () => {
      const wire = await buildWire(1);
      const { program, stop } = await serve(wire, services, id);
      const claiming = (udpBytes: number) => {
        const frame = udpFrame(1232, randomBytes(100));
        frame.writeUInt16BE(udpBytes, 38);
        return frame;
      };
      const longerThanItsPacket = udpFrame(1232, randomBytes(100));
      longerThanItsPacket.writeUInt16BE(20 + 8 + 99, 16);
      const longerThanItsFrame = udpFrame(1232, randomBytes(100));
      longerThanItsFrame.writeUInt16BE(20 + 8 + 101, 16);
      const tooLong = udpFrame(1232, randomBytes(maxPayloadBytes + 1));
      const frames = [...[0, 7, 109, 0xffff].map(claiming), longerThanItsPacket, longerThanItsFrame, tooLong];
      const runs = await runProgram(program, frames);
      expect(runs.map(({ verdict }) => verdict)).toEqual(frames.map(() => verdicts.drop));
      const { threads } = await stop();
      expect(threads[0]).toMatchObject({ received: 7, handled: 0, replied: 0, functionFailed: 1, malformed: 6 });
    });

    test('gives a reply a time to live of its own', async () => {
      const wire = await buildWire(1);
      const { program, stop } = await serve(wire, services, id);
      const lives = [1, 2, 63, 64, 65, 128, 255];
      const requests = lives.map((ttl) => udpFrame(1232, randomBytes(100), ttl));
      const runs = await runProgram(program, requests);
      // All headers after it are those of a request that had it from the start, checksum included.
      const expected = replyFrame(udpFrame(1232, randomBytes(100), 64), Buffer.from(randomBytes(100)).reverse());
      expect(runs.map(({ frame }) => frame.toString('hex'))).toEqual(lives.map(() => expected.toString('hex')));
      await stop();
    });

    test('does the same work as JavaScript, behind the function', async () => {
      const wire = await buildWire(1);
      for (const workSteps of [1, 15, 16, 17, 1000]) {
        const { program, stop } = await serve(wire, services, id, { workSteps });
        for (const length of [0, 3, 4, 63, 64, 158]) {
          const request = randomBytes(length, length);
          const [run] = await runProgram(program, [udpFrame(1232, request)]);
          const reply = functionTable.reverse.run(Buffer.from(request));
          expect(run?.frame.subarray(headerBytes).equals(reply)).toBe(true);
          expect(await workDigests(program), `${length} bytes, ${workSteps} steps`).toContain(
            compute(reply, workSteps),
          );
        }
        await stop();
      }
    });

    test('leaves everything else to the kernel as it came', async () => {
      const wire = await buildWire(1);
      const { program, stop } = await serve(wire, services, id);
      const edited = (offset: number, value: number) => {
        const frame = udpFrame(1232, randomBytes(100));
        frame[offset] = value;
        return frame;
      };
      const plain = udpFrame(1232, randomBytes(100));
      const vlan = Buffer.concat([plain.subarray(0, 12), Buffer.from('81000005', 'hex'), plain.subarray(12)]);
      const notUdp = {
        IPv6: Buffer.concat([plain.subarray(0, 12), Buffer.from('86dd', 'hex'), plain.subarray(14)]),
        ARP: Buffer.concat([plain.subarray(0, 12), Buffer.from('0806', 'hex'), plain.subarray(14)]),
        VLAN: vlan,
        TCP: edited(23, 6),
        'IP options': edited(14, 0x46),
        'first fragment': edited(20, 0x20),
        'later fragment': edited(21, 0x10),
        'half a header': plain.subarray(0, 41),
      };
      const frames = [...Object.values(notUdp), udpFrame(1234, randomBytes(100)), udpFrame(1231, randomBytes(100))];
      const runs = await runProgram(program, frames);
      expect(runs).toEqual(frames.map((frame) => ({ verdict: verdicts.pass, frame: Buffer.from(frame) })));
      const { threads, shared } = await stop();
      for (const counters of threads) expect(counters.received).toBe(0);
      expect(shared).toMatchObject({ steerNotUdp: Object.keys(notUdp).length, steerNoTarget: 2, steerForOthers: 0 });
    });

    test.each<[Partial<Service>[], string, RegExp]>([
      [[{ functionId: 'upper' }], 'NOT_IN_EBPF', /upper is not available inside eBPF \(echo and reverse are\)/],
      [[{ functionId: 'reverse' }, { functionId: 'expand', port: 1 }], 'NOT_IN_EBPF', /expand is not available/],
      [[{ threadsPerQueue: 2 }], 'SCALE', /runs in the receive context of each queue/],
      [Array.from({ length: 17 }, (_, i) => ({ port: 100 + i })), 'RESOURCES', /17 functions are more than the 16/],
    ])('%j is refused', async (asked, code, message) => {
      const wire = await buildWire(1);
      const of = asked.map((one) => ({ port: 1232, functionId: 'reverse' as FunctionId, threadsPerQueue: 1, ...one }));
      await expect(serve(wire, of, id)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
      expect(await programOf[id](wire.server)).toBeNull();
    });

    test('cannot be scaled', async () => {
      const wire = await buildWire(1);
      const { invoker } = await serve(wire, services, id);
      invoker.command({ type: 'scale', port: 1232, threadsPerQueue: 2 });
      await expect(invoker.expect('scaled')).rejects.toMatchObject({
        code: 'SCALE',
        message: expect.stringMatching(/has no threads/),
      });
      await invoker.end(2000);
      expect(await programOf[id](wire.server)).toBeNull();
    });
  });
});
