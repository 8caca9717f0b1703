/** The configuration of an application, with the programs and the port of the machine that tests the emulator, and without an application. */
import { defineConfig } from '@playwright/test';
import type { EmulatorFixtures } from '@vortex/emulator/playwright';
import config from './playwright.config.js';

const { EMULATOR = '', EMULATOR_PORT = '', CHROMIUM } = process.env;
const emulatorUrl = `http://127.0.0.1:${EMULATOR_PORT}`;
const [emulator] = [config.webServer].flat();

export default defineConfig<EmulatorFixtures>({
  ...config,
  testMatch: '*.pw.ts',
  use: {
    ...config.use,
    emulatorUrl,
    launchOptions: CHROMIUM ? { executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] } : {},
  },
  webServer: {
    command: `${emulator?.command.replace('npx vortex-emulator', EMULATOR)} --port ${EMULATOR_PORT}`,
    url: emulatorUrl,
    ...(emulator?.env && { env: emulator.env }),
  },
  outputDir: '../../node_modules/.cache/playwright',
});
