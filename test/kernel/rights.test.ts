import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import type { TopologyKind } from '../../common/wire/topology.js';
import { runCell } from '../../harness/measure/run.js';
import { vethTestbed } from '../../harness/measure/testbed.js';
import { fakeRunCell } from '../fakes/runs.js';
import { buildWire, describeAsRoot, on } from './wire.js';

const code = `
const { Sink } = await import(${JSON.stringify(join(packageRoot(), 'dist/native/index.js'))});
try {
  new Sink(process.argv[1], 200, 1);
} catch ({ code, message }) {
  console.log(code, message);
}
`;

describeAsRoot('an eBPF program that is refused', () => {
  test.each([
    // Without CAP_PERFMON the verifier refuses arithmetic of pointers: a refusal of its own on any kernel.
    [
      'perfmon',
      /^BPF_LOAD cannot load the counting program, the verifier says: R\d .*prohibited.*: Permission denied$/,
    ],
    [
      'bpf',
      /^BPF_LOAD cannot load the counting program \(needs CAP_BPF and CAP_NET_ADMIN\): .*: Operation not permitted$/,
    ],
  ])('for want of CAP_%s: says who refused it, and why', async (right, message) => {
    const { client } = await buildWire(1);
    const without = ['setpriv', '--bounding-set', `-sys_admin,-${right}`];
    const node = [process.execPath, '--input-type=module', '-e', code, client.interface];
    expect(await on(client, ...without, ...node)).toMatch(message);
  });
});

describeAsRoot('a cell whose generator lacks CAP_SYS_ADMIN', () => {
  test('is skipped, and the capability is named', async () => {
    const cell = fakeRunCell('recvfrom', { kind: 'rate', perSecond: 1000 });
    const clients = [{ generatorCpus: [0], housekeepingCpu: 0 }];
    const placement = { ...cell.placement, clients, invokerCpus: [1], housekeepingCpu: 0 };
    const topology: TopologyKind = {
      id: 'veth',
      async build(queues) {
        const wire = await buildWire(queues);
        const enter = [...wire.client.enter, 'setpriv', '--bounding-set', '-sys_admin'];
        return { ...wire, clients: [{ ...wire.client, enter }], destroy: async () => {} };
      },
    };
    const identity = { runId: 'r', cell: { ...cell, placement, durationNs: 100e6 }, repeat: 0 };
    const run = await runCell(identity, { ...vethTestbed, topology }, new AbortController().signal);
    expect(run).toMatchObject({
      state: 'skipped',
      reason: expect.stringMatching(/live frames \(needs CAP_SYS_ADMIN\): unshare: Operation not permitted/),
    });
  });
});
