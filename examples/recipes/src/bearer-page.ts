/** The client of a page that has an access token in place of a session cookie. */
import { type BrowserClient, createBrowserClient } from '@vortex/browser';

/** @param accessToken returns the current token, renewed if it has expired; undefined for a signed-out user */
export function createClient(accessToken: () => Promise<string | undefined>, baseUrl = '/api/vortex'): BrowserClient {
  return createBrowserClient({
    baseUrl,
    fetch: async (url, init) => {
      // Without a token, the server answers 401, and the page lets the user sign in. If it cannot be renewed now, the call fails.
      const token = await accessToken();
      const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return fetch(url, { ...init, headers: { ...init.headers, ...authorization } });
    },
  });
}
