import { describe, expect, it } from 'vitest';
import { cpusOfMask, fileEntries, maskOfCpus, sharesOf } from '../../../harness/tuning/files.js';
import { queueInterrupts } from '../../../harness/tuning/interrupts.js';
import { FakeHost } from '../../fakes/tuning-host.js';

describe('masks of CPUs', () => {
  it.each([
    ['0', 'off'],
    ['00000000,00000000', 'off'],
    ['3', '0-1'],
    ['00000000,0000010f', '0-3+8'],
    ['80000000,00000001', '0+63'],
  ])('%s is %s', (mask, cpus) => expect(cpusOfMask(mask)).toBe(cpus));

  it.each([
    ['off', '0'],
    ['0-3+8', '0000010f'],
    ['0+63', '80000000,00000001'],
    ['4+0', '00000011'],
    ['255', `80000000${',00000000'.repeat(7)}`],
  ])('%s is written %s', (cpus, mask) => expect(maskOfCpus(cpus)).toBe(mask));
});

describe('shares of queues', () => {
  it.each([
    [[0, 1, 2, 3], 2, ['0+2', '1+3']],
    [[0, 1, 2], 2, ['0+2', '1']],
    [[4, 0], 2, ['4', '0']],
    [[0, 1], 4, ['0', '1', '0', '1']],
    [[7], 1, ['7']],
  ])('%j over %d', (cpus, queues, shares) => expect(sharesOf(cpus, queues)).toEqual(shares));
});

describe('interrupts that name a queue', () => {
  it.each([
    ['PCI-MSI 32769-edge', 'virtio1-input.0', 0],
    ['PCI-MSI 32776-edge', 'virtio1-output.3', 3],
    ['IR-PCI-MSI 524289-edge', 'eth1-TxRx-11', 11],
    ['IR-PCI-MSI 1572865-edge', 'ice-eth1-TxRx-2', 2],
    ['IR-PCI-MSI-0000:3b:00.0    1-edge', 'mlx5_comp4@pci:0000:3b:00.0', 4],
    ['PCI-MSI 81921-edge', 'ens5-Tx-Rx-1', 1],
  ])('%s %s', (kind, name, queue) => {
    const text = `            CPU0       CPU1\n 25:          0          7   ${kind}      ${name}\nNMI:          0          0   Non-maskable interrupts\n`;
    expect(queueInterrupts([24, 25], text)).toEqual([{ name, irq: 25, queue }]);
  });

  it.each(['virtio1-config', 'mlx5_async0@pci:0000:3b:00.0', 'eth1', 'ena-mgmnt@pci:0000:00:05.0'])(
    'not %s',
    (name) => {
      expect(queueInterrupts([25], ` 25:          0          7   PCI-MSI 1-edge      ${name}\n`)).toEqual([]);
    },
  );

  it('nor one of another device', () => {
    expect(queueInterrupts([26], ' 25:    0    7   PCI-MSI 1-edge      virtio1-input.0\n')).toEqual([]);
  });
});

it.each([
  ['0', '0'],
  ['1', '1'],
  ['2', '1'],
  ['4', '2'],
])('a table of %s flows has %s entries for each of two queues', async (flows, entries) => {
  const [, ...queues] = await fileEntries.rfs.targets(new FakeHost(), flows);
  expect(queues.map(({ value }) => value)).toEqual([entries, entries]);
});

it('a table of flows has an entry for each queue, however many there are', async () => {
  const host = new FakeHost();
  for (const queue of [2, 3]) host.files.set(`/sys/class/net/eth1/queues/rx-${queue}/rps_cpus`, '0');
  const [, ...queues] = await fileEntries.rfs.targets(host, '2');
  expect(queues.map(({ value }) => value)).toEqual(['1', '1', '1', '1']);
});
