import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tuningHost } from '../../harness/tuning/host.js';
import { isMovable } from '../../harness/tuning/interrupts.js';
import { describeAsRoot } from './wire.js';

const host = tuningHost({ interface: 'lo', enter: [], port: 0 });
const fileOf = (irq: string) => `/proc/irq/${irq}/smp_affinity_list`;

/** Interrupts of this host by their last name, those of network cards not among them. */
function interrupts(): { irq: string; name: string }[] {
  const lines = readFileSync('/proc/interrupts', 'utf8').split('\n');
  const there = new Set(readdirSync('/proc/irq'));
  return lines.flatMap((line) => {
    const [, irq = '', name = ''] = /^\s*(\d+):.*\s(\S+)$/.exec(line) ?? [];
    return there.has(irq) && !/(input|output|rx|tx)[-.]?\d*$/i.test(name) ? [{ irq, name }] : [];
  });
}

describeAsRoot('the kernel tells of its interrupts', () => {
  test('which may be moved, and moves none for that', async () => {
    const all = interrupts();
    const states = () => all.map(({ irq }) => readFileSync(fileOf(irq), 'utf8'));
    const before = states();
    const movable = await Promise.all(all.map(({ irq }) => isMovable(host, fileOf(irq))));
    expect(states()).toEqual(before);
    const answers = all.map((one, i) => ({ ...one, movable: movable[i] }));
    // Queues of disks are the kernel's to place; the interrupt of a serial line is anybody's.
    const [disks, lines] = [/(-req\.|^nvme\d+q[1-9])/, /^ttyS\d/].map((name) =>
      answers.filter((one) => name.test(one.name)),
    );
    expect(disks?.filter((one) => one.movable)).toEqual([]);
    expect(lines?.filter((one) => !one.movable)).toEqual([]);
    expect(answers.length).toBeGreaterThan(0);
  });
});
