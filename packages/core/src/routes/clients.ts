/** The client of a mount, or of a request if the key, the base URL or the client depends on it. */
import { VortexClient } from '../api/client.js';
import { ClientSettings } from '../api/client-options.js';
import { VortexError } from '../lib/errors.js';
import { resolveOption } from '../lib/hooks.js';
import type { MaybePromise } from '../lib/promises.js';
import { isFunction } from '../lib/values.js';
import { requireSendable } from '../signing/api-key.js';
import type { VortexMountOptions } from './options.js';
import type { VortexUser } from './user.js';

/** Maximum number of keys, and of base URLs, that are remembered. */
const MAX_REMEMBERED = 1000;

/**
 * Prepares the clients of a mount. Connections belong to a base URL and are shared by all keys; a client that is forgotten
 * is not closed, since a request may still use it.
 *
 * @param hookTimeout of functions of the application, in milliseconds
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function clientsOf<Context, User extends VortexUser>(
  options: VortexMountOptions<User, Context>,
  hookTimeout: number,
): (context: Context) => MaybePromise<VortexClient> {
  const { apiKey, client, baseUrl, allowInsecureHttp, timeout } = options;
  if (client !== undefined) {
    if ([apiKey, baseUrl, allowInsecureHttp, timeout].some((option) => option !== undefined)) {
      throw new VortexError(
        'CONFIG',
        'client cannot be combined with apiKey, baseUrl, allowInsecureHttp or timeout. Pass these to the client.',
      );
    }
    return isFunction(client)
      ? async (context) => requireClient(await resolveOption('client', client, context, hookTimeout))
      : () => requireClient(client);
  }

  const settingsFor = remember(
    (url: string | undefined) => new ClientSettings({ baseUrl: url, allowInsecureHttp, timeout }),
  );
  // Fails when the router is built and not with the first request.
  if (!isFunction(baseUrl)) settingsFor(baseUrl);
  else new ClientSettings({ allowInsecureHttp, timeout });
  if (!isFunction(apiKey) && !isFunction(baseUrl)) {
    const only = new VortexClient(apiKey, settingsFor(baseUrl));
    requireSendable(apiKey as string);
    return () => only;
  }

  const clientsFor = remember((url: string | undefined) => {
    const settings = settingsFor(url);
    return remember((key: string | undefined) => new VortexClient(key, settings));
  });
  return async (context) => {
    const [key, url] = await Promise.all([
      resolveOption('apiKey', apiKey, context, hookTimeout),
      resolveOption('baseUrl', baseUrl, context, hookTimeout),
    ]);
    return clientsFor(url)(key);
  };
}

export function isClient(value: unknown): value is VortexClient {
  const { getInvitation, generateJwt } = Object(value) as Partial<VortexClient>;
  return isFunction(getInvitation) && isFunction(generateJwt);
}

function requireClient(value: unknown): VortexClient {
  if (isClient(value)) return value;
  throw new VortexError('CONFIG', 'client must return a VortexClient.');
}

/** Remembers the results of a function, and forgets the one that was used the longest ago. */
function remember<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const value = known.get(key) ?? make(key);
    known.delete(key);
    known.set(key, value);
    if (known.size > MAX_REMEMBERED) known.delete(known.keys().next().value as Key);
    return value;
  };
}
