import type { VortexErrorCode, VortexIssue } from '@vortex/core';

/**
 * The codes of the routes, and the codes of the client: `NETWORK_ERROR` (no answer), `TIMEOUT`, `ABORTED`, `UNSUPPORTED` (the
 * environment lacks a function that the client needs; `cause` names it), and `BAD_RESPONSE` (an answer that does not come from
 * the routes, such as a proxy's page; `status` is that of the answer).
 */
export type VortexRequestErrorCode = VortexErrorCode | 'NETWORK_ERROR' | 'TIMEOUT' | 'UNSUPPORTED' | 'BAD_RESPONSE';

export interface VortexRequestErrorDetails {
  /**
   * The HTTP status of the answer.
   *
   * @default 0
   */
  status?: number | undefined;
  /** The invalid fields of the input. */
  issues?: VortexIssue[] | undefined;
  /** The seconds to wait before the next attempt. */
  retryAfter?: number | undefined;
  cause?: unknown;
}

/**
 * The error that every call rejects with. Branch on `code`. `message` is a sentence to show to a user: the server's, if it sent
 * one.
 */
export class VortexRequestError extends Error {
  override readonly name = 'VortexRequestError';
  readonly code: VortexRequestErrorCode;
  /** The HTTP status of the answer; 0 if there was no answer. */
  readonly status: number;
  /** The invalid fields of the input. */
  declare readonly issues?: VortexIssue[] | undefined;
  /**
   * The seconds to wait before the next attempt, from the server's `Retry-After`. A page of another origin gets it only if the server
   * exposes that header (`Access-Control-Expose-Headers`).
   */
  declare readonly retryAfter?: number | undefined;
  declare readonly cause?: unknown;

  constructor(
    code: VortexRequestErrorCode,
    message: string,
    { status = 0, cause, issues, retryAfter }: VortexRequestErrorDetails = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    if (issues) this.issues = issues;
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
    // Set here, since older browsers ignore the second argument of `Error`.
    if (cause !== undefined) this.cause = cause;
  }

  /**
   * True if the same call may succeed later: there was no answer or no usable one, or its status is 408, 429 or 5xx. False for a
   * refusal, for a call that was aborted or not sent, for `OUTCOME_UNKNOWN`, and where the environment lacks a function.
   *
   * A call that changes something may have succeeded all the same, such as after `TIMEOUT`: read the state before you repeat it.
   */
  get isRetryable(): boolean {
    const { code, status } = this;
    if (['ABORTED', 'INVALID_REQUEST', 'OUTCOME_UNKNOWN', 'UNSUPPORTED'].includes(code)) return false;
    return status < 400 || status >= 500 || status === 408 || status === 429;
  }
}
