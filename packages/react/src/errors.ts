import type { VortexErrorCode, VortexIssue } from '@vortex/core';

/**
 * The server's own codes, and what only a client meets: `NETWORK_ERROR` (no answer), `TIMEOUT`, `ABORTED`, and
 * `BAD_RESPONSE` (an answer that is not one of the routes', such as a proxy's page; its `status` is kept).
 */
export type VortexRequestErrorCode = VortexErrorCode | 'NETWORK_ERROR' | 'TIMEOUT' | 'BAD_RESPONSE';

interface Details {
  status?: number;
  issues?: VortexIssue[] | undefined;
  retryAfter?: number | undefined;
  cause?: unknown;
}

/** What every call rejects with. Branch on `code`; `message` is a sentence for a person, the server's where it gave one. */
export class VortexRequestError extends Error {
  override readonly name = 'VortexRequestError';
  readonly code: VortexRequestErrorCode;
  /** HTTP status of the answer; 0 where none came. */
  readonly status: number;
  /** The fields of the input that are wrong. */
  declare readonly issues?: VortexIssue[];
  /** Seconds after which the server said to try again. */
  declare readonly retryAfter?: number;

  constructor(code: VortexRequestErrorCode, message: string, { status = 0, cause, issues, retryAfter }: Details = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    if (issues) this.issues = issues;
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
  }
}
