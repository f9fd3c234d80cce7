import { afterAll, beforeAll, describe } from 'vitest';
import type { Site } from '../../common/wire/topology.js';
import { Guest } from './guest.js';
import { kernels, lackFor } from './kernels.js';
import { buildLabWire, type LabWire } from './wire.js';

/** Of a guest's card. */
export const serverAddress = '10.0.0.10';

/** What the tests of a kernel work with. */
export interface Booted {
  kernel: string;
  /** There while tests and their hooks run. */
  guest: Guest;
  /** Where clients on the host run. */
  client: Site;
}

/** Tests in a guest of each kernel that is asked for; skipped with the reason on a host that cannot run it. */
export function describeKernels(tests: (booted: Booted) => void): void {
  for (const kernel of kernels) {
    const lack = lackFor(kernel);
    describe.skipIf(lack !== null)(`Linux ${kernel}${lack === null ? '' : ` (skipped: ${lack})`}`, () => {
      let wire: LabWire | null = null;
      const booted = { kernel } as Booted;

      beforeAll(async () => {
        wire = await buildLabWire();
        booted.client = wire.client;
        booted.guest = await Guest.boot(kernel, wire);
        await booted.guest.run(`ip address add ${serverAddress}/24 dev eth0 && ip link set eth0 up`);
      });
      afterAll(async () => {
        try {
          await booted.guest?.end();
        } finally {
          await wire?.destroy();
        }
      });
      tests(booted);
    });
  }
}
