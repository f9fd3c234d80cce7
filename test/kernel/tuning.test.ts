import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Site } from '../../common/wire/topology.js';
import { main as bench } from '../../harness/bench-command.js';
import { main as tune } from '../../harness/tune-command.js';
import { applyTuning } from '../../harness/tuning/apply.js';
import { tuningHost } from '../../harness/tuning/host.js';
import type { Run } from '../../model/record.js';
import type { Tuning } from '../../model/tuning.js';
import { temporaryFolder } from '../fakes/folder.js';
import { start } from './process.js';
import { buildWire, describeAsRoot, on } from './wire.js';

/** What veth has. */
const granted: Tuning = {
  ...{ channels: '2', offloadGro: 'on', offloadGso: 'off', rps: '0-1', xps: '1+0' },
  ...{ napiDeferHardIrqs: '2', groFlushTimeoutNs: '200000' },
};
const words = Object.entries(granted).flatMap(([name, value]) => ['--set', `${name}=${value}`]);

const hostOf = ({ interface: name, enter }: Site) => tuningHost({ interface: name, enter, port: 1232 });

/** A side's settings, as ethtool and sysfs show them. */
async function look(site: Site): Promise<Record<string, string>> {
  const { interface: name } = site;
  const files = `cd /sys/class/net/${name}; grep . queues/*/[rx]ps_* napi_defer_hard_irqs gro_flush_timeout`;
  return {
    channels: await on(site, 'ethtool', '-l', name),
    offloads: await on(site, 'ethtool', '-k', name),
    files: await on(site, 'unshare', '--mount', 'sh', '-c', `mount -t sysfs sysfs /sys; ${files}`),
  };
}

async function expectTuned(site: Site): Promise<void> {
  const { channels, offloads, files } = await look(site);
  expect(channels).toMatch(/Current.*RX:\s+2\nTX:\s+2/s);
  expect(offloads).toMatch(/^generic-segmentation-offload: off\ngeneric-receive-offload: on$/m);
  expect(files?.split('\n')).toEqual(
    expect.arrayContaining([
      ...['queues/rx-0/rps_cpus:3', 'queues/rx-1/rps_cpus:3', 'queues/tx-0/xps_cpus:2', 'queues/tx-1/xps_cpus:1'],
      ...['napi_defer_hard_irqs:2', 'gro_flush_timeout:200000'],
    ]),
  );
}

/** Runs a command in this process; resolves to its exit code and all that it printed. */
async function run(command: typeof tune, ...argv: string[]) {
  const stream = new PassThrough().setEncoding('utf8');
  let said = '';
  stream.on('data', (text: string) => {
    said += text;
  });
  const interrupt = new AbortController().signal;
  const code = await command(argv, { stdout: stream, stderr: stream, interrupt, environment: {}, privileges: 'root' });
  return { code, said };
}

describeAsRoot('tuning of a virtual wire', () => {
  test('is made, seen by others, and undone', async () => {
    const folder = temporaryFolder();
    const { server } = await buildWire(4);
    const before = await look(server);
    const tuned = await applyTuning(granted, hostOf(server), folder);
    await expectTuned(server);
    await tuned.undo();
    expect(await look(server)).toEqual(before);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('lists what is there and what is not, and nothing of a namespace that cannot be entered', async () => {
    const { server } = await buildWire(1);
    const folder = (name: string) => `/sys/class/net/${name}/queues`;
    expect(await hostOf(server).list(folder(server.interface))).toEqual(['rx-0', 'tx-0']);
    expect(await hostOf(server).list(folder('none'))).toEqual([]);
    const elsewhere = hostOf({ ...server, enter: ['nsenter', '--net=/run/netns/ivb-none'] });
    await expect(elsewhere.list(folder('none'))).rejects.toThrow('cannot open /run/netns/ivb-none');
  });

  test.each<[Tuning, string]>([
    [{ channels: '9' }, 'channels=9: requested channel count exceeds maximum; Invalid argument (ethtool -L'],
    [{ rxRing: '512' }, 'rxRing=512: Operation not supported (ethtool -g ivb-srv)'],
    [{ rssTable: '2' }, 'rssTable=2: Cannot get RX ring count: Operation not supported (ethtool -x ivb-srv)'],
    [{ rssHash: 'sdfn' }, 'rssHash=sdfn: Cannot get RX network flow hashing options: Operation not supported'],
    [{ ntupleQueue: '0' }, 'ntupleQueue=0: Cannot get RX rings: Operation not supported'],
    [{ adaptiveRx: 'off' }, 'adaptiveRx=off: Operation not supported (ethtool -c ivb-srv)'],
    [{ rxUsecs: '3' }, 'rxUsecs=3: Operation not supported (ethtool -c ivb-srv)'],
    [{ flowControl: 'off' }, 'flowControl=off: Operation not supported (ethtool -a ivb-srv)'],
    [{ offloadLro: 'on' }, 'offloadLro=on: Could not change any device features (ethtool -K ivb-srv lro on)'],
    [{ irqAffinity: '0' }, 'irqAffinity=0: no interrupt of its device names a queue'],
  ])('%j is refused in the words of the driver, and leaves nothing', async (tuning, word) => {
    const folder = temporaryFolder();
    const { server } = await buildWire(2);
    const before = await look(server);
    await expect(applyTuning({ ...tuning, offloadGro: 'on' }, hostOf(server), folder)).rejects.toMatchObject({
      ...{ code: 'TUNING_REFUSED', message: expect.stringContaining(`ivb-srv (driver veth) refuses ${word}`) },
    });
    expect(await look(server)).toEqual(before);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['', []],
    [' in another PID namespace', ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']],
  ])('is respected while its process lives%s, and undone after SIGKILL', async (_, further) => {
    const { server } = await buildWire(4);
    const before = await look(server);
    // Unlike nsenter, it shows the namespace's interfaces in /sys.
    const [, namespace = ''] = /netns\/(.+)$/.exec(server.enter.at(-1) ?? '') ?? [];
    const inside = { ...server, enter: ['ip', 'netns', 'exec', namespace, ...further] };
    const child = start(inside, 'harness/tune-main.js', ['--interface', server.interface, ...words]);
    await child.line('Tuned until');
    expect(await run(tune, '--clean')).toEqual({ code: 0, said: 'Nothing was left.\n' });
    child.process.kill('SIGKILL');
    await child.ended();
    await expectTuned(server);
    const { code, said } = await run(tune, '--clean');
    expect(code).toBe(0);
    expect(said).toContain('channels (ethtool -L) is rx 4 tx 4 again, not rx 2 tx 2.\n');
    expect(await look(server)).toEqual(before);
    expect(await run(tune, '--clean')).toEqual({ code: 0, said: 'Nothing was left.\n' });
  });

  test('is an axis of the bench command: cells that the driver grants are measured, others skipped', async () => {
    const out = temporaryFolder();
    const asked = ['--axis', 'channels=2,1', '--axis', 'rxRing=512', '--impls', 'recvfrom', '--sizes', '200'];
    const brief = ['--load', 'closed=1', '--duration', '100ms', '--warmup', '0', '--repeats', '1', '--out', out];
    await run(bench, ...asked.slice(0, 2), ...asked.slice(4), ...brief);
    const runsOf = () =>
      readFileSync(join(out, 'latest/runs.ndjson'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Run);
    const facts = runsOf().map((each) => [each.cell.id, each.state === 'completed' ? each.granted : each]);
    expect(Object.fromEntries(facts)).toEqual({
      'recvfrom-1T1Q-200-reverse-closed=1-channels=2': expect.objectContaining({
        ...{ 'tuning.channels': 'ethtool -L = rx 2 tx 2', wire: 'veth, 2 queues a side' },
      }),
      'recvfrom-1T1Q-200-reverse-closed=1-channels=1': expect.objectContaining({
        'tuning.channels': 'ethtool -L = rx 1 tx 1',
      }),
    });
    expect((await run(bench, ...asked, ...brief)).code).toBe(3);
    for (const each of runsOf())
      expect(each).toMatchObject({
        ...{
          state: 'skipped',
          reason: 'ivb-srv (driver veth) refuses rxRing=512: Operation not supported (ethtool -g ivb-srv)',
        },
      });
  });

  test('that a killed run left of the host does not keep the run from being resumed', async () => {
    const [out, path] = [temporaryFolder(), '/proc/sys/net/core/busy_poll'];
    const before = readFileSync(path, 'utf8');
    const other = before.trim() === '51' ? '52' : '51';
    const asked = ['--axis', `netBusyPollUs=${other}`, '--impls', 'recvfrom', '--sizes', '200', '--load', 'closed=1'];
    const words = [...asked, '--duration', '1s', '--warmup', '0', '--repeats', '2', '--out', out];
    const killed = start(null, 'harness/main.js', words);
    await expect.poll(() => readFileSync(path, 'utf8').trim(), { timeout: 10_000 }).toBe(other);
    killed.process.kill('SIGKILL');
    await killed.ended();
    expect(readFileSync(path, 'utf8').trim()).toBe(other);
    const resumed = start(null, 'harness/main.js', ['--resume', join(out, 'latest')]);
    const { code } = await resumed.ended();
    expect(resumed.errors()).toMatch(new RegExp(`left by a killed run: .*busy_poll.* is ${before.trim()} again`));
    // What a busy machine spoils is told, and is not what is tested.
    expect([0, 1], resumed.errors()).toContain(code);
    expect(readFileSync(join(out, 'latest/runs.ndjson'), 'utf8').trim().split('\n')).toHaveLength(2);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
});
