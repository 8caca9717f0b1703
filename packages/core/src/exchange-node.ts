import type { Pool } from 'undici';
import { type Exchange, ExchangeError, type ExchangeOptions, failureOf } from './exchange.js';
import { createExchange as createFetchExchange } from './exchange-fetch.js';
import { readAll, TooLargeError } from './stream.js';

const CONNECT_TIMEOUT = 2000;
/** Below the 5 s after which many servers close an idle connection: a POST on one that is closing would be lost. */
const KEEP_ALIVE_TIMEOUT = 4000;

/** By undici's pool, which has a deadline for connecting and costs less than `fetch`. */
export function createExchange(options: ExchangeOptions, fetch?: typeof globalThis.fetch): Exchange {
  if (fetch) return createFetchExchange(options, fetch);
  const { maxResponseBytes, maxInFlight } = options;
  let pool: Promise<Pool> | undefined;

  return {
    async send({ method, url, headers, body, signal }) {
      const { origin, pathname, search } = new URL(url);
      pool ??= openPool(origin, maxInFlight);
      const request = {
        method,
        path: `${pathname}${search}`,
        headers: Object.fromEntries(headers),
        body: body ?? null,
        signal,
      };
      const response = await (await pool).request(request).catch((cause: unknown) => {
        throw new ExchangeError(failureOf(cause), cause);
      });
      const { statusCode: status } = response;
      const bytes = await readAll(response.body, maxResponseBytes).catch((cause: unknown) => {
        throw new ExchangeError(cause instanceof TooLargeError ? 'too-large' : 'truncated', cause, status);
      });
      return { status, header: (name) => response.headers[name]?.toString() ?? null, body: bytes };
    },
    async close() {
      await (await pool)?.close();
    },
  };
}

/** Loaded with the first call: it takes longer to import than all the rest of us. */
async function openPool(origin: string, connections: number): Promise<Pool> {
  const { Pool } = await import('undici');
  return new Pool(origin, {
    connections,
    connect: { timeout: CONNECT_TIMEOUT },
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    keepAliveMaxTimeout: KEEP_ALIVE_TIMEOUT,
    // The deadline of a call is one for all of it, and kept by its signal.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
