import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { applyTuning } from '../../harness/tuning/apply.js';
import { tuningHost } from '../../harness/tuning/host.js';
import { restoreAbandoned } from '../../harness/tuning/restore.js';
import type { Tuning } from '../../model/tuning.js';
import { temporaryFolder } from '../fakes/folder.js';
import { buildWire, describeAsRoot, on } from './wire.js';

describeAsRoot('tuning of a virtual wire', () => {
  const ownTuning: Tuning = {
    channels: '2',
    offloadGro: 'on',
    offloadGso: 'off',
    rps: '0-1',
    rfs: '0',
    xps: '1+0',
    napiDeferHardIrqs: '2',
    groFlushTimeoutNs: '200000',
  };

  async function server() {
    const { server: site } = await buildWire(4);
    const file = (name: string) =>
      on(site, 'unshare', '-m', 'sh', '-c', `mount -t sysfs sysfs /sys; cat /sys/class/net/${site.interface}/${name}`);
    const look = async () => ({
      channels: await on(site, 'ethtool', '-l', site.interface),
      offloads: await on(site, 'ethtool', '-k', site.interface),
      rps: await file('queues/rx-*/rps_cpus'),
      xps: await file('queues/tx-*/xps_cpus'),
      napi: await file('napi_defer_hard_irqs'),
      flush: await file('gro_flush_timeout'),
    });
    return { site, look, host: tuningHost({ interface: site.interface, enter: site.enter, port: 1232 }) };
  }

  test('is applied, seen by others, and undone', async () => {
    const folder = temporaryFolder();
    const { look, host } = await server();
    const before = await look();
    const tuned = await applyTuning(ownTuning, host, folder);
    const during = await look();
    expect(during.channels).toMatch(/Current.*RX:\s+2\nTX:\s+2/s);
    expect(during.offloads).toMatch(/^generic-receive-offload: on$/m);
    expect(during.offloads).toMatch(/^generic-segmentation-offload: off$/m);
    expect(during.rps.split('\n')).toEqual(['3', '3']);
    expect(during.xps.split('\n')).toEqual(['2', '1']);
    expect([during.napi, during.flush]).toEqual(['2', '200000']);
    await tuned.undo();
    expect(await look()).toEqual(before);
    expect(readdirSync(folder)).toEqual([]);
    expect(await restoreAbandoned(folder)).toEqual([]);
  });
});
