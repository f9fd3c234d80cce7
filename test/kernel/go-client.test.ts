import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import type { LoadResult } from '../../loadgen/command/result.js';
import { temporaryFolder } from '../fakes/folder.js';
import { start } from './process.js';
import { keepFigures, turns } from './turns.js';
import { buildWire, describeAsRoot, on } from './wire.js';

interface GoResult {
  requests: number;
  responses: number;
  failed: number;
  wrong: number;
  seconds: number;
}

/** Many short turns tell two clients apart better than a few long ones: the machine changes its speed within seconds. */
const seconds = turns > 1 ? 1 : 2;

describeAsRoot('against the same invoker', () => {
  test('a client in Go and the closed loop count alike', { timeout: turns * 60_000 }, async () => {
    const folder = temporaryFolder();
    const client = join(folder, 'closed-loop');
    const environment = { GOCACHE: join(folder, 'cache'), GO111MODULE: 'off', GOFLAGS: '' };
    await execa('go', ['build', '-o', client, join(packageRoot(), 'test/clients/closed-loop.go')], {
      env: environment,
    });

    const wire = await buildWire(1);
    const invoker = start(wire.server, 'impls/main.js', ['--impl', 'recvmmsg']);
    await invoker.line('ready');
    const rates = { 'in Go': [] as number[], ours: [] as number[] };
    for (let turn = 0; turn < turns; turn++) {
      const words = [wire.server.address, '1232', '800', '4', String(seconds)];
      const go = JSON.parse(await on(wire.client, client, ...words)) as GoResult;
      expect(go).toMatchObject({ wrong: 0, failed: 0, responses: go.requests });
      rates['in Go'].push(go.responses / go.seconds);
      const file = join(folder, 'result.json');
      const flags = ['-duration', `${seconds}s`, '-json', file, '-listen-address', ':0'];
      expect((await start(wire.client, 'loadgen/main.js', flags).ended()).code).toBe(0);
      const { counters, perSecond } = JSON.parse(readFileSync(file, 'utf8')) as LoadResult;
      expect(counters).toMatchObject({ wrong: 0, timeouts: 0, replied: counters.sent });
      rates.ours.push(perSecond.responses);
    }
    invoker.process.kill('SIGTERM');
    await invoker.ended();
    keepFigures('go-client', '800 bytes, 4 connections, responses/s', rates);
    // The machine is shared: what both reach is compared by hand, here only that neither is out of all proportion.
    for (const [turn, ours] of rates.ours.entries()) {
      const ratio = ours / (rates['in Go'][turn] as number);
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(3);
    }
  });
});
