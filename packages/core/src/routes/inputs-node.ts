/**
 * Loads the schemas of the inputs in the background, once a router is built: zod takes longer to load than all of this package,
 * and the first request comes later.
 */
import { type MaybePromise, remember } from '../lib/promises.js';
import type { Inputs } from './operations.js';

/**
 * Begins to load the schemas. If loading fails, the next request tries again. Node remembers a file that it could not read, so
 * that after a lack of file descriptors at this moment every request is answered 500 until a restart, each with a line in the log.
 *
 * @returns a function that returns them, at once after they are loaded
 */
export function loadInputs(): () => MaybePromise<Inputs> {
  let loaded: Inputs | undefined;
  const load = remember(async () => {
    loaded = await import('./inputs.js');
    return loaded;
  });
  load().catch(() => {});
  return () => loaded ?? load();
}
