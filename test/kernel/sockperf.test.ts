import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { childScripts, packageRoot } from '../../common/process/paths.js';
import { startSession } from '../../common/wire/ceiling.js';
import { headerBytes } from '../../model/frame.js';
import { type Counters, checkEvery, perSecond, type Window } from '../../model/record.js';
import { loadContext } from './load.js';
import { keepFigures, turns } from './turns.js';
import { buildWire, describeAsRoot, type Wire } from './wire.js';

/** What `sockperf throughput` sends over a wire and what the engine `sendmmsg` does, by turns, counted at the wire's end. */
const senders = { sockperf, sendmmsg };
const seconds = turns > 1 ? 2 : 1;

/** Messages it sent a second; it does not tell how many in all. */
async function sockperf({ client, server }: Wire, packetBytes: number) {
  const words = `-i ${server.address} -p 1232 -m ${packetBytes - headerBytes} -t ${seconds}`.split(' ');
  const [file = '', ...args] = [...client.enter, 'taskset', '-c', '0', 'sockperf', 'throughput', ...words];
  const { stdout } = await execa(file, args);
  const [, rate] = /Message Rate is (\d+)/.exec(stdout) ?? [];
  return { rate: Number(rate), sent: null };
}

async function sendmmsg(wire: Wire, packetBytes: number) {
  const load = { kind: 'flood', timed: true, checkEvery } as const;
  const context = { ...loadContext(wire, load, 'sendmmsg', seconds * 1e9), packetBytes };
  const [file = '', ...args] = [...wire.client.enter, process.execPath, join(packageRoot(), 'test/kernel/flood.mjs')];
  const { stdout } = await execa(file, [...args, JSON.stringify({ built: join(packageRoot(), 'dist'), context })]);
  const { window, sent } = JSON.parse(stdout) as { window: Window; sent: number };
  return { rate: perSecond(window, window.sent), sent };
}

/** What one sends a second, and what came of it. */
async function turnOf(sender: keyof typeof senders, packetBytes: number) {
  const wire = await buildWire(1);
  const context = { ...loadContext(wire, { kind: 'sink', checkEvery }, 'sendmmsg', 1e9), packetBytes };
  const sink = startSession(wire.server, childScripts.generator, context);
  try {
    await sink.expect('ready');
    sink.command({ type: 'start' });
    await sink.expect('phase');
    const { rate, sent } = await senders[sender](wire, packetBytes);
    sink.command({ type: 'stop' });
    const { totals } = await sink.expect('done');
    return { rate, sent, counted: totals.generator as Counters };
  } finally {
    await sink.end(2000);
    await wire.destroy();
  }
}

describeAsRoot('over the same wire', () => {
  test.each([200, 1400])(
    'sockperf and sendmmsg send frames of %i bytes',
    { timeout: turns * 60_000 },
    async (packetBytes) => {
      const rates = { sockperf: [] as number[], sendmmsg: [] as number[] };
      for (let turn = 0; turn < turns; turn++) {
        for (const sender of ['sockperf', 'sendmmsg'] as const) {
          const { rate, sent, counted } = await turnOf(sender, packetBytes);
          expect(rate).toBeGreaterThan(0);
          if (sender === 'sendmmsg') {
            expect(counted).toMatchObject({ replied: sent, wrong: 0 });
            expect(counted.checked).toBeGreaterThan(0);
          } else {
            // Nobody could have sent what did not arrive.
            expect(counted.replied).toBeGreaterThan(0.9 * rate * seconds);
          }
          rates[sender].push(rate);
        }
      }
      keepFigures('sockperf', `${packetBytes} bytes, sent/s`, rates);
    },
  );
});
