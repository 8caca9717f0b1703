/** Every code of a `VortexError` and of a failed reply, with its HTTP status and its default sentence. */
export const codes = {
  // The application's configuration.
  CONFIG: [500, 'The server is not configured correctly.'],
  BAD_AUTH_RESULT: [500, 'The server could not tell who you are.'],
  INTERNAL: [500, 'Something went wrong.'],
  HOOK_TIMEOUT: [504, 'The server did not answer in time.'],
  BODY_CONSUMED: [500, 'The server could not read the request body.'],
  // Webhooks.
  RAW_BODY_REQUIRED: [500, 'The server could not read the raw bytes of the webhook.'],
  STORE_UNAVAILABLE: [503, 'The webhook store is not available. Deliver again later.'],
  EVENT_IN_FLIGHT: [503, 'The event is being handled. Deliver again later.'],
  INVALID_SIGNATURE: [401, 'The webhook signature is not valid.'],
  STALE_EVENT: [400, 'The event is too old or from the future.'],
  // The caller's input.
  INVALID_ARGUMENT: [400, 'An argument is not valid.'],
  INVALID_REQUEST: [400, 'The request is not valid.'],
  UNAUTHENTICATED: [401, 'Sign in first.'],
  FORBIDDEN: [403, 'You may not do this.'],
  IDENTITY_MISMATCH: [403, 'You may do this only in your own name.'],
  CROSS_SITE_REQUEST: [403, 'The request comes from another site.'],
  NOT_FOUND: [404, 'Not found.'],
  METHOD_NOT_ALLOWED: [405, 'The path does not support this method.'],
  REQUEST_TIMEOUT: [408, 'The request body did not arrive in time.'],
  PAYLOAD_TOO_LARGE: [413, 'The request body is too large.'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'The request body must be JSON.'],
  // Replies of the Vortex API, and their absence.
  UPSTREAM_INVALID: [400, 'The Vortex API rejected the request as invalid.'],
  UPSTREAM_CONFLICT: [409, 'The Vortex API rejected the request because of a conflict.'],
  UPSTREAM_UNPROCESSABLE: [422, 'The Vortex API could not process the request.'],
  RATE_LIMITED: [429, 'Too many requests. Try again later.'],
  ABORTED: [499, 'The call was aborted.'],
  UPSTREAM_AUTH: [502, 'The Vortex API rejected the server.'],
  UPSTREAM_UNREACHABLE: [502, 'The Vortex API cannot be reached.'],
  UPSTREAM_BAD_RESPONSE: [502, 'The Vortex API answered with an unexpected status, type or shape.'],
  UPSTREAM_ERROR: [502, 'The Vortex API failed.'],
  OVERLOADED: [503, 'Too many calls to the Vortex API are in flight. Try again later.'],
  OUTCOME_UNKNOWN: [502, 'The Vortex API gave no answer that can be read. The change may or may not have been made.'],
  UPSTREAM_UNAVAILABLE: [503, 'The Vortex API is not available. Try again later.'],
  UPSTREAM_TIMEOUT: [504, 'The Vortex API did not answer in time.'],
} as const satisfies Record<string, readonly [status: number, sentence: string]>;

/** The code to branch on. The page of `@vortex/core` says for each code what to do. */
export type VortexErrorCode = keyof typeof codes;

/** One invalid field of the input. `path` is dotted, such as `user.email` or `invitationIds.0`. */
export interface VortexIssue {
  path: string;
  message: string;
}

export interface VortexErrorDetails {
  /** Why an API key, an `expiresIn` or another argument is invalid, for tests and tools. */
  reason?: VortexErrorReason | undefined;
  issues?: VortexIssue[] | undefined;
  /** HTTP status of the Vortex API's reply. */
  upstreamStatus?: number | undefined;
  /** Request id of the Vortex API's reply, for its support. */
  requestId?: string | undefined;
  /** Seconds after which to try again, as the Vortex API asked. */
  retryAfter?: number | undefined;
  cause?: unknown;
}

export type VortexErrorReason = 'type' | 'format' | 'prefix' | 'uuid' | 'numeric' | 'non-positive-duration';

/** The error that `@vortex/core` throws and rejects with. Branch on `code`, never on `message`. */
export class VortexError extends Error {
  override readonly name: string = 'VortexError';
  readonly code: VortexErrorCode;
  /** HTTP status of the reply. */
  readonly status: number;
  declare readonly reason?: VortexErrorReason | undefined;
  declare readonly issues?: VortexIssue[] | undefined;
  declare readonly upstreamStatus?: number | undefined;
  declare readonly requestId?: string | undefined;
  declare readonly retryAfter?: number | undefined;

  /** True for a `VortexError`, also for one of another copy of this package, which `instanceof` does not recognise. */
  static is(value: unknown): value is VortexError {
    if (value instanceof VortexError) return true;
    const { name, code, status } = Object(value) as Partial<VortexError>;
    return (
      value instanceof Error && /^Vortex\w*Error$/u.test(String(name)) && isCode(code) && codes[code][0] === status
    );
  }

  constructor(code: VortexErrorCode, message: string = codes[code][1], { cause, ...details }: VortexErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = codes[code][0];
    // Only the known details, so that a printed error has no undefined fields.
    Object.assign(this, Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)));
  }
}

function isCode(code: unknown): code is VortexErrorCode {
  return typeof code === 'string' && Object.hasOwn(codes, code);
}

/** Returns a `VortexError` as it is; wraps any other value as the cause of an `INTERNAL`. */
export function asVortexError(thrown: unknown): VortexError {
  return VortexError.is(thrown) ? thrown : new VortexError('INTERNAL', undefined, { cause: thrown });
}

/** The HTTP status of an error that is not ours, which frameworks name either way. */
export function statusOf(error: unknown): unknown {
  const { status, statusCode } = Object(error) as { status?: unknown; statusCode?: unknown };
  return status ?? statusCode;
}

/**
 * The sentence for the caller. A fault of the application or the upstream (5xx), and a 404 of the upstream, gets its default
 * sentence; its message is for the log.
 */
export function publicMessage({ code, status, message, upstreamStatus }: VortexError): string {
  const isOfUpstream = code === 'NOT_FOUND' && upstreamStatus !== undefined;
  return status >= 500 || isOfUpstream ? codes[code][1] : message;
}
