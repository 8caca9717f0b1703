/** Fetches a token and refreshes it automatically. It needs no framework: the provider subscribes to it. */
import type { CallOptions, JwtContext } from './client.js';
import { type AuthenticatedUser, decodeToken, type InvitationGroup, userOf } from './decode-token.js';
import { VortexRequestError } from './errors.js';
import { tell } from './tell.js';

export interface TokenState {
  readonly jwt: string | null;
  readonly user: AuthenticatedUser | null;
  /** True from a call of `refresh` until there is a token or an error. Automatic refreshes do not set it. */
  readonly isLoading: boolean;
  /** The error of the last attempt, once there will be no further retry. */
  readonly error: VortexRequestError | null;
}

export interface TokenKeeperOptions {
  /**
   * The longest time between refreshes, in milliseconds, even if the token is valid for longer. 0 turns automatic refreshes off.
   * @default Infinity
   */
  refreshJwtInterval?: number | undefined;
  /** The delays between the retries of a failed refresh. */
  jwtBackoff?:
    | {
        /**
         * The delay before the first retry, in milliseconds.
         * @default 1000
         */
        initialDelayMs?: number | undefined;
        /**
         * The longest delay, in milliseconds.
         * @default 60_000
         */
        maxDelayMs?: number | undefined;
        /**
         * The factor by which each delay is longer than the one before.
         * @default 2
         */
        multiplier?: number | undefined;
        /**
         * The number of retries after the first attempt.
         * @default 5
         */
        maxRetries?: number | undefined;
      }
    | undefined;
  /** The `groups` of the user if the token has none. */
  defaultGroups?: InvitationGroup[] | undefined;
  /** Called with each final failure, which is not retried or has no retry left. Not called for aborted calls. */
  onError?: ((error: VortexRequestError) => void) | undefined;
  /** Called with each new token. */
  onJwtRefresh?: ((jwt: string) => void) | undefined;
}

export const NO_TOKEN: TokenState = { jwt: null, user: null, isLoading: false, error: null };

/** The share of a token's lifetime after which it is refreshed. */
const REFRESH_AT = 0.85;
/** The least delay of a refresh that follows the token's lifetime, in milliseconds, for tokens that live only seconds. */
const MIN_DELAY = 5000;
/** The longest delay of a timer, in milliseconds. Timers stop while the computer sleeps, so a longer one would end too late. */
const MAX_TIMER = 60_000;
const NEVER = Number.POSITIVE_INFINITY;

interface Flight {
  readonly key: string;
  readonly controller: AbortController;
  readonly landed: Promise<void>;
}

/** Keeps one token and its user. Concurrent callers share a request, and failed requests are retried. */
export class TokenKeeper {
  private readonly fetchJwt: (context: JwtContext | undefined, options: CallOptions) => Promise<string>;
  private options: TokenKeeperOptions;
  private state = NO_TOKEN;
  private readonly listeners = new Set<() => void>();
  private context: JwtContext | undefined;
  private flight: Flight | undefined;
  private readonly now = startClock();
  /** The time of `now` when the token arrived. */
  private received = 0;
  private lifetime: number | undefined;
  private retryAt: number | undefined;
  private retries = 0;
  private isRunning = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    fetchJwt: (context: JwtContext | undefined, options: CallOptions) => Promise<string>,
    options: TokenKeeperOptions = {},
  ) {
    this.fetchJwt = fetchJwt;
    this.options = options;
  }

  readonly getState = (): TokenState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Replaces the options. */
  configure(options: TokenKeeperOptions): void {
    this.options = options;
    this.arm();
  }

  /**
   * Starts automatic refreshes. The returned function stops them and aborts a request under way. The next start sends that
   * request again.
   */
  start(): () => void {
    this.isRunning = true;
    const { document, window } = globalThis;
    document?.addEventListener('visibilitychange', this.wake);
    window?.addEventListener?.('online', this.wake);
    window?.addEventListener?.('offline', this.wake);
    this.arm();
    return () => {
      this.isRunning = false;
      document?.removeEventListener('visibilitychange', this.wake);
      window?.removeEventListener?.('online', this.wake);
      window?.removeEventListener?.('offline', this.wake);
      clearTimeout(this.timer);
      if (this.flight) this.retryAt = 0;
      this.abort();
    };
  }

  /** Fetches a token for the given context, by default the last one. Never rejects: the state has the token or the error. */
  readonly refresh = (context?: JwtContext): Promise<void> => {
    if (context) this.context = plain(context);
    this.retries = 0;
    this.set({ isLoading: true, error: null });
    return this.fly();
  };

  /** Discards the token and the context, and aborts a request under way. */
  readonly clear = (): void => {
    this.abort();
    this.context = undefined;
    this.retryAt = undefined;
    this.set(NO_TOKEN);
    this.arm();
  };

  /** Returns whether the token expires within the given milliseconds. Returns true if there is no token, or no readable one. */
  expiresWithin(milliseconds: number): boolean {
    const { jwt, user } = this.state;
    if (jwt === null) return true;
    if (this.lifetime === undefined) return user === null;
    return this.now() + milliseconds >= this.received + this.lifetime;
  }

  /** Sends at most one request at a time. Callers with the same context share it; another context aborts and replaces it. */
  private fly(): Promise<void> {
    clearTimeout(this.timer);
    const key = JSON.stringify(this.context) ?? '';
    if (this.flight?.key === key) return this.flight.landed;
    this.abort();
    const controller = new AbortController();
    const fetching = (async () => this.fetchJwt(this.context, controller))();
    const landed = fetching.then(
      (jwt) => this.land(controller, () => this.accept(jwt)),
      (error: VortexRequestError) => this.land(controller, () => this.fail(error)),
    );
    this.flight = { key, controller, landed };
    return landed;
  }

  /** Settles a request. The callers of a request that was replaced wait for its replacement. */
  private land({ signal }: AbortController, settle: () => void): Promise<void> | undefined {
    if (signal.aborted) return this.flight?.landed;
    this.flight = undefined;
    settle();
    this.arm();
    return undefined;
  }

  private accept(jwt: string): void {
    const { defaultGroups, onJwtRefresh } = this.options;
    const decoded = decodeToken(jwt);
    this.received = this.now();
    this.lifetime = decoded?.lifetime;
    this.retryAt = undefined;
    this.retries = 0;
    const user = decoded ? userOf(decoded.claims, defaultGroups) : null;
    // The component of the vendor may read a token that this package cannot read, so it is kept, and the error says so.
    const error = user
      ? null
      : new VortexRequestError('BAD_RESPONSE', 'The server sent a token without a readable user.');
    this.set({ jwt, user, isLoading: false, error });
    tell(onJwtRefresh, jwt);
    if (error) tell(this.options.onError, error);
  }

  private fail(error: VortexRequestError): void {
    const {
      initialDelayMs = 1000,
      maxDelayMs = 60_000,
      multiplier = 2,
      maxRetries = 5,
    } = this.options.jwtBackoff ?? {};
    const { status, retryAfter = 0 } = error;
    if (isTransient(error) && this.retries < maxRetries) {
      const delay = Math.min(initialDelayMs * multiplier ** this.retries, maxDelayMs);
      // Shortened by up to half at random, so that clients do not all retry at once when a server is back.
      this.retryAt = this.now() + Math.max(delay * (1 - Math.random() / 2), retryAfter * 1000);
      this.retries += 1;
      return;
    }
    this.retryAt = NEVER;
    // A caller who is signed out must not keep a token, although the old one may still be valid.
    const isRefused = status === 401 || status === 403;
    this.set({ ...(isRefused && NO_TOKEN), isLoading: false, error });
    tell(this.options.onError, error);
  }

  /** Starts the request that is due, or sets the one timer until a request is due. */
  private arm(): void {
    clearTimeout(this.timer);
    if (!this.isRunning || this.flight || isAway()) return;
    const wait = this.dueAt() - this.now();
    if (wait <= 0) void this.fly();
    else if (wait < NEVER) this.timer = setTimeout(() => this.arm(), Math.min(wait, MAX_TIMER));
  }

  private dueAt(): number {
    if (this.retryAt !== undefined) return this.retryAt;
    const { refreshJwtInterval = NEVER } = this.options;
    if (this.state.jwt === null || refreshJwtInterval <= 0) return NEVER;
    const lifetime = this.lifetime === undefined ? NEVER : Math.max(this.lifetime * REFRESH_AT, MIN_DELAY);
    return this.received + Math.min(lifetime, refreshJwtInterval);
  }

  /** Handles a change of visibility or of the network. If the retries had run out and the page is back, they start again. */
  private readonly wake = (): void => {
    const { error } = this.state;
    if (error && !isAway() && isTransient(error)) {
      this.retries = 0;
      this.retryAt = 0;
    }
    this.arm();
  };

  private abort(): void {
    this.flight?.controller.abort();
    this.flight = undefined;
  }

  private set(change: Partial<TokenState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

/**
 * Starts a clock in milliseconds that never goes back. Between two readings it advances as far as the wall clock or
 * `performance.now()`, whichever advanced more: the former may be set back, the latter may stop during sleep, and React Native may lack it.
 */
function startClock(): () => number {
  const read = () => [Date.now(), globalThis.performance?.now?.() ?? 0] as const;
  let [wall, steady] = read();
  let time = 0;
  return () => {
    const [newWall, newSteady] = read();
    time += Math.max(newWall - wall, newSteady - steady, 0);
    [wall, steady] = [newWall, newSteady];
    return time;
  };
}

/** Picks the fields that the server knows, since `onClick={refreshJwt}` passes an event as the context. */
function plain({ componentId, scope, scopeType }: JwtContext): { [F in keyof Required<JwtContext>]: JwtContext[F] } {
  return { componentId, scope, scopeType };
}

/** Returns whether a failure is retryable. */
function isTransient({ code, status }: VortexRequestError): boolean {
  if (status === 408 || status === 429) return true;
  return code !== 'INVALID_REQUEST' && (status < 400 || status >= 500);
}

/** Returns whether the page is hidden or the browser is offline. Returns false where neither is known, as in React Native. */
function isAway(): boolean {
  return globalThis.document?.visibilityState === 'hidden' || globalThis.navigator?.onLine === false;
}
