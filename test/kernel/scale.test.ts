import { expect, test } from 'vitest';
import type { Child } from '../../common/process/child.js';
import type { InvokerMessage } from '../../common/process/protocol.js';
import { framesMissing, invokerContext, runCell } from './cell.js';
import { loadContext } from './load.js';
import { buildWire, describeAsRoot } from './wire.js';

/** Threads a queue, one after the other while requests come. */
const course = [3, 1, 4, 2, 1, 2];

async function follow(invoker: Child<InvokerMessage>): Promise<void> {
  for (const threadsPerQueue of course) {
    invoker.command({ type: 'scale', port: 1232, threadsPerQueue });
    while ((await invoker.expect('scaled')).threadsPerQueue !== threadsPerQueue) await pause(5);
    await pause(150);
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describeAsRoot('growing and shrinking under load', () => {
  test.each([
    ['afxdp', 'hash', ['INVOKER_BENCH_ADDON=Release']],
    ['afxdp', 'hash', ['INVOKER_BENCH_ADDON=Debug']],
    ['afpacket', 'hash', ['INVOKER_BENCH_ADDON=Release']],
    ['recvmmsg', 'hash', ['INVOKER_BENCH_ADDON=Release']],
    ['recvmmsg', 'port', ['INVOKER_BENCH_ADDON=Release']],
  ] as const)('%s, steering by %s, loses no request (%s)', async (implementation, steering, environment) => {
    const wire = await buildWire(1);
    const settings = implementation === 'recvmmsg' ? { steering } : {};
    const invoker = invokerContext(wire, implementation, 2, { settings, maxThreadsPerQueue: 4 });
    const load = loadContext(wire, { kind: 'rate', perSecond: 50_000 }, 'live', 3e9);
    const result = await runCell(wire, invoker, load, { environment: [...environment], during: follow });

    expect(result.invoker.threads).toHaveLength(4);
    for (const { handled } of result.invoker.threads) expect(handled).toBeGreaterThan(0);
    expect(result.ledger).toMatchObject({ wrong: 0, residual: 0 });
    expect(result.ledger.sent).toBeGreaterThan(50_000);
    // Whatever was dropped was dropped for want of room while the host was busy elsewhere, never by a socket that went.
    const names = result.ledger.drops.map(({ name }) => name);
    expect(names.filter((name) => /no socket on the port|left to the kernel/.test(name))).toEqual([]);
    expect(result.ledger.right + result.ledger.drops.reduce((sum, { count }) => sum + count, 0)).toBe(
      result.ledger.sent,
    );
    if (implementation === 'afxdp') {
      expect(framesMissing(result)).toBeGreaterThanOrEqual(0);
      expect(framesMissing(result)).toBeLessThanOrEqual(1);
    }
  });
});
