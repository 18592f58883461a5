import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/conformance/**', 'test/interop/**', '**/node_modules/**'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: 'forks',
  },
  // XState reports misuse only under the first. Node is told of them too, so that `import` would reach what is required.
  ssr: { resolve: { conditions: ['development', 'node'] } },
});
