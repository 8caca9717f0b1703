import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { type Emulator, startEmulator } from './emulator.js';
import type { EmulatorOptions, ListenOptions } from './options.js';

/**
 * Sets up an emulator for the tests of a file, or of the `describe` that calls it. The emulator is started before the
 * first test, reset after each test and closed after the last one.
 *
 * @example
 * const emulator = setupEmulator();
 * test('invites by e-mail', async () => {
 *   const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
 * });
 */
export function setupEmulator(options: EmulatorOptions & ListenOptions = {}): Emulator {
  let emulator: Emulator | undefined;
  beforeAll(async () => {
    emulator = await startEmulator(options);
  });
  afterEach(() => emulator?.reset());
  afterAll(() => emulator?.close());
  // The emulator does not exist yet, so every property is looked up when it is read.
  return new Proxy({} as Emulator, {
    get: (_, name) => {
      if (!emulator) throw new Error('The emulator has not started yet; use it inside tests and hooks.');
      return Reflect.get(emulator, name);
    },
  });
}
