import { defineConfig } from 'vitest/config';

/** Against the Python implementation; makes its environment first, see `test/interop/python-environment.ts`. */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    globalSetup: ['test/interop/python-environment.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
