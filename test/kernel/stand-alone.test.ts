import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import type { Site } from '../../common/wire/topology.js';
import type { ThreadReading } from '../../impls/invoker.js';
import type { Announcement } from '../../impls/stand-alone/announcer.js';
import { runtimeIds } from '../../model/runtimes.js';
import { exchangeAll } from '../fakes/client.js';
import { portZeroClient } from '../fakes/port-zero-client.js';
import { childOf, processes, type Running, start } from './process.js';
import { buildWire, describeAsRoot, on, xdpProgram } from './wire.js';

const serve = (site: Site, line: string) => start(site, 'impls/main.js', line.split(' '));
const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');
const messagesOf = (invoker: Running) => linesOf(invoker.output()).map((line) => JSON.parse(line) as Announcement);

async function end(invoker: Running): Promise<void> {
  invoker.process.kill('SIGTERM');
  expect(await invoker.ended()).toEqual({ code: 0, signal: null });
}

/** Threads of the totals, which were printed as JSON. */
function totalsOf(invoker: Running): ThreadReading[] {
  const totals = messagesOf(invoker).at(-1);
  if (totals?.type !== 'totals') throw new Error(`no totals: ${invoker.output()}`);
  return totals.threads;
}

const sum = (threads: ThreadReading[], name: string) =>
  threads.reduce((total, { counters }) => total + (counters[name] ?? 0), 0);

const hex = (text: string) => Buffer.from(text).toString('hex');

describeAsRoot('the stand-alone invoker', () => {
  test.each(['afpacket', 'afxdp', 'recvmmsg', 'iouring', 'dgram'])(
    'serves several functions at once on %s',
    async (id) => {
      const { server, client } = await buildWire(1);
      const functions = '1232=reverse,1300=echo:2,1400=upper';
      const invoker = serve(server, `--impl ${id} --interface ${server.interface} --functions ${functions} --json`);
      await invoker.line('{"type":"ready"');
      const replies = new Map<number, string>();
      for (const port of [1232, 1300, 1400]) {
        const [exchange] = await exchangeAll(client, server, port, [hex('abc')]);
        replies.set(port, Buffer.from(exchange?.reply ?? '', 'hex').toString());
      }
      expect(Object.fromEntries(replies)).toEqual({ 1232: 'cba', 1300: 'abc', 1400: 'ABC' });
      await end(invoker);
      expect(messagesOf(invoker)[0]).toMatchObject({ type: 'ready', implementation: id, pid: invoker.process.pid });
      const threads = totalsOf(invoker);
      expect(threads.map(({ port }) => port)).toEqual([1232, 1300, 1300, 1400]);
      for (const port of [1232, 1300, 1400]) {
        const serving = threads.filter((thread) => thread.port === port);
        expect([sum(serving, 'received'), sum(serving, 'replied')]).toEqual([1, 1]);
      }
      expect([invoker.errors(), await xdpProgram(server)]).toEqual(['', null]);
    },
  );

  test('takes an address and settings, and says what was granted', async () => {
    const { server, client } = await buildWire(1);
    const place = `--interface ${server.interface} --address ${server.address}`;
    const sockets = serve(server, `--impl recvmmsg ${place} --batch 7 --steering port --gro on --buffer 256k`);
    expect(await sockets.line('ready')).toMatch(/UDP 10\.0\.0\.10:1232 .*=524288 .*steering=port batch=7 gro=on/);
    const [exchange] = await exchangeAll(client, server, 1232, ['0102']);
    expect(exchange?.reply).toBe('0201');
    await end(sockets);
    const settings = '--attach skb --checksum full --ring-size 64 --frame-size 4096 --idle adaptive';
    const xdp = serve(server, `--impl afxdp --interface ${server.interface} ${settings}`);
    expect(await xdp.line('ready')).toMatch(/attach=skb .*checksum=full idle=adaptive .*ringSize=64 frameSize=4096/);
    await end(xdp);
  });

  test('prints rates once a second, as text and as JSON', async () => {
    const { server, client } = await buildWire(1);
    const place = `--interface ${server.interface} --stats`;
    const text = serve(server, `--impl afxdp ${place}`);
    const json = serve(server, `--impl dgram ${place} --function echo --json`);
    await Promise.all([text.line('ready'), json.line('{"type":"ready"')]);
    for (const port of [1232, 1233]) await exchangeAll(client, server, port, ['01', '02', '03']);
    await sleep(1500);
    await Promise.all([end(text), end(json)]);

    const lines = linesOf(text.output()).slice(1, -1);
    const form = /^received\/s +(\d+) {2}handled\/s +\1 {2}replied\/s +\1 {2}dropped\/s +0$/;
    const rates = lines.map((line) => Number(form.exec(line)?.[1]));
    expect(rates.length).toBeGreaterThan(0);
    expect(rates.reduce((total, rate) => total + rate, 0)).toBeGreaterThan(0);

    const [ready, ...stats] = messagesOf(json).slice(0, -1);
    expect(ready?.type).toBe('ready');
    const last = stats.at(-1);
    if (last?.type !== 'stats') throw new Error(`no stats: ${json.output()}`);
    expect(last.threads).toEqual([
      { port: 1233, queue: 0, state: 'running', counters: expect.objectContaining({ received: 3, replied: 3 }) },
    ]);
    expect(last.rates.dropped).toEqual({ function_failed: 0, receive_failed: 0, refused_source: 0, send_failed: 0 });
    expect(last.intervalNs).toBeGreaterThan(0.5e9);
  });

  test.each(['afpacket', 'afxdp', 'recvmmsg'])('scales by signal and by line on %s', async (id) => {
    const { server } = await buildWire(1);
    const functions = '--functions 1232=reverse,1300=echo --max-threads 3';
    const invoker = serve(server, `--impl ${id} --interface ${server.interface} ${functions} --json`);
    await invoker.line('{"type":"ready"');
    const scaled = (port: number, threadsPerQueue: number) =>
      invoker.line(JSON.stringify({ type: 'scaled', port, threadsPerQueue }));
    invoker.process.kill('SIGUSR1');
    await Promise.all([scaled(1232, 2), scaled(1300, 2)]);
    invoker.process.stdin?.write('scale 1232 3\nscale 1232 4\nnonsense\n1300 1\n');
    await Promise.all([scaled(1232, 3), scaled(1300, 1)]);
    invoker.process.kill('SIGUSR2');
    while (linesOf(invoker.errors()).length < 3) await sleep(10);
    invoker.process.stdin?.end('scale 1232 1\n');
    await scaled(1232, 1);
    await end(invoker);
    expect(
      totalsOf(invoker)
        .map(({ port, state }) => `${port} ${state}`)
        .sort(),
    ).toEqual(['1232 retired', '1232 retired', '1232 running', '1300 retired', '1300 running']);
    expect(linesOf(invoker.errors())).toEqual([
      'invoker: cannot scale port 1232 to 4: at most 3 threads a queue (see --max-threads)',
      'invoker: cannot obey nonsense: write scale PORT THREADS, such as scale 1232 3',
      'invoker: cannot scale port 1300 to 0: a function keeps at least 1 thread a queue',
    ]);
  });

  test.each(['afpacket', 'afxdp', 'recvmmsg'])('loses nothing on %s while threads come and go', async (id) => {
    const { server, client } = await buildWire(1);
    const invoker = serve(server, `--impl ${id} --interface ${server.interface} --json`);
    await invoker.line('{"type":"ready"');
    const payloads = Array.from({ length: 2000 }, (_, i) => hex(`request ${i}`));
    const scaled = () => messagesOf(invoker).filter(({ type }) => type === 'scaled').length;
    let sent = 0;
    // However fast the exchange is on this machine, threads come and go meanwhile.
    while (scaled() <= 8) {
      let state: 'under way' | 'over' = 'under way';
      const traffic = exchangeAll(client, server, 1232, payloads).finally(() => {
        state = 'over';
      });
      while (state === 'under way') {
        for (const threads of [4, 2, 3, 1]) invoker.process.stdin?.write(`1232 ${threads}\n`);
        await sleep(20);
      }
      const missing = (await traffic).filter(({ reply }) => reply === null);
      expect(missing).toEqual([]);
      sent += payloads.length;
    }
    await end(invoker);
    expect(sum(totalsOf(invoker), 'replied')).toBe(sent);
  });

  test('a number of threads that is fixed stays, and the service goes on', async () => {
    const { server, client } = await buildWire(1);
    const invoker = serve(server, `--impl dgram --interface ${server.interface}`);
    await invoker.line('ready');
    invoker.process.kill('SIGUSR1');
    while (invoker.errors() === '') await sleep(10);
    expect(invoker.errors()).toBe('invoker: cannot scale: dgram has a fixed number of threads\n');
    const [exchange] = await exchangeAll(client, server, 1232, ['0102']);
    expect(exchange?.reply).toBe('0201');
    await end(invoker);
  });

  test('a second signal ends a stop that hangs', async () => {
    const { server } = await buildWire(1);
    const invoker = serve(server, `--impl dgram --interface ${server.interface} --threads 2`);
    await invoker.line('ready');
    const worker = await childOf(invoker.process.pid as number, 'dgram-worker.js');
    process.kill(worker, 'SIGSTOP');
    invoker.process.kill('SIGTERM');
    await sleep(100);
    expect(invoker.process.exitCode).toBeNull();
    const exit = once(invoker.process, 'exit');
    invoker.process.kill('SIGINT');
    expect(await exit).toEqual([130, null]);
    process.kill(worker, 'SIGCONT');
    await invoker.ended();
    while (processes().some(({ pid }) => pid === worker)) await sleep(10);
  });

  test('a worker that dies ends it with one line', async () => {
    const { server } = await buildWire(1);
    const invoker = serve(server, `--impl dgram --interface ${server.interface} --threads 2`);
    await invoker.line('ready');
    process.kill(await childOf(invoker.process.pid as number, 'dgram-worker.js'), 'SIGKILL');
    expect((await invoker.ended()).code).toBe(1);
    expect(invoker.errors()).toBe('invoker: a dgram worker ended (SIGKILL)\n');
  });

  test.each(['dgram', 'recvfrom', 'recvmmsg', 'iouring', ...runtimeIds])(
    '%s outlives requests from port 0',
    async (id) => {
      const { server, client } = await buildWire(1);
      const invoker = serve(server, `--impl ${id} --interface ${server.interface} --json`);
      await invoker.line('{"type":"ready"');
      const [file = '', ...args] = [...client.enter, process.execPath, '--input-type=module', '-e', portZeroClient];
      const { stdout } = await execa(file, [...args, '--', packageRoot(), JSON.stringify([client, server])]);
      const sent = Number(stdout);
      const [exchange] = await exchangeAll(client, server, 1232, [hex('after')]);
      expect(exchange?.reply).toBe(hex('retfa'));
      await end(invoker);
      expect(sent).toBeGreaterThan(10);
      // Bun drops them by itself, and tells nobody.
      const seen = id === 'bun' ? 0 : sent;
      expect(totalsOf(invoker)[0]?.counters).toMatchObject({ received: seen + 1, replied: 1, refusedSource: seen });
    },
  );

  test('an input that is empty is no reason to end', async () => {
    const { server, client } = await buildWire(1);
    // The shell becomes the invoker: it has the same number.
    const site = { ...server, enter: [...server.enter, 'sh', '-c', 'exec "$@" </dev/null', 'sh'] };
    const invoker = serve(site, `--impl afxdp --interface ${server.interface}`);
    await invoker.line('ready');
    await sleep(300);
    const [exchange] = await exchangeAll(client, server, 1232, ['0102']);
    expect(exchange?.reply).toBe('0201');
    await end(invoker);
  });

  test('an output whose reader leaves ends it in peace, detached', async () => {
    const { server } = await buildWire(1);
    const invoker = serve(server, `--impl afxdp --interface ${server.interface} --stats`);
    await invoker.line('ready');
    invoker.process.stdout?.destroy();
    expect(await invoker.ended()).toEqual({ code: 0, signal: null });
    expect([invoker.errors(), await xdpProgram(server)]).toEqual(['', null]);
  });

  test('metrics follow the scaling, and count what was steered', async () => {
    const { server, client } = await buildWire(1);
    const options = `--functions 1232=reverse,1300=echo --metrics ${server.address}:9464`;
    const invoker = serve(server, `--impl afxdp --interface ${server.interface} ${options}`);
    await invoker.line('ready');
    await exchangeAll(client, server, 1300, ['0102']);
    const code = `fetch('http://${server.address}:9464/metrics').then(async (r) => console.log(await r.text()))`;
    const scrape = () => on(client, process.execPath, '-e', code);
    const served = 'invoker_handled_total{implementation="afxdp",thread="1",queue="0",port="1300"} 1';
    const running = (threads: number) => `invoker_threads{implementation="afxdp",queue="0",port="1300"} ${threads}`;
    const before = await scrape();
    expect(before).toContain(served);
    expect(before).toContain(running(1));
    expect(before).toContain('invoker_steered_total{implementation="afxdp",verdict="redirected"} 1');
    invoker.process.stdin?.write('1300 2\n1300 1\n1300 3\n');
    await invoker.line('scaled 1300 to 3');
    const after = await scrape();
    expect(after).toContain(served);
    expect(after).toContain(running(3));
    await end(invoker);
  });

  test('what it cannot have or does not understand is one line, and leaves nothing behind', async () => {
    const { server } = await buildWire(1);
    const holder = serve(server, `--impl recvfrom --metrics ${server.address}:9464`);
    await holder.line('ready');
    const afxdp = `--impl afxdp --interface ${server.interface}`;
    const cases: [string, number, RegExp][] = [
      [
        `${afxdp} --metrics ${server.address}:9464`,
        1,
        /cannot serve metrics at 10\.0\.0\.10:9464, somebody has that port/,
      ],
      [`${afxdp} --queues 2 --threads 2`, 2, /--queues: ivb-srv has 1 RX queue, not 2 \(ethtool -L ivb-srv/],
      [`${afxdp} --port 1300 --copy-mode zerocopy`, 1, /zero-copy is not granted/],
      [`${afxdp} --cpus 999`, 2, /--cpus: this machine has no CPU 999, only \d/],
      [`${afxdp} --batch 2048`, 2, /--batch: 2048 is not a whole number from 1 to 1024/],
      ['--impl afxdp --interface ivb-none --queues 9 --threads 9', 1, /no interface ivb-none/],
      ['--impl recvfrom', 1, /cannot bind UDP port 1232, somebody has it/],
      ['--impl dgram --threads 2', 1, /cannot bind UDP port 1232, somebody has it/],
      ['--impl dgram --address 192.0.2.1', 1, /cannot bind UDP port 1232, no interface has that address/],
      ['--impl recvmmsg --address 192.0.2.1', 1, /cannot bind UDP port 1232, no interface has that address/],
      ['--impl recvmmsg --functions 1=echo,1=echo', 2, /--functions: port 1 has two functions/],
      ['--impl recvmmsg --attach skb', 2, /--attach: recvmmsg has no such setting/],
    ];
    for (const [line, code, message] of cases) {
      const invoker = serve(server, line);
      expect(await invoker.ended(), line).toEqual({ code, signal: null });
      expect(invoker.errors(), line).toMatch(message);
      expect(invoker.errors(), line).toMatch(/^invoker: [^\n]*\n$/);
      expect(invoker.output(), line).toBe('');
      expect(await xdpProgram(server), line).toBeNull();
    }
    await end(holder);
  });
});
