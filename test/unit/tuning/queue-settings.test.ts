import { expect, it } from 'vitest';
import { readQueueSettings } from '../../../harness/tuning/queue-settings.js';
import { FakeHost } from '../../fakes/tuning-host.js';

/** A host with the interrupts of two queues, that counts what it is asked. */
class CountingHost extends FakeHost {
  readonly asked: string[] = [];

  constructor() {
    super();
    for (const irq of [25, 26]) {
      this.files.set(`/sys/class/net/eth1/device/msi_irqs/${irq}`, '');
      this.files.set(`/proc/irq/${irq}/smp_affinity_list`, '0-3');
    }
    const lines = [25, 26].map((irq) => ` ${irq}:   0   7   PCI-MSI ${irq}-edge   eth1-TxRx-${irq - 25}\n`);
    this.files.set('/proc/interrupts', lines.join(''));
  }

  override async read(path: string): Promise<string> {
    this.asked.push(path);
    return await super.read(path);
  }
}

it('what queues are set to is read once each, /proc/interrupts too', async () => {
  const host = new CountingHost();
  expect(await readQueueSettings(host)).toEqual([
    { key: 'rps', name: '/sys/class/net/eth1/queues/rx-0/rps_cpus', value: 'off' },
    { key: 'rps', name: '/sys/class/net/eth1/queues/rx-1/rps_cpus', value: 'off' },
    { key: 'irqAffinity', name: 'eth1-TxRx-0', value: '0-3' },
    { key: 'irqAffinity', name: 'eth1-TxRx-1', value: '0-3' },
  ]);
  expect(host.asked.filter((path) => path === '/proc/interrupts')).toHaveLength(1);
  expect(new Set(host.asked).size).toBe(host.asked.length);
});

it('where interrupts are not asked for, they are not looked for', async () => {
  const host = new CountingHost();
  expect(await readQueueSettings(host, ['rps'])).toHaveLength(2);
  expect(host.asked).not.toContain('/proc/interrupts');
});
