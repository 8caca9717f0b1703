import { readAll } from '../lib/bytes.js';
import { isObject } from '../lib/values.js';
import {
  type Exchange,
  ExchangeError,
  type ExchangeOptions,
  type Fetch,
  type FetchInit,
  failureOf,
  failureOfBody,
} from './exchange.js';

/** Sends by `fetch`: on Bun, Deno and Workers, and wherever the application passes one. */
export function createExchange({ maxResponseBytes }: ExchangeOptions, fetch: Fetch = globalThis.fetch): Exchange {
  return {
    async send({ method, url, headers, body, ending }) {
      const controller = new AbortController();
      const { signal } = controller;
      ending.onEnd(() => controller.abort(ending.reason));
      if (ending.reason !== undefined) controller.abort(ending.reason);
      // `fetch` sends the API key along when it follows a redirect to another origin.
      const init: FetchInit = { method, headers: { ...headers }, body: body ?? null, redirect: 'manual', signal };
      // A function of the application may throw in place of rejecting.
      const sending = async () => fetch(url, init);
      const response = await sending().catch((cause: unknown) => {
        throw new ExchangeError(failureOf(cause), cause);
      });
      if (!isObject(response)) throw new ExchangeError('not-http', new TypeError('fetch returned no response.'));
      const { status } = response;
      const bytes = await readAll(response.body as AsyncIterable<Uint8Array> | null, maxResponseBytes).catch(
        (cause: unknown) => {
          throw new ExchangeError(failureOfBody(cause), cause, status);
        },
      );
      return { status, header: (name) => response.headers.get(name), body: bytes };
    },
    async close() {},
  };
}
