import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CompletedRun, Prologue, Run } from '../../model/record.js';
import { type FarHosts, farHosts } from '../fakes/far-hosts.js';
import { temporaryFolder } from '../fakes/folder.js';
import { processes, type Running, start } from './process.js';
import { describeAsRoot, isOfHost, on, xdpProgram } from './wire.js';

const cell = ['--sizes', '200', '--duration', '200ms', '--warmup', '100ms', '--repeats', '1', '--seed', '1'];

describeAsRoot('two hosts that are reached by ssh', () => {
  let hosts: FarHosts;
  beforeAll(async () => {
    hosts = await farHosts();
  });
  afterAll(() => hosts?.destroy());

  const bench = (out: string, words: string[], sides: Partial<FarHosts['sides']> = {}, settings = '') => {
    const { server, client } = { ...hosts.sides, ...sides };
    const where = ['--topology', 'remote', '--server', server, '--client', client, '--out', out];
    return start(hosts.harness(settings), 'harness/main.js', [...where, ...words]);
  };
  const runsIn = (out: string) =>
    readFileSync(join(out, 'latest/runs.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Run);
  /** What of this project runs on the hosts, as they see it. */
  const running = () => processes().filter(({ command }) => /dist\/(impls|loadgen)\/main\.js --session/.test(command));

  test.each([
    ['recvmmsg', 'rate=2k'],
    ['afxdp', 'saturate'],
    ['recvfrom', 'closed=2'],
  ])('%s is measured there under %s', async (id, load) => {
    const out = temporaryFolder();
    const bencher = bench(out, [...cell, '--impls', id, '--load', load]);
    await bencher.ended();
    const [run] = runsIn(out) as CompletedRun[];
    expect(run, bencher.errors()).toMatchObject({ state: 'completed', cell: { topology: 'remote' } });
    expect(run?.granted.wire).toMatch(/^server veth, 1 queues.*; client veth, 1 queues/);
    expect([...new Set(run?.cpu.map(({ host }) => host))]).toEqual(['server', 'client']);
    expect(run?.ledger.right).toBeGreaterThan(0);
    expect(run?.ledger.residual).toBe(0);
    const host = JSON.parse(readFileSync(join(out, 'latest/host.json'), 'utf8')) as Prologue;
    expect([host.host.kernel, host.clientHost?.kernel]).toEqual([host.host.kernel, host.host.kernel]);
    const { reasons } = JSON.parse(readFileSync(join(out, 'latest/summary.json'), 'utf8')).cells[0];
    expect(reasons.filter((reason: string) => !isOfHost(reason))).toEqual([]);
    expect(await xdpProgram(hosts.sites.server)).toBeNull();
  });

  /** Starts a long cell of `recvmmsg` and another after it; resolves when the first one's load runs. */
  async function serving(out: string): Promise<Running> {
    const words = ['--sizes', '200', '--impls', 'recvmmsg', '--load', 'rate=2k', '--repeats', '2', '--duration', '6s'];
    const bencher = bench(out, words);
    // The first processes there measure what the generator can send.
    while (!running().some(({ command }) => command.includes('dist/impls/main.js'))) {
      expect(bencher.process.exitCode, bencher.errors()).toBeNull();
      await sleep(20);
    }
    await sleep(500);
    return bencher;
  }

  const lost = /no connection to ivb-server any more/;

  async function expectNothingLeft(): Promise<void> {
    await expect.poll(running, { timeout: 5000, interval: 100 }).toEqual([]);
    await expect.poll(() => xdpProgram(hosts.sites.server), { timeout: 1000 }).toBeNull();
  }

  test('a connection that is killed ends what runs there, and the run goes on over another', async () => {
    const out = temporaryFolder();
    const bencher = await serving(out);
    const master = processes().find(
      ({ command }) => /^ssh .*agent-main\.js/.test(command) && command.includes('ivb-server'),
    );
    process.kill(master?.pid ?? 0, 'SIGKILL');
    await expectNothingLeft();
    await bencher.ended();
    const [first, second] = runsIn(out);
    expect(first).toMatchObject({
      state: 'failed',
      error: { code: 'CHILD_ENDED', message: expect.stringMatching(lost) },
    });
    expect(second, bencher.errors()).toMatchObject({ state: 'completed' });
  });

  test('where the cable to a host is pulled, all ends there and here, with the cause', async () => {
    const out = temporaryFolder();
    const bencher = await serving(out);
    await hosts.ip('link', 'set', 'to-server', 'down');
    try {
      await expectNothingLeft();
    } finally {
      await hosts.ip('link', 'set', 'to-server', 'up');
    }
    await bencher.ended();
    const [first, second] = runsIn(out);
    expect(first).toMatchObject({
      state: 'failed',
      error: { message: expect.stringMatching(lost) },
    });
    expect(second, bencher.errors()).toMatchObject({ state: 'completed' });
  });

  test('an interface with other queues than the cell is not measured', async () => {
    const out = temporaryFolder();
    await bench(out, [...cell, '--impls', 'recvmmsg', '--matrix', '2T2Q', '--load', 'rate=2k']).ended();
    const reason =
      'ivb-server: ens4 has 1 RX queue, the cell is of 2 (--axis channels=2, or ethtool -L ens4 combined 2)';
    expect(runsIn(out)).toMatchObject([{ state: 'skipped', reason }]);
  });

  test('settings of the server are made there, stand in the record and are undone', async () => {
    const out = temporaryFolder();
    const look = () => on(hosts.sites.server, 'ethtool', '-k', 'ens4');
    const before = await look();
    const words = [...cell, '--impls', 'recvmmsg', '--load', 'rate=2k', '--axis', 'offloadGro=on'];
    const bencher = bench(out, words);
    await bencher.ended();
    const [run] = runsIn(out) as CompletedRun[];
    expect(run, bencher.errors()).toMatchObject({ state: 'completed' });
    expect(run?.granted['tuning.offloadGro']).toMatch(/gro off -> gro on|off -> .*on/);
    expect(await look()).toBe(before);
  });

  test('an interface that is down is named', async () => {
    const out = temporaryFolder();
    await on(hosts.sites.server, 'ip', 'link', 'set', 'ens4', 'down');
    const bencher = bench(out, [...cell, '--impls', 'recvmmsg', '--load', 'rate=2k']);
    await bencher.ended();
    await on(hosts.sites.server, 'ip', 'link', 'set', 'ens4', 'up');
    expect(bencher.errors()).toBe('invoker-bench: ivb-server: ens4 is down (ip link set ens4 up)\n');
  });

  test.each<[string, Partial<FarHosts['sides']>, string, RegExp]>([
    ['an unknown host', { server: 'ivb-nobody,if=ens4,ip=10.0.0.10' }, '', /^invoker-bench: no host ivb-nobody \(see /],
    [
      'a folder without the tree',
      { server: 'ivb-server,if=ens4,ip=10.0.0.10,dir=/srv' },
      '',
      /no built invoker-bench in \/srv/,
    ],
    [
      'another host key',
      {},
      'Host ivb-server\n UserKnownHostsFile /dev/null',
      /host key of ivb-server is not the known one/,
    ],
    ['no key', {}, 'Host ivb-server\n PubkeyAuthentication no', /ivb-server takes none of your keys/],
    [
      'no interface',
      { client: 'ivb-client,if=ens9,ip=10.0.0.20' },
      '',
      /^invoker-bench: ivb-client: no interface ens9 in this network namespace: there are cable, ens5, lo/,
    ],
    [
      'another address',
      { client: 'ivb-client,if=ens5,ip=10.0.0.9' },
      '',
      /ivb-client: ens5 does not have 10\.0\.0\.9 \(ip address add/,
    ],
    ['one end twice', { client: 'ivb-server,if=ens4,ip=10.0.0.10' }, '', /both ends are the same interface/],
  ])('%s is told in one line, and nothing is written', async (_, sides, settings, message) => {
    const out = join(temporaryFolder(), 'results');
    const bencher = bench(out, [...cell, '--impls', 'recvmmsg', '--load', 'rate=2k'], sides, settings);
    const { code } = await bencher.ended();
    expect(bencher.errors().trim().split('\n')).toHaveLength(1);
    expect(bencher.errors()).toMatch(message);
    expect([code, existsSync(out)]).toEqual([1, false]);
  });
});
