/**
 * Exports a `test` for Playwright with the fixture `emulator`: a running emulator, such as one that the `webServer` of the
 * configuration starts beside the application. It is reset before each test that uses the fixture, so that the page of the
 * emulator still shows what a failed test has done.
 *
 * @example
 * test('an expired invitation says so', async ({ page, emulator }) => {
 *   await emulator.advance(31 * 24 * 60 * 60 * 1000);
 * });
 */
import {
  test as base,
  type PlaywrightTestArgs,
  type PlaywrightTestOptions,
  type PlaywrightWorkerArgs,
  type PlaywrightWorkerOptions,
  type TestType,
} from '@playwright/test';
import { type ConnectedEmulator, connectEmulator } from './connect.js';

export interface EmulatorFixtures {
  /**
   * The URL of the emulator. Set it under `use` in the configuration. Tests that run at the same time share it and reset
   * one another, so run them in one worker, or give each project an emulator of its own.
   *
   * @default 'http://127.0.0.1:8787'
   */
  emulatorUrl: string;
  emulator: ConnectedEmulator;
}

export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & EmulatorFixtures,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions
> = base.extend<EmulatorFixtures>({
  emulatorUrl: ['http://127.0.0.1:8787', { option: true }],
  emulator: async ({ emulatorUrl }, use) => {
    const emulator = connectEmulator(emulatorUrl);
    await emulator.reset();
    await use(emulator);
  },
});
