import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import type { Finding, Level } from '../../harness/doctor/finding.js';
import { patience } from '../fakes/patience.js';
import { Guest } from './guest.js';
import type { GuestProcess } from './guest-process.js';
import { hasZeroCopy, kernels, lackFor } from './kernels.js';
import { buildLabWire, type LabWire } from './wire.js';

const command = (name: string) => `exec node ${join(packageRoot(), `dist/harness/${name}.js`)}`;
/** Where journals are kept, on what would be a disk. */
const journals = '/var/lib/invoker-bench/tuning';

/** What virtio-net has, on a card with receive-side scaling, and what the kernel has for it. */
const granted = [
  ...['irqbalance=paused', 'cStateLimitUs=0', 'netBusyPollUs=50', 'netBusyReadUs=50'],
  ...['channels=2', 'rxRing=128', 'txRing=128', 'offloadGro=off', 'offloadGso=off', 'offloadTso=off'],
  ...['offloadTxChecksum=off', 'offloadUdpGro=on', 'rssTable=1', 'rssHash=sd', 'irqAffinity=3+2', 'rps=0-1'],
  ...['rfs=1024', 'xps=3+2', 'napiDeferHardIrqs=2', 'groFlushTimeoutNs=20000'],
];

/** What it refuses, and its word. */
const refused = [
  ['governor=performance', 'no CPU has a governor here'],
  ['channels=7', 'requested channel count exceeds maximum'],
  ['rxRing=512', 'requested ring size exceeds maximum'],
  ['offloadLro=on', 'Could not change any device features'],
  ['offloadNtuple=on', 'Could not change any device features'],
  ['flowControl=off', 'Operation not supported'],
  ['adaptiveTx=off', 'the driver has none'],
  ['rxUsecs=3', 'Operation not supported'],
  ['ntupleQueue=0', 'Operation not supported'],
] as const;

const flags = (settings: readonly string[]) => settings.map((setting) => `--set ${setting}`).join(' ');
const tuneWith = (settings: readonly string[]) => `${command('tune-main')} --interface eth0 ${flags(settings)}`;

describe.each(kernels)('Linux %s', (kernel) => {
  const lack = lackFor(kernel);
  describe.skipIf(lack !== null)(`tunes virtio-net${lack === null ? '' : ` (skipped: ${lack})`}`, () => {
    let wire: LabWire;
    let guest: Guest;
    const boot = async () => {
      guest = await Guest.boot(kernel, wire, { options: ['rss=on', 'hash=on'] });
      await guest.run('ip address add 10.0.0.10/24 dev eth0 && ip link set eth0 up');
    };
    beforeAll(async () => {
      wire = await buildLabWire();
      await boot();
    });
    afterAll(async () => {
      await guest?.end();
      await wire?.destroy();
    });

    /** All that the settings are about, as tools of others show it. */
    const look = () =>
      guest.run(
        'for show in l g x k; do ethtool -$show eth0; done; ethtool -n eth0 rx-flow-hash udp4; cd /sys/class/net/eth0; ' +
          'grep . queues/*/[rx]ps_* napi_defer_hard_irqs gro_flush_timeout /proc/irq/*/smp_affinity_list ' +
          '/proc/sys/net/core/busy_* /proc/sys/net/core/rps_sock_flow_entries; od -An -td4 /dev/cpu_dma_latency',
      );
    const tuned = async (): Promise<GuestProcess> => {
      const process = guest.start(tuneWith(granted));
      await process.line('Tuned until', patience(3000));
      return process;
    };

    test('makes every setting that the driver has, and undoes it', async () => {
      const before = await look();
      const process = await tuned();
      const during = await look();
      for (const line of [
        'Combined:\t2',
        'RX:\t\t128',
        'generic-receive-offload: off',
        'busy_poll:50',
        'gro_flush_timeout:20000',
      ])
        expect(during).toContain(line);
      expect(during).toMatch(/^ +0:( +0){8}$/m);
      expect(during).toMatch(/hash flow key:\nIP SA\nIP DA\n(?!L4)/i);
      expect(during).toMatch(/^queues\/rx-1\/rps_cpus:3$/m);
      expect(during).toMatch(/^ +0$/m);
      process.kill('SIGINT');
      expect(await process.ended(patience(2000))).toEqual({ code: 0, signal: null });
      expect(await look()).toBe(before);
    });

    test('refuses the others in its own words, and leaves nothing', async () => {
      const before = await look();
      const process = guest.start(tuneWith(refused.map(([setting]) => setting)));
      expect((await process.ended(patience(3000))).code).toBe(1);
      for (const [setting, word] of refused)
        expect(process.errors()).toMatch(new RegExp(`${setting.replace('.', '\\.')}: [^;]*${word}`));
      expect(await look()).toBe(before);
    });

    test('is as it was after SIGKILL and --clean, its table by weights as well', async () => {
      await guest.run('ethtool -X eth0 weight 3 1');
      const before = await look();
      const process = await tuned();
      process.kill('SIGKILL');
      await process.ended();
      expect(await look()).toContain('Combined:\t2');
      const said = await guest.run(`${command('main')} --clean`, patience(2000));
      expect(said).toContain('channels (ethtool -L) is combined 4 again, not combined 2.');
      expect(await look()).toBe(before);
      expect(await guest.run(`ls ${journals}`)).toBe('');
      await guest.run('ethtool -X eth0 default');
    });

    test('is looked at by the doctor, who ends as it found', async () => {
      const process = guest.start(`${command('doctor-main')} --json --interface eth0`);
      const { code } = await process.ended(patience(3000));
      const findings = JSON.parse(process.output()) as Finding[];
      const of = (id: string) => findings.find((one) => one.id === id);
      const has = (level: Level) => findings.some((one) => one.level === level);
      expect(code, process.errors()).toBe(has('cannot-run') ? 1 : has('not-trusted') ? 3 : 0);
      expect(of('eth0/link')).toMatchObject({ level: 'fine', state: expect.stringMatching(/driver virtio_net$/) });
      // Linux tells it from 6.3 on.
      const xdp =
        kernel === '6.1' ? { level: 'not-told' } : { level: 'fine', state: expect.stringMatching(/^basic .*redirect/) };
      expect(of('eth0/xdp')).toMatchObject(xdp);
      expect(of('eth0/zero-copy')?.level).toBe(
        kernel === '6.1' ? 'not-told' : hasZeroCopy(kernel) ? 'fine' : 'could-be-better',
      );
      for (const id of ['xdp-programs', 'af-xdp', 'af-packet', 'io-uring'])
        expect(of(id), id).toMatchObject({ level: 'fine' });
      expect(of('leftovers')).toMatchObject({ level: 'fine' });
    });

    test('is as it was after a reboot, and --clean says so', async () => {
      const before = await look();
      await tuned();
      const files = await guest.run(`cd ${journals} && tar -c . | base64 -w 0`);
      await guest.end();
      await boot();
      await guest.run(`mkdir -p ${journals} && echo ${files} | base64 -d | tar -x -C ${journals}`);
      const said = await guest.run(`${command('main')} --clean`, patience(2000));
      expect(said).toMatch(/^\d+ changes of the tuning of eth0 ended with the boot\.$/);
      expect(await guest.run(`ls ${journals}`)).toBe('');
      // A card's key is of chance.
      const key = /^(?:[0-9a-f]{2}:)+[0-9a-f]{2}$/m;
      expect((await look()).replace(key, '')).toBe(before.replace(key, ''));
    });
  });
});
