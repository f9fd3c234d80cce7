import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { ownName } from '../../common/wire/owner.js';
import type { Site } from '../../common/wire/topology.js';
import { veth } from '../../common/wire/veth.js';
import type { CompletedRun, Run } from '../../model/record.js';
import { writeSshFiles } from '../fakes/far-hosts.js';
import { temporaryFolder } from '../fakes/folder.js';
import { patience } from '../fakes/patience.js';
import { type Running, start } from '../kernel/process.js';
import { Guest } from './guest.js';
import { kernels as asked, lackFor } from './kernels.js';

const kernels = { server: '6.12', client: '6.1' } as const;
type Name = keyof typeof kernels;
const names = Object.keys(kernels) as Name[];
const addresses = { server: '10.0.0.10', client: '10.0.0.20' };
const macs = { server: '02:00:00:00:00:10', client: '02:00:00:00:00:20' };
/** What is sent over ssh is on a wire of its own: on the measured one it would be among the packets that a ledger compares. */
const cableAddresses = { server: '10.9.0.10', client: '10.9.0.20' };
const cableMacs = { server: '02:00:00:00:09:10', client: '02:00:00:00:09:20' };

const unasked = names.map((name) => kernels[name]).find((kernel) => !asked.includes(kernel));
const lack =
  unasked === undefined
    ? (names.map((name) => lackFor(kernels[name])).find((reason) => reason !== null) ?? null)
    : `${unasked} is not one of LAB_KERNELS`;

/** A run in guests: harness, invoker and generator start there, one after the other, for each cell. */
const runMs = patience(15_000);
const title = `two guests as hosts${lack === null ? '' : ` (skipped: ${lack})`}`;

describe.skipIf(lack !== null)(title, { timeout: 2 * runMs }, () => {
  const space = ownName('lab');
  const guests = {} as Record<Name, Guest>;
  let folder = '';
  const ip = (...words: string[]) => execa('ip', ['-n', space, ...words]);
  const cableOf = (name: Name) => `ivb-ssh-${name}`;
  const site = (interfaceName: string): Site => ({
    ...{ interface: interfaceName, address: '', mac: '', driver: 'tun', node: process.execPath, root: packageRoot() },
    enter: ['nsenter', `--net=/run/netns/${space}`, 'env', `IVB_SSH=ssh -F ${folder}/config`],
  });

  beforeAll(async () => {
    await veth.clean(); // What a lab that was killed left behind.
    folder = mkdtempSync(join(tmpdir(), 'ivb-far-'));
    await writeSshFiles(folder, cableAddresses);
    await execa('ip', ['netns', 'add', space]);
    await ip('link', 'set', 'lo', 'up');
    for (const bridge of ['ivb-lab', 'ivb-cables']) {
      await ip('link', 'add', bridge, 'type', 'bridge');
      await ip('link', 'set', bridge, 'addrgenmode', 'none', 'up');
    }
    await ip('address', 'add', '10.9.0.1/24', 'dev', 'ivb-cables');
    for (const name of names) {
      const [tap, cable] = [`ivb-${name}`, cableOf(name)];
      for (const [port, bridge] of [
        [tap, 'ivb-lab'],
        [cable, 'ivb-cables'],
      ] as const) {
        await ip('tuntap', 'add', port, 'mode', 'tap', 'multi_queue');
        await ip('link', 'set', port, 'addrgenmode', 'none', 'master', bridge, 'up');
      }
      const second = { tap: cable, mac: cableMacs[name] };
      const guest = await Guest.boot(kernels[name], { client: site(tap) }, { mac: macs[name], second });
      guests[name] = guest;
      const [other = name] = names.filter((one) => one !== name);
      await guest.run(
        [
          // What a kernel asks and announces by itself is counted with the requests, and hides as many.
          'sysctl -qew net.ipv6.conf.eth0.disable_ipv6=1',
          `ethtool -L eth0 combined 1; ip address add ${addresses[name]}/24 dev eth0 && ip link set eth0 up`,
          `ip neighbour replace ${addresses[other]} lladdr ${macs[other]} dev eth0`,
          `ip address add ${cableAddresses[name]}/24 dev eth1 && ip link set eth1 up`,
        ].join(' && '),
      );
      await guest.run('mkdir -p /run/sshd');
      guest.start(`exec /usr/sbin/sshd -D -f ${folder}/sshd_config`);
    }
  });
  afterAll(async () => {
    for (const guest of Object.values(guests)) await guest.end();
    await execa('ip', ['netns', 'delete', space], { reject: false });
    rmSync(folder, { recursive: true, force: true });
  });

  const bench = (out: string, ...words: string[]): Running => {
    const end = (name: Name) => `ivb-${name},if=eth0,ip=${addresses[name]},dir=${packageRoot()}`;
    const where = ['--topology', 'remote', '--server', end('server'), '--client', end('client'), '--out', out];
    return start(site(''), 'harness/main.js', [...where, '--sizes', '200', ...words]);
  };
  const runsIn = (out: string) =>
    readFileSync(join(out, 'latest/runs.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Run);
  const scripts = { server: 'impls', client: 'loadgen' };
  /** How many invokers or generators run there. */
  const sessions = (name: Name) =>
    guests[name].run(`ps ax -o args | grep -c '^[^ ]*node [^ ]*/dist/${scripts[name]}/main.js --session' || true`);

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
    expect([host.kernel, clientHosts[0].kernel]).toEqual([guests.server.release, guests.client.release]);
  });

  test.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    [
      'the cable that leads to the server is pulled',
      () => ip('link', 'set', cableOf('server'), 'down'),
      () => ip('link', 'set', cableOf('server'), 'up'),
    ],
    [
      'sshd of the server is killed',
      () => guests.server.run("kill -KILL $(ps ax -o pid,args | awk '/sshd: root/ && !/awk/ { print $1 }')"),
      async () => {},
    ],
  ])('where %s, all ends there, and the run goes on when it is back', async (_, lose, mend) => {
    const out = temporaryFolder();
    const bencher = bench(out, '--impls', 'recvmmsg', '--load', 'rate=200', '--repeats', '2', '--duration', '30s');
    await expect.poll(() => sessions('server'), { timeout: runMs, interval: 1000 }).toBe('1');
    await expect.poll(() => sessions('client'), { timeout: runMs, interval: 1000 }).toBe('1');
    await sleep(patience(100));
    await lose();
    await expect.poll(() => sessions('server'), { timeout: patience(1000), interval: 1000 }).toBe('0');
    await expect.poll(() => sessions('client'), { timeout: patience(1000), interval: 1000 }).toBe('0');
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
