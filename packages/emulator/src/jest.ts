import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { type Emulator, startEmulator } from './emulator.js';
import type { EmulatorOptions, ListenOptions } from './options.js';

/**
 * An emulator for the tests of a file, or of the `describe` it is called in: started before the first, reset after each,
 * closed after the last.
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
  // What it listens at is not known before it does.
  return new Proxy({} as Emulator, {
    get: (_, name) => {
      if (!emulator) throw new Error('The emulator is there in tests and hooks, and not before they run.');
      return Reflect.get(emulator, name);
    },
  });
}
