/** The policy of a call to the Vortex API: its deadline, its retries, and its failures as a `VortexError`. */
import { asVortexError, VortexError, type VortexErrorCode } from '../lib/errors.js';
import type { CallSignal } from '../lib/promises.js';
import {
  Ending,
  type Exchange,
  ExchangeError,
  type ExchangeFailure,
  type ExchangeRequest,
  type ExchangeResponse,
} from './exchange.js';
import { copyError } from './foreign-error.js';

export interface Call<Result> {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  headers: ExchangeRequest['headers'];
  /** JSON text. */
  body: string | undefined;
  /** Turns the parsed reply into the result; an empty reply is `undefined`. Throws `VortexError` on a wrong shape. */
  read(json: unknown): Result;
  signal?: CallSignal | undefined;
  /** True if the path names nothing that may be absent. */
  isCreation?: boolean | undefined;
  observer?: CallObserver | undefined;
  /** Counts the attempts. */
  counter?: { attempts: number } | undefined;
  exchange: Exchange;
  /** The API key and its secret part, which no error may quote. */
  secrets: readonly string[];
  /** Total deadline of a call in milliseconds, from connecting to the last byte of the last attempt. */
  timeout: number;
}

/** Observes a call. Its methods must not throw. */
export interface CallObserver {
  onBegin(): void;
  /** Called before each attempt. */
  onAttempt(): void;
  onEnd(): void;
}

const MAX_ATTEMPTS = 3;
/** A call fails at once if `Retry-After` asks for a longer wait. */
const MAX_RETRY_AFTER_SECONDS = 5;

export async function send<Result>(call: Call<Result>): Promise<Result> {
  const { method, url, headers, body, observer, counter, exchange, secrets, timeout } = call;
  const start = performance.now();
  const ending = new Ending();
  const leave = () => ending.end(call.signal?.reason);
  const deadline = setTimeout(() => ending.end(new DeadlineError()), timeout);
  if (call.signal?.aborted) leave();
  call.signal?.addEventListener('abort', leave);

  let isSent = false;
  try {
    observer?.onBegin();
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (ending.reason !== undefined) throw new ExchangeError('unreachable', ending.reason);
        observer?.onAttempt();
        if (counter) counter.attempts = attempt;
        const response = await exchange.send({ method, url, headers, body, ending });
        // Deleted by an earlier attempt, whose answer was lost.
        if (isSent && method === 'DELETE' && response.status === 404 && !isPage(response.body)) return call.read({});
        return interpret(response, call);
      } catch (thrown) {
        const cause = thrown instanceof ExchangeError ? withoutSecrets(thrown, secrets) : thrown;
        const { failure, status }: Partial<ExchangeError> = cause instanceof ExchangeError ? cause : {};
        isSent ||= failure !== 'unreachable' && Object(cause).code !== 'RATE_LIMITED';
        if (ending.reason instanceof DeadlineError) {
          const more = isSent && method !== 'GET' ? MAY_BE_DONE : '';
          const message = `The Vortex API did not answer within ${timeout} ms.${more}`;
          throw new VortexError('UPSTREAM_TIMEOUT', message, { cause, upstreamStatus: status });
        }
        if (ending.reason !== undefined) throw new VortexError('ABORTED', undefined, { cause });
        const error = cause instanceof ExchangeError ? connectionError(cause, call) : asVortexError(cause);
        const wait =
          method === 'POST' ? undefined : retryDelay(cause instanceof ExchangeError ? cause : error, attempt);
        if (wait === undefined || performance.now() - start + wait >= timeout) throw error;
        await sleep(wait, ending);
      }
    }
  } finally {
    clearTimeout(deadline);
    call.signal?.removeEventListener('abort', leave);
    observer?.onEnd();
  }
}

const MAY_BE_DONE = ' The change may have been made.';

class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

function withoutSecrets({ failure, cause, status }: ExchangeError, secrets: readonly string[]): ExchangeError {
  return new ExchangeError(failure, copyError(cause, secrets), status);
}

/** Retryable statuses. A 429 is retried once, and only if it has `Retry-After`. */
const RETRIED_STATUSES: ReadonlySet<number | undefined> = new Set([500, 502, 503, 504]);

/** Milliseconds before the next attempt; undefined if there is none. */
function retryDelay(error: ExchangeError | VortexError, attempt: number): number | undefined {
  if (attempt >= MAX_ATTEMPTS) return undefined;
  // Full jitter keeps clients that failed together from retrying together.
  const backoff = Math.random() * 100 * 2 ** attempt;
  if (error instanceof ExchangeError) {
    return error.failure === 'unreachable' || error.failure === 'broken' ? backoff : undefined;
  }
  const { upstreamStatus, retryAfter } = error;
  const isTried =
    upstreamStatus === 429 ? retryAfter !== undefined && attempt === 1 : RETRIED_STATUSES.has(upstreamStatus);
  if (!isTried || (retryAfter ?? 0) > MAX_RETRY_AFTER_SECONDS) return undefined;
  return retryAfter === undefined ? backoff : retryAfter * 1000 + Math.random() * 200;
}

/** Waits, or returns early once the call has ended; the next attempt then finds out why. */
function sleep(ms: number, ending: Ending): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    ending.onEnd(wake);
  });
}

/** The codes of failures without a reply. All others are `UPSTREAM_BAD_RESPONSE`. */
const codeOfFailure: Readonly<Partial<Record<ExchangeFailure, VortexErrorCode>>> = {
  unreachable: 'UPSTREAM_UNREACHABLE',
  untrusted: 'UPSTREAM_UNREACHABLE',
  'refused-tls': 'UPSTREAM_UNREACHABLE',
  'not-tls': 'UPSTREAM_UNREACHABLE',
  'connect-timeout': 'UPSTREAM_TIMEOUT',
  broken: 'UPSTREAM_UNREACHABLE',
};

function connectionError(cause: ExchangeError, { method, url }: Pick<ExchangeRequest, 'method' | 'url'>): VortexError {
  const { failure, status } = cause;
  const isSent = failure === 'broken' || failure === 'not-http';
  const isDone = status !== undefined && status >= 200 && status <= 299;
  if (method !== 'GET' && (isDone || (method === 'POST' && isSent))) {
    const message = sentenceOf(failure, url) + MAY_BE_DONE;
    return new VortexError('OUTCOME_UNKNOWN', message, { cause, upstreamStatus: status });
  }
  return new VortexError(codeOfFailure[failure] ?? 'UPSTREAM_BAD_RESPONSE', sentenceOf(failure, url), {
    cause,
    upstreamStatus: status,
  });
}

function sentenceOf(failure: ExchangeFailure, url: string): string {
  const { origin } = new URL(url);
  const sentences: Record<ExchangeFailure, string> = {
    unreachable: `The Vortex API at ${origin} cannot be reached. Check baseUrl and the network.`,
    untrusted: `The TLS certificate of the Vortex API at ${origin} is not trusted.`,
    'refused-tls': `The Vortex API at ${origin} refused the TLS connection. It may require a client certificate, or another version of TLS or HTTP.`,
    'not-tls': `The Vortex API at ${origin} does not speak TLS. Check the scheme and the port of baseUrl.`,
    'connect-timeout': `The Vortex API at ${origin} did not accept a connection in time.`,
    broken: `The Vortex API at ${origin} closed the connection.`,
    'not-http': `The Vortex API at ${origin} answered with something that is not HTTP. Check the port of baseUrl.`,
    truncated: `The Vortex API at ${origin} closed the connection in the middle of its reply.`,
    undecodable: `The Vortex API at ${origin} answered with a Content-Encoding that cannot be decoded.`,
    'too-large': `The reply of the Vortex API at ${origin} is larger than maxResponseBytes.`,
  };
  return sentences[failure];
}

function interpret<Result>(response: ExchangeResponse, call: Call<Result>): Result {
  const { status } = response;
  const { secrets } = call;
  const details = { upstreamStatus: status, requestId: requestIdOf(response, secrets) };
  if (status < 200 || status > 299) throw statusError(response, details, call);
  try {
    return call.read(parse(response.body));
  } catch (cause) {
    // Without the cause: a parse error quotes the text that it could not parse.
    const message =
      cause instanceof VortexError
        ? cause.message
        : `The Vortex API at ${new URL(call.url).origin} answered with a body that is not JSON. Check baseUrl.`;
    // A write whose reply is unreadable has probably happened.
    throw new VortexError(call.method === 'GET' ? 'UPSTREAM_BAD_RESPONSE' : 'OUTCOME_UNKNOWN', message, details);
  }
}

function requestIdOf({ header }: ExchangeResponse, secrets: readonly string[]): string | undefined {
  const id = header('x-request-id') ?? '';
  return /^[\x20-\x7e]{1,100}$/u.test(id) && !holds(id, secrets) ? id : undefined;
}

function holds(text: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => text.includes(secret));
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function parse(bytes: Uint8Array): unknown {
  const text = decoder.decode(bytes);
  return text.trim() === '' ? undefined : JSON.parse(text);
}

/** 401 and 403 mean that our own key is wrong. That is not the caller's fault, hence a 502. */
const codeOfStatus: Readonly<Record<number, VortexErrorCode>> = {
  400: 'UPSTREAM_INVALID',
  401: 'UPSTREAM_AUTH',
  403: 'UPSTREAM_AUTH',
  404: 'NOT_FOUND',
  409: 'UPSTREAM_CONFLICT',
  422: 'UPSTREAM_UNPROCESSABLE',
  429: 'RATE_LIMITED',
  503: 'UPSTREAM_UNAVAILABLE',
  504: 'UPSTREAM_TIMEOUT',
};

const MAY_QUOTE: ReadonlySet<VortexErrorCode> = new Set([
  'NOT_FOUND',
  'UPSTREAM_INVALID',
  'UPSTREAM_CONFLICT',
  'UPSTREAM_UNPROCESSABLE',
]);

function statusError(
  { status, header, body }: ExchangeResponse,
  details: { upstreamStatus: number; requestId: string | undefined },
  { url, isCreation, secrets }: Pick<Call<unknown>, 'url' | 'isCreation' | 'secrets'>,
): VortexError {
  if (status < 400) {
    const message = `The Vortex API answered ${status}. Redirects are not followed; check baseUrl.`;
    return new VortexError('UPSTREAM_BAD_RESPONSE', message, details);
  }
  const { origin } = new URL(url);
  if (status === 404 && (isCreation || isPage(body))) {
    const what = isCreation ? 'to a creation' : 'with a body that is not JSON';
    const message = `The Vortex API at ${origin} answered 404 ${what}. Check baseUrl.`;
    return new VortexError('UPSTREAM_BAD_RESPONSE', message, details);
  }
  const code = codeOfStatus[status] ?? 'UPSTREAM_ERROR';
  const sentences: Partial<Record<VortexErrorCode, string>> = {
    UPSTREAM_AUTH: `The Vortex API at ${origin} rejected the API key. Check that apiKey and baseUrl belong together.`,
    UPSTREAM_ERROR: `The Vortex API at ${origin} answered ${status}.`,
  };
  const quoted = MAY_QUOTE.has(code) ? quotable(body, secrets) : undefined;
  const retryAfter = secondsUntil(header('retry-after'), header('date'));
  return new VortexError(code, quoted ?? sentences[code], { ...details, retryAfter });
}

/** True for the body of a server that is not the API, such as a web site. */
function isPage(body: Uint8Array): boolean {
  try {
    parse(body);
    return false;
  } catch {
    return true;
  }
}

/** The `message` of an upstream reply if it is short, printable and free of our secret. A list is joined. */
function quotable(body: Uint8Array, secrets: readonly string[]): string | undefined {
  try {
    const { message } = parse(body) as { message?: unknown };
    const text: unknown = Array.isArray(message) ? message.join('; ') : message;
    if (typeof text !== 'string' || !/^[^\p{C}]{1,200}$/u.test(text)) return undefined;
    return holds(text, secrets) ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * Seconds of a `Retry-After` header, which holds a number or an HTTP date. A date is read against the `Date` of the reply, so
 * that our own clock does not matter. Undefined if malformed or in the past.
 */
function secondsUntil(header: string | null, date: string | null): number | undefined {
  const now = Date.parse(date ?? '') || Date.now();
  if (header === null) return undefined;
  const seconds = /^\d+$/u.test(header) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1000);
  return seconds >= 0 && Number.isSafeInteger(seconds) ? seconds : undefined;
}
