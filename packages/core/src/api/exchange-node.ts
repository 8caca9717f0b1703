import type { Dispatcher, Pool } from 'undici';
import { Chunks } from '../lib/bytes.js';
import {
  type Ending,
  type Exchange,
  ExchangeError,
  type ExchangeOptions,
  type ExchangeResponse,
  type Fetch,
  failureOf,
  failureOfBody,
} from './exchange.js';
import { createExchange as createFetchExchange } from './exchange-fetch.js';

const CONNECT_TIMEOUT = 2000;
/** Many servers close an idle connection after 5 s, and a POST on a closing connection is lost. */
const KEEP_ALIVE_TIMEOUT = 4000;
/** Size of a reply that takes milliseconds to parse. */
const LONG = 256 * 1024;

/** Sends by a pool of undici, which has a connect deadline and costs less than `fetch`. */
export function createExchange(options: ExchangeOptions, fetch?: Fetch): Exchange {
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

/** Receives a reply without the streams of `pool.request`, which double the cost of an exchange. */
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
    reject(new ExchangeError(status === undefined ? failureOf(cause) : failureOfBody(cause), cause, status));
  };
  ending.onEnd(() => {
    running?.abort(ending.reason as Error);
    // Before there is a connection, there is no controller to abort.
    fail(ending.reason);
  });

  return {
    onRequestStart(controller) {
      running = controller;
      if (ending.reason !== undefined) controller.abort(ending.reason as Error);
    },
    onResponseStart(_controller, statusCode, received) {
      // A 1xx reply is interim.
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
 * Resolves one caller per iteration of the event loop, so that long replies that arrive together are not all parsed before
 * other requests are served.
 */
function createTurns(): () => Promise<void> {
  let last = Promise.resolve();
  return () => {
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return last;
  };
}

/** Loads undici with the first call, since importing it takes longer than importing all of core. */
async function openPool(url: string, connections: number): Promise<{ pool: Pool; origin: string }> {
  const { Pool } = await import('undici');
  const { origin } = new URL(url);
  const pool = new Pool(origin, {
    connections,
    connect: { timeout: CONNECT_TIMEOUT },
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    keepAliveMaxTimeout: KEEP_ALIVE_TIMEOUT,
    // `transport.ts` keeps the one deadline of a call.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { pool, origin };
}
