import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LoadResult } from '../../loadgen/command/result.js';
import type { FunctionId } from '../../model/ids.js';
import type { LedgerLine } from '../../model/record.js';
import { type ClientExchange, exchangeAll } from '../fakes/client.js';
import { duplicatingServer } from '../fakes/duplicating-server.js';
import { type Faults, faultyServer } from '../fakes/faulty-server.js';
import { temporaryFolder } from '../fakes/folder.js';
import { hesitantServer } from '../fakes/hesitant-server.js';
import { type Running, start } from './process.js';
import { buildWire, describeAsRoot, on, type Wire, xdpProgram } from './wire.js';

const engines = ['live', 'afxdp', 'sendmmsg', 'socket'] as const;

/** Starts an invoker on the server's side. */
async function invoke(wire: Wire, line: string) {
  const invoker = start(wire.server, 'impls/main.js', [...line.split(' '), '--interface', wire.server.interface]);
  await invoker.line('ready');
  return invoker;
}

/**
 * Starts a process of the test's own, on the server's side unless told, as Node code that prints a line when it is ready and
 * ends with its input; `end` gives all that it printed.
 */
async function serve(wire: Wire, code: string, { enter } = wire.server): Promise<{ end(): Promise<string> }> {
  const [file = '', ...args] = [...enter, process.execPath, '-e', code];
  const server = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  server.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  await once(server.stdout, 'data');
  return {
    async end() {
      server.stdin.end();
      await once(server, 'close');
      return output;
    },
  };
}

/** Runs the load generator on the client's side; `during` while it sends. */
async function load(wire: Wire, line: string, during?: (generator: Running) => Promise<void>) {
  const file = join(temporaryFolder(), 'result.json');
  const words = [...line.split(' '), '-json', file, '-listen-address', ':0'];
  const generator = start(wire.client, 'loadgen/main.js', words);
  if (during) await generator.line('reverse on ').then(() => during(generator));
  const { code } = await generator.ended();
  return {
    code,
    errors: generator.errors(),
    output: generator.output(),
    result: (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null) as LoadResult,
  };
}

const countOf = (losses: LedgerLine[], name: string) => losses.find((line) => line.name === name)?.count ?? 0;

describeAsRoot('the load generator as a command', () => {
  test.each(engines)('tells the faults of a server exactly: %s', async (engine) => {
    const wire = await buildWire(1);
    // Live frames need an XDP program where they arrive; a server with plain sockets has none.
    const pass = engine === 'live' || engine === 'afxdp' ? await invoke(wire, '--impl afxdp --port 9') : null;
    const server = await serve(wire, faultyServer(1232, 500, 1100));
    const line = `-rate 10k -duration 3200ms -packet-size 200 -engine ${engine} -check-every 1`;
    const { code, errors, result } = await load(wire, line);
    const output = await server.end();
    pass?.process.kill('SIGTERM');
    await pass?.ended();
    expect([code, errors]).toEqual([0, '']);
    const faults = JSON.parse(output.split('\n')[1] ?? '') as Faults;
    const { counters, losses } = result;
    expect(faults.corrupted).toBeGreaterThanOrEqual(3);
    expect(faults.dropped).toBeGreaterThan(300);
    expect(counters).toMatchObject({
      wrongContent: faults.corrupted,
      wrongLength: 0,
      duplicates: faults.duplicated,
      late: faults.delayed,
    });
    expect(countOf(losses, 'lost on the way or by the server')).toBe(faults.dropped);
    expect(counters.replied).toBe((counters.sent ?? 0) - faults.dropped - faults.delayed);
    expect(counters.checked).toBe(counters.replied);
    expect(await xdpProgram(wire.client)).toBeNull();
  });

  const verified: [FunctionId, number, number][] = [
    ['reverse', 1232, 60],
    ['echo', 1233, 61],
    ['expand', 1234, 200],
    ['upper', 1235, 1400],
    ['reverse', 1232, 1514],
  ];
  test.each(engines)('verifies all functions: %s', async (engine) => {
    const wire = await buildWire(1);
    const invoker = await invoke(wire, '--impl afxdp --functions 1232=reverse,1233=echo,1234=expand,1235=upper');
    for (const [functionId, port, packetBytes] of verified) {
      const line = `-rate 5k -duration 300ms -packet-size ${packetBytes} -function ${functionId} -ports ${port}`;
      const { code, errors, result } = await load(wire, `${line} -engine ${engine} -check-every 1 -arrival poisson`);
      expect([code, errors]).toEqual([0, '']);
      const { counters, losses, latencyNs, engines: used } = result;
      expect(used).toEqual([engine]);
      expect(losses).toEqual([]);
      expect(counters.sent).toBeGreaterThan(500);
      expect(counters).toMatchObject({
        replied: counters.sent,
        checked: counters.sent,
        wrong: 0,
        duplicates: 0,
        late: 0,
      });
      expect(result.histogram.reduce((sum, [, count]) => sum + count, 0)).toBe(counters.sent);
      expect(latencyNs?.p50).toBeGreaterThan(1000);
    }
    invoker.process.kill('SIGTERM');
    await invoker.ended();
  });

  test.each<[string, string[]]>([
    ['as root the fastest', ['live']],
    ['without the capabilities for it sockets', ['sendmmsg']],
  ])('auto takes %s', async (who, expected) => {
    const wire = await buildWire(1);
    const invoker = await invoke(wire, '--impl afxdp');
    const drop = ['setpriv', '--inh-caps=-all', '--bounding-set=-all', '--reuid=65534', '--clear-groups'];
    const enter = who.startsWith('as') ? wire.client.enter : [...wire.client.enter, ...drop];
    const site = { ...wire, client: { ...wire.client, enter } };
    const words = ['-rate', '1k', '-duration', '300ms', '-listen-address', ':0'];
    const generator = start(site.client, 'loadgen/main.js', words);
    const { code } = await generator.ended();
    invoker.process.kill('SIGTERM');
    await invoker.ended();
    expect([code, generator.errors()]).toEqual([0, '']);
    expect(generator.output()).toMatch(new RegExp(`by ${expected[0]}; checks`));
    if (expected[0] === 'sendmmsg') expect(generator.output()).toMatch(/\nnot live: .*\nnot afxdp: /);
  });

  test('a stall of the server shows in the open loop, and the closed loop hides it', async () => {
    const wire = await buildWire(1);
    const invoker = await invoke(wire, '--impl recvmmsg');
    const stall = async () => {
      await new Promise((resolve) => setTimeout(resolve, 800));
      invoker.process.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 200));
      invoker.process.kill('SIGCONT');
    };
    const open = await load(wire, '-rate 2k -engine sendmmsg -duration 2s -packet-size 200', stall);
    const closed = await load(wire, '-duration 2s -packet-size 200', stall);
    invoker.process.kill('SIGTERM');
    await invoker.ended();
    expect([open.errors, closed.errors]).toEqual(['', '']);
    expect(open.result.latencyNs?.p99).toBeGreaterThan(150e6);
    expect(closed.result.latencyNs?.max).toBeGreaterThan(150e6);
    expect(closed.result.latencyNs?.p99).toBeLessThan(150e6);
  });

  test.each(['live', 'sendmmsg'])('catches up with few requests and leaves many out: %s', async (engine) => {
    const wire = await buildWire(1);
    const invoker = await invoke(wire, '--impl afxdp');
    const stall = async ({ process }: Running) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      process.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 300));
      process.kill('SIGCONT');
    };
    const line = `-engine ${engine} -duration 1500ms -packet-size 200`;
    const few = await load(wire, `${line} -rate 200`, stall);
    const many = await load(wire, `${line} -rate 20k`, stall);
    invoker.process.kill('SIGTERM');
    await invoker.ended();
    expect([few.code, few.errors, many.code]).toEqual([0, '', 1]);
    const leftOut = ({ counters }: LoadResult) => (counters.offered ?? 0) - (counters.sent ?? 0);
    expect(leftOut(few.result)).toBe(0);
    expect(few.result.counters.lateSends).toBeGreaterThan(50);
    expect(leftOut(many.result)).toBeGreaterThan(5000);
  });

  test.each(['live', 'afxdp'])('leaves replies to others alone: %s', async (engine) => {
    const wire = await buildWire(1);
    const invoker = await invoke(wire, '--impl afxdp');
    const payloads = ['00', '0102', '030405'];
    let others: ClientExchange[] = [];
    const { code, result } = await load(wire, `-rate 1k -duration 2s -packet-size 200 -engine ${engine}`, async () => {
      others = await exchangeAll(wire.client, wire.server, 1232, payloads);
    });
    invoker.process.kill('SIGTERM');
    await invoker.ended();
    expect(others.map(({ reply }) => reply)).toEqual(['00', '0201', '050403']);
    expect(code).toBe(0);
    expect(result.counters).toMatchObject({ replied: result.counters.sent, wrong: 0 });
  });

  test.each([
    ['-rate 1k -engine live', 1200],
    ['-rate 1k -engine afxdp', 1200],
    ['-rate 1k -engine afxdp', 500],
    ['-rate 1k -engine socket', 1200],
    ['-num-conns 2', 1200],
  ])('keeps what it measured until its interface went: %s after %i ms', async (line, ms) => {
    const wire = await buildWire(1);
    const invoker = await invoke(wire, '--impl afxdp');
    const remove = async () => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      await on(wire.client, 'ip', 'link', 'delete', wire.client.interface);
    };
    const { code, errors, output, result } = await load(wire, `${line} -duration 3s -packet-size 200`, remove);
    invoker.process.kill('SIGKILL');
    await invoker.ended();
    expect(code).toBe(1);
    expect(errors).toMatch(/^loadgen: (no interface|cannot send on) .*\n$/);
    expect(output).toMatch(/\n\d+ requests, \d+ right responses/);
    expect(result.counters.replied).toBeGreaterThan(100);
    const recorded = result.histogram.reduce((sum, [, count]) => sum + count, 0);
    expect(result.counters.replied).toBe(recorded);
    expect(result.perSecond.responses).toBe(recorded / (result.durationNs / 1e9));
    if (line.startsWith('-rate')) expect(result.perSecond.responses).toBeLessThan(1100);
  });

  test('a closed loop tells of duplicates, which it may take for the reply to the next request', async () => {
    const wire = await buildWire(1);
    const server = await serve(wire, duplicatingServer(1232, 20));
    const { code, result } = await load(wire, '-num-conns 1 -duration 1s -packet-size 200');
    await server.end();
    expect(code).toBe(0);
    const { replied = 0, sent = 0, duplicates } = result.counters;
    expect([replied, duplicates]).toEqual([sent, 4]);
  });

  test('a connection without a reply keeps no other of its thread waiting', async () => {
    const wire = await buildWire(1);
    const server = await serve(wire, hesitantServer(1232, 1400));
    const { code, result } = await load(wire, '-num-conns 80 -cores 0 -duration 2s -packet-size 200').finally(
      server.end,
    );
    expect(code).toBe(0);
    const { replied = 0, sent } = result.counters;
    expect(result.counters).toMatchObject({ timeouts: 1, late: 1, duplicates: 0, wrong: 0 });
    expect(sent).toBe(replied + 1);
    expect(replied).toBeGreaterThan(100);
    expect(result.latencyNs?.max).toBeLessThan(900e6);
  });

  test('serves the metrics of the published client, a port each', async () => {
    const wire = await buildWire(1);
    const invoker = await invoke(wire, '--impl recvmmsg --functions 1232=reverse,1233=reverse');
    // It is up before four threads spin on two CPUs.
    const code =
      "console.log('up'); process.stdin.resume().on('end', () =>" +
      " fetch('http://127.0.0.1:8080/metrics').then((r) => r.text()).then(console.log))";
    const asker = await serve(wire, code, wire.client);
    const words = ['-ports', '1232,1233', '-duration', '6s', '-listen-address', '127.0.0.1:8080'];
    const generator = start(wire.client, 'loadgen/main.js', words);
    await generator.line('reverse');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const text = await asker.end();
    expect((await generator.ended()).code).toBe(0);
    invoker.process.kill('SIGTERM');
    await invoker.ended();
    for (const port of [1232, 1233]) {
      const value = (name: string) =>
        Number(new RegExp(`^${name}\\{port="10\\.0\\.0\\.10:${port}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
      expect(value('requests')).toBeGreaterThan(100);
      expect(value('responses')).toBeGreaterThan(100);
      for (const name of ['failedRequests', 'failedResponses', 'falseResponses']) expect(value(name)).toBe(0);
      expect(text).toMatch(
        new RegExp(`^answer_time_histogram_bucket\\{port="10\\.0\\.0\\.10:${port}",le="0\\.0001"\\} 0$`, 'm'),
      );
      expect(text).toMatch(new RegExp(`^answer_time_histogram_count\\{port="10\\.0\\.0\\.10:${port}"\\} \\d+$`, 'm'));
    }
  });

  test('a frame above the MTU of the way is refused', async () => {
    const wire = await buildWire(1);
    await on(wire.client, 'ip', 'link', 'set', wire.client.interface, 'mtu', '1280');
    const generator = start(wire.client, 'loadgen/main.js', ['-packet-size', '1295', '-listen-address', ':0']);
    expect((await generator.ended()).code).toBe(2);
    expect(generator.errors()).toMatch(
      /^loadgen: -packet-size: 1295 is above 1294, the largest frame of \S+'s MTU of 1280\n$/,
    );
  });

  test('says why a server on the same machine does not answer', async () => {
    const { server } = await buildWire(1);
    const invoker = start(server, 'impls/main.js', ['--impl', 'afxdp', '--interface', server.interface]);
    await invoker.line('ready');
    const generator = start(server, 'loadgen/main.js', ['-server', server.address, '-listen-address', ':0']);
    expect((await generator.ended()).code).toBe(1);
    expect(generator.errors()).toMatch(
      /^loadgen: 10\.0\.0\.10 UDP port 1232 does not answer: heard .*; it is an address of this machine, which UDP sockets alone serve: .*\n$/,
    );
  });
});
