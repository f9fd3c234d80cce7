import { expect, test } from 'vitest';
import type { InvokerContext } from '../../common/process/protocol.js';
import type { Topology } from '../../common/wire/topology.js';
import type { InvokerCounters } from '../../model/record.js';
import { type CellRun, invokerContext, runCell } from './cell.js';
import { loadContext } from './load.js';
import { childOf } from './process.js';
import { buildWire, describeAsRoot, on } from './wire.js';

const perSecond = 20_000;
const pauseMs = 300;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Stops the invoker's process for a while: what comes meanwhile has to wait somewhere. */
async function pauseInvoker(): Promise<void> {
  const pid = await childOf(process.pid, 'impls/main.js');
  await wait(100);
  process.kill(pid, 'SIGSTOP');
  await wait(pauseMs);
  process.kill(pid, 'SIGCONT');
}

/**
 * Takes the server's end down until the load is over: coming up again it has to find its neighbour and its carrier
 * first, and what it replies meanwhile nobody counts.
 */
async function downServer({ server }: Topology): Promise<void> {
  await wait(100);
  await on(server, 'ip', 'link', 'set', server.interface, 'down');
}

interface Planted {
  name: string;
  implementation: 'recvmmsg' | 'afpacket' | 'afxdp';
  invoker: Partial<InvokerContext>;
  during?(wire: Topology): Promise<void>;
  /** The only lines that the losses stand in. */
  lines: RegExp;
  /** What the kernel counted at the place of the loss. */
  counted(invoker: InvokerCounters): number;
}

const lostByRings = ({ shared }: InvokerCounters) => (shared.xskRxRingFull ?? 0) + (shared.xskRxDropped ?? 0);

const planted: Planted[] = [
  {
    name: 'a tiny socket buffer',
    implementation: 'recvmmsg',
    invoker: { settings: { socketBufferBytes: 4096 } },
    during: pauseInvoker,
    lines: /^socket buffer full$/,
    counted: ({ kernel }) => kernel['udp.RcvbufErrors'] ?? 0,
  },
  {
    name: 'a paused invoker with a tiny ring',
    implementation: 'afpacket',
    invoker: { settings: { depthPackets: 64, batch: 16 } },
    during: pauseInvoker,
    lines: /^packet ring full$/,
    counted: ({ threads }) => threads[0]?.ringFull ?? 0,
  },
  {
    name: 'a paused invoker with tiny rings',
    implementation: 'afxdp',
    invoker: { settings: { depthPackets: 64, batch: 16 } },
    during: pauseInvoker,
    lines: /^XSK (RX ring full|fill ring empty)/,
    counted: lostByRings,
  },
  {
    name: 'a paused invoker that never rests',
    implementation: 'afxdp',
    invoker: { idle: 'spin' },
    during: pauseInvoker,
    lines: /^XSK (RX ring full|fill ring empty)/,
    counted: lostByRings,
  },
];

/** Whether a thread did not run for a while. */
const sawGap = ({ invoker, load }: CellRun) =>
  [...invoker.threads, load.generator].some(({ hiccupCount = 0 }) => hiccupCount > 0);

describeAsRoot('a planted loss', () => {
  test.each(['recvmmsg', 'afpacket', 'afxdp'] as const)(
    'without one nothing is lost and nothing unexplained: %s',
    async (id) => {
      const wire = await buildWire(1);
      const load = loadContext(wire, { kind: 'rate', perSecond }, 'live', 1e9);
      // So deep that a host which takes the CPU for tenths of a second costs nothing.
      const attempt = () => runCell(wire, invokerContext(wire, id, 1, { settings: { depthPackets: 16384 } }), load);
      let run = await attempt();
      // What is lost while the host has the CPU is planted by nobody: once more.
      if (run.ledger.drops.length > 0 && sawGap(run)) run = await attempt();
      const { ledger } = run;
      expect(ledger).toMatchObject({ right: ledger.sent, wrong: 0, drops: [], residual: 0 });
    },
  );

  test.each(planted)('by $name stands in its own line', async ({ implementation, invoker, during, ...place }) => {
    const wire = await buildWire(1);
    const load = loadContext(wire, { kind: 'rate', perSecond }, 'live', 1e9);
    const { ledger, invoker: counters } = await runCell(wire, invokerContext(wire, implementation, 1, invoker), load, {
      during: () => during?.(wire) ?? Promise.resolve(),
    });
    expect(ledger.drops.filter(({ name }) => !place.lines.test(name))).toEqual([]);
    const lost = ledger.drops.reduce((sum, { count }) => sum + count, 0);
    expect(lost).toBeGreaterThan((perSecond * pauseMs) / 1e3 / 4);
    expect(place.counted(counters)).toBe(lost);
    expect(ledger.residual).toBe(0);
  });

  test('a stall that outlives the measure phase shows in the round trips, and not as a loss', async () => {
    const wire = await buildWire(1);
    const durationMs = 400;
    const load = loadContext(wire, { kind: 'rate', perSecond: 1000 }, 'live', durationMs * 1e6);
    const {
      load: totals,
      windows,
      ledger,
    } = await runCell(wire, invokerContext(wire, 'recvmmsg', 1), load, {
      during: async () => {
        await wait(durationMs - pauseMs);
        await pauseInvoker();
      },
    });
    const recorded = totals.histogram.reduce((sum, [, count]) => sum + count, 0);
    const measured = windows.find(({ phase }) => phase === 'measure');
    expect(ledger.sent).toBe(ledger.right);
    expect(measured?.replied ?? 0).toBeLessThan(0.9 * (measured?.sent ?? 0));
    // A few requests are due between the readings and what is told to the generator.
    expect(Math.abs(recorded - (measured?.sent ?? 0))).toBeLessThan(0.05 * (measured?.sent ?? 0));
    expect(totals.histogram.at(-1)?.[0]).toBeGreaterThan(0.5 * pauseMs * 1e6);
  });

  test('compares every reply at a slow rate', async () => {
    const wire = await buildWire(1);
    const load = loadContext(wire, { kind: 'rate', perSecond: 20 }, 'live', 1e9);
    const { windows } = await runCell(wire, invokerContext(wire, 'recvmmsg', 1), load);
    const measured = windows.find(({ phase }) => phase === 'measure');
    expect(measured?.replied).toBeGreaterThan(10);
    expect(measured?.checked).toBe(measured?.replied);
  });

  test('by a peer that is down stands on the wire', async () => {
    const wire = await buildWire(1);
    const load = loadContext(wire, { kind: 'rate', perSecond }, 'live', 1e9);
    const invoker = invokerContext(wire, 'recvmmsg', 1);
    const { ledger } = await runCell(wire, invoker, load, { during: () => downServer(wire) });
    const lost = ledger.drops.find(({ name }) => name === 'not taken by the wire')?.count;
    expect(lost).toBeGreaterThan((perSecond * pauseMs) / 1e3 / 4);
    expect(Math.abs(ledger.residual)).toBeLessThanOrEqual(ledger.sent / 1000);
  });
});
