import { expect, test } from 'vitest';
import { Child } from '../../common/process/child.js';
import { childScripts } from '../../common/process/paths.js';
import type { InvokerMessage, LoadMessage } from '../../common/process/protocol.js';
import { cannot } from '../../impls/abilities.js';
import { functionTable, portOf } from '../../impls/functions.js';
import { headerBytes } from '../../model/frame.js';
import { type FunctionId, functionIds, type ImplementationId, implementationIds } from '../../model/ids.js';
import { exchangeAll } from '../fakes/client.js';
import { invokerContext } from './cell.js';
import { loadContext } from './load.js';
import { attachPass } from './pass.js';
import { buildWire, describeAsRoot } from './wire.js';

const sizes = [60, 61, 200, 1400, 1514];
const payloads = sizes.map((size) =>
  Buffer.from(Array.from({ length: size - headerBytes }, (_, i) => (i * 7) % 251)).toString('hex'),
);

/** The functions that an implementation has. */
const functionsOf = (id: ImplementationId): readonly FunctionId[] =>
  functionIds.filter((functionId) => cannot(id, { functionId, threads: 1, queues: 1, wireQueues: 1 }) === null);

describeAsRoot('all functions at once', () => {
  test.each(implementationIds)('on %s, for a plain client and for the load generator', async (id) => {
    const wire = await buildWire(1);
    const services = functionsOf(id).map((functionId) => ({
      functionId,
      port: portOf(functionId),
      threadsPerQueue: 1,
    }));
    const cpus = services.map(() => 1);
    const context = invokerContext(wire, id, 1, { services, cpus, receivePath: 'plain' });
    const words = [...wire.server.enter, process.execPath, childScripts.invoker, '--session'];
    const invoker = new Child<InvokerMessage>('invoker', words, context, () => {});
    await invoker.expect('ready');

    let requests = 0;
    for (const { functionId, port } of services) {
      // The load generator attaches a program of its own.
      const detachPass = id === 'xdp' ? await attachPass(wire.client) : null;
      const exchanges = await exchangeAll(wire.client, wire.server, port, payloads);
      await detachPass?.();
      const right = payloads.map((hex) => functionTable[functionId].run(Buffer.from(hex, 'hex')).toString('hex'));
      expect(
        exchanges.map(({ reply }) => reply),
        functionId,
      ).toEqual(right);
      requests += exchanges.length;

      // A process each: the ends tell, as the plain client has asked the sizes between.
      for (const packetBytes of [sizes[0] ?? 0, sizes.at(-1) ?? 0]) {
        const load = loadContext(wire, { kind: 'closed', connections: 1 }, 'socket', 50e6);
        const generator = new Child<LoadMessage>(
          'generator',
          [...wire.client.enter, process.execPath, childScripts.generator, '--session'],
          { ...load, functionId, port, packetBytes, warmupNs: 0 },
          () => {},
        );
        generator.command({ type: 'start' });
        const { totals } = await generator.expect('done');
        await generator.end(2000);
        const { sent = 0, replied = 0, checked = 0, wrong } = totals.generator;
        expect({ replied, wrong }, `${functionId} at ${packetBytes}`).toEqual({ replied: sent, wrong: 0 });
        expect(checked).toBeGreaterThan(0);
        requests += sent;
      }
    }
    invoker.command({ type: 'stop' });
    const { totals } = await invoker.expect('stopped');
    await invoker.end(2000);
    for (const name of ['received', 'handled', 'replied']) {
      expect(
        totals.threads.reduce((sum, counters) => sum + (counters[name] ?? 0), 0),
        name,
      ).toBe(requests);
    }
  });
});
