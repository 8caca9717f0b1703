/** The options of `VortexClient`, checked when it is built and completed with their defaults. */

import { createExchange } from '#exchange';
import { positiveInteger, requireOptions } from '../lib/config.js';
import { VortexError, type VortexErrorCode } from '../lib/errors.js';
import { anything, optionalCallable, optionalFlag, optionalText } from '../lib/option-checks.js';
import { isPlainObject, parseUrl } from '../lib/values.js';
import type { Exchange, Fetch } from './exchange.js';
import { FairLimiter } from './fair-limiter.js';

export interface VortexClientOptions {
  /**
   * Origin of the API, with or without `/api/v1`. Without it, the environment is read, for which Deno needs a permission.
   *
   * @default the environment variable `VORTEX_API_BASE_URL`, otherwise `https://api.vortexsoftware.com`
   */
  baseUrl?: string | undefined;
  /**
   * Allows a plain `http:` base URL off loopback, for containers on a private network.
   *
   * @default false
   */
  allowInsecureHttp?: boolean | undefined;
  /**
   * Total deadline of a call in milliseconds, its retries included.
   *
   * @default 10_000
   */
  timeout?: number | undefined;
  /**
   * Maximum number of calls in flight. A further call fails with `OVERLOADED` and is not sent. One user of a router may have
   * three times as many as are free, apart from the loads of rules.
   *
   * @default 256
   */
  maxInFlight?: number | undefined;
  /**
   * Maximum size of a reply in bytes.
   *
   * @default 16_777_216
   */
  maxResponseBytes?: number | undefined;
  /**
   * Sends the calls. Any implementation of `fetch` fits, undici's with a proxy agent included.
   *
   * @default a pool of connections by undici on Node, the runtime's `fetch` elsewhere. On Node the pool goes through the proxies
   * of the environment if `NODE_USE_ENV_PROXY` is `1`, and a global dispatcher that the application has set replaces it
   */
  fetch?: Fetch | undefined;
  /**
   * Headers sent with every call. They cannot replace those that the client sets, but for `user-agent`. The connection
   * pool of Node refuses some, such as `content-length`.
   *
   * @default {}
   */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Receives the outcome of every call, for metrics. The call does not wait for it; an error that it throws is ignored. */
  onCall?: ((event: CallEvent) => unknown) | undefined;
}

/** The outcome of one call to the API. It names no user, address or invitation. */
export interface CallEvent {
  /** Name of the method of the client, such as `getInvitation`. */
  method: string;
  code: 'OK' | VortexErrorCode;
  /** Number of attempts, also of those that found no connection. */
  attempts: number;
  /** In milliseconds. */
  duration: number;
}

/** The public secret in the default key of `@vortex/emulator`. */
const EMULATOR_SECRET = 'emulator-key-not-a-secret';

/** Names that are never of a real server (RFC 2606), for tests. */
const RESERVED_NAMES = /\.(?:test|example|invalid)$/u;

/** The calls that a user of a router may have in flight for each call that is free. */
const CALLS_PER_FREE_CALL = 3;

const PRODUCTION = 'https://api.vortexsoftware.com';

const checks = {
  baseUrl: optionalText,
  allowInsecureHttp: optionalFlag,
  timeout: anything,
  maxInFlight: anything,
  maxResponseBytes: anything,
  fetch: optionalCallable,
  headers: anything,
  onCall: optionalCallable,
};

/** Checked options, with the connections and the calls in flight that all clients with these settings share. */
export class ClientSettings {
  readonly baseUrl: string;
  readonly headers: Headers;
  /** In milliseconds. */
  readonly timeout: number;
  readonly maxInFlight: number;
  readonly exchange: Exchange;
  readonly onCall: ((event: CallEvent) => unknown) | undefined;
  #inFlight = 0;
  /** Calls in flight of users of a router, by user. */
  readonly #callers = new Map<string, number>();
  #onIdle = () => {};
  #closing: Promise<void> | undefined;
  /** Loads of invitations for hooks. They leave half of the calls in flight to other calls. */
  readonly loads: FairLimiter;

  /** @throws VortexError `CONFIG` naming the option that is wrong */
  constructor(options: VortexClientOptions) {
    requireOptions(checks, options);
    const {
      maxInFlight = 256,
      maxResponseBytes = 16 * 1024 * 1024,
      timeout = 10_000,
      fetch,
      headers,
      onCall,
    } = options;
    this.maxInFlight = positiveInteger('maxInFlight', maxInFlight, 'calls');
    this.loads = new FairLimiter(Math.max(1, Math.floor(this.maxInFlight / 2)));
    this.baseUrl = readBaseUrl(options);
    const { origin } = new URL(this.baseUrl);
    this.headers = readHeaders(headers);
    this.timeout = positiveInteger('timeout', timeout);
    const exchangeOptions = {
      origin,
      headers: this.headers,
      maxInFlight: this.maxInFlight,
      maxResponseBytes: positiveInteger('maxResponseBytes', maxResponseBytes, 'bytes'),
    };
    this.exchange = createExchange(exchangeOptions, fetch);
    this.onCall = onCall;
  }

  /**
   * Counts a call in flight. `end` must be called once it has settled.
   *
   * @param caller the user in whose request the call is made. One user has at most three times as many calls as are free
   * @throws VortexError `OVERLOADED`
   */
  begin(caller: string | undefined): void {
    const own = caller === undefined ? 0 : (this.#callers.get(caller) ?? 0);
    if (own >= CALLS_PER_FREE_CALL * (this.maxInFlight - this.#inFlight)) throw new VortexError('OVERLOADED');
    this.#inFlight += 1;
    if (caller !== undefined) this.#callers.set(caller, own + 1);
  }

  end(caller: string | undefined): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#onIdle();
    if (caller === undefined) return;
    const own = this.#callers.get(caller) ?? 0;
    if (own > 1) this.#callers.set(caller, own - 1);
    else this.#callers.delete(caller);
  }

  /**
   * Waits for calls in flight, then closes the connections. May be called again. A call that waits for its next attempt has no
   * exchange in flight, so the exchange alone cannot tell.
   */
  close(): Promise<void> {
    this.#closing ??= new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      if (this.#inFlight === 0) resolve();
    }).then(() => this.exchange.close());
    return this.#closing;
  }

  /** @throws VortexError `CONFIG` once the client is closed, or waits for its last calls */
  requireOpen(): void {
    if (!this.#closing) return;
    throw new VortexError('CONFIG', 'The client is closed. Close it after the last call, or create another one.');
  }

  /**
   * Off this machine, plain http is for an emulator in a container, and https is not for an emulator.
   *
   * @throws VortexError `CONFIG` for the key of the emulator and a base URL that is not of an emulator
   */
  requireOwnKey(secret: string): void {
    const { protocol, hostname } = new URL(this.baseUrl);
    if (secret !== EMULATOR_SECRET || protocol === 'http:' || isLoopback(hostname)) return;
    if (RESERVED_NAMES.test(hostname)) return;
    throw new VortexError(
      'CONFIG',
      `apiKey is the key of the emulator, and ${hostname} is not an emulator. Set the key of your Vortex account, or set baseUrl or VORTEX_API_BASE_URL to the URL of the emulator.`,
    );
  }
}

function readHeaders(headers: Readonly<Record<string, string>> | undefined): Headers {
  const [unset] =
    Object.entries(isPlainObject(headers) ? headers : {}).find(([, value]) => typeof value !== 'string') ?? [];
  // It would be sent as the text "undefined".
  if (unset !== undefined) throw new VortexError('CONFIG', `headers["${unset}"] must be text.`);
  try {
    return new Headers(headers);
  } catch {
    // The error of `Headers` quotes the value, which may be a secret.
    throw new VortexError('CONFIG', 'headers must hold only names and values that HTTP allows.');
  }
}

function readBaseUrl({ baseUrl, allowInsecureHttp }: VortexClientOptions): string {
  const [name, text] =
    baseUrl === undefined
      ? ['VORTEX_API_BASE_URL', environment('VORTEX_API_BASE_URL') || PRODUCTION]
      : ['baseUrl', baseUrl];
  const url = parseUrl(text);
  if (!url || !/^https?:$/u.test(url.protocol)) {
    const problem = text === '' ? '; it is empty. Leave it undefined for the default' : '';
    throw new VortexError('CONFIG', `${name} must be an http(s) URL such as "${PRODUCTION}"${problem}.`);
  }
  if (url.username || url.password || /[?#]/u.test(text)) {
    throw new VortexError('CONFIG', `${name} must not hold credentials, a query or a fragment.`);
  }
  if (url.protocol === 'http:' && allowInsecureHttp !== true && !isLoopback(url.hostname)) {
    throw new VortexError(
      'CONFIG',
      `${name} must use https: off loopback. On a private network, set allowInsecureHttp.`,
    );
  }
  return url.origin + url.pathname.replace(/\/*(?:\/api\/v1\/*)?$/u, '');
}

function isLoopback(hostname: string): boolean {
  return /^(?:(?:.*\.)?localhost|\[::1\]|127(?:\.\d+){3})$/u.test(hostname);
}

/** Reads the environment when a client is made and not at import. Some runtimes have no `process`. */
function environment(name: string): string | undefined {
  return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name];
}
