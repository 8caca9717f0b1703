/** The configuration of an application's tests. Playwright starts the emulator and the application. */
import { defineConfig } from '@playwright/test';
import { DEFAULT_API_KEY, DEFAULT_WEBHOOK_SECRET } from '@vortex/emulator';
import type { EmulatorFixtures } from '@vortex/emulator/playwright';

const emulatorUrl = 'http://127.0.0.1:8787';
const url = 'http://127.0.0.1:3000';
// Both programs get them, whatever the environment has.
const env = { VORTEX_API_KEY: DEFAULT_API_KEY, VORTEX_WEBHOOK_SECRET: DEFAULT_WEBHOOK_SECRET };

export default defineConfig<EmulatorFixtures>({
  // Tests that run at the same time would reset the emulator under one another.
  workers: 1,
  use: { baseURL: url, emulatorUrl },
  webServer: [
    { command: `npx vortex-emulator --quiet --webhook-url ${url}/webhooks/vortex`, url: emulatorUrl, env },
    { command: 'npm start', url, env: { ...env, VORTEX_API_BASE_URL: emulatorUrl } },
  ],
});
