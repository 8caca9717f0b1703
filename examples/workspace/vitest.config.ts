import { defineConfig } from 'vitest/config';

// Beside vite.config.ts, which is for the pages and would be taken for this.
export default defineConfig({ test: { globalSetup: 'test/build.ts' } });
