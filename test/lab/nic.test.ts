import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { ownName } from '../../common/wire/owner.js';
import { veth } from '../../common/wire/veth.js';
import type { CompletedRun } from '../../model/record.js';
import { patience } from '../fakes/patience.js';
import { isOfHost } from '../kernel/wire.js';
import { Guest } from './guest.js';
import { kernels, lackFor } from './kernels.js';

const kernel = '6.12';
const lack = kernels.includes(kernel) ? lackFor(kernel) : `${kernel} is not one of LAB_KERNELS`;

const cards = [
  { name: 'eth0', tap: 'ivb-nic0', mac: '02:00:00:00:00:10' },
  { name: 'eth1', tap: 'ivb-nic1', mac: '02:00:00:00:00:20' },
] as const;

/** A run in guests: harness, invoker and generator start there, one after the other, for each cell. */
const runMs = patience(15_000);
const title = `Linux ${kernel}${lack === null ? '' : ` (skipped: ${lack})`}`;

describe.skipIf(lack !== null)(title, { timeout: 2 * runMs }, () => {
  const space = ownName('lab');
  let guest: Guest;
  const ip = (...words: string[]) => execa('ip', ['-n', space, ...words]);

  beforeAll(async () => {
    await veth.clean(); // What a lab that was killed left behind.
    await execa('ip', ['netns', 'add', space]);
    await ip('link', 'set', 'lo', 'up');
    await ip('link', 'add', 'ivb-lab', 'type', 'bridge');
    await ip('link', 'set', 'ivb-lab', 'addrgenmode', 'none', 'up');
    for (const { tap } of cards) {
      await ip('tuntap', 'add', tap, 'mode', 'tap', 'multi_queue');
      await ip('link', 'set', tap, 'addrgenmode', 'none', 'master', 'ivb-lab', 'up');
    }
    const [first, second] = cards;
    const client = {
      ...{ interface: first.tap, address: '', mac: '', driver: 'tun', node: process.execPath, root: packageRoot() },
      enter: ['nsenter', `--net=/run/netns/${space}`],
    };
    guest = await Guest.boot(kernel, { client }, { mac: first.mac, second });
    for (const { name } of cards) await guest.run(`ethtool -L ${name} combined 1`);
    await guest.run('ip address add 10.1.2.3/24 dev eth0 && ip link set eth0 up');
    await guest.run('ip route add 10.7.0.0/16 via 10.1.2.9 dev eth0; ip address add 10.1.3.3/24 dev eth1');
  });
  afterAll(async () => {
    await guest?.end();
    await execa('ip', ['netns', 'delete', space], { reject: false });
  });

  const bench = (words: string) =>
    guest.start(`cd ${packageRoot()} && exec node dist/harness/main.js ${words} --topology nic --out /tmp/results \\
      --server if=eth0 --client if=eth1 --sizes 200 --repeats 1`);
  /** All that a run may change of the cards. */
  const look = () =>
    guest.run(
      'for card in eth0 eth1; do ip -4 -brief address show dev $card; ip route show dev $card; ethtool -l $card; ' +
        'ethtool -k $card; cat /sys/class/net/$card/mtu; done; ls /run/netns /var/lib/invoker-bench/cards',
    );
  /** The kernel and the card need a moment until their link is up again. */
  const expectSame = (before: string) => expect.poll(look, { timeout: patience(500), interval: 1000 }).toBe(before);

  test.each(['closed=2', 'rate=200', 'saturate'])('two cards of one host under %s', async (load) => {
    await guest.run('mkdir -p /run/netns /var/lib/invoker-bench/cards');
    const before = await look();
    const bencher = bench(`--impls recvmmsg,afxdp --load ${load} --duration 2s`);
    await bencher.ended(runMs);
    const lines = (await guest.run('cat /tmp/results/latest/runs.ndjson')).split('\n');
    const runs = lines.map((line) => JSON.parse(line) as CompletedRun);
    expect(runs).toHaveLength(2);
    for (const run of runs) {
      expect(run, bencher.errors()).toMatchObject({ state: 'completed' });
      expect(run.granted.wire).toMatch(/^server virtio_net, 1 queues.*; client virtio_net, 1 queues/);
      expect(run.ledger.right).toBeGreaterThan(0);
    }
    const { cells } = JSON.parse(await guest.run('cat /tmp/results/latest/summary.json'));
    const reasons = cells.flatMap((cell: { reasons: string[] }) => cell.reasons);
    expect(reasons.filter((reason: string) => !isOfHost(reason))).toEqual([]);
    await expectSame(before);
  });

  test('two cards are brought back after a SIGKILL', async () => {
    await guest.run('mkdir -p /run/netns /var/lib/invoker-bench/cards');
    const before = await look();
    const bencher = bench('--impls afxdp --load rate=200 --duration 60s');
    const serves = () => guest.run("ps ax -o args | grep -c '^[^ ]*node [^ ]*/dist/impls/main.js --session' || true");
    await expect.poll(serves, { timeout: runMs, interval: 1000 }).toBe('1');
    bencher.kill('SIGKILL');
    await bencher.ended();
    const said = await guest.run(`cd ${packageRoot()} && node dist/harness/main.js --clean`, patience(2000));
    expect(said).toContain('eth0 and eth1 are moved back.');
    await expectSame(before);
  });
});
