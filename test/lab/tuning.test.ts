import { join } from 'node:path';
import { test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { describeKernels } from './case.js';

const tune = `node ${join(packageRoot(), 'dist/harness/tune-main.js')}`;
const all =
  'channels=2 rxRing=128 txRing=128 rssTable=2 rssHash=sdfn ntupleQueue=0 irqAffinity=1+0 rps=0-1 rfs=1024 xps=0-3 rxUsecs=3 rxFrames=2 txUsecs=3 txFrames=4 adaptiveRx=off adaptiveTx=off offloadGro=off offloadGroHw=off offloadLro=on offloadGso=off offloadTso=off offloadUdpGso=on offloadUdpGro=on offloadRxChecksum=off offloadTxChecksum=off offloadRxHash=on offloadNtuple=on flowControl=off napiDeferHardIrqs=2 groFlushTimeoutNs=20000 netBusyPollUs=50 netBusyReadUs=50 governor=performance cStateLimitUs=0 irqbalance=paused';

describeKernels((booted) => {
  test('what', async () => {
    const { guest } = booted;
    for (const command of [
      'ethtool -l eth0',
      'ethtool -g eth0',
      'ethtool -x eth0',
      'ethtool -n eth0',
      'ethtool -n eth0 rx-flow-hash udp4',
      'ethtool -c eth0',
      'ethtool -a eth0',
      'ethtool -k eth0 | grep -v fixed',
      'cat /proc/interrupts | grep virtio',
      'ls -la /sys/class/net/eth0/device/',
      'ls /sys/class/net/eth0/device/msi_irqs /sys/class/net/eth0/device/../msi_irqs',
      'ls -la /dev/cpu_dma_latency',
      'ls /sys/devices/system/cpu/cpufreq',
    ])
      console.log(`## ${command}\n${await guest.run(`${command} 2>&1; true`)}`);
    const child = guest.start(
      `exec ${tune} --interface eth0 ${all
        .split(' ')
        .map((s) => `--set ${s}`)
        .join(' ')}`,
    );
    console.log(await child.ended(120_000), child.output(), child.errors());
    console.log(await guest.run('ls -la /var/lib/invoker-bench/tuning; ethtool -l eth0; ethtool -g eth0'));
  });
});
