import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { InvokerOptions } from '../../../impls/invoker.js';
import type { Announcement } from '../../../impls/stand-alone/announcer.js';
import { main } from '../../../impls/stand-alone/command.js';
import { implementations } from '../../../impls/table.js';
import { FakeInvoker, threadOf } from '../../fakes/running.js';
import { Captured } from '../../fakes/streams.js';

/** A stream that fails every write. */
class Broken extends Writable {
  constructor(readonly code: string) {
    super();
  }
  override _write(_chunk: unknown, _encoding: string, done: (error: Error) => void): void {
    done(Object.assign(new Error(`write ${this.code}`), { code: this.code }));
  }
}

/** The stand-alone invoker over a fake one on afxdp. */
function run(line: string, { stdout = new Captured() as Writable, invoker = new FakeInvoker(threadOf({})) } = {}) {
  const [stdin, stderr, signals] = [new PassThrough(), new Captured(), new EventEmitter()];
  const started: InvokerOptions[] = [];
  const start = async (options: InvokerOptions) => {
    if (invoker.fault) throw invoker.fault;
    started.push(options);
    return invoker;
  };
  const ended = main(line.split(' '), {
    ...{ stdin, stdout, stderr, signals },
    host: {
      readText: () => '0-3\n',
      queueCounts: () => ({ rx: 4, tx: 4 }),
      linkState: async (name) => ({ interface: name, state: 'up', bridge: null }),
    },
    implementations: { ...implementations, afxdp: { ...implementations.afxdp, start } },
  });
  return { stdin, stdout: stdout as Captured, stderr, signals, invoker, started, ended };
}

const serve = '--impl afxdp --interface eth0';
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const messages = ({ lines }: Captured) => lines.map((line) => JSON.parse(line) as Announcement);

describe('the stand-alone invoker', () => {
  it.each(['SIGINT', 'SIGTERM'])('serves until %s, with the totals last', async (signal) => {
    const { stdout, stderr, signals, invoker, started, ended } = run(`${serve} --batch 8`, {
      invoker: new FakeInvoker(threadOf({ received: 3 })),
    });
    await until(() => stdout.lines.length > 0);
    expect(stdout.lines).toEqual([expect.stringMatching(/^ready afxdp 1T1Q reverse on eth0 UDP 1232 attach=native/)]);
    expect(started).toEqual([expect.objectContaining({ interface: 'eth0', settings: { batch: 8 } })]);
    signals.emit(signal);
    expect(await ended).toBe(0);
    expect(stdout.lines.slice(1)).toEqual(['{"threads":[{"received":3}],"shared":{}}']);
    expect([invoker.asked, stderr.text]).toEqual([['stop'], '']);
  });

  it('says everything as JSON', async () => {
    const { stdout, stdin, signals, ended } = run(`${serve} --json --stats`);
    stdin.write('scale 1232 2\n');
    await until(() => stdout.text.includes('"stats"'));
    signals.emit('SIGTERM');
    expect(await ended).toBe(0);
    const thread = { port: 1232, queue: 0, state: 'running', counters: {} };
    expect(messages(stdout)).toEqual([
      {
        ...{ type: 'ready', implementation: 'afxdp', interface: 'eth0', address: '', queues: 1 },
        ...{ services: [{ port: 1232, functionId: 'reverse', threadsPerQueue: 1 }], granted: { attach: 'native' } },
        pid: process.pid,
      },
      { type: 'scaled', port: 1232, threadsPerQueue: 2 },
      {
        ...{ type: 'stats', atNs: expect.any(Number), intervalNs: expect.any(Number) },
        rates: { received: 0, handled: 0, replied: 0, dropped: {} },
        ...{ threads: [thread, thread], shared: {} },
      },
      { type: 'totals', threads: [thread, thread], shared: {} },
    ]);
  });

  it('prints what it is asked for and nothing is touched', async () => {
    const { stdout, started, ended } = run('--help');
    expect(await ended).toBe(0);
    expect(stdout.text).toMatch(/^Usage: /);
    expect(started).toEqual([]);
  });

  it.each([
    ['--impl afxdp', 2, /^invoker: --interface: afxdp needs one\n$/],
    [`${serve} --cpus 4`, 2, /^invoker: --cpus: this machine has no CPU 4, only 0-3\n$/],
    [`${serve} --queues 5 --threads 5`, 2, /^invoker: --queues: eth0 has 4 RX queues, not 5 .*\n$/],
    [`${serve} --metrics 192.0.2.1:9`, 1, /^invoker: cannot serve metrics at 192.0.2.1:9, .*\n$/],
  ])('%s ends with %i and one line, and starts nothing', async (line, code, message) => {
    const { stdout, stderr, started, ended } = run(line);
    expect(await ended).toBe(code);
    expect([stdout.text, started]).toEqual(['', []]);
    expect(stderr.text).toMatch(message);
  });

  it('that cannot start says why', async () => {
    const invoker = new FakeInvoker();
    invoker.fault = new Error('cannot attach\nan XDP program');
    const { stdout, stderr, ended } = run(serve, { invoker });
    expect(await ended).toBe(1);
    expect([stdout.text, stderr.text]).toEqual(['', 'invoker: cannot attach an XDP program\n']);
  });

  it('serves metrics until it stops', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await until(() => probe.listening);
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const { stdout, signals, ended } = run(`${serve} --metrics 127.0.0.1:${port}`);
    await until(() => stdout.lines.length > 0);
    const url = `http://127.0.0.1:${port}/metrics`;
    expect(await (await fetch(url)).text()).toContain(
      'invoker_threads{implementation="afxdp",queue="0",port="1232"} 1',
    );
    signals.emit('SIGINT');
    expect(await ended).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });
});

describe('threads', () => {
  it('are scaled by signals and by lines, also by those that came before the start', async () => {
    const { stdin, stdout, stderr, signals, invoker, ended } = run(serve);
    signals.emit('SIGUSR1');
    stdin.write('scale 1232 4\nnonsense\nscale 1232 5\n');
    await until(() => stdout.lines.length === 3);
    signals.emit('SIGUSR2');
    await until(() => stdout.lines.length === 4);
    stdin.end('1232 1'); // without a line break, and the end of it all is not the end of the service
    await until(() => stdout.lines.length === 5);
    expect(stdout.lines.slice(1)).toEqual(
      [2, 4, 3].map((n) => `scaled 1232 to ${n} threads a queue`).concat('scaled 1232 to 1 thread a queue'),
    );
    expect(stderr.lines).toEqual([
      'invoker: cannot obey nonsense: write scale PORT THREADS, such as scale 1232 3',
      'invoker: cannot scale port 1232 to 5: at most 4 threads a queue (see --max-threads)',
    ]);
    signals.emit('SIGTERM');
    expect(await ended).toBe(0);
    expect(invoker.asked.at(-1)).toBe('stop');
  });

  it('that die end it with their cause', async () => {
    const { stdout, stderr, invoker, ended } = run(serve);
    await until(() => stdout.lines.length > 0);
    invoker.fault = new Error('eth0 is gone');
    expect(await ended).toBe(1);
    expect([stderr.text, invoker.asked, stdout.lines.length]).toEqual(['invoker: eth0 is gone\n', ['stop'], 1]);
  });
});

describe('a second signal', () => {
  it('ends a stop that takes long', async () => {
    const invoker = new FakeInvoker();
    const { stdout, signals, ended } = run(serve, { invoker });
    await until(() => stdout.lines.length > 0);
    invoker.patience = new Promise(() => {});
    signals.emit('SIGTERM');
    signals.emit('SIGINT');
    expect(await ended).toBe(130);
  });

  it("does not cut short a stop that goes well: npm passes the terminal's own on", async () => {
    const { stdout, signals, ended } = run(serve);
    await until(() => stdout.lines.length > 0);
    signals.emit('SIGINT');
    signals.emit('SIGINT');
    expect(await ended).toBe(0);
    expect(stdout.lines.at(-1)).toMatch(/^{"threads"/);
  });
});

describe('an output', () => {
  it('whose reader has left ends it like a signal', async () => {
    const { stderr, invoker, ended } = run(serve, { stdout: new Broken('EPIPE') });
    expect(await ended).toBe(0);
    expect([stderr.text, invoker.asked]).toEqual(['', ['stop']]);
  });

  it('that takes no more ends it with the cause', async () => {
    const { stderr, invoker, ended } = run(serve, { stdout: new Broken('ENOSPC') });
    expect(await ended).toBe(1);
    expect([stderr.text, invoker.asked]).toEqual(['invoker: cannot write the output: ENOSPC\n', ['stop']]);
  });

  it('that is slow misses lines of statistics, not the totals', async () => {
    const stdout = new Captured();
    Object.defineProperty(stdout, 'writableNeedDrain', { value: true });
    const { signals, ended } = run(`${serve} --stats`, { stdout });
    await new Promise((resolve) => setTimeout(resolve, 1200));
    signals.emit('SIGINT');
    expect(await ended).toBe(0);
    expect(stdout.lines.map((line) => line.slice(0, 5))).toEqual(['ready', '{"thr']);
  });
});
