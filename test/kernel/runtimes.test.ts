import { chmodSync, existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { main } from '../../harness/bench-command.js';
import { abilities } from '../../impls/abilities.js';
import { functionTable } from '../../impls/functions.js';
import { programImplementation } from '../../impls/program.js';
import { implementations } from '../../impls/table.js';
import type { Run } from '../../model/record.js';
import { type Runtime, runtimeIds } from '../../model/runtimes.js';
import { temporaryFolder } from '../fakes/folder.js';
import { optionsOnLoopback, serviceOn } from '../fakes/invoker.js';
import { Captured } from '../fakes/streams.js';
import { freePort, UdpClient } from '../fakes/udp.js';
import { processes } from './process.js';
import { describeAsRoot } from './wire.js';

const badProgram = '../test/fakes/bad-program.mjs';
const row: Runtime = {
  source: badProgram,
  build: null,
  run: 'node {source}',
  brings: 'apt-get install x',
  socket: 'given',
};

/** Starts a program with that fault, or that row. */
const start = async (changes: string | Partial<Runtime>) => {
  const runtime = typeof changes === 'string' ? { ...row, run: `node {source} ${changes}` } : { ...row, ...changes };
  return await programImplementation('python', runtime).start(optionsOnLoopback([serviceOn(await freePort())]));
};

/** No fault here leaves a process behind. */
afterEach(() => expect(processes().filter(({ command }) => command.includes('bad-program.mjs'))).toEqual([]));

describeAsRoot('a program', () => {
  test.each([
    ['dies-at-start', 'PROGRAM_ENDED', 'the python program ended: code 3, last words: no luck today'],
    ['greets', 'PROTOCOL', 'the python program said what it was not asked for: Hello, world'],
  ])('that %s is told when it starts', async (fault, code, message) => {
    await expect(start(fault)).rejects.toMatchObject({ code, message });
  });

  test.each([
    ['chats', 'PROTOCOL', 'the python program said what it was not asked for: served a request'],
    ['counts-rubbish', 'PROTOCOL', 'the python program said what it was not asked for: received=many'],
    ['dies-when-asked', 'PROGRAM_ENDED', 'the python program ended: code 3'],
  ])('that %s is told when it is asked for its counters', async (fault, code, message) => {
    const running = await start(fault);
    await expect(running.readThreads()).rejects.toMatchObject({ code, message });
    await expect(running.stop()).rejects.toMatchObject({ code, message });
  });

  test.each([
    ['stays', 'PROGRAM_STAYS', 'the python program had not ended 1.5 s after it was asked to, and was killed'],
    ['leaves-without-counters', 'PROGRAM_ENDED', 'the python program ended without its last counters: code 0'],
    ['ends-badly', 'PROGRAM_ENDED', 'the python program ended: code 4'],
  ])('that %s is told when it stops', async (fault, code, message) => {
    const running = await start(fault);
    expect((await running.readThreads()).map(({ counters }) => counters.received)).toEqual([0]);
    await expect(running.stop()).rejects.toMatchObject({ code, message });
  });

  test('whose tools are missing is told with what brings them', async () => {
    await expect(start({ run: 'ivb-none {source}' })).rejects.toMatchObject({
      code: 'TOOLCHAIN',
      message: 'python needs ivb-none, which this host does not have (apt-get install x)',
    });
    await expect(start({ run: '{folder}/node_modules/.bin/ivb-none {source}' })).rejects.toMatchObject({
      message: expect.stringMatching(/^python needs runtimes\/node_modules\/\.bin\/ivb-none, which/),
    });
  });

  test('that does not compile is told with the first complaint', async () => {
    const source = join(temporaryFolder(), 'broken.go');
    writeFileSync(source, 'package main\n\nfunc main() {\n\tnothing()\n}\n');
    const build = `go build -o {program} ${source}`;
    await expect(start({ build, run: '{program}' })).rejects.toMatchObject({
      code: 'COMPILE',
      message: expect.stringMatching(/^python does not compile: .*broken\.go:4:2: undefined: nothing$/),
    });
  });

  test('that binds nothing though it should is told', async () => {
    await expect(start({ socket: 'own', run: 'node {source} binds-nothing' })).rejects.toMatchObject({
      code: 'PROTOCOL',
      message: expect.stringMatching(/^the python program is ready and has no socket on UDP port \d+$/),
    });
  });
});

describeAsRoot('a row', () => {
  test.each(runtimeIds)('%s has the room of all others, and its port for itself', async (id) => {
    const port = await freePort();
    const options = optionsOnLoopback([serviceOn(port, 'upper')], { settings: { depthPackets: 256 } });
    const running = await implementations[id].start(options);
    expect(running.granted).toMatchObject({ depthPackets: '256', receiveBufferBytes: String(256 * 4352) });
    for (const other of [id, 'recvmmsg'] as const)
      await expect(implementations[other].start(options)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    const client = await UdpClient.to(port);
    for (const length of [0, 1, 1472])
      expect((await client.ask(Buffer.alloc(length, 'a'))).toString()).toBe('A'.repeat(length));
    client.close();
    const { threads } = await running.stop();
    expect(threads).toEqual([
      { port, queue: 0, state: 'running', counters: expect.objectContaining({ received: 3, handled: 3, replied: 3 }) },
    ]);
  });

  test('is what docs/runtimes.md shows, too', async () => {
    const page = readFileSync(join(packageRoot(), 'docs/runtimes.md'), 'utf8');
    const source = join(temporaryFolder(), 'perl.pl');
    writeFileSync(source, /```perl\n(.*?)```/s.exec(page)?.[1] ?? '');
    const services = await Promise.all(
      abilities.go.functions.map(async (functionId) => serviceOn(await freePort(), functionId)),
    );
    const perl = programImplementation('python', { ...row, run: `perl ${source}` });
    const running = await perl.start(optionsOnLoopback(services));
    for (const { port, functionId } of services) {
      const client = await UdpClient.to(port);
      for (const payload of ['', 'aZ{`9', 'x'.repeat(1000)])
        expect(await client.ask(Buffer.from(payload))).toEqual(functionTable[functionId].run(Buffer.from(payload)));
      client.close();
    }
    const [expand] = services.filter(({ functionId }) => functionId === 'expand');
    const client = await UdpClient.to(expand?.port ?? 0);
    await client.tell(Buffer.alloc(1473));
    expect(await client.ask(Buffer.from('ab'))).toEqual(Buffer.from('abab'));
    client.close();
    const { threads } = await running.stop();
    const of = (received: number, functionFailed: number) =>
      expect.objectContaining({ received, replied: received - functionFailed, functionFailed, refusedSource: 0 });
    expect(threads.map(({ counters }) => counters)).toEqual(
      services.map(({ functionId }) => (functionId === 'expand' ? of(5, 1) : of(3, 0))),
    );
  });

  test('is compiled again where its source is newer', async () => {
    const program = join(packageRoot(), 'build/runtimes/go');
    const run = async () => (await implementations.go.start(optionsOnLoopback([serviceOn(await freePort())]))).stop();
    await run();
    utimesSync(program, 1, 1);
    await run();
    expect(existsSync(program)).toBe(true);
  });
});

describeAsRoot('the bench command', () => {
  /** One python that is no python, before all others. */
  function replacePython(words: string): void {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'python3'), `#!/bin/sh\n${words}\n`);
    chmodSync(join(folder, 'python3'), 0o755);
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  }
  afterEach(() => vi.unstubAllEnvs());

  test.each([
    [
      'answers wrong',
      `exec node ${join(packageRoot(), 'test/fakes/bad-program.mjs')} sound`,
      'PROBE',
      /other content than the function gives/,
    ],
    ['dies', 'echo no luck >&2; exit 3', 'PROGRAM_ENDED', /ended: code 3, last words: no luck$/],
  ])('names a runtime that %s, and goes on', async (_, words, code, message) => {
    const out = temporaryFolder();
    replacePython(words);
    const [stdout, stderr] = [new Captured(), new Captured()];
    const { signal } = new AbortController();
    const argv = ['--impls', 'python,recvfrom', '--sizes', '200', '--load', 'closed=1', '--repeats', '1', '--out', out];
    const surroundings = { stdout, stderr, interrupt: signal, environment: {}, privileges: 'root' as const };
    const exitCode = await main([...argv, '--duration', '200ms', '--warmup', '0'], surroundings);
    expect(exitCode).toBe(1);
    const runs = readFileSync(join(out, 'latest/runs.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Run);
    const outcomes = Object.fromEntries(runs.map((run) => [run.cell.implementation, run]));
    expect(outcomes.recvfrom?.state).toBe('completed');
    expect(outcomes.python).toMatchObject({
      state: 'failed',
      error: { code, message: expect.stringMatching(message) },
    });
  });
});
