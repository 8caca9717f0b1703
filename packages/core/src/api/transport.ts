/** The policy of a call to the Vortex API: its deadline, its retries, and every failure as a `VortexError`. */
import { VortexError, type VortexErrorCode } from '../lib/errors.js';
import {
  Ending,
  type Exchange,
  ExchangeError,
  type ExchangeFailure,
  type ExchangeRequest,
  type ExchangeResponse,
} from './exchange.js';

export interface Call<Result> {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  headers: ExchangeRequest['headers'];
  body?: unknown;
  /** Makes the result of the parsed reply; `undefined` stands for an empty one. Throws `VortexError` on a wrong shape. */
  read(json: unknown): Result;
  signal?: CallSignal | undefined;
  observer?: CallObserver | undefined;
}

/** As much of an `AbortSignal` as a call needs. */
export interface CallSignal {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(event: 'abort', listener: () => void): void;
  removeEventListener(event: 'abort', listener: () => void): void;
}

/** Told how a call goes. What it throws, the call rejects with. */
export interface CallObserver {
  onBegin(): void;
  /** Before each attempt. */
  onAttempt(): void;
  onEnd(): void;
}

export interface TransportOptions {
  exchange: Exchange;
  /** Total deadline of a call in milliseconds, from connecting to the last byte of the last attempt. */
  timeout: number;
}

const MAX_ATTEMPTS = 3;
/** Longest wait that a `Retry-After` may ask for; a call that is told to wait longer fails at once. */
const MAX_RETRY_AFTER_SECONDS = 5;

export async function send<Result>(call: Call<Result>, { exchange, timeout }: TransportOptions): Promise<Result> {
  const { method, url, headers, observer } = call;
  const body = call.body === undefined ? undefined : serialise(call.body);
  const end = Date.now() + timeout;
  const ending = new Ending();
  const leave = () => ending.end(call.signal?.reason);
  const deadline = setTimeout(() => ending.end(new DeadlineError()), timeout);
  if (call.signal?.aborted) leave();
  call.signal?.addEventListener('abort', leave);

  try {
    observer?.onBegin();
    for (let attempt = 1; ; attempt += 1) {
      observer?.onAttempt();
      try {
        return interpret(await exchange.send({ method, url, headers, body, ending }), call);
      } catch (cause) {
        if (ending.reason instanceof DeadlineError) {
          throw new VortexError('UPSTREAM_TIMEOUT', `No answer within ${timeout} ms.`, { cause });
        }
        if (ending.reason !== undefined) throw new VortexError('ABORTED', undefined, { cause });
        const error = cause instanceof ExchangeError ? connectionError(cause, call) : (cause as VortexError);
        const wait = method === 'POST' ? undefined : retryDelay(cause, attempt);
        if (wait === undefined || Date.now() + wait >= end) throw error;
        await sleep(wait, ending);
      }
    }
  } finally {
    clearTimeout(deadline);
    call.signal?.removeEventListener('abort', leave);
    observer?.onEnd();
  }
}

class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** Failures that another attempt may not meet. A 429 is tried once more, and only where it says when. */
const RETRIED_FAILURES: ReadonlySet<ExchangeFailure> = new Set(['unreachable', 'broken']);
const RETRIED_STATUSES: ReadonlySet<number | undefined> = new Set([500, 502, 503, 504]);

/** Milliseconds before the next attempt, or nothing where there shall be none. */
function retryDelay(error: unknown, attempt: number): number | undefined {
  if (attempt >= MAX_ATTEMPTS) return undefined;
  // Full jitter: those who failed together shall not come back together.
  const backoff = Math.random() * 100 * 2 ** attempt;
  if (error instanceof ExchangeError) return RETRIED_FAILURES.has(error.failure) ? backoff : undefined;
  const { upstreamStatus, retryAfter } = error as VortexError;
  const isTried =
    upstreamStatus === 429 ? retryAfter !== undefined && attempt === 1 : RETRIED_STATUSES.has(upstreamStatus);
  if (!isTried || (retryAfter ?? 0) > MAX_RETRY_AFTER_SECONDS) return undefined;
  return retryAfter === undefined ? backoff : retryAfter * 1000 + Math.random() * 200;
}

/** Less where the call ends meanwhile; the attempt that follows then finds out why. */
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

const codeOfFailure: Readonly<Record<ExchangeFailure, VortexErrorCode>> = {
  unreachable: 'UPSTREAM_UNREACHABLE',
  untrusted: 'UPSTREAM_UNREACHABLE',
  'connect-timeout': 'UPSTREAM_TIMEOUT',
  broken: 'UPSTREAM_UNREACHABLE',
  truncated: 'UPSTREAM_BAD_RESPONSE',
  'too-large': 'UPSTREAM_BAD_RESPONSE',
};

function connectionError(cause: ExchangeError, { method, url }: Pick<ExchangeRequest, 'method' | 'url'>): VortexError {
  const { failure, status } = cause;
  if (failure === 'broken' && method === 'POST') return new VortexError('OUTCOME_UNKNOWN', undefined, { cause });
  const { origin } = new URL(url);
  const sentences: Record<ExchangeFailure, string> = {
    unreachable: `The Vortex API at ${origin} cannot be reached; is the base URL right?`,
    untrusted: `The certificate of the Vortex API at ${origin} is not good.`,
    'connect-timeout': `The Vortex API at ${origin} took too long to connect.`,
    broken: `The Vortex API at ${origin} closed the connection.`,
    truncated: 'The reply broke off.',
    'too-large': 'The reply is larger than maxResponseBytes.',
  };
  return new VortexError(codeOfFailure[failure], sentences[failure], { cause, upstreamStatus: status });
}

function interpret<Result>(response: ExchangeResponse, call: Call<Result>): Result {
  const { status } = response;
  const details = { upstreamStatus: status, requestId: response.header('x-request-id') ?? undefined };
  if (status < 200 || status > 299) throw refusal(response, details, call);
  try {
    return call.read(parse(response.body));
  } catch (cause) {
    // Cause and body stay out: an engine's parse error quotes what it could not parse.
    const message =
      cause instanceof VortexError ? cause.message : 'The Vortex API answered something that is not JSON.';
    throw new VortexError('UPSTREAM_BAD_RESPONSE', message, details);
  }
}

function serialise(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw new VortexError('INVALID_ARGUMENT', 'What is to be sent cannot be written as JSON.', {
      reason: 'type',
      cause,
    });
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function parse(bytes: Uint8Array): unknown {
  const text = decoder.decode(bytes);
  return text.trim() === '' ? undefined : JSON.parse(text);
}

/** 401 and 403 mean that our key is bad, which is no fault of the caller's: hence a 502. */
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
  'UPSTREAM_INVALID',
  'UPSTREAM_CONFLICT',
  'UPSTREAM_UNPROCESSABLE',
]);

function refusal(
  { status, header, body }: ExchangeResponse,
  details: { upstreamStatus: number; requestId: string | undefined },
  { url, headers }: Pick<ExchangeRequest, 'url' | 'headers'>,
): VortexError {
  if (status < 400) {
    const message = `The Vortex API answered ${status}; redirects are not followed.`;
    return new VortexError('UPSTREAM_BAD_RESPONSE', message, details);
  }
  const code = codeOfStatus[status] ?? 'UPSTREAM_ERROR';
  const { origin } = new URL(url);
  const sentences: Partial<Record<VortexErrorCode, string>> = {
    UPSTREAM_AUTH: `The Vortex API at ${origin} does not accept our key; do the key and the base URL belong together?`,
    UPSTREAM_ERROR: `The Vortex API at ${origin} answered ${status}.`,
  };
  const quoted = MAY_QUOTE.has(code) ? quotable(body, headers['x-api-key']) : undefined;
  const retryAfter = secondsUntil(header('retry-after'));
  return new VortexError(code, quoted ?? sentences[code], { ...details, retryAfter });
}

/** The upstream's own `message`, where it is short, printable and no echo of our key; a list of them is joined. */
function quotable(body: Uint8Array, apiKey: string | undefined): string | undefined {
  try {
    const { message } = JSON.parse(new TextDecoder().decode(body));
    const text: unknown = Array.isArray(message) ? message.join('; ') : message;
    if (typeof text !== 'string' || !/^[^\p{C}]{1,200}$/u.test(text)) return undefined;
    const secret = apiKey?.split('.').at(-1);
    return secret && text.includes(secret) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Seconds meant by a `Retry-After` header, which holds seconds or an HTTP date; nothing for junk and for the past. */
function secondsUntil(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/u.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return seconds >= 0 && Number.isSafeInteger(seconds) ? seconds : undefined;
}
