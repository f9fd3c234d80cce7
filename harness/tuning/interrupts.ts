import { parseCpuList } from '../../common/cli/cpu-list.js';
import { expandCpus } from '../../common/cli/tuning.js';
import type { Interrupts } from '../../model/host.js';
import { type Entry, gone } from './entry.js';
import { normal } from './files.js';
import { Refusal, type TuningHost } from './host.js';

/** An interrupt of a queue, by its name and its number as they are now. */
export interface QueueInterrupt {
  name: string;
  irq: number;
  queue: number;
}

/** Drivers end the names of their interrupts in the queue's number: virtio1-input.0, ice-eth1-TxRx-3, mlx5_comp0@pci:... */
const queueName = /(?:input|output|tx-?rx|rx-?tx|rx|tx|comp|ntfy-blk)[-.]?(\d+)(?:@.*)?$/i;

/** Those interrupts of an interface that name a queue, from the numbers of its device and /proc/interrupts. */
export function queueInterrupts(irqs: readonly number[], interrupts: string): QueueInterrupt[] {
  const names = new Map(
    interrupts.split('\n').flatMap((line): [number, string][] => {
      const [, irq, rest] = /^\s*(\d+):\s+(.*)$/.exec(line) ?? [];
      return irq === undefined ? [] : [[Number(irq), rest?.split(/\s+/).at(-1) ?? '']];
    }),
  );
  return irqs.flatMap((irq) => {
    const name = names.get(irq) ?? '';
    const queue = queueName.exec(name)?.[1];
    return queue === undefined ? [] : [{ name, irq, queue: Number(queue) }];
  });
}

/** Those of the host's interface. */
async function interruptsOf(host: TuningHost): Promise<QueueInterrupt[]> {
  const device = `/sys/class/net/${host.interface}/device`;
  // A virtio device has its interrupts at the PCI device that it stands on.
  const own = await host.list(`${device}/msi_irqs`);
  const irqs = own.length > 0 ? own : await host.list(`${device}/../msi_irqs`);
  return queueInterrupts(irqs.map(Number), await host.read('/proc/interrupts'));
}

const affinityPath = ({ irq }: QueueInterrupt) => `/proc/irq/${irq}/smp_affinity_list`;

/** Null where the device has no interrupt of that name any more: its number may be that of another device by now. */
async function affinityOf(host: TuningHost, name: string): Promise<string | null> {
  const found = (await interruptsOf(host)).find((own) => own.name === name);
  return found === undefined ? null : affinityPath(found);
}

/**
 * The interrupts of queue n on the n-th CPU of the list, which begins again at its end. A target is named as the driver
 * names it: numbers change hands when queues are made anew.
 */
export const irqAffinity: Entry = {
  of: 'interface',
  release: null,
  plan: (value, site) => [`queue n of ${site.interface}: the n-th CPU of ${value} > /proc/irq/IRQ/smp_affinity_list`],
  async targets(host, value) {
    const cpus = expandCpus('irqAffinity', value);
    const found = await interruptsOf(host);
    if (found.length === 0)
      throw new Refusal('no interrupt of its device names a queue', `/sys/class/net/${host.interface}/device/msi_irqs`);
    return found.map(({ name, queue }) => ({ name, value: String(cpus[queue % cpus.length]) }));
  },
  async read(host, name) {
    const path = await affinityOf(host, name);
    return path === null ? gone : normal(parseCpuList(await host.read(path)));
  },
  async write(host, name, value) {
    const path = await affinityOf(host, name);
    if (path === null) throw new Refusal('its device has no such interrupt any more', name);
    await host.write(path, value.replaceAll('+', ','));
  },
};

/** What cells can do with the interrupts of the host's interface. */
export async function interruptsFor(host: TuningHost): Promise<Interrupts> {
  const found = await interruptsOf(host);
  if (found.length === 0) return 'nameless';
  const movable = await Promise.all(found.map((own) => isMovable(host, affinityPath(own))));
  return movable.every(Boolean) ? 'placed' : 'fixed';
}

/** Names no CPU, so that nothing is moved by it. Before it is read, the kernel says whether it lets the interrupt be moved. */
const noCpu = 'x';

/** Whether the kernel lets an interrupt be moved by its file; who may not write that is told what root could do. */
export async function isMovable(host: Pick<TuningHost, 'write'>, path: string): Promise<boolean> {
  return await host.write(path, noCpu).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Refusal) return /^(EINVAL|EACCES)\b/.test(error.message);
      throw error;
    },
  );
}
