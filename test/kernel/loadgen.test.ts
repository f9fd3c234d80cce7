import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCpuList } from '../../common/cli/cpu-list.js';
import { Child } from '../../common/process/child.js';
import { childScripts, packageRoot } from '../../common/process/paths.js';
import type { LoadMessage } from '../../common/process/protocol.js';
import type { Load } from '../../model/cell.js';
import type { EngineId } from '../../model/ids.js';
import { corruptingServer } from '../fakes/corrupting-server.js';
import { delayingServer } from '../fakes/delaying-server.js';
import { replyHistograms } from '../fakes/reply-histograms.js';
import { loadContext } from './load.js';
import { buildWire, describeAsRoot, on, type Wire, xdpProgram } from './wire.js';

function startGenerator(wire: Wire, load: Load, engine: EngineId, durationNs = 300e6) {
  const words = [...wire.client.enter, process.execPath, childScripts.generator, '--session'];
  return new Child<LoadMessage>('generator', words, loadContext(wire, load, engine, durationNs), () => {});
}

describeAsRoot('the load generator', () => {
  const cases: [Load, EngineId][] = [
    [{ kind: 'saturate' }, 'live'],
    [{ kind: 'saturate' }, 'afxdp'],
    [{ kind: 'closed', connections: 4 }, 'socket'],
  ];
  test.each(cases)('counts exactly the replies that a server spoiled: %o by %s', async (load, engine) => {
    const wire = await buildWire(1);
    const code = corruptingServer(wire.server.interface, 1232, 100);
    const [file = '', ...args] = [...wire.server.enter, process.execPath, '--input-type=module', '-e', code];
    const server = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    server.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    await once(server.stdout, 'data');

    const generator = startGenerator(wire, load, engine);
    await generator.expect('ready');
    generator.command({ type: 'start' });
    const { totals } = await generator.expect('done');
    await generator.end(2000);
    server.stdin.end();
    await once(server, 'close');

    const spoiled = Number(/spoiled (\d+)/.exec(output)?.[1]);
    expect(spoiled).toBeGreaterThan(0);
    expect(totals.generator.wrong).toBe(spoiled);
    expect(totals.generator.checked).toBeGreaterThan(0);
    expect(await xdpProgram(wire.client)).toBeNull();
  });

  test("a reply that comes after its time is late, not the next one's", async () => {
    const wire = await buildWire(1);
    const code = delayingServer(1232, 50, 1200);
    const [file = '', ...args] = [...wire.server.enter, process.execPath, '--input-type=module', '-e', code];
    const server = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(server.stdout, 'data');
    const generator = startGenerator(wire, { kind: 'closed', connections: 1 }, 'socket', 1.6e9);
    generator.command({ type: 'start' });
    const { totals } = await generator.expect('done');
    await generator.end(2000);
    server.kill('SIGKILL');
    expect(totals.generator).toMatchObject({ timeouts: 1, late: 1, wrong: 0 });
    // The round trips after it are its own, none of them a second short or long.
    const recorded = totals.histogram.reduce((sum, [, count]) => sum + count, 0);
    expect(recorded).toBeGreaterThan(0);
    expect(Math.max(...totals.histogram.map(([ns]) => ns))).toBeLessThan(1e9);
  });

  test('round trips have room for the CPUs that are online, and where times do not count for none', async () => {
    const online = parseCpuList(readFileSync('/sys/devices/system/cpu/online', 'utf8').trim());
    const { client } = await buildWire(1);
    const node = [process.execPath, '--input-type=module', '-e', replyHistograms, '--'];
    const histograms = (times: string) => on(client, ...node, packageRoot(), client.interface, times);
    expect(await histograms('count')).toBe(String(Math.max(...online) + 1));
    expect(await histograms('do not count')).toBe('1');
  });

  test('a server that does not answer is told from one that answers wrong', async () => {
    const wire = await buildWire(1);
    const silent = startGenerator(wire, { kind: 'saturate' }, 'live');
    silent.command({ type: 'start' });
    await expect(silent.expect('done')).rejects.toMatchObject({
      code: 'PROBE',
      message: expect.stringMatching(
        /^generator: 10\.0\.0\.10 UDP port 1232 does not answer: heard ICMP port unreachable \(ECONNREFUSED\)/,
      ),
    });
    await silent.end(2000);

    const invoker = spawn(
      wire.server.enter[0] ?? '',
      [
        ...wire.server.enter.slice(1),
        process.execPath,
        childScripts.invoker,
        '--impl',
        'recvfrom',
        '--function',
        'echo',
        '--port',
        '1232',
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(invoker.stdout, 'data');
    const wrong = startGenerator(wire, { kind: 'closed', connections: 1 }, 'socket');
    wrong.command({ type: 'start' });
    await expect(wrong.expect('done')).rejects.toMatchObject({
      message: expect.stringMatching(/heard a reply of 158 bytes with other content/),
    });
    await wrong.end(2000);
    invoker.kill('SIGTERM');
    await once(invoker, 'close');
  });
});
