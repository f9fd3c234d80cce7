import { defineConfig } from 'vitest/config';

/** Kernel and cli-on-host tests build namespaces and load CPUs, so their files run one after the other. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/{unit,cli}/**/*.test.ts'] } },
      {
        test: {
          name: 'native',
          include: ['test/native/**/*.test.ts'],
          pool: 'forks',
          globalSetup: 'test/fakes/fresh-dist.ts',
        },
      },
      {
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          pool: 'forks',
          globalSetup: 'test/fakes/fresh-dist.ts',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
