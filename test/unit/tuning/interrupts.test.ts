import { expect, it } from 'vitest';
import { Refusal } from '../../../harness/tuning/host.js';
import { interruptsFor } from '../../../harness/tuning/interrupts.js';
import { FakeHost } from '../../fakes/tuning-host.js';

/** Interrupts by their numbers, and what the kernel says to whoever writes no CPU to the file of each. */
function host(irqs: Record<number, { name: string; word: string }>): FakeHost {
  const fake = new FakeHost();
  const lines = Object.entries(irqs).map(([irq, { name }]) => ` ${irq}:   0   7   PCI-MSI ${irq}-edge   ${name}\n`);
  fake.files.set('/proc/interrupts', lines.join(''));
  for (const irq of Object.keys(irqs)) {
    fake.files.set(`/sys/class/net/eth1/device/msi_irqs/${irq}`, '');
    fake.files.set(`/proc/irq/${irq}/smp_affinity_list`, '0-3');
  }
  fake.onWrite = (path) => {
    throw new Refusal(irqs[Number(path.split('/')[3])]?.word ?? 'ENOENT: no such file', path);
  };
  return fake;
}

const [movable, EIO, EPERM] = ['EINVAL: invalid argument', 'EIO: i/o error', 'EPERM: operation not permitted'];
const rx = (queue: number, word: string) => ({ name: `eth1-TxRx-${queue}`, word });

it.each([
  ['that name queues are placed', { 25: rx(0, movable), 26: rx(1, movable) }, 'placed'],
  ['that a kernel before 6.15 lets nobody move are fixed', { 25: rx(0, EIO), 26: rx(1, EIO) }, 'fixed'],
  ['that a later one lets nobody move are fixed', { 25: rx(0, EPERM) }, 'fixed'],
  ['of which one is fixed are not placed', { 25: rx(0, movable), 26: rx(1, EIO) }, 'fixed'],
  ['are fixed where /proc is read-only', { 25: rx(0, 'EROFS: read-only file system') }, 'fixed'],
  ['are placed as far as one knows who is not root', { 25: rx(0, 'EACCES: permission denied') }, 'placed'],
  ['that name none are nameless', { 25: { name: 'eth1', word: movable } }, 'nameless'],
])('interrupts %s', async (_, irqs, interrupts) => {
  const fake = host(irqs);
  expect(await interruptsFor(fake)).toBe(interrupts);
  expect(fake.done).toEqual([]);
});
