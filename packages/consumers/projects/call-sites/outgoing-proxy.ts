/** Calls to the Vortex API through a proxy of the company, by the `fetch` of undici. */
import { VortexClient } from '@vortex/core';
import { vortexRouter } from '@vortex/express';
import { fetch, ProxyAgent } from 'undici';

const proxy = new ProxyAgent('http://proxy.example.com:3128');

/** The `fetch` of undici as it is, if the proxy is its global dispatcher. */
export const plain: VortexClient = new VortexClient(process.env.VORTEX_API_KEY, { fetch });

/** The `fetch` of the runtime. */
export const native: VortexClient = new VortexClient(process.env.VORTEX_API_KEY, { fetch: globalThis.fetch });

export const client: VortexClient = new VortexClient(process.env.VORTEX_API_KEY, {
  fetch: (url, init) => fetch(url, { ...init, dispatcher: proxy }),
});

export const router = vortexRouter({
  client,
  authenticateUser: () => ({ id: 'ada' }),
  authorizeOperation: { JWT: true },
});
