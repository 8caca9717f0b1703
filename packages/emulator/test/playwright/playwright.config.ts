/** The configuration of an application's tests. The variables are for the machine that tests the emulator itself. */
import { defineConfig } from '@playwright/test';
import type { EmulatorFixtures } from '@vortex/emulator/playwright';

const { EMULATOR = 'npx vortex-emulator', EMULATOR_PORT = '8787', CHROMIUM } = process.env;
const emulatorUrl = `http://127.0.0.1:${EMULATOR_PORT}`;

export default defineConfig<EmulatorFixtures>({
  testMatch: '*.pw.ts',
  // Tests that run at the same time would reset the emulator under one another.
  workers: 1,
  use: {
    emulatorUrl,
    launchOptions: CHROMIUM ? { executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] } : {},
  },
  // This takes a list, too, for your application beside the emulator.
  webServer: { command: `${EMULATOR} --port ${EMULATOR_PORT} --quiet`, url: emulatorUrl },
  outputDir: '../../node_modules/.cache/playwright',
});
