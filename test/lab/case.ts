import { afterAll, beforeAll, beforeEach, describe, type RunnerTestCase } from 'vitest';
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
  /** What the kernel complained of, in all the guests that there were. */
  complaints(): string[];
}

/** Tests in a guest of each kernel that is asked for; skipped with the reason on a host that cannot run it. */
export function describeKernels(tests: (booted: Booted) => void): void {
  for (const kernel of kernels) {
    const lack = lackFor(kernel);
    describe.skipIf(lack !== null)(`Linux ${kernel}${lack === null ? '' : ` (skipped: ${lack})`}`, () => {
      let wire: LabWire | null = null;
      const earlier: string[] = [];
      const booted = { kernel, complaints: () => [...earlier, ...booted.guest.complaints()] } as Booted;
      let last: RunnerTestCase | null = null;

      async function boot(on: LabWire): Promise<void> {
        booted.guest = await Guest.boot(kernel, on);
        await booted.guest.run(`ip address add ${serverAddress}/24 dev eth0 && ip link set eth0 up`);
      }

      beforeAll(async () => {
        wire = await buildLabWire();
        booted.client = wire.client;
        await boot(wire);
      });
      beforeEach(async ({ task }) => {
        // What failed may have taken the kernel with it: that is no other test's fault.
        if (wire && last?.result?.state === 'fail') {
          earlier.push(...booted.guest.complaints());
          await booted.guest.end();
          await boot(wire);
        }
        last = task;
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
