/** Every code a `VortexError` or a failing reply can carry: its HTTP status, and the sentence used where none is given. */
export const codes = {
  // The application's configuration.
  CONFIG: [500, 'The Vortex router is not configured correctly.'],
  BAD_AUTH_RESULT: [500, 'authenticateUser returned a user of the wrong shape.'],
  INTERNAL: [500, 'Something went wrong.'],
  HOOK_TIMEOUT: [504, 'A hook of the application did not answer in time.'],
  // Webhooks.
  RAW_BODY_REQUIRED: [
    500,
    'A body parser came before the webhook, which needs the raw bytes. Mount the webhook first, or keep them as request.rawBody.',
  ],
  STORE_UNAVAILABLE: [503, 'The webhook store cannot be reached; deliver again later.'],
  EVENT_IN_FLIGHT: [503, 'The event is being handled; deliver again later.'],
  INVALID_SIGNATURE: [401, 'The webhook signature is not valid.'],
  STALE_EVENT: [400, 'The event is too old, or from the future.'],
  // What the caller sent.
  INVALID_ARGUMENT: [400, 'An argument is not valid.'],
  INVALID_REQUEST: [400, 'The request is not valid.'],
  UNAUTHENTICATED: [401, 'Sign in first.'],
  FORBIDDEN: [403, 'You may not do this.'],
  IDENTITY_MISMATCH: [403, 'You may do this only in your own name.'],
  CROSS_SITE_REQUEST: [403, 'The request comes from another site.'],
  NOT_FOUND: [404, 'Not found.'],
  METHOD_NOT_ALLOWED: [405, 'This path does not take that method.'],
  PAYLOAD_TOO_LARGE: [413, 'The request body is too large.'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'The request body must be JSON.'],
  // What the Vortex API answered, or did not.
  UPSTREAM_INVALID: [400, 'The Vortex API refused the request as not valid.'],
  UPSTREAM_CONFLICT: [409, 'The Vortex API refused the request in the present state.'],
  UPSTREAM_UNPROCESSABLE: [422, 'The Vortex API could not process the request.'],
  RATE_LIMITED: [429, 'Too many requests; try again later.'],
  ABORTED: [499, 'The call was aborted.'],
  UPSTREAM_AUTH: [502, 'The Vortex API does not accept our credentials.'],
  UPSTREAM_UNREACHABLE: [502, 'The Vortex API cannot be reached.'],
  UPSTREAM_BAD_RESPONSE: [502, 'The Vortex API gave an answer that makes no sense.'],
  UPSTREAM_ERROR: [502, 'The Vortex API failed.'],
  OVERLOADED: [503, 'Too many calls to the Vortex API are under way.'],
  OUTCOME_UNKNOWN: [
    502,
    'The connection broke before the Vortex API answered; the change may or may not have been made.',
  ],
  UPSTREAM_UNAVAILABLE: [503, 'The Vortex API is not available at the moment.'],
  UPSTREAM_TIMEOUT: [504, 'The Vortex API did not answer in time.'],
} as const satisfies Record<string, readonly [status: number, sentence: string]>;

/** What to branch on. The page of `@vortex/core` says of each what to do. */
export type VortexErrorCode = keyof typeof codes;

/** One field of the input that is wrong; `path` is dotted, such as `user.email` or `invitationIds.0`. */
export interface VortexIssue {
  path: string;
  message: string;
}

export interface VortexErrorDetails {
  /** Why an API key, an `expiresIn` or another argument was refused, for tests and tools. */
  reason?: VortexErrorReason | undefined;
  issues?: VortexIssue[] | undefined;
  /** Status the Vortex API answered with, where it answered. */
  upstreamStatus?: number | undefined;
  /** Request id of the Vortex API, where it gave one: quote it to their support. */
  requestId?: string | undefined;
  /** Seconds after which the Vortex API said to try again. */
  retryAfter?: number | undefined;
  cause?: unknown;
}

export type VortexErrorReason = 'type' | 'format' | 'prefix' | 'uuid' | 'numeric' | 'non-positive-duration';

/** What `@vortex/core` throws, and what its methods reject with. Branch on `code`, never on `message`. */
export class VortexError extends Error {
  override readonly name: string = 'VortexError';
  readonly code: VortexErrorCode;
  /** HTTP status to answer with. */
  readonly status: number;
  declare readonly reason?: VortexErrorReason;
  declare readonly issues?: VortexIssue[];
  declare readonly upstreamStatus?: number;
  declare readonly requestId?: string;
  declare readonly retryAfter?: number;

  constructor(code: VortexErrorCode, message: string = codes[code][1], { cause, ...details }: VortexErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = codes[code][0];
    // Only what is known: whoever prints an error need not read a row of undefined fields.
    Object.assign(this, Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)));
  }
}

/** Whatever was thrown; what is not ours is an `INTERNAL` with it as the cause. */
export function asVortexError(thrown: unknown): VortexError {
  return thrown instanceof VortexError ? thrown : new VortexError('INTERNAL', undefined, { cause: thrown });
}

/**
 * The sentence a stranger may read. Faults of the application and of the upstream (5xx) get the table's sentence; what was
 * really wrong is for the log.
 */
export function publicMessage(error: VortexError): string {
  return error.status >= 500 ? codes[error.code][1] : error.message;
}
