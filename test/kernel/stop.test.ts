import { expect, test } from 'vitest';
import { dpdkIds } from '../../model/ids.js';
import { runtimeIds } from '../../model/runtimes.js';
import { invokerContext, runCell } from './cell.js';
import { loadContext } from './load.js';
import { buildWire, describeAsRoot } from './wire.js';

describeAsRoot('stopping while more comes than can be answered', () => {
  test.each(['recvfrom', 'recvmmsg', 'iouring', 'afpacket', 'afxdp', ...dpdkIds, ...runtimeIds] as const)(
    '%s says what it has counted, ends, and has answered what it received',
    async (id) => {
      let saidAtNs = Number.POSITIVE_INFINITY;
      const wire = await buildWire(1);
      const load = loadContext(wire, { kind: 'rate', perSecond: 2e6 }, 'live', 3e9);
      const { invoker, windows } = await runCell(wire, invokerContext(wire, id, 1), load, {
        during: async (running) => {
          // The first one may have been asked for before requests came.
          for (let heard = 0; heard < 2; heard++) saidAtNs = (await running.next('sample')).atNs;
          running.command({ type: 'stop' });
          await running.expect('stopped');
        },
      });
      const window = windows.find(({ phase }) => phase === 'measure');
      expect(saidAtNs).toBeLessThan(window?.endNs ?? 0);
      // Requests went on coming after it had stopped.
      expect(window?.sent).toBeGreaterThan(2 * (window?.replied ?? 0));
      const [{ received = 0, handled = 0, replied = 0, txFull = 0 } = {}] = invoker.threads;
      expect(handled).toBe(received);
      expect(replied + txFull).toBe(handled);
    },
  );
});
