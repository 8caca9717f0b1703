import type { Dispatcher, Pool } from 'undici';
import { Chunks, TooLargeError } from '../http/node.js';
import {
  type Ending,
  type Exchange,
  ExchangeError,
  type ExchangeOptions,
  type ExchangeResponse,
  failureOf,
} from './exchange.js';
import { createExchange as createFetchExchange } from './exchange-fetch.js';

const CONNECT_TIMEOUT = 2000;
/** Below the 5 s after which many servers close an idle connection: a POST on one that is closing would be lost. */
const KEEP_ALIVE_TIMEOUT = 4000;
/** Bytes of a reply that takes milliseconds to parse. */
const LONG = 256 * 1024;

/** By undici's pool, which has a deadline for connecting and costs less than `fetch`. */
export function createExchange(options: ExchangeOptions, fetch?: typeof globalThis.fetch): Exchange {
  if (fetch) return createFetchExchange(options, fetch);
  const { maxResponseBytes, maxInFlight } = options;
  const takeTurn = createTurns();
  let opening: Promise<{ pool: Pool; origin: string }> | undefined;

  return {
    async send({ url, method, headers, body = null, ending }) {
      opening ??= openPool(url, maxInFlight);
      const { pool, origin } = await opening;
      const path = url.slice(origin.length);
      if (ending.reason !== undefined) throw new ExchangeError('broken', ending.reason);
      const response = await new Promise<ExchangeResponse>((resolve, reject) => {
        const receiver = receive({ ending, maxResponseBytes, resolve, reject });
        pool.dispatch({ method, path, headers, body }, receiver);
      });
      if (response.body.byteLength > LONG) await takeTurn();
      return response;
    },
    async close() {
      await (await opening)?.pool.close();
    },
  };
}

/** Without the streams of `pool.request`, which cost as much again as the exchange itself. */
function receive({
  ending,
  maxResponseBytes,
  resolve,
  reject,
}: {
  ending: Ending;
  maxResponseBytes: number;
  resolve(response: ExchangeResponse): void;
  reject(error: ExchangeError): void;
}): Dispatcher.DispatchHandler {
  const chunks = new Chunks(maxResponseBytes);
  let status: number | undefined;
  let headers: Readonly<Record<string, string | string[] | undefined>> = {};
  let running: Dispatcher.DispatchController | undefined;

  const fail = (cause: unknown) => {
    ending.onEnd(undefined);
    const afterHead = cause instanceof TooLargeError ? 'too-large' : 'truncated';
    reject(new ExchangeError(status === undefined ? failureOf(cause) : afterHead, cause, status));
  };
  ending.onEnd(() => {
    running?.abort(ending.reason as Error);
    // Without a connection it is not running yet.
    fail(ending.reason);
  });

  return {
    onRequestStart(controller) {
      running = controller;
      if (ending.reason !== undefined) controller.abort(ending.reason as Error);
    },
    onResponseStart(_controller, statusCode, received) {
      // Others are interim, and the reply is yet to come.
      if (statusCode < 200) return;
      status = statusCode;
      headers = received;
    },
    onResponseData(controller, chunk) {
      try {
        chunks.add(chunk);
      } catch (error) {
        controller.abort(error as Error);
      }
    },
    onResponseEnd() {
      ending.onEnd(undefined);
      const header = (name: string) => headers[name]?.toString() ?? null;
      resolve({ status: status as number, header, body: chunks.join() });
    },
    onResponseError(_controller, error) {
      fail(error);
    },
  };
}

/**
 * One after the other, each in an iteration of the event loop of its own: of many long replies that arrive together each
 * would else be parsed before anybody else is served.
 */
function createTurns(): () => Promise<void> {
  let last = Promise.resolve();
  return () => {
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return last;
  };
}

/** Loaded with the first call: it takes longer to import than all the rest of us. */
async function openPool(url: string, connections: number): Promise<{ pool: Pool; origin: string }> {
  const { Pool } = await import('undici');
  const { origin } = new URL(url);
  const pool = new Pool(origin, {
    connections,
    connect: { timeout: CONNECT_TIMEOUT },
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    keepAliveMaxTimeout: KEEP_ALIVE_TIMEOUT,
    // The deadline of a call is one for all of it, and kept by its signal.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { pool, origin };
}
