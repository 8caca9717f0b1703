/** The client of a page that has an access token in place of a session cookie. */
import { type BrowserClient, createBrowserClient } from '@vortex/browser';

/** @param accessToken returns the current token, renewed if it has expired, such as `getAccessTokenSilently` of Auth0 */
export function createClient(accessToken: () => Promise<string>, baseUrl = '/api/vortex'): BrowserClient {
  return createBrowserClient({
    baseUrl,
    fetch: async (url, init) => {
      // Without a token, the server answers 401, and the page lets the user sign in.
      const token = await accessToken().catch(() => undefined);
      const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return fetch(url, { ...init, headers: { ...init.headers, ...authorization } });
    },
  });
}
