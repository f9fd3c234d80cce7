import { defineConfig } from 'vitest/config';
import { slow } from './test/fakes/patience.js';

/** A guest that emulates its CPUs is about 20 times slower than its host. */
const labSlow = Number(process.env.LAB_SLOW ?? 20);

/** Kernel and cli-on-host tests build namespaces and load CPUs, so their files run one after the other. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/{unit,cli}/**/*.test.ts'] } },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: 'test/fakes/fresh-dist.ts',
          testTimeout: 30_000 * slow,
          hookTimeout: 30_000 * slow,
        },
      },
      {
        test: {
          name: 'native',
          include: ['test/native/**/*.test.ts'],
          pool: 'forks',
          globalSetup: 'test/fakes/fresh-dist.ts',
          testTimeout: 5000 * slow,
          hookTimeout: 10_000 * slow,
        },
      },
      {
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          pool: 'forks',
          globalSetup: 'test/fakes/fresh-dist.ts',
          fileParallelism: false,
          testTimeout: 120_000 * slow,
          hookTimeout: 60_000 * slow,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/*.test.ts'],
          // Takes minutes a kernel: make lab.
          exclude:
            process.env.LAB_SCOPE === 'full' ? [] : ['test/lab/{suites,tuning,remote,nic,nightly,deploy}.test.ts'],
          pool: 'forks',
          globalSetup: 'test/fakes/fresh-dist.ts',
          fileParallelism: false,
          env: { LAB_SLOW: String(labSlow) },
          testTimeout: 6000 * labSlow,
          hookTimeout: 6000 * labSlow,
        },
      },
    ],
  },
});
