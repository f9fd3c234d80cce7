import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import type { LiveState } from '../../harness/live/live-run.js';
import { freePort, type LiveReader, readLive } from '../fakes/live-reader.js';
import { screenOf } from '../fakes/screen.js';
import { type Running, start } from './process.js';
import { describeAsRoot, namespacesOf } from './wire.js';

let out = '';
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'invoker-bench-'));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

const question = () => [
  '--sizes',
  '200',
  '--impls',
  'recvmmsg',
  '--load',
  'closed=4',
  '--warmup',
  '100ms',
  '--out',
  out,
];
const columns = 100;

/** Of a benchmark that was just started, as soon as it listens. */
async function reader(port: number, bench: Running): Promise<LiveReader> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
    if (answer?.ok) return readLive(port);
    if (bench.process.exitCode !== null) throw new Error(`it ended before it listened: ${bench.errors()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function until(live: LiveReader, holds: (state: LiveState) => boolean): Promise<LiveState> {
  for (;;) {
    const state = await live.next();
    if (holds(state)) return state;
  }
}

describeAsRoot('--live', () => {
  test('tells a run as it goes, whoever leaves, and ends with it', async () => {
    const port = await freePort();
    const live = ['--live', `127.0.0.1:${port}`, '--duration', '2s', '--repeats', '2'];
    const bench = start(null, 'harness/main.js', [...question(), ...live]);
    const [first, other] = [await reader(port, bench), await reader(port, bench)];
    const measured = await until(first, ({ current, traces }) => {
      return current?.phase === 'measure' && traces.roundTrips.length > 0;
    });
    expect(measured).toMatchObject({
      scenario: 'default',
      ended: null,
      current: { kind: 'cell', name: 'recvmmsg-1T1Q-200-reverse-closed=4', implementation: 'recvmmsg', repeats: 2 },
      runs: { planned: 2 },
      matrix: {
        groups: [{ load: 'closed=4', point: '1T1Q', sizes: [200] }],
        rows: [{ name: 'recvmmsg', cells: ['>'] }],
      },
    });
    expect(measured.traces.repliesPerSecond.some((rate) => rate !== null && rate > 0)).toBe(true);
    expect(measured.traces.roundTrips.at(-1)?.p50).toBeGreaterThan(0);
    first.leave();

    await until(other, ({ runs }) => runs.done === 1);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toMatch(/^invoker_bench_runs_total 1$/m);
    expect(metrics).toMatch(/^invoker_bench_replied_total\{implementation="recvmmsg"\} [1-9]\d*$/m);
    expect(metrics).toMatch(/^invoker_bench_handled_total\{implementation="recvmmsg"\} [1-9]\d*$/m);
    expect(metrics).toMatch(
      /^invoker_bench_cpu_ratio\{host="one",cpu="\d+",busy="(invoker|generator|both)",mode="system"\}/m,
    );
    for (const line of metrics.split('\n').filter((text) => text !== ''))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? -?[\d.e+-]+)$/);

    await other.over;
    expect(other.events.at(-1)).toMatchObject({ ended: 'finished', runs: { done: 2, planned: 2 }, secondsLeft: 0 });
    // How much CPU time others took is not ours to assert.
    expect([0, 1]).toContain((await bench.ended()).code);
    expect(bench.errors()).toMatch(/^\[2\/2\] recvmmsg/m);
  });

  test('an address that somebody has ends it before anything is touched', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = (server.address() as { port: number }).port;
    const bench = start(null, 'harness/main.js', [...question(), '--live', `127.0.0.1:${port}`]);
    expect(await bench.ended()).toEqual({ code: 1, signal: null });
    expect(bench.errors()).toBe(`invoker-bench: --live: 127.0.0.1:${port} is in use (see ss -ltnp)\n`);
    expect(readdirSync(out)).toEqual([]);
    server.close();
  });
});

/** A benchmark on a terminal, and all that it wrote there. */
function onTerminal(args: string[], environment: Record<string, string> = {}) {
  const words = [process.execPath, join(packageRoot(), 'dist/harness/main.js'), ...args].map((word) => `'${word}'`);
  const command = `stty cols ${columns} rows 30; exec ${words.join(' ')}`;
  const { CI: _, ...others } = process.env;
  const terminal = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...others, TERM: 'xterm', ...environment },
  });
  let text = '';
  let wake = () => {};
  terminal.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    wake();
  });
  return {
    ended: once(terminal, 'close').then(([code]) => code as number),
    text: () => text,
    type: (keys: string) => terminal.stdin.write(keys),
    async shows(pattern: RegExp) {
      while (!pattern.test(text))
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
  };
}

describeAsRoot('on a terminal', () => {
  test('a run is drawn in its place, and leaves its tables alone', async () => {
    const terminal = onTerminal([...question(), '--duration', '1s', '--repeats', '1']);
    expect([0, 1]).toContain(await terminal.ended);
    expect(terminal.text()).toMatch(/0\/1 runs, \d+ s left/);
    expect(terminal.text()).toContain('replies/s');
    const { lines } = screenOf(terminal.text(), columns);
    const shown = lines.join('\n');
    expect(shown).not.toMatch(/░|\d s left/);
    expect(shown).toMatch(/^Run \d+-\d+-\w+, scenario default, /m);
    expect(shown).toMatch(/Records, tables and charts: /);
  });

  test('Ctrl-C takes the view away and keeps what was measured', async () => {
    const terminal = onTerminal([...question(), '--duration', '3s', '--repeats', '20']);
    await terminal.shows(/1\/20 runs[\s\S]*measure/);
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(130);
    const { lines, column } = screenOf(terminal.text(), columns);
    expect(lines.join('\n')).not.toMatch(/░|\d s left/);
    expect(lines.join('\n')).toMatch(/^invoker-bench: interrupted; what was measured is in /m);
    expect(column).toBe(0);
    expect(terminal.text()).not.toContain('\u001b[?25l');
    expect(namespacesOf(process.pid)).toEqual([]);
  });

  test.each([
    ['CI', 'true'],
    ['TERM', 'dumb'],
  ])('%s=%s: plain lines', async (name, value) => {
    const terminal = onTerminal([...question(), '--duration', '200ms', '--repeats', '1'], { [name]: value });
    expect([0, 1]).toContain(await terminal.ended);
    expect(terminal.text()).toMatch(/^\[1\/1\] recvmmsg-1T1Q-200-reverse-closed=4: /m);
    expect(terminal.text()).not.toMatch(/\d\/1 runs/);
  });
});
