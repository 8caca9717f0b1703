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
  /** The error of the last attempt, if no retry follows within a minute or the browser is offline. */
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
  /** Called with each failure that sets `error`. Not called for aborted calls. */
  onError?: ((error: VortexRequestError) => void) | undefined;
  /** Called with each new token. */
  onJwtRefresh?: ((jwt: string) => void) | undefined;
}

export const NO_TOKEN: TokenState = { jwt: null, user: null, isLoading: false, error: null };

/** The share of a token's lifetime after which it is refreshed. */
const REFRESH_AT = 0.85;
/** The least delay of a refresh that follows the token's lifetime, in milliseconds, for tokens that live only seconds. */
const MIN_DELAY = 5000;
/** The longest wait for a retry, in milliseconds, during which a failure is not an error yet. */
const LONGEST_WAIT = 60_000;
/** The longest delay of a timer, in milliseconds. Timers stop while the computer sleeps, so a longer one would end too late. */
const MAX_TIMER = 60_000;
const NEVER = Number.POSITIVE_INFINITY;

interface Flight {
  readonly key: string;
  readonly controller: AbortController;
}

/** Keeps one token and its user. Concurrent callers share a request, and failed requests are retried. */
export class TokenKeeper {
  private readonly fetchJwt: (context: JwtContext | undefined, options: CallOptions) => Promise<string>;
  private options: TokenKeeperOptions;
  private state = NO_TOKEN;
  private readonly listeners = new Set<() => void>();
  private context: JwtContext | undefined;
  private flight: Flight | undefined;
  /** Resolve the promises of `refresh`. */
  private waiting: (() => void)[] = [];
  /** The key of the context of the token. */
  private held: string | undefined;
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
   * Starts automatic refreshes and retries. The returned function stops them, aborts a request under way and ends the wait of each
   * caller of `refresh`. The next start sends that request again, or the one whose retries had run out.
   */
  start(): () => void {
    this.isRunning = true;
    const { document, window } = globalThis;
    document?.addEventListener('visibilitychange', this.wake);
    window?.addEventListener?.('online', this.wake);
    window?.addEventListener?.('offline', this.wake);
    this.wake();
    return () => {
      this.isRunning = false;
      document?.removeEventListener('visibilitychange', this.wake);
      window?.removeEventListener?.('online', this.wake);
      window?.removeEventListener?.('offline', this.wake);
      clearTimeout(this.timer);
      if (this.flight) this.retryAt = 0;
      this.abort();
      this.release();
    };
  }

  /**
   * Fetches a token for the given context. An argument without `componentId`, `scope` and `scopeType`, such as the event of
   * `onClick={refreshJwt}` or an empty object, stands for the last context; call `clear` first to fetch a token without one. Before
   * `start` and after stopping, a failure is not retried.
   *
   * Resolves once the state has the token or the error, also if `clear` or stopping ends the wait. Never rejects. Until then,
   * retries go on while the page is hidden. A failure while the browser is offline is an error at once.
   */
  readonly refresh = (context?: JwtContext): Promise<void> => {
    const { componentId, scope, scopeType } = context ?? {};
    if ((componentId ?? scope ?? scopeType) !== undefined) this.context = { componentId, scope, scopeType };
    this.retries = 0;
    this.set({ isLoading: true, error: null });
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      void this.fly();
    });
  };

  /** Discards the token and the context, and aborts a request under way. */
  readonly clear = (): void => {
    this.abort();
    this.release();
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

  /**
   * Sends at most one request at a time. Callers with the same context share it; another context aborts and replaces it, and the
   * callers of the replaced one wait for its replacement.
   */
  private async fly(): Promise<void> {
    clearTimeout(this.timer);
    const key = JSON.stringify(this.context) ?? '';
    if (this.flight?.key === key) return;
    this.abort();
    const controller = new AbortController();
    this.flight = { key, controller };
    let settle: () => void;
    try {
      const jwt = await this.fetchJwt(this.context, controller);
      settle = () => this.accept(jwt, key);
    } catch (error) {
      settle = () => this.fail(error as VortexRequestError, key);
    }
    if (controller.signal.aborted) return;
    this.flight = undefined;
    settle();
    this.arm();
    if (!this.state.isLoading) this.release();
  }

  /** Ends the wait of each caller of `refresh`. */
  private release(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private accept(jwt: string, key: string): void {
    const { defaultGroups, onJwtRefresh } = this.options;
    const decoded = decodeToken(jwt);
    this.held = key;
    this.received = this.now();
    this.lifetime = decoded?.lifetime;
    this.retryAt = undefined;
    this.retries = 0;
    const user = decoded ? userOf(decoded.claims, defaultGroups) : null;
    // The component of the vendor may read a token that this package cannot read, so it is kept, and the error says so.
    const error = user ? null : new VortexRequestError('BAD_RESPONSE', 'The server answered without a readable user.');
    this.set({ jwt, user, isLoading: false, error });
    tell(onJwtRefresh, jwt);
    if (error) tell(this.options.onError, error);
  }

  private fail(error: VortexRequestError, key: string): void {
    const {
      initialDelayMs = 1000,
      maxDelayMs = 60_000,
      multiplier = 2,
      maxRetries = 5,
    } = this.options.jwtBackoff ?? {};
    const { status, isRetryable, retryAfter = 0 } = error;
    this.retryAt = NEVER;
    if (this.isRunning && isRetryable && this.retries < maxRetries) {
      const delay = Math.min(initialDelayMs * multiplier ** this.retries, maxDelayMs);
      // Shortened by up to half at random, so that clients do not all retry at once when a server is back.
      const wait = Math.max(delay * (1 - Math.random() / 2), retryAfter * 1000);
      this.retries += 1;
      this.retryAt = this.now() + wait;
      if (wait <= LONGEST_WAIT && !isOffline()) return;
    }
    // A caller who is signed out must not keep a token, although the old one may still be valid. Nor may a component for another
    // scope get the token of the last one.
    const isDiscarded = status === 401 || status === 403 || key !== this.held;
    this.set({ ...(isDiscarded && NO_TOKEN), isLoading: false, error });
    tell(this.options.onError, error);
  }

  /** Starts the request that is due, or sets the one timer until a request is due. */
  private arm(): void {
    clearTimeout(this.timer);
    // A caller of `refresh` waits for the retries, which must come to an end.
    if (!this.isRunning || this.flight || (!this.state.isLoading && isAway())) return;
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

  /** Handles a start, and a change of visibility or of the network. If the retries had run out and the page is here, they start again. */
  private readonly wake = (): void => {
    if (this.retryAt === NEVER && this.state.error?.isRetryable && !isAway()) {
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
    for (const listener of this.listeners) {
      try {
        listener();
      } catch (error) {
        // Uncaught, as what a callback of the options throws: the request must be settled, and the next one be planned.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
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

/** Returns whether the page is hidden or the browser is offline. Returns false where neither is known, as in React Native. */
function isAway(): boolean {
  return globalThis.document?.visibilityState === 'hidden' || isOffline();
}

function isOffline(): boolean {
  return globalThis.navigator?.onLine === false;
}
