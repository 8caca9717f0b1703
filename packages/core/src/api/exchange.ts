/** One HTTP exchange, by whatever the runtime does it best with. Policy is not here: see `transport.ts`. */
export interface ExchangeRequest {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
  body: string | undefined;
  ending: Ending;
}

/** What ends an exchange early. By hand, since an `AbortController` with its listeners costs a tenth of an exchange. */
export class Ending {
  /** Why it has ended; undefined before. */
  reason: unknown;
  #listener: (() => void) | undefined;

  end(reason: unknown): void {
    if (this.reason !== undefined) return;
    this.reason = reason ?? new Error('ended');
    this.#listener?.();
  }

  /** Has it called when it ends. There is one at a time. */
  onEnd(listener: (() => void) | undefined): void {
    this.#listener = listener;
  }
}

export interface ExchangeResponse {
  status: number;
  /** By lower-case name. */
  header(name: string): string | null;
  body: Uint8Array;
}

export interface Exchange {
  /** Never follows a redirect. Rejects with an `ExchangeError`. */
  send(request: ExchangeRequest): Promise<ExchangeResponse>;
  /** Lets running exchanges finish, and idle connections go. */
  close(): Promise<void>;
}

export interface ExchangeOptions {
  /** Most bytes of a reply that are read, after decompression. */
  maxResponseBytes: number;
  /** Most exchanges at a time. */
  maxInFlight: number;
}

/**
 * - `unreachable`: no connection, so nothing was sent
 * - `untrusted`: the other side's certificate is not good
 * - `connect-timeout`: no connection in time
 * - `broken`: the connection went before the reply came; what was sent may have been done
 * - `truncated`: the reply broke off
 * - `too-large`: the reply has more bytes than we read
 */
export type ExchangeFailure = 'unreachable' | 'untrusted' | 'connect-timeout' | 'broken' | 'truncated' | 'too-large';

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

const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ConnectionRefused|FailedToOpenSocket)$/u;
const UNTRUSTED = /CERT|TLS|SSL|SIGNATURE/u;

/** What an error of a connection means. Node's codes stand in the error, or in the cause of one of fetch's. */
export function failureOf(error: unknown): ExchangeFailure {
  const { code, cause } = Object(error) as { code?: unknown; cause?: { code?: unknown } };
  const known = [code, cause?.code].find((each) => typeof each === 'string');
  if (typeof known !== 'string') return 'broken';
  if (known === 'UND_ERR_CONNECT_TIMEOUT') return 'connect-timeout';
  if (NEVER_CONNECTED.test(known)) return 'unreachable';
  return UNTRUSTED.test(known) ? 'untrusted' : 'broken';
}
