import { defineConfig } from 'vitest/config';

/** The MCP conformance suite; installs it first, see `test/conformance/tools.ts`. */
export default defineConfig({
  test: {
    include: ['test/conformance/**/*.test.ts'],
    globalSetup: ['test/conformance/tools.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
