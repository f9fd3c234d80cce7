import { expect, test } from 'vitest';
import type { ImplementationId } from '../../model/ids.js';
import type { Counters } from '../../model/record.js';
import { exchangeAll } from '../fakes/client.js';
import { udpFrame } from '../fakes/frame.js';
import { runProgram, tcVerdicts, verdicts } from '../fakes/program-run.js';
import { randomBytes } from '../fakes/random.js';
import { sendFrames } from '../fakes/raw-client.js';
import { attachPass } from './pass.js';
import { lastPrinted, type Running, start } from './process.js';
import { buildWire, describeAsRoot, on, tcProgram, xdpProgram } from './wire.js';

/** A request to port 1232 whose bytes from `offset` on are others. */
function edited(offset: number, ...bytes: number[]): Buffer {
  const frame = udpFrame(1232, randomBytes(100));
  frame.set(bytes, offset);
  return frame;
}

const sourceMac = 6;
const sourceAddress = 26;
const address = 30;
const sourcePort = (port: number) => edited(34, port >> 8, port & 0xff);

const answered = [1024, 1231, 1238, 16384, 65535].map(sourcePort);
const forOthers = [
  edited(5, 0x11), // the interface is promiscuous
  edited(address, 10, 0, 0, 11), // the host routes it
  edited(address, 127, 0, 0, 1),
];
/** 77 is served, too; the others are ports of services as a rule. */
const fromServices = [0, 53, 1023, 1232, 1233, 1235, 77].map(sourcePort);
const fromNobody = [
  edited(sourceAddress, 0, 0, 0, 1),
  edited(sourceAddress, 127, 0, 0, 1),
  edited(sourceAddress, 224, 0, 0, 1),
  edited(sourceAddress, 255, 255, 255, 255),
  edited(sourceAddress, 10, 0, 0, 10), // the server itself
];
const groupSource = [edited(sourceMac, 0x03), edited(sourceMac, 255, 255, 255, 255, 255, 255)];
const refused = [...fromServices, ...fromNobody];
const frames = [...answered, ...forOthers, ...groupSource, ...refused];

/** Ends it; resolves to its totals. */
async function totalsOf(invoker: Running) {
  invoker.process.kill('SIGTERM');
  expect((await invoker.ended()).code).toBe(0);
  return lastPrinted<{ threads: [Counters]; shared: Counters }>(invoker);
}

const kinds: ImplementationId[] = ['xdp', 'tc', 'afxdp', 'afpacket'];

/** Those whose program can be asked by itself, and what it says. */
const programs = {
  xdp: { find: xdpProgram, ...verdicts },
  afxdp: { find: xdpProgram, ...verdicts, tx: 4 },
  tc: { find: tcProgram, ...tcVerdicts },
};

for (const id of kinds)
  describeAsRoot(`${id} answers before the kernel looks`, () => {
    const serve = (site: Parameters<typeof start>[0], ...more: string[]) =>
      start(site, 'impls/main.js', ['--impl', id, '--interface', 'ivb-srv', ...more]);

    test('requests to this host from clients alone, and counts the others', async () => {
      const { server, client } = await buildWire(1);
      const invoker = serve(server, '--functions', '1232=reverse,77=echo');
      await invoker.line('ready');
      const program = programs[id as keyof typeof programs];
      if (program === undefined) expect(await sendFrames(client, frames)).toHaveLength(answered.length);
      else {
        const runs = await runProgram((await program.find(server)) as number, frames);
        expect(runs.map(({ verdict }) => verdict)).toEqual([
          ...answered.map(() => program.tx),
          ...[...forOthers, ...groupSource].map(() => program.pass),
          ...refused.map(() => program.drop),
        ]);
      }
      const { threads, shared } = await totalsOf(invoker);
      expect(shared.steerForOthers).toBe(forOthers.length);
      expect(shared.refusedSource ?? threads[0].refusedSource).toBe(refused.length);
    });

    test('by one address where one is asked for', async () => {
      const { server, client } = await buildWire(1);
      await on(server, 'ip', 'address', 'add', '10.0.0.11/24', 'dev', server.interface);
      await on(client, 'ip', 'neighbour', 'add', '10.0.0.11', 'lladdr', server.mac, 'dev', client.interface);
      const detachPass = await attachPass(client);
      const replies = async () =>
        Promise.all(
          [server.address, '10.0.0.11'].map(
            async (one) => (await exchangeAll(client, { ...server, address: one }, 1232, ['0102']))[0]?.reply,
          ),
        );
      const all = serve(server);
      await all.line('ready');
      expect(await replies()).toEqual(['0201', '0201']);
      await totalsOf(all);
      const one = serve(server, '--address', '10.0.0.11');
      await one.line('ready');
      expect(await replies()).toEqual([null, '0201']);
      expect((await totalsOf(one)).shared.steerForOthers).toBe(1);
      const none = serve(server, '--address', '192.0.2.1');
      expect((await none.ended()).code).toBe(1);
      expect(none.errors()).toMatch(/^invoker: cannot serve 192\.0\.2\.1, no interface has that address: .*\n$/);
      await detachPass();
    });

    test('by any name of the interface', async () => {
      const { server, client } = await buildWire(1);
      await on(server, 'ip', 'link', 'property', 'add', 'dev', 'ivb-srv', 'altname', 'ivb-other');
      const detachPass = await attachPass(client);
      const invoker = start(server, 'impls/main.js', ['--impl', id, '--interface', 'ivb-other']);
      await invoker.line('ready');
      expect((await exchangeAll(client, server, 1232, ['0102']))[0]?.reply).toBe('0201');
      await totalsOf(invoker);
      await detachPass();
    });

    test('from a port that nobody else gets, nor what is left to the kernel there', async () => {
      const { server, client } = await buildWire(1);
      const invoker = serve(server);
      await invoker.line('ready');
      const other = start(server, 'impls/main.js', ['--impl', 'recvfrom', '--port', '1232']);
      expect((await other.ended()).code).toBe(1);
      expect(other.errors()).toMatch(/cannot bind UDP port 1232, somebody has it/);
      // Of fragments: the kernel puts them together. It has nobody to give them to, and does not say that nobody is there.
      expect((await exchangeAll(client, server, 1232, ['01'.repeat(1900)]))[0]?.reply).toBeNull();
      const snmp = await on(server, 'cat', '/proc/net/snmp');
      expect(/^Udp: \d+ (\d+)/m.exec(snmp)?.[1]).toBe('0'); // NoPorts
      expect((await totalsOf(invoker)).shared.leftToKernel).toBe(1);
    });
  });
