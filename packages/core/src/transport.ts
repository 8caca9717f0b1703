import { VortexError, type VortexErrorCode } from './errors.js';
import { readAll, TooLargeError } from './stream.js';

export interface Call<Result> {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  headers: Headers;
  body?: unknown;
  /** Makes the result of the parsed reply; `undefined` stands for an empty one. Throws `VortexError` on a wrong shape. */
  read(json: unknown): Result;
  signal?: AbortSignal | undefined;
}

export interface TransportOptions {
  fetch: typeof fetch;
  /** Total deadline of a call in milliseconds, from connecting to the last byte. */
  timeout: number;
}

const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

/** One HTTP exchange with the Vortex API: the deadline, the cap on the reply, and every failure as a `VortexError`. */
export async function send<Result>(call: Call<Result>, { fetch, timeout }: TransportOptions): Promise<Result> {
  const body = call.body === undefined ? {} : { body: serialise(call.body) };
  const deadline = AbortSignal.timeout(timeout);
  const signal = call.signal ? AbortSignal.any([call.signal, deadline]) : deadline;

  const failed = (code: VortexErrorCode, cause: unknown, message?: string) => {
    if (deadline.aborted) return new VortexError('UPSTREAM_TIMEOUT', `No answer within ${timeout} ms.`, { cause });
    if (call.signal?.aborted) return new VortexError('ABORTED', undefined, { cause });
    return new VortexError(code, message, { cause });
  };

  let response: Response;
  try {
    response = await fetch(call.url, {
      method: call.method,
      headers: call.headers,
      ...body,
      // Never followed: fetch would send our API key along to wherever it leads.
      redirect: 'manual',
      signal,
    });
  } catch (cause) {
    const harmless = call.method !== 'POST' || neverConnected(cause);
    const unreachable = `The Vortex API at ${new URL(call.url).origin} cannot be reached; is the base URL right?`;
    throw harmless ? failed('UPSTREAM_UNREACHABLE', cause, unreachable) : failed('OUTCOME_UNKNOWN', cause);
  }

  const requestId = response.headers.get('x-request-id') ?? undefined;
  const details = { upstreamStatus: response.status, requestId };
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readAll(response.body, MAX_RESPONSE_BYTES);
  } catch (cause) {
    const message =
      cause instanceof TooLargeError ? `The reply is over ${MAX_RESPONSE_BYTES} bytes.` : 'The reply broke off.';
    throw failed('UPSTREAM_BAD_RESPONSE', cause, message);
  }

  if (!response.ok) throw refusal(response, bytes, details, call);
  try {
    return call.read(parse(bytes));
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

function parse(bytes: Uint8Array): unknown {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
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
  response: Response,
  body: Uint8Array,
  details: { upstreamStatus: number; requestId: string | undefined },
  { url, headers }: { url: string; headers: Headers },
): VortexError {
  if (response.status < 400) {
    const message = `The Vortex API answered ${response.status}; redirects are not followed.`;
    return new VortexError('UPSTREAM_BAD_RESPONSE', message, details);
  }
  const code = codeOfStatus[response.status] ?? 'UPSTREAM_ERROR';
  const { origin } = new URL(url);
  const sentences: Partial<Record<VortexErrorCode, string>> = {
    UPSTREAM_AUTH: `The Vortex API at ${origin} does not accept our key; do the key and the base URL belong together?`,
    UPSTREAM_ERROR: `The Vortex API at ${origin} answered ${response.status}.`,
  };
  const fallback = sentences[code];
  return new VortexError(
    code,
    MAY_QUOTE.has(code) ? (quotable(body, headers.get('x-api-key')) ?? fallback) : fallback,
    {
      ...details,
      retryAfter: secondsUntil(response.headers.get('retry-after')),
    },
  );
}

/** The upstream's own `message`, where it is short, printable and no echo of our key; a list of them is joined. */
function quotable(body: Uint8Array, apiKey: string | null): string | undefined {
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

/** Whether the request cannot have been sent. Node says so in the cause of its fetch error; others do not tell. */
function neverConnected(error: unknown): boolean {
  const code = (error as { cause?: { code?: unknown } }).cause?.code;
  return (
    typeof code === 'string' &&
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/u.test(code)
  );
}
