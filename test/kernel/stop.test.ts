import { expect, test } from 'vitest';
import { dpdkIds } from '../../model/ids.js';
import { runtimeIds } from '../../model/runtimes.js';
import { invokerContext, runCell } from './cell.js';
import { loadContext } from './load.js';
import { buildWire, describeAsRoot } from './wire.js';

describeAsRoot('stopping while more comes than can be answered', () => {
  test.each(['recvfrom', 'recvmmsg', 'iouring', 'afpacket', 'afxdp', ...dpdkIds, ...runtimeIds] as const)(
    '%s ends, and has answered what it received',
    async (id) => {
      const wire = await buildWire(1);
      const load = loadContext(wire, { kind: 'rate', perSecond: 2e6 }, 'live', 3e9);
      const { invoker, windows } = await runCell(wire, invokerContext(wire, id, 1), load, {
        during: async (running) => {
          running.command({ type: 'stop' });
          await running.expect('stopped');
        },
      });
      // Requests went on coming after it had stopped.
      const window = windows.find(({ phase }) => phase === 'measure');
      expect(window?.sent).toBeGreaterThan(2 * (window?.replied ?? 0));
      const [{ received = 0, handled = 0, replied = 0, txFull = 0 } = {}] = invoker.threads;
      expect(handled).toBe(received);
      expect(replied + txFull).toBe(handled);
    },
  );
});
