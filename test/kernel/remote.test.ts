import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineLock } from '../../common/process/lock.js';
import { packageRoot } from '../../common/process/paths.js';
import { readAttempt } from '../../harness/store/attempt.js';
import type { CompletedRun, Prologue } from '../../model/record.js';
import { type FarHosts, farHosts } from '../fakes/far-hosts.js';
import { temporaryFolder } from '../fakes/folder.js';
import { runsIn } from './cards.js';
import { processes, type Running, start } from './process.js';
import { describeAsRoot, isOfHost, on, xdpProgram } from './wire.js';

const lockHolder = fileURLToPath(new URL('../fakes/lock-holder.mjs', import.meta.url));

/** Those that a process may run on. */
const cpusOf = (pid: number) => /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];

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
  /** What of this tree runs on the hosts, as they see it. */
  const running = () => processes().filter(({ command }) => session.test(command));
  const session = new RegExp(`${packageRoot()}/dist/(impls|loadgen)/main\\.js --session`);

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
    expect([host.host.kernel, host.clientHosts[0]?.kernel]).toEqual([host.host.kernel, host.host.kernel]);
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

  test('what a host is reached by stays on the CPU of the harness there, and is none of the others', async () => {
    const out = temporaryFolder();
    const bencher = await serving(out);
    // On this machine, the near ends and ssh name the scripts, too.
    const far = () =>
      processes().filter(({ command }) => /^\S*node \S*(tether-main\.js far|agent-main\.js)/.test(command));
    // Of each host an agent, its tether, and that of invoker or generator, which comes last.
    await expect.poll(far, { timeout: 20_000 }).toHaveLength(6);
    const allowed = far().map(({ pid }) => cpusOf(pid));
    bencher.process.kill('SIGINT');
    await bencher.ended();
    const [{ cell: planned }] = JSON.parse(readFileSync(join(out, 'latest/host.json'), 'utf8')).plan;
    const { housekeepingCpu, clients } = planned.placement;
    expect([...new Set(allowed)].sort()).toEqual(
      [...new Set([housekeepingCpu, clients[0].housekeepingCpu])].map(String).sort(),
    );
  });

  const lost = /no connection to ivb-server any more/;

  async function expectNothingLeft(): Promise<void> {
    await expect.poll(running, { timeout: 20_000, interval: 100 }).toEqual([]);
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
      // The next run begins meanwhile, and seeks the host for longer than an attempt of ssh takes.
      await sleep(10_000);
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

  test('an interrupt ends the search for a host that is gone, and the run that sought it leaves no record', async () => {
    const out = temporaryFolder();
    const bencher = await serving(out);
    await hosts.ip('link', 'set', 'to-server', 'down');
    try {
      await expect.poll(async () => (await readAttempt(join(out, 'latest')))?.repeat, { timeout: 20_000 }).toBe(1);
      await sleep(1000);
      bencher.process.kill('SIGINT');
      // Left alone, it would go on for half a minute.
      await expect.poll(() => bencher.process.exitCode, { timeout: 15_000 }).toBe(130);
      await expectNothingLeft();
    } finally {
      await hosts.ip('link', 'set', 'to-server', 'up');
    }
    expect(runsIn(out)).toMatchObject([{ state: 'failed', error: { message: expect.stringMatching(lost) } }]);
  });

  test('what changed on a host during a cell stops the run, and is named', async () => {
    const out = temporaryFolder();
    const bencher = await serving(out);
    const { server } = hosts.sites;
    await on(server, 'ip', 'link', 'set', server.interface, 'mtu', '1400');
    try {
      expect((await bencher.ended()).code).toBe(1);
    } finally {
      await on(server, 'ip', 'link', 'set', server.interface, 'mtu', '1500');
    }
    const line =
      /^invoker-bench: while run 1 of 2 \(recvmmsg-1T1Q-200-reverse-rate=2000\) ran, it or others changed: ivb-server: MTU of ens4 1500 -> 1400$/m;
    expect(bencher.errors()).toMatch(line);
    expect(runsIn(out)).toHaveLength(1);
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

  test('where the disk of the server is full, nothing is set there, and the cell says so', async () => {
    const out = temporaryFolder();
    const look = () => on(hosts.sites.server, 'ethtool', '-k', 'ens4');
    const before = await look();
    const folder = '/var/lib/invoker-bench';
    await hosts.within('server', 'sh', '-c', `mkdir -p ${folder} && mount -t tmpfs -o size=4k none ${folder}`);
    try {
      await hosts.within('server', 'sh', '-c', `head -c 4096 /dev/zero > ${folder}/full`);
      await bench(out, [...cell, '--impls', 'recvmmsg', '--load', 'rate=2k', '--axis', 'offloadGro=on']).ended();
    } finally {
      await hosts.within('server', 'umount', folder);
    }
    const message = expect.stringMatching(/^ivb-server: nothing is tuned without a journal: \/var\/lib\/.*: ENOSPC$/);
    expect(runsIn(out)).toMatchObject([{ state: 'failed', error: { code: 'TUNING_JOURNAL', message } }]);
    expect(await look()).toBe(before);
  });

  test('the interface by which the server is reached is not tuned unless it is named twice', async () => {
    const out = join(temporaryFolder(), 'results');
    const words = [...cell, '--impls', 'recvmmsg', '--load', 'rate=2k', '--axis', 'offloadGro=on'];
    const sides = { server: `${hosts.sides.server.replace('ens4', 'cable')}`.replace('10.0.0.10', '10.9.0.2') };
    const refused = bench(out, words, sides);
    expect(await refused.ended()).toMatchObject({ code: 2 });
    expect(refused.errors()).toBe(
      'invoker-bench: --server: cable of ivb-server carries this SSH session: to tune it nevertheless, name it again with' +
        ' in-use=cable\n',
    );
    const told = bench(out, words, { server: `${sides.server},in-use=cable` });
    await told.ended();
    expect(told.errors()).toMatch(
      /^invoker-bench: ivb-server: packets from 10\.9\.0\.2 to 10\.0\.0\.20 leave by ens4, not by cable/,
    );
    expect(existsSync(out)).toBe(false);
  });

  test.each(['server', 'client'] as const)('while another benchmark has the %s, none begins', async (name) => {
    const { enter } = hosts.sites[name];
    const [file = '', ...words] = [...enter, process.execPath, lockHolder, machineLock];
    const holder = spawn(file, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    const bencher = bench(temporaryFolder(), [...cell, '--impls', 'recvmmsg', '--load', 'rate=2k']);
    const { code } = await bencher.ended();
    holder.stdin.end();
    expect(bencher.errors()).toMatch(
      new RegExp(
        `^invoker-bench: ivb-${name}: another benchmark runs: process \\d+ since .*; --wait waits for its end\n$`,
      ),
    );
    expect(code).toBe(1);
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
  ])('%s is told in one line, and nothing is written', async (_, sides, settings, message) => {
    await expectRefusal(message, 1, [], sides, settings);
  });

  /** Of a run that writes nothing. */
  async function expectRefusal(
    message: RegExp,
    code: number,
    words: string[] = [],
    sides: Partial<FarHosts['sides']> = {},
    settings = '',
  ): Promise<void> {
    const out = join(temporaryFolder(), 'results');
    const bencher = bench(out, [...cell, '--impls', 'recvmmsg', '--load', 'rate=2k', ...words], sides, settings);
    const ending = await bencher.ended();
    expect(bencher.errors().trim().split('\n')).toHaveLength(1);
    expect(bencher.errors()).toMatch(message);
    expect([ending.code, existsSync(out)]).toEqual([code, false]);
  }

  test('two ends on one host are none, whatever they are called', async () => {
    const again = 'Host ivb-again\n HostName 10.9.0.2';
    const client = 'ivb-again,if=cable,ip=10.9.0.2';
    await expectRefusal(
      /^invoker-bench: --client: ivb-again is the same host as --server ivb-server/,
      2,
      [],
      { client },
      again,
    );
  });

  test('a CPU that a host does not have is wrong usage', async () => {
    await expectRefusal(/^invoker-bench: ivb-server: --cpus: server: CPU 4000 is not online/, 2, [
      '--cpus',
      'server=4000',
    ]);
  });

  test('a tree of another commit is told', async () => {
    const dir = temporaryFolder();
    for (const name of ['dist', 'native', 'bpf', 'runtimes', 'package.json'])
      cpSync(join(packageRoot(), name), join(dir, name), { recursive: true });
    for (const name of ['node_modules', 'build']) symlinkSync(join(packageRoot(), name), join(dir, name));
    appendFileSync(join(dir, 'dist/harness/far/agent.js'), '// Changed.\n');
    const message = new RegExp(`^invoker-bench: ivb-server has other code in ${dir} than is here: `);
    await expectRefusal(message, 1, [], { server: `ivb-server,if=ens4,ip=10.0.0.10,dir=${dir}` });
  });

  test.each<[string, keyof FarHosts['sites'], string[], string[], RegExp]>([
    [
      'another MTU',
      'client',
      ['link', 'set', 'ens5', 'mtu', '1400'],
      ['link', 'set', 'ens5', 'mtu', '1500'],
      /the MTU is 1500 at the server and 1400 at the client \(ip link/,
    ],
    [
      'the MAC of the other end',
      'client',
      ['link', 'set', 'ens5', 'address', '02:00:00:00:00:10'],
      ['link', 'set', 'ens5', 'address', '02:00:00:00:00:20'],
      /both ends have the MAC 02:00:00:00:00:10 \(ip link set ens5 address/,
    ],
    [
      'a server that the client cannot reach',
      'server',
      ['link', 'set', 'ens4', 'arp', 'off'],
      ['link', 'set', 'ens4', 'arp', 'on'],
      /ivb-client: nobody answers for 10\.0\.0\.10 on ens5/,
    ],
    [
      'another MAC than that of the server',
      'client',
      ['neigh', 'replace', '10.0.0.10', 'lladdr', '02:00:00:00:00:99', 'dev', 'ens5'],
      ['neigh', 'delete', '10.0.0.10', 'dev', 'ens5'],
      /ivb-client: 10\.0\.0\.10 is 02:00:00:00:00:99 on ens5, not 02:00:00:00:00:10 of ivb-server/,
    ],
  ])('%s is told in one line, and nothing is written', async (_, name, spoil, mend, message) => {
    await on(hosts.sites.client, 'ip', 'neigh', 'flush', 'dev', 'ens5');
    await on(hosts.sites[name], 'ip', ...spoil);
    try {
      await expectRefusal(message, 1);
    } finally {
      await on(hosts.sites[name], 'ip', ...mend);
    }
  });

  test('a second card of the client in the same network, by which its packets would leave, is told of', async () => {
    const { client } = hosts.sites;
    await on(client, 'ip', 'link', 'add', 'ens6', 'type', 'veth', 'peer', 'name', 'ens7');
    try {
      for (const name of ['ens6', 'ens7']) await on(client, 'ip', 'link', 'set', name, 'up');
      await on(client, 'ip', 'address', 'add', '10.0.0.21/24', 'dev', 'ens6');
      // The route of the card that got its address first counts.
      await on(client, 'ip', 'address', 'delete', '10.0.0.20/24', 'dev', 'ens5');
      await on(client, 'ip', 'address', 'add', '10.0.0.20/24', 'dev', 'ens5');
      const way = 'packets from 10\\.0\\.0\\.20 to 10\\.0\\.0\\.10 leave by ens6, not by ens5';
      const remedy = 'ip route replace 10\\.0\\.0\\.10/32 dev ens5 src 10\\.0\\.0\\.20';
      await expectRefusal(new RegExp(`^invoker-bench: ivb-client: ${way} \\(${remedy}\\)\n$`), 1);
    } finally {
      await on(client, 'ip', 'link', 'delete', 'ens6');
    }
  });

  test('a host key that has changed is told', async () => {
    const known = join(temporaryFolder(), 'known');
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${known}.key`]);
    const key = readFileSync(`${known}.key.pub`, 'utf8');
    writeFileSync(known, `10.9.0.2 ${key}`);
    const settings = `Host ivb-server\n UserKnownHostsFile ${known}`;
    await expectRefusal(/host key of ivb-server is not the known one/, 1, [], {}, settings);
  });
});
