import { defineConfig } from 'vitest/config';

// Without this file, vitest would read vite.config.ts, which is for the pages.
export default defineConfig({ test: { globalSetup: 'test/build.ts', isolate: false } });
