import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { globalSetup: 'test/pack.ts', include: ['test/*.test.ts'] } });
