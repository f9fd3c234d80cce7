import { Refusal, type TuningHost } from './host.js';

/** Interrupts of a queue by its number. */
export interface QueueInterrupt {
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
    const queue = queueName.exec(names.get(irq) ?? '')?.[1];
    return queue === undefined ? [] : [{ irq, queue: Number(queue) }];
  });
}

/** Those of the host's interface; rejects with Refusal where none names a queue. */
export async function interruptsOf(host: TuningHost): Promise<QueueInterrupt[]> {
  const device = `/sys/class/net/${host.interface}/device`;
  // A virtio device has its interrupts at the PCI device that it stands on.
  const own = await host.list(`${device}/msi_irqs`);
  const irqs = own.length > 0 ? own : await host.list(`${device}/../msi_irqs`);
  const found = queueInterrupts(irqs.map(Number), await host.read('/proc/interrupts'));
  if (found.length > 0) return found;
  throw new Refusal('no interrupt of its device names a queue', `${device}/msi_irqs`);
}
