/**
 * Loads zod in the background, once a router is built: zod takes longer to load than all of this package, and the first request
 * comes later.
 */
import { createRequire } from 'node:module';
import { cacheSuccess, type MaybePromise } from '../lib/promises.js';
import { createInputs, type Inputs } from './inputs.js';

/**
 * Begins to load the schemas. If that fails, the next request tries again. Node remembers an import that has failed, such as for
 * want of a file descriptor, but no `require`.
 *
 * @returns a function that returns them, at once after they are loaded
 */
export function loadInputs(): () => MaybePromise<Inputs> {
  let loaded: Inputs | undefined;
  const load = cacheSuccess(async () => {
    loaded = createInputs(await loadZod());
    return loaded;
  });
  load().catch(() => {});
  return () => loaded ?? load();
}

const loadZod = (): Promise<typeof import('zod/mini')> =>
  import('zod/mini').catch(() => createRequire(import.meta.url)('zod/mini'));
