import { defineConfig } from 'vitest/config';

/** The inspector's page in a real browser: Chromium, from `CHROMIUM_PATH` or `PATH`. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // A browser each, and pages that are looked at: they share two cores with what they look at.
    maxWorkers: 1,
  },
});
