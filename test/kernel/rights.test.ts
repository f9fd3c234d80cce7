import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
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
