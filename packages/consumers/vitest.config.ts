import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Installing and bundling take a processor each.
  test: { globalSetup: 'test/pack.ts', maxConcurrency: 2, testTimeout: 240_000, hookTimeout: 240_000 },
});
