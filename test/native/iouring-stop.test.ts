import { readdirSync } from 'node:fs';
import { availableParallelism, constants, setPriority } from 'node:os';
import { expect, it, onTestFinished } from 'vitest';
import { iouring } from '../../impls/iouring.js';
import { resolveSettings } from '../../impls/settings.js';
import { Invoker, pinThread } from '../../native/index.js';
import { freePort, UdpClient } from '../fakes/udp.js';

const threads = () => new Set(readdirSync('/proc/self/task'));

// In a file, and so in a process, of its own: it stays on its CPU.
it.each([1, 4, 64, 128])('answers at its stop a socket buffer that is full, in batches of %i', async (batch) => {
  const cpu = availableParallelism() - 1;
  pinThread(cpu);
  const port = await freePort();
  const before = threads();
  const invoker = new Invoker('iouring', {
    ...resolveSettings(iouring.settings, { batch }),
    ...{
      interface: 'lo',
      workSteps: 0,
      address: new Uint8Array(4),
      queues: 1,
      servedRxQueues: 0,
      cpus: [cpu],
      maxThreadsPerQueue: 1,
      idle: 'poll',
    },
    services: [{ port, functionId: 'reverse', threadsPerQueue: 1 }],
  });
  onTestFinished(() => invoker.stop());
  // The invoker's thread runs when this one waits, which it does not before stop().
  for (const thread of threads()) {
    if (!before.has(thread)) setPriority(Number(thread), constants.priority.PRIORITY_LOW);
  }
  const client = await UdpClient.to(port);
  onTestFinished(() => client.close());
  await Promise.all(Array.from({ length: 1000 }, (_, i) => client.tell(Buffer.alloc(1 + (i % 5)))));
  invoker.stop();
  expect(invoker.threads()[0]?.counters).toMatchObject({
    ...{ received: 1000, handled: 1000, replied: 1000, functionFailed: 0, sendFailed: 0, socketDropped: 0 },
  });
});
