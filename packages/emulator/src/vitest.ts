/**
 * Exports a Vitest `test` with the fixture `emulator`. Each test that uses the fixture gets its own emulator, which is
 * closed after the test.
 *
 * @example
 * test('invites by e-mail', async ({ emulator }) => {
 *   const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
 * });
 */
import { test as base, type TestAPI } from 'vitest';
import { type Emulator, startEmulator } from './emulator.js';
import type { EmulatorOptions, ListenOptions } from './options.js';

export interface EmulatorFixtures {
  /**
   * The options of the emulator. Set them with `test.extend({ emulatorOptions: { … } })`.
   *
   * @default {}
   */
  emulatorOptions: EmulatorOptions & ListenOptions;
  emulator: Emulator;
}

export const test: TestAPI<EmulatorFixtures> = base.extend<EmulatorFixtures>({
  emulatorOptions: {},
  emulator: async ({ emulatorOptions }, use) => {
    const emulator = await startEmulator(emulatorOptions);
    await use(emulator);
    await emulator.close();
  },
});
