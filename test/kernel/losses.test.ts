import { expect, test } from 'vitest';
import type { InvokerContext } from '../../common/process/protocol.js';
import type { Topology } from '../../common/wire/topology.js';
import type { InvokerCounters } from '../../model/record.js';
import { invokerContext, runCell } from './cell.js';
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
  implementation: 'recvmmsg' | 'afxdp';
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

describeAsRoot('a planted loss', () => {
  test.each(['recvmmsg', 'afxdp'] as const)('without one nothing is lost and nothing unexplained: %s', async (id) => {
    const wire = await buildWire(1);
    const load = loadContext(wire, { kind: 'rate', perSecond }, 'live', 1e9);
    // So deep that a host which takes the CPU for tenths of a second costs nothing.
    const { ledger } = await runCell(wire, invokerContext(wire, id, 1, { settings: { depthPackets: 16384 } }), load);
    expect(ledger).toMatchObject({ right: ledger.sent, wrong: 0, drops: [], residual: 0 });
  });

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
