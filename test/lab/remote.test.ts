import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import type { LiveState } from '../../harness/live/live-run.js';
import type { CompletedRun, Run } from '../../model/record.js';
import { temporaryFolder } from '../fakes/folder.js';
import { patience } from '../fakes/patience.js';
import { guestHosts, lackForHosts, runMs } from './guest-hosts.js';

const lack = lackForHosts();
const title = `two guests as hosts${lack === null ? '' : ` (skipped: ${lack})`}`;

describe.skipIf(lack !== null)(title, { timeout: 2 * runMs }, () => {
  const hosts = guestHosts();
  const bench = (out: string, ...words: string[]) =>
    hosts.start('harness/main.js', ...hosts.place, '--out', out, '--sizes', '200', ...words);
  const runsIn = (out: string) =>
    readFileSync(join(out, 'latest/runs.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Run);

  test.each([
    ['recvmmsg,afxdp', 'closed=2'],
    ['recvmmsg,afxdp', 'rate=200'],
    ['recvmmsg,afxdp', 'saturate'],
    ['afxdp', 'capacity'],
  ])('%s under %s', async (ids, load) => {
    const out = temporaryFolder();
    const bencher = bench(out, '--impls', ids, '--load', load, '--repeats', '1', '--duration', '2s');
    expect(await bencher.ended(), bencher.errors()).toEqual({ code: 0, signal: null });
    const runs = runsIn(out) as CompletedRun[];
    for (const run of runs) {
      expect(run, bencher.errors()).toMatchObject({ state: 'completed' });
      expect(run.granted.wire).toMatch(/^server virtio_net, 1 queues.*; client virtio_net, 1 queues/);
      expect(run.ledger.right).toBeGreaterThan(0);
      // What the placement says of interrupts was done.
      const [irq] = run.cell.placement.irqCpus;
      expect(run.granted['tuning.irqAffinity']).toMatch(new RegExp(`-input\\.0 (\\S+ -> |= )${irq}(,|$)`));
      expect([...new Set(run.cpu.map(({ host }) => host))]).toEqual(['server', 'client']);
    }
    const { cells } = JSON.parse(readFileSync(join(out, 'latest/summary.json'), 'utf8'));
    const said = cells.map(({ id, verdict, reasons }: { id: string; verdict: string; reasons: string[] }) => ({
      ...{ id, verdict, reasons },
    }));
    // Cells stand in the order of the plan, runs in that of chance.
    expect(said).toEqual(
      expect.arrayContaining(runs.map(({ cell }) => ({ id: cell.id, verdict: 'valid', reasons: [] }))),
    );
    expect(said).toHaveLength(runs.length);
    const { host, clientHosts } = JSON.parse(readFileSync(join(out, 'latest/host.json'), 'utf8'));
    expect([host.kernel, clientHosts[0].kernel]).toEqual([hosts.guests.server.release, hosts.guests.client.release]);
  });

  /** What the live page of a run tells, until it ends; the harness and its page are in a network namespace. */
  function readLive(port: number): LiveState[] {
    const script = `for (let page; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      page = await fetch('http://127.0.0.1:${port}/events').catch(() => null);
      if (page === null) continue;
      for await (const chunk of page.body) process.stdout.write(chunk);
      break;
    }`;
    const [file = '', ...words] = [...hosts.enter(), process.execPath, '--input-type=module', '--eval', script];
    const states: LiveState[] = [];
    const { stdout } = execa(file, words, { buffer: false, reject: false, stdin: 'ignore' });
    createInterface({ input: stdout }).on('line', (line) => {
      if (line !== '') states.push(JSON.parse(line.replace(/^data: /, '')));
    });
    return states;
  }

  /** Sets the clock of a guest by so many hours, and later by others. */
  async function jump(name: 'server' | 'client', hours: readonly [number, number]): Promise<void> {
    const set = (by: number) => `date --set=@$(($(date +%s) + ${by * 3600})) +%s`;
    const printed = await hosts.guests[name].run(`date +%s; ${set(hours[0])}; sleep 3; ${set(hours[1])}`);
    const [first = 0, second = 0, third = 0] = printed.split('\n').map(Number);
    expect([second - first, third - second].map((seconds) => Math.round(seconds / 3600))).toEqual(hours);
  }

  const ascends = (values: readonly number[]) => values.every((value, index) => value >= (values[index - 1] ?? 0));
  const negative = /[:,[]-\d/;

  test('where the clocks of both jump by hours in the middle of a cell, it is measured as ever', async ({
    annotate,
  }) => {
    const out = temporaryFolder();
    const cells = ['--impls', 'recvmmsg', '--load', 'closed=2', '--repeats', '2', '--duration', '30s'];
    const bencher = bench(out, ...cells, '--live', '127.0.0.1:8080');
    const states = readLive(8080);
    const now = () => ({ phase: states.at(-1)?.current?.phase, done: states.at(-1)?.runs.done });
    await expect.poll(now, { timeout: runMs, interval: 200 }).toEqual({ phase: 'measure', done: 0 });
    await Promise.all([jump('server', [5, -9]), jump('client', [-7, 11])]);
    expect(now()).toEqual({ phase: 'measure', done: 0 });
    expect(await bencher.ended(), bencher.errors()).toEqual({ code: 0, signal: null });
    await annotate(bencher.errors());

    const runs = runsIn(out) as CompletedRun[];
    expect(runs.map(({ repeat, state }) => [repeat, state])).toEqual([
      [0, 'completed'],
      [1, 'completed'],
    ]);
    for (const { windows, samples, timeline, cpu, histogram } of runs) {
      const measured = windows.filter(({ phase }) => phase === 'measure');
      expect(measured.map(({ beginNs, endNs }) => Math.round((endNs - beginNs) / 30e9))).toEqual([1]);
      for (const of of ['generator', 'invoker'] as const)
        expect(ascends(samples.filter(({ source }) => source === of).map(({ atNs }) => atNs))).toBe(true);
      expect(ascends(timeline.roundTrips.flatMap(({ beginNs, endNs }) => [beginNs, endNs]))).toBe(true);
      for (const { host: _, cpu: __, ...times } of cpu)
        expect(Object.values(times).reduce((sum, ns) => sum + ns, 0)).toBeLessThan(60e9);
      expect(Math.max(...histogram.map(([ns]) => ns))).toBeLessThan(30e9);
    }
    const { cells: judged } = JSON.parse(readFileSync(join(out, 'latest/summary.json'), 'utf8'));
    expect(judged).toMatchObject([{ verdict: 'valid', reasons: [] }]);
    expect(states.at(-1)).toMatchObject({ ended: 'finished', runs: { done: 2 } });
    expect(ascends(states.map(({ secondsSpent }) => secondsSpent))).toBe(true);
    for (const file of ['runs.ndjson', 'summary.json'])
      expect(readFileSync(join(out, 'latest', file), 'utf8')).not.toMatch(negative);
    expect(JSON.stringify(states)).not.toMatch(negative);
  });

  test.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    [
      'the cable that leads to the server is pulled',
      () => hosts.cable('server', 'down'),
      () => hosts.cable('server', 'up'),
    ],
    [
      'sshd of the server is killed',
      () => hosts.guests.server.run("kill -KILL $(ps ax -o pid,args | awk '/sshd: root/ && !/awk/ { print $1 }')"),
      async () => {},
    ],
  ])('where %s, all ends there, and the run goes on when it is back', async (_, lose, mend) => {
    const out = temporaryFolder();
    const bencher = bench(out, '--impls', 'recvmmsg', '--load', 'rate=200', '--repeats', '2', '--duration', '30s');
    await expect.poll(() => hosts.sessions('server'), { timeout: runMs, interval: 1000 }).toBe('1');
    await expect.poll(() => hosts.sessions('client'), { timeout: runMs, interval: 1000 }).toBe('1');
    await sleep(patience(100));
    await lose();
    await expect.poll(() => hosts.sessions('server'), { timeout: patience(1000), interval: 1000 }).toBe('0');
    await expect.poll(() => hosts.sessions('client'), { timeout: patience(1000), interval: 1000 }).toBe('0');
    await mend();
    expect(await bencher.ended(), bencher.errors()).toEqual({ code: 1, signal: null });
    const [first, second] = runsIn(out);
    expect(first).toMatchObject({
      state: 'failed',
      error: { message: expect.stringMatching(/no connection to ivb-/) },
    });
    expect(second, bencher.errors()).toMatchObject({ state: 'completed' });
  });
});
