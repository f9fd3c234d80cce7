import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { packageRoot } from '../../common/paths.js';
import type { LoadResult } from '../../loadgen/result.js';
import { temporaryFolder } from '../fakes/folder.js';
import { start } from './process.js';
import { buildWire, describeAsRoot, on } from './wire.js';

interface GoResult {
  requests: number;
  responses: number;
  failed: number;
  wrong: number;
  seconds: number;
}

const seconds = 2;

describeAsRoot('against the same invoker', () => {
  test('a client in Go and the closed loop count alike', async () => {
    const folder = temporaryFolder();
    const client = join(folder, 'closed-loop');
    const environment = { GOCACHE: join(folder, 'cache'), GO111MODULE: 'off', GOFLAGS: '' };
    await execa('go', ['build', '-o', client, join(packageRoot(), 'test/clients/closed-loop.go')], {
      env: environment,
    });

    const wire = await buildWire(1);
    const invoker = start(wire.server, 'impls/main.js', ['--impl', 'recvmmsg']);
    await invoker.line('ready');
    const words = [wire.server.address, '1232', '800', '4', String(seconds)];
    const go = JSON.parse(await on(wire.client, client, ...words)) as GoResult;
    const file = join(folder, 'result.json');
    const ours = start(wire.client, 'loadgen/main.js', [
      '-duration',
      `${seconds}s`,
      '-json',
      file,
      '-listen-address',
      ':0',
    ]);
    expect((await ours.ended()).code).toBe(0);
    invoker.process.kill('SIGTERM');
    await invoker.ended();
    const result = JSON.parse((await execa('cat', [file])).stdout) as LoadResult;

    expect(go).toMatchObject({ wrong: 0, failed: 0, responses: go.requests });
    expect(result.counters).toMatchObject({ wrong: 0, timeouts: 0, replied: result.counters.sent });
    // The machine is shared: what both reach is compared by hand, here only that neither is out of all proportion.
    const ratio = result.perSecond.responses / (go.responses / go.seconds);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(3);
  });
});
