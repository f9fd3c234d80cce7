import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ownName } from '../../common/wire/owner.js';
import { veth } from '../../common/wire/veth.js';
import type { CompletedRun } from '../../model/record.js';
import { temporaryFolder } from '../fakes/folder.js';
import { faultsInFolder } from '../fakes/json-schema.js';
import { CardHost, type CardState, runsIn } from './cards.js';
import { childOf, type Running, start } from './process.js';
import { describeAsRoot, isOfHost, namespacesOf } from './wire.js';

const cell = ['--sizes', '200', '--duration', '200ms', '--warmup', '100ms', '--repeats', '1', '--seed', '1'];
const ends = ['--server', 'if=ens4', '--client', 'if=ens5'];
const paced = ['--impls', 'recvmmsg', '--load', 'rate=2k'];

describeAsRoot('two interfaces of one host', () => {
  let host: CardHost;
  beforeEach(async () => {
    host = new CardHost();
    await host.build();
  });
  afterEach(() => host.destroy());

  const bench = (out: string, words: string[], environment: string[] = []) => {
    const site = { ...host.site, enter: [...host.site.enter, 'env', ...environment] };
    return start(site, 'harness/main.js', ['--topology', 'nic', '--out', out, ...words]);
  };
  const journals = () => {
    try {
      return readdirSync('/var/lib/invoker-bench/cards');
    } catch {
      return [];
    }
  };

  /** The kernel may tell of a link that is up again up to a second later. */
  async function expectSame(before: CardState[]): Promise<void> {
    await expect.poll(() => host.states(), { timeout: 3000, interval: 100 }).toEqual(before);
  }

  async function expectValid(out: string, bencher: Running): Promise<void> {
    for (const run of runsIn(out) as CompletedRun[]) {
      expect(run, bencher.errors()).toMatchObject({ state: 'completed', cell: { topology: 'nic' } });
      expect(run.granted.wire).toMatch(/^server veth, 1 queues.*; client veth, 1 queues/);
      expect([...new Set(run.cpu.map((time) => time.host))]).toEqual(['one']);
      expect(run.ledger.right).toBeGreaterThan(0);
      expect(run.ledger.residual).toBe(0);
    }
    const { cells } = JSON.parse(readFileSync(join(out, 'latest/summary.json'), 'utf8'));
    const reasons = cells.flatMap((summary: { reasons: string[] }) => summary.reasons);
    expect(reasons.filter((reason: string) => !isOfHost(reason))).toEqual([]);
  }

  /** Starts a long cell; resolves when its load runs. */
  async function serving(out: string, more: string[] = []): Promise<{ bencher: Running; invoker: number }> {
    const words = [...ends, ...paced, '--sizes', '200', '--repeats', '1', '--duration', '20s', ...more];
    const bencher = bench(out, words);
    const invoker = await childOf(bencher.process.pid ?? 0, 'dist/impls/main.js');
    await sleep(500);
    await expect(host.ip('link show dev ens4')).rejects.toThrow();
    return { bencher, invoker };
  }

  test('are measured, and are afterwards what they were', async () => {
    const [out, before, kept] = [temporaryFolder(), await host.states(), journals()];
    const words = ['--impls', 'recvmmsg,afxdp', '--load', 'rate=2k,saturate,closed=2'];
    const bencher = bench(out, [...ends, ...cell, ...words]);
    await bencher.ended();
    await expectValid(out, bencher);
    expect(runsIn(out)).toHaveLength(6);
    expect(faultsInFolder(join(out, 'latest'))).toEqual([]);
    await expectSame(before);
    expect([namespacesOf(bencher.process.pid ?? 0), journals()]).toEqual([[], kept]);
  });

  test.each([
    ['server', 'ens4'],
    ['client', 'ens5'],
  ])('stop the run where others steer the one of the %s otherwise meanwhile', async (_, name) => {
    const [out, before] = [temporaryFolder(), await host.states()];
    const bencher = bench(out, [
      ...ends,
      ...paced,
      '--sizes',
      '200',
      '--duration',
      '200ms',
      '--warmup',
      '0',
      '--repeats',
      '9',
    ]);
    await expect.poll(() => bencher.errors(), { timeout: 60_000 }).toMatch(/^\[1\/9\]/m);
    const file = `/sys/class/net/${name}/queues/rx-0/rps_cpus`;
    const [space = ''] = namespacesOf(bencher.process.pid ?? 0).filter((own) =>
      own.endsWith(name === 'ens4' ? 'srv' : 'cli'),
    );
    const inside = ['nsenter', `--net=/run/netns/${space}`, 'unshare', '--mount', 'sh', '-c'];
    const [program = '', ...words] = [...inside, `mount -t sysfs sysfs /sys && echo 1 >${file}`];
    await execa(program, words);
    const { code } = await bencher.ended();
    expect(bencher.errors()).toContain(` ran, it or others changed: rps (${file}) of ${name} off -> 0\n`);
    expect(code).toBe(1);
    expect(runsIn(out).length).toBeLessThan(9);
    await host.run('sh', '-c', `echo 0 >${file}`);
    await expectSame(before);
  });

  test('that are down are down again', async () => {
    await host.ip('link set ens4 down');
    await host.ip('link set ens5 down');
    const [out, before] = [temporaryFolder(), await host.states()];
    const bencher = bench(out, [...ends, ...cell, ...paced]);
    await bencher.ended();
    await expectValid(out, bencher);
    await expectSame(before);
  });

  test('are brought back by --clean after a SIGKILL, and by nothing that would take them along', async () => {
    const before = await host.states();
    const { bencher } = await serving(temporaryFolder());
    bencher.process.kill('SIGKILL');
    await bencher.ended();
    await veth.clean();
    const clean = start(host.site, 'harness/main.js', ['--clean']);
    await clean.ended();
    expect([clean.errors(), clean.output()]).toEqual(['', expect.stringContaining('ens4 and ens5 are moved back.\n')]);
    await expectSame(before);
    expect(namespacesOf(bencher.process.pid ?? 0)).toEqual([]);
  });

  test('are brought back by the next run after a SIGKILL, with the settings of the one that was killed', async () => {
    const [out, before] = [temporaryFolder(), await host.states()];
    const { bencher: killed } = await serving(out, ['--axis', 'offloadGro=on']);
    killed.process.kill('SIGKILL');
    await killed.ended();
    const next = bench(out, [...ends, ...cell, ...paced]);
    await next.ended();
    expect(next.errors()).toContain('left by a killed run: ens4 and ens5 are moved back\n');
    await expectValid(out, next);
    await expectSame(before);
  });

  test('are brought back at once by a second Ctrl-C, and --clean undoes their settings', async () => {
    const [before, offloads] = [await host.states(), ['--axis', 'offloadGro=on']];
    const { bencher, invoker } = await serving(temporaryFolder(), offloads);
    // One that does not end keeps the harness from ending by itself.
    process.kill(invoker, 'SIGSTOP');
    bencher.process.kill('SIGINT');
    await sleep(1100);
    bencher.process.kill('SIGINT');
    expect(await bencher.ended()).toEqual({ code: 130, signal: null });
    expect((await host.state('ens4')).addresses).toEqual(before[0]?.addresses);
    expect(namespacesOf(bencher.process.pid ?? 0)).toEqual([]);
    await start(host.site, 'harness/main.js', ['--clean']).ended();
    await expectSame(before);
  });

  test('with fewer queues than the cell are not measured', async () => {
    const [out, before] = [temporaryFolder(), await host.states()];
    const bencher = bench(out, [...ends, ...cell, ...paced, '--matrix', '2T2Q']);
    const { code } = await bencher.ended();
    const reason = 'ens4 has 1 RX queue, the cell is of 2 (--axis channels=2, or ethtool -L ens4 combined 2)';
    expect([code, runsIn(out)]).toMatchObject([3, [{ state: 'skipped', reason }]]);
    await expectSame(before);
  });

  test('are not touched by a dry run', async () => {
    const before = await host.states();
    const bencher = bench(temporaryFolder(), [...ends, ...cell, ...paced, '--dry-run']);
    expect(await bencher.ended()).toEqual({ code: 0, signal: null });
    expect(bencher.output()).toContain('topology nic');
    await expectSame(before);
  });

  const [usage, failed] = [2, 1];

  test.each<[string, string[], RegExp, number, string[]]>([
    [
      'is missing',
      [],
      /^--client: no interface ens9 in this network namespace: there are ens4, ens5, lo$/,
      usage,
      ['if=ens4', 'if=ens9'],
    ],
    [
      'is the other end, too',
      [],
      /^--topology nic: both ends are the same interface, ens4$/,
      usage,
      ['if=ens4', 'if=ens4'],
    ],
    [
      'has the default route',
      ['route add default via 10.1.2.9 dev ens4'],
      /^--server: ens4 has the default route$/,
      usage,
      [],
    ],
    [
      'is a port of a bridge',
      ['link add br0 type bridge', 'link set ens5 master br0'],
      /^--client: ens5 is a port of br0$/,
      usage,
      [],
    ],
    ['carries another', ['link add link ens4 name mac4 type macvlan'], /^--server: ens4 carries mac4$/, usage, []],
    ['is the loopback', [], /^--client: lo is the loopback$/, usage, ['if=ens4', 'if=lo']],
    [
      'is to have an address that another one has',
      ['address add 10.0.0.10/32 dev lo'],
      /^--server: 10\.0\.0\.10 is an address of lo \(/,
      usage,
      [],
    ],
    [
      'has another MTU',
      ['link set ens5 mtu 1400'],
      /^the MTU is 1490 at the server and 1400 at the client \(/,
      failed,
      [],
    ],
  ])('where one %s, it is told in one line, and nothing is changed', async (_, commands, message, code, sides) => {
    for (const command of commands) await host.ip(command);
    await expectRefused(sides, message, code);
  });

  async function expectRefused(sides: string[], message: RegExp, code: number, environment: string[] = []) {
    const before = await host.states();
    const [server = 'if=ens4', client = 'if=ens5'] = sides;
    const words = ['--server', server, '--client', client, ...cell, ...paced];
    const bencher = bench(temporaryFolder(), words, environment);
    expect(await bencher.ended(), bencher.errors()).toEqual({ code, signal: null });
    expect(bencher.errors()).toMatch(/^invoker-bench: [^\n]*\n$/);
    expect(bencher.errors().slice('invoker-bench: '.length, -1)).toMatch(message);
    await expectSame(before);
    expect(namespacesOf(bencher.process.pid ?? 0)).toEqual([]);
  }

  test('the one of the SSH session is refused', async () => {
    const session = ['SSH_CONNECTION=10.1.2.9 50000 10.1.2.3 22'];
    await expectRefused([], /^--server: ens4 carries this SSH session$/, usage, session);
  });

  test('one that another namespace has is refused', async () => {
    const other = ownName('other');
    await execa('ip', ['netns', 'add', other]);
    try {
      await host.cable('ens8', 'ens9');
      await host.ip(`link set ens9 netns ${other}`);
      await expectRefused(
        ['if=ens4', 'if=ens9'],
        new RegExp(`^--client: ens9 is in the network namespace ${other} \\(`),
        usage,
      );
    } finally {
      await execa('ip', ['netns', 'delete', other]);
    }
  });

  test('a cable that leads elsewhere is told of', async () => {
    await host.cable('ens8', 'ens9');
    await host.ip('link set ens8 up');
    await host.ip('link set ens9 up');
    const message = /^ens8 \(10\.0\.0\.30\) does not reach ens4 \(10\.0\.0\.10\): are they at one cable or switch\?$/;
    await expectRefused(['if=ens4', 'if=ens8,ip=10.0.0.30'], message, failed);
    expect((await host.state('ens8')).flags).toContain('LOWER_UP');
  });

  test('one that proves to have no cable once it is up is told of', async () => {
    await host.cable('ens8', 'ens9');
    await expectRefused(
      ['if=ens4', 'if=ens8,ip=10.0.0.30'],
      /^ens8 of the client has no carrier after 15 s \(is the cable in\?\)$/,
      failed,
    );
    expect((await host.state('ens8')).flags).not.toContain('UP');
  });
});
