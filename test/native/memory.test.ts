import { availableParallelism } from 'node:os';
import { expect, it, onTestFinished } from 'vitest';
import { Invoker, PacedLoad } from '../../native/index.js';
import { configOnLoopback, serviceOn } from '../fakes/invoker.js';
import { nodeOf } from '../fakes/nodes.js';
import { freePort } from '../fakes/udp.js';

it('the buffers of iouring are on the node of the CPU that uses them', async () => {
  for (let cpu = 0; cpu < availableParallelism(); cpu++) {
    const invoker = new Invoker('iouring', configOnLoopback([serviceOn(await freePort())], { cpus: [cpu] }));
    onTestFinished(() => invoker.stop());
    expect(invoker.granted().memoryNode).toBe(nodeOf(cpu));
  }
});

it('a generator that needs more than half of the memory is refused before it takes any', () => {
  const start = () =>
    new PacedLoad('afxdp', {
      ...{ interface: 'ivb-none0', sourceMac: new Uint8Array(6), destinationMac: new Uint8Array(6) },
      ...{ sourceAddress: new Uint8Array(4), destinationAddress: new Uint8Array(4) },
      ...{ firstSourcePort: 16384, flows: 1024, port: 1232, connections: 1, packetBytes: 200, cpus: [0] },
      ...{
        functionId: 'reverse',
        checkEvery: 64,
        replies: 'kernel',
        copyMode: 'auto',
        arrival: 'constant',
        timed: true,
      },
      queues: 1 << 20,
    });
  const message = expect.stringMatching(/^16777216 MiB of UMEM are more than half of .*ethtool -L/);
  expect(start).toThrow(expect.objectContaining({ code: 'UMEM', message }));
});
