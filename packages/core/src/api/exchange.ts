/** One HTTP exchange with the Vortex API, by the client that suits the runtime. `transport.ts` has the policy. */
import { TooLargeError } from '../lib/bytes.js';

export interface ExchangeRequest {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
  body: string | undefined;
  ending: Ending;
}

/** Ends an exchange early. Reading one invitation takes 8 % more CPU time with an `AbortController` in its place. */
export class Ending {
  /** Why the exchange has ended; undefined before that. */
  reason: unknown;
  #listener: (() => void) | undefined;

  end(reason: unknown): void {
    if (this.reason !== undefined) return;
    this.reason = reason ?? new Error('ended');
    this.#listener?.();
  }

  /** Sets the one function that is called at the end. */
  onEnd(listener: (() => void) | undefined): void {
    this.#listener = listener;
  }
}

export interface ExchangeResponse {
  status: number;
  /** Reads a header by its lower-case name. */
  header(name: string): string | null;
  body: Uint8Array;
}

export interface Exchange {
  /** Sends one request. Never follows a redirect. Rejects with an `ExchangeError`. */
  send(request: ExchangeRequest): Promise<ExchangeResponse>;
  /** Waits for exchanges in flight, then closes the connections. */
  close(): Promise<void>;
}

/** The part of `fetch` that the client uses. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  /** Null instead of undefined, which undici's types do not accept. */
  body: string | null;
  redirect: 'manual';
  signal: AbortSignal;
}

export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** A stream of bytes, or null. */
  readonly body: unknown;
}

export interface ExchangeOptions {
  /** Origin of every URL that is sent. */
  origin: string;
  /** Headers of the application, which every request has. */
  headers: Headers;
  /** Maximum size of a reply in bytes, after decompression. */
  maxResponseBytes: number;
  /** Maximum number of exchanges at a time. */
  maxInFlight: number;
}

/**
 * - `unreachable`: no connection was made, so nothing was sent
 * - `untrusted`: the TLS certificate of the server is not trusted, so nothing was sent
 * - `refused-tls`: the server ended the TLS handshake, such as for want of a client certificate, so nothing was carried out
 * - `not-tls`: the server does not speak TLS, so nothing was sent
 * - `connect-timeout`: no connection was made in time, so nothing was sent
 * - `broken`: the connection closed before the reply came, so the request may have been carried out
 * - `not-http`: the reply breaks the rules of HTTP
 * - `truncated`: the connection closed in the middle of the reply
 * - `undecodable`: the reply is compressed in a way that cannot be undone
 * - `too-large`: the reply has more bytes than allowed
 */
export type ExchangeFailure =
  | 'unreachable'
  | 'untrusted'
  | 'refused-tls'
  | 'not-tls'
  | 'connect-timeout'
  | 'broken'
  | 'not-http'
  | 'truncated'
  | 'undecodable'
  | 'too-large';

export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly failure: ExchangeFailure;
  readonly status: number | undefined;

  constructor(failure: ExchangeFailure, cause: unknown, status?: number) {
    super(failure, { cause });
    this.failure = failure;
    this.status = status;
  }
}

/** Codes of Bun, and of Node where an error does not tell the system call that failed. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ConnectionRefused|FailedToOpenSocket)$/u;
/** System calls of Node before there is a connection. They fail with many codes, such as EMFILE and EADDRNOTAVAIL. */
const CONNECTING = /^(connect|bind|getaddrinfo)$/u;
/** The words of Node if the connection closes during the TLS handshake. The code is that of any closed connection. */
const HANDSHAKE_CUT = /before secure TLS connection was established/u;
const UNTRUSTED = /CERT|TLS|SSL|SIGNATURE/u;
/**
 * Alerts of a server that does not accept our side of the handshake. With TLS 1.3 they arrive after the request was written.
 * Node 24 writes `SSL/TLS_ALERT` where Node 20 writes `SSLV3_ALERT`.
 */
const REFUSED_TLS =
  /^ERR_SSL_[\w/]*ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE|PROTOCOL_VERSION|NO_APPLICATION_PROTOCOL)$/u;
/** Codes of Node and Bun, and the words of Deno, which has no codes. */
const NOT_TLS = /^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|EPROTO)$|: received corrupt message/u;
/** Codes, a name and the words of undici, codes of Bun, and the words of Deno. On workerd it cannot be told. */
const NOT_HTTP =
  /^(HPE_\w+|HTTPParserError|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|bad response|bad upgrade|fetch returned no response\.|Malformed_HTTP_Response|InvalidHTTPResponse|InvalidContentLength)$|: invalid [\w -]+ parsed$/u;

/**
 * Classifies an error of a connection by what it says or, from `fetch`, by what its cause says. `isSent` tells whether the
 * request began to be written; it is undefined if the HTTP client does not tell, so that the words of the error must do.
 */
export function failureOf(error: unknown, isSent?: boolean): ExchangeFailure {
  const failure = classify(error);
  if (failure === 'refused-tls') return failure;
  if (isSent === true) return failure === 'not-http' ? failure : 'broken';
  return isSent === false && (failure === 'broken' || failure === 'not-http') ? 'unreachable' : failure;
}

function classify(error: unknown): ExchangeFailure {
  const outer = Object(error) as Record<string, unknown>;
  const inner = Object(outer.cause) as Record<string, unknown>;
  const says = (pattern: RegExp) =>
    [outer, inner].some((each) => [each.code, each.name, each.message].some((text) => pattern.test(String(text))));
  if (says(NOT_HTTP)) return 'not-http';
  if (says(REFUSED_TLS)) return 'refused-tls';
  if (says(NOT_TLS)) return 'not-tls';
  if (says(HANDSHAKE_CUT)) return 'unreachable';
  if ([outer, inner].some((each) => CONNECTING.test(String(each.syscall)))) return 'unreachable';
  const known = [outer.code, inner.code].find((each) => typeof each === 'string');
  if (typeof known !== 'string') return 'broken';
  if (known === 'UND_ERR_CONNECT_TIMEOUT') return 'connect-timeout';
  if (NEVER_CONNECTED.test(known)) return 'unreachable';
  return UNTRUSTED.test(known) ? 'untrusted' : 'broken';
}

/** Classifies an error that ended a reply after its head. */
export function failureOfBody(error: unknown): ExchangeFailure {
  if (error instanceof TooLargeError) return 'too-large';
  return classify(error) === 'not-http' ? 'not-http' : 'truncated';
}
