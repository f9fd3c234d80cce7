import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../../harness/bench-command.js';
import { implementationIds } from '../../model/ids.js';
import type { Run } from '../../model/record.js';
import type { CellSummary, Summary } from '../../model/summary.js';
import { faultsInFolder } from '../fakes/json-schema.js';
import { childOf, processes, start } from './process.js';
import { describeAsRoot, isOfHost, namespacesOf } from './wire.js';

let out = '';
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'invoker-bench-'));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

function surroundings(interrupt = new AbortController().signal) {
  const [stdout, stderr] = [new PassThrough().setEncoding('utf8'), new PassThrough().setEncoding('utf8')];
  let [printed, complaints] = ['', ''];
  stdout.on('data', (text: string) => {
    printed += text;
  });
  stderr.on('data', (text: string) => {
    complaints += text;
  });
  return {
    printed: () => printed,
    complaints: () => complaints,
    all: { stdout, stderr, interrupt, environment: {}, privileges: 'root' as const },
  };
}

const quick = ['--duration', '200ms', '--warmup', '100ms', '--repeats', '1', '--seed', '1'];
/** One thread and queue, and several; both ends of the frame sizes; round trips. */
const points = `loads:
  - { load: saturate, sizes: 60, matrix: 1T1Q }
  - { load: saturate, sizes: 1514, matrix: 4T4Q }
  - { load: closed=4, sizes: 800, matrix: 2T2Q }
`;
const readSummary = () => JSON.parse(readFileSync(join(out, 'latest/summary.json'), 'utf8')) as Summary;
const exitCodeOf = (cells: CellSummary[]) => (cells.some(({ verdict }) => verdict === 'invalid') ? 1 : 0);
const readRuns = () =>
  readFileSync(join(out, 'latest/runs.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Run);

describeAsRoot('the bench command', () => {
  test('measures every implementation on the real wire, explains every packet and cleans up', {
    timeout: 300_000,
  }, async () => {
    const { printed, all } = surroundings();
    const scenario = join(out, 'points.yaml');
    writeFileSync(scenario, points);
    const exitCode = await main(
      ['--impls', 'all,dpdk,dpdk-packet,runtimes', '--scenario', scenario, '--timing', '--out', out, ...quick],
      all,
    );
    const { cells } = readSummary();
    expect(new Set(cells.map(({ impl }) => impl))).toEqual(new Set(implementationIds));
    for (const id of implementationIds)
      expect(
        cells.some(({ impl, state }) => impl === id && state === 'completed'),
        id,
      ).toBe(true);
    expect(cells.map(({ id }) => id)).toContain('afxdp-4T4Q-1514-reverse-saturate');
    for (const cell of cells) {
      expect(cell.state === 'completed' || cell.state === 'skipped', `${cell.id}: ${cell.reasons}`).toBe(true);
      if (cell.state === 'skipped') continue;
      // How much CPU time the hypervisor takes is not ours to assert.
      expect(
        cell.reasons.filter((reason) => !isOfHost(reason)),
        cell.id,
      ).toEqual([]);
    }
    expect(exitCode).toBe(exitCodeOf(cells));
    for (const run of readRuns()) {
      if (run.state !== 'completed') continue;
      expect(run.ledger.right, run.cell.id).toBeGreaterThan(0);
      expect(run.ledger.wrong, run.cell.id).toBe(0);
    }
    const latency = cells.filter(({ load, state }) => load === 'closed=4' && state === 'completed');
    expect(latency.length).toBeGreaterThanOrEqual(4);
    for (const { latencyNs } of latency) expect(latencyNs?.p50).toBeGreaterThan(0);
    for (const file of ['report.md', 'throughput.csv', 'latency.csv', 'host.json', 'charts/throughput-live-1T1Q.svg']) {
      expect(existsSync(join(out, 'latest', file)), file).toBe(true);
    }
    expect(faultsInFolder(join(out, 'latest'))).toEqual([]);
    expect(printed()).toMatch(/Set-up and tear-down of a cell, median of \d+ runs/);
    expect(namespacesOf(process.pid)).toEqual([]);
  });

  test('no traffic is a load, too', async () => {
    const { printed, all } = surroundings();
    const argv = ['--sizes', '200', '--impls', 'afxdp', '--load', 'none', '--out', out, '--json'];
    const exitCode = await main([...argv, '--duration', '1s', '--warmup', '0', '--repeats', '1'], all);
    const { cells } = readSummary();
    expect(JSON.parse(printed())).toEqual(readSummary());
    expect(exitCode).toBe(exitCodeOf(cells));
    expect(cells).toMatchObject([{ state: 'completed', repliesPerSecond: null }]);
    expect(cells[0]?.reasons.filter((reason) => !isOfHost(reason))).toEqual([]);
  });

  test('a longer measure phase is told in pieces of a second: what came back, and what the host did', async () => {
    const { all, complaints } = surroundings();
    const loads = ['--load', 'closed=4', '--load', 'rate=2k'];
    const argv = ['--sizes', '200', '--impls', 'recvmmsg', ...loads, '--out', out];
    argv.push('--duration', '2.8s', '--warmup', '100ms', '--repeats', '1', '--seed', '1');
    await main(argv, all);
    expect(faultsInFolder(join(out, 'latest'))).toEqual([]);
    for (const run of readRuns()) {
      expect(run, complaints()).toMatchObject({ state: 'completed' });
      if (run.state !== 'completed') continue;
      const { roundTrips, hosts } = run.timeline;
      const sum = (histogram: [number, number][]) => histogram.reduce((all, [, count]) => all + count, 0);
      expect(roundTrips.length, run.cell.id).toBeGreaterThanOrEqual(2);
      // Those that came after the window are in the whole alone.
      const inPieces = roundTrips.reduce((all, { histogram }) => all + sum(histogram), 0);
      expect(inPieces).toBeGreaterThan(0.8 * sum(run.histogram));
      expect(inPieces).toBeLessThanOrEqual(sum(run.histogram));
      expect(hosts.length).toBeGreaterThanOrEqual(2);
      expect(new Set(hosts.map(({ host }) => host))).toEqual(new Set(['one']));
      const { generatorCpus } = run.cell.placement.clients[0] as { generatorCpus: number[] };
      for (const { cpu } of hosts) expect(cpu.map((time) => time.cpu)).toEqual(expect.arrayContaining(generatorCpus));
    }
  });

  test('an interrupt keeps what was measured', async () => {
    const interrupt = new AbortController();
    const { all } = surroundings(interrupt.signal);
    // After the first run, not while the generator's ceilings are measured.
    all.stderr.on('data', (text: string) => {
      if (text.startsWith('[')) interrupt.abort(new Error('interrupted'));
    });
    const argv = ['--sizes', '200', '--impls', 'recvfrom,afxdp', '--load', 'saturate', '--out', out, ...quick];
    expect(await main(argv, all)).toBe(130);
    expect(readRuns()).toHaveLength(1);
    expect(existsSync(join(out, 'latest/report.md'))).toBe(true);
    expect(namespacesOf(process.pid)).toEqual([]);
  });

  test('an invoker that is killed makes a failed run, and the next one starts clean', async () => {
    const { all } = surroundings();
    const argv = ['--sizes', '200', '--impls', 'recvfrom,recvmmsg', '--load', 'saturate', '--out', out, ...quick];
    const ending = main(argv, all);
    process.kill(await childOf(process.pid, 'dist/impls/main.js --session'), 'SIGKILL');
    expect(await ending).toBe(1);
    expect(
      readRuns()
        .map(({ state }) => state)
        .sort(),
    ).toEqual(['completed', 'failed']);
    const failed = readRuns().find((run) => run.state === 'failed');
    expect(failed?.state === 'failed' && failed.error).toMatchObject({
      code: 'CHILD_ENDED',
      message: /signal SIGKILL/,
    });
    expect(faultsInFolder(join(out, 'latest'))).toEqual([]);
    expect(namespacesOf(process.pid)).toEqual([]);
  });

  test('a harness that is killed takes its children along; --clean removes its wire', async () => {
    const argv = ['--sizes', '200', '--impls', 'recvfrom', '--load', 'capacity', '--out', out, '--duration', '20s'];
    const bench = start(null, 'harness/main.js', argv);
    const children = [
      await childOf(bench.process.pid ?? 0, 'dist/impls/main.js --session'),
      await childOf(bench.process.pid ?? 0, 'dist/loadgen/main.js --session'),
    ];
    await sleep(2000); // In the middle of the load, which would go on for half a minute.
    bench.process.kill('SIGKILL');
    await bench.ended();
    const left = namespacesOf(bench.process.pid ?? 0);
    expect(left).toHaveLength(2);
    // They end by themselves: the test's time limit is the bound.
    while (processes().some(({ pid }) => children.includes(pid))) await sleep(20);
    const { printed, all } = surroundings();
    expect(await main(['--clean'], all)).toBe(0);
    for (const name of left) expect(printed()).toContain(name);
    expect(namespacesOf(bench.process.pid ?? 0)).toEqual([]);
  });

  test('a second signal ends the harness at once, without its wire and its children', async () => {
    const argv = ['--sizes', '200', '--impls', 'recvfrom', '--load', 'rate=1k', '--out', out, '--duration', '20s'];
    const bench = start(null, 'harness/main.js', argv);
    const pid = bench.process.pid ?? 0;
    const invoker = await childOf(pid, 'dist/impls/main.js --session');
    // It cannot leave when it is asked to.
    process.kill(invoker, 'SIGSTOP');
    bench.process.kill('SIGINT');
    await sleep(1100);
    bench.process.kill('SIGINT');
    expect(await bench.ended()).toEqual({ code: 130, signal: null });
    expect(namespacesOf(pid)).toEqual([]);
    while (processes().some((process) => process.pid === invoker)) await sleep(20);
  });

  test('a second benchmark on the machine is refused, and names the first', async () => {
    const argv = ['--sizes', '200', '--impls', 'recvfrom', '--load', 'rate=1k', '--out', out, '--duration', '20s'];
    const first = start(null, 'harness/main.js', argv);
    await childOf(first.process.pid ?? 0, 'dist/loadgen/main.js --session');
    const { all, complaints } = surroundings();
    expect(await main(argv, all)).toBe(1);
    expect(complaints()).toMatch(
      new RegExp(
        `^invoker-bench: another benchmark runs: process ${first.process.pid} since .*, npm run bench -- --sizes`,
      ),
    );
    first.process.kill('SIGINT');
    const waited = surroundings();
    const short = ['--sizes', '200', '--impls', 'recvfrom', '--load', 'rate=1k', '--out', out, ...quick];
    const exitCode = await main([...short, '--wait'], waited.all);
    expect(exitCode).toBe(exitCodeOf(readSummary().cells));
    expect(waited.complaints()).toMatch(/^Waiting for another benchmark: process /);
    expect((await first.ended()).code).toBe(130);
  });
});
