import { createRequire } from 'node:module';
import { types } from 'node:util';
import type { Dispatcher } from 'undici';
import { Chunks } from '../lib/bytes.js';
import { VortexError } from '../lib/errors.js';
import { cacheSuccess } from '../lib/promises.js';
import { decode } from './decode-node.js';
import {
  type Ending,
  type Exchange,
  ExchangeError,
  type ExchangeOptions,
  type ExchangeRequest,
  type ExchangeResponse,
  type Fetch,
  failureOf,
  failureOfBody,
} from './exchange.js';
import { createExchange as createFetchExchange } from './exchange-fetch.js';

const CONNECT_TIMEOUT = 2000;
/** Many servers close an idle connection after 5 s, and a POST on a closing connection is lost. */
const KEEP_ALIVE_TIMEOUT = 4000;
/**
 * Milliseconds after which connections are replaced: one that is never idle would never follow the API's name to another
 * address. undici's `clientTtl` reads the clock, and a call that meets only old connections at the limit hangs.
 */
const MAX_AGE = 60_000;
/** Size of a reply that takes milliseconds to parse. */
const LONG = 256 * 1024;

/** Headers that undici refuses, or sets. A call with one would fail as if there were no connection. */
const OF_CONNECTION = /^(?:content-length|expect|keep-alive|transfer-encoding|upgrade)$/u;

/**
 * Sends by a pool of undici, which has a connect deadline and costs less than `fetch`. Sends by Node's own `fetch` if the
 * application has set a global dispatcher.
 *
 * @throws VortexError `CONFIG` for a header of the connection, by name
 */
export function createExchange(options: ExchangeOptions, fetch?: Fetch): Exchange {
  if (fetch) return createFetchExchange(options, fetch);
  const refused = [...options.headers.keys()].find((name) => OF_CONNECTION.test(name));
  if (refused !== undefined) {
    throw new VortexError(
      'CONFIG',
      `headers["${refused}"] cannot be set, since the connection has its own. Remove it.`,
    );
  }
  const open = cacheSuccess(() => openExchange(options));
  let opening: Promise<Exchange> | undefined;
  let opened: Exchange | undefined;
  const openAndSend = async (request: ExchangeRequest) => {
    try {
      opening = open();
      opened = await opening;
    } catch (cause) {
      throw new ExchangeError('unreachable', cause);
    }
    const { reason } = request.ending;
    if (reason !== undefined) throw new ExchangeError('unreachable', reason);
    return opened.send(request);
  };

  return {
    send: (request) => (opened ? opened.send(request) : openAndSend(request)),
    async close() {
      // An exchange that could not be opened needs no closing.
      await opening?.then((exchange) => exchange.close()).catch(() => {});
    },
  };
}

async function openExchange(options: ExchangeOptions): Promise<Exchange> {
  const usesProxies = process.env.NODE_USE_ENV_PROXY === '1';
  const custom = customDispatcher();
  // Node itself sets an agent of this name for that variable. Ours tells whether a request was sent.
  const isOfNode = usesProxies && custom?.constructor.name === 'EnvHttpProxyAgent';
  if (custom && !isOfNode) return createFetchExchange(options);
  const undici = await loadUndici();
  if (!undici) return createFetchExchange(options);
  const { EnvHttpProxyAgent, Pool } = undici;
  const settings = poolSettings(options);
  const { connect } = settings;
  return createPoolExchange(options, () =>
    usesProxies
      ? new EnvHttpProxyAgent({ ...settings, proxyTls: connect, requestTls: connect })
      : new Pool(options.origin, settings),
  );
}

/** The dispatcher that the application has set for `fetch`, such as a proxy's. Undefined for the one that `fetch` creates. */
function customDispatcher(): object | undefined {
  const dispatcher = globalDispatcher();
  if (typeof dispatcher !== 'object' || dispatcher === null) return undefined;
  if (dispatcher.constructor.name !== 'Agent' || types.isProxy(dispatcher)) return dispatcher;
  const key = Object.getOwnPropertySymbols(dispatcher).find(({ description }) => description === 'options');
  const options: unknown = key && Reflect.get(dispatcher, key);
  const isSet = (value: unknown) => value !== undefined && value !== Number.POSITIVE_INFINITY;
  return Object.values(options ?? {}).some(isSet) ? dispatcher : undefined;
}

/** From version 8 on, undici sets a dispatcher when it is imported, and wraps it for Node's `fetch`. */
function globalDispatcher(): unknown {
  const [older, newer] = [1, 2].map((version): unknown =>
    Reflect.get(globalThis, Symbol.for(`undici.globalDispatcher.${version}`)),
  );
  return older?.constructor.name === 'Dispatcher1Wrapper' ? newer : older;
}

function createPoolExchange({ origin, maxResponseBytes }: ExchangeOptions, openPool: () => Dispatcher): Exchange {
  const takeTurn = createTurns();
  let pool = openPool();
  let openedAt = performance.now();
  let closing: Promise<void> = Promise.resolve();
  const closePool = () => {
    const before = closing;
    // Resolves without a value, since a value would hold every earlier one.
    closing = pool.close().then(
      () => before,
      () => before,
    );
    return closing;
  };
  const youngPool = () => {
    if (performance.now() - openedAt <= MAX_AGE) return pool;
    // Exchanges in flight end first.
    void closePool();
    pool = openPool();
    openedAt = performance.now();
    return pool;
  };

  return {
    async send({ url, method, headers, body = null, ending }) {
      const path = url.slice(origin.length);
      const response = await new Promise<ExchangeResponse>((resolve, reject) => {
        const receiver = receive({ ending, maxResponseBytes, resolve, reject });
        // A copy of the headers, since the agent of a proxy adds to them.
        youngPool().dispatch({ origin, method, path, headers: { ...headers }, body }, receiver);
      });
      const encoding = response.header('content-encoding');
      if (encoding !== null) response.body = await decode(response, encoding, maxResponseBytes);
      if (response.body.byteLength > LONG) await takeTurn();
      return response;
    },
    async close() {
      await closePool();
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
    const failure = status === undefined ? failureOf(cause, running !== undefined) : failureOfBody(cause);
    reject(new ExchangeError(failure, cause, status));
  };
  ending.onEnd(() => {
    running?.abort(ending.reason as Error);
    // Before there is a connection, there is no controller to abort.
    fail(ending.reason);
  });

  return {
    /** Called when the request is about to be written, once there is a connection. */
    onRequestStart(controller) {
      running = controller;
      if (ending.reason !== undefined) controller.abort(ending.reason as Error);
    },
    onResponseStart(_controller, statusCode, received) {
      // A 1xx reply is interim.
      if (statusCode < 200) return;
      status = statusCode;
      headers = received;
      chunks.announced = Number(received['content-length'] ?? 0);
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

type Undici = typeof import('undici');

/**
 * Loads undici with the first call, since importing it takes longer than importing all of core. Node remembers an import that
 * has failed, such as for want of a file descriptor, but no `require`. Undefined if a bundler has left undici out.
 */
async function loadUndici(): Promise<Undici | undefined> {
  try {
    const loaded: Undici & { default?: Undici } = await import('undici');
    // esbuild puts a CommonJS module under `default` alone if it splits the bundle.
    return loaded.Pool ? loaded : loaded.default;
  } catch {
    return requireUndici();
  }
}

function requireUndici(): Undici | undefined {
  try {
    return createRequire(import.meta.url)('undici');
  } catch (error) {
    // Rollup and Vite 7 import what undici requires only on newer versions of Node.
    if ((error as { code?: unknown }).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function poolSettings({ maxInFlight }: ExchangeOptions) {
  return {
    connections: maxInFlight,
    connect: { timeout: CONNECT_TIMEOUT },
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    keepAliveMaxTimeout: KEEP_ALIVE_TIMEOUT,
    // `transport.ts` keeps the one deadline of a call.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
}
