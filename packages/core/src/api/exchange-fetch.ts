import { Chunks } from '../lib/bytes.js';
import { isObject } from '../lib/values.js';
import {
  type Ending,
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
      let status: number | undefined;
      // Ends the exchange also if `fetch` ignores the signal.
      const ended = new Promise<never>((_, reject) => {
        ending.onEnd(() => {
          controller.abort(ending.reason);
          reject(ending.reason);
        });
      });
      // `fetch` sends the API key along when it follows a redirect to another origin.
      const init: FetchInit = { method, headers: { ...headers }, body: body ?? null, redirect: 'manual', signal };
      const exchanging = async () => {
        const response = await fetch(url, init);
        if (!isObject(response)) throw new TypeError('fetch returned no response.');
        status = response.status;
        const body = await readBody(response.body as Body | null, maxResponseBytes, ending);
        return { status, header: (name: string) => response.headers.get(name), body };
      };
      return Promise.race([ended, exchanging()]).catch((cause: unknown) => {
        throw new ExchangeError(status === undefined ? failureOf(cause) : failureOfBody(cause), cause, status);
      });
    },
    async close() {},
  };
}

/** A stream of the Web, or of Node. */
type Body = AsyncIterable<Uint8Array> & { cancel?(): unknown; destroy?(): unknown };

/** Reads a body to its end, or cancels it at its next chunk once the exchange has ended. */
async function readBody(body: Body | null | undefined, limit: number, ending: Ending): Promise<Uint8Array> {
  const chunks = new Chunks(limit);
  if (ending.reason !== undefined) await (body?.cancel ? body.cancel() : body?.destroy?.());
  else {
    for await (const chunk of body ?? []) {
      if (ending.reason !== undefined) break;
      chunks.add(chunk);
    }
  }
  return chunks.join();
}
