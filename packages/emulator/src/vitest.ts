/**
 * A `test` of Vitest's whose fixture `emulator` is one of its own for each test that asks for it, closed after it.
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
  /** What the emulator is started with; `test.extend({ emulatorOptions: { … } })` gives others. */
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
