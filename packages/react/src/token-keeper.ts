/** Keeps a token fresh. Knows no framework: React subscribes to it. */
import type { CallOptions, JwtContext } from './backend.js';
import type { VortexRequestError } from './errors.js';
import { tell } from './tell.js';
import { type AuthenticatedUser, decodeToken, type InvitationGroup, userOf } from './token.js';

export interface TokenState {
  readonly jwt: string | null;
  readonly user: AuthenticatedUser | null;
  /** A token was asked for, and has neither come nor been given up. Refreshes that nobody asked for do not show. */
  readonly isLoading: boolean;
  /** Why there will be no further attempt until somebody asks. */
  readonly error: VortexRequestError | null;
}

export interface TokenKeeperOptions {
  /** Milliseconds after which a token is refreshed even if it is good for longer; 0 for no refresh that nobody asked for. */
  refreshJwtInterval?: number | undefined;
  /** How a failed refresh is repeated. */
  jwtBackoff?:
    | {
        /** Milliseconds before the first further attempt. Default 1000. */
        initialDelayMs?: number | undefined;
        /** Milliseconds at most. Default 60 000. */
        maxDelayMs?: number | undefined;
        /** Default 2. */
        multiplier?: number | undefined;
        /** Further attempts. Default 5. */
        maxRetries?: number | undefined;
      }
    | undefined;
  /** The groups of a user whose token names none. */
  defaultGroups?: InvitationGroup[] | undefined;
  /** Hears of every failure that is final. */
  onError?: ((error: VortexRequestError) => void) | undefined;
  /** Hears of every new token. */
  onJwtRefresh?: ((jwt: string) => void) | undefined;
}

export const NO_TOKEN: TokenState = { jwt: null, user: null, isLoading: false, error: null };

/** Of a token's lifetime, when the next one is fetched. */
const REFRESH_AT = 0.85;
/** Milliseconds between refreshes at least, however short tokens live. */
const MIN_DELAY = 5000;
/** Longer timers go off at once. */
const MAX_TIMER = 2 ** 31 - 1;
const NEVER = Number.POSITIVE_INFINITY;

interface Flight {
  readonly key: string;
  readonly controller: AbortController;
  readonly landed: Promise<void>;
}

export class TokenKeeper {
  readonly #fetchJwt: (context: JwtContext | undefined, options: CallOptions) => Promise<string>;
  #options: TokenKeeperOptions;
  #state = NO_TOKEN;
  readonly #listeners = new Set<() => void>();
  #context: JwtContext | undefined;
  #flight: Flight | undefined;
  /** Times as `Date.now()` has them: timers stand still while a computer sleeps. */
  #received = 0;
  #lifetime: number | undefined;
  #retryAt: number | undefined;
  #retries = 0;
  #isRunning = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    fetchJwt: (context: JwtContext | undefined, options: CallOptions) => Promise<string>,
    options: TokenKeeperOptions = {},
  ) {
    this.#fetchJwt = fetchJwt;
    this.#options = options;
  }

  readonly getState = (): TokenState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  configure(options: TokenKeeperOptions): void {
    this.#options = options;
    this.#arm();
  }

  /** From now on refreshes by itself, until the returned function is called; what that cuts off is taken up at the next start. */
  start(): () => void {
    this.#isRunning = true;
    const { document, window } = globalThis;
    document?.addEventListener('visibilitychange', this.#wake);
    window?.addEventListener?.('online', this.#wake);
    window?.addEventListener?.('offline', this.#wake);
    this.#arm();
    return () => {
      this.#isRunning = false;
      document?.removeEventListener('visibilitychange', this.#wake);
      window?.removeEventListener?.('online', this.#wake);
      window?.removeEventListener?.('offline', this.#wake);
      clearTimeout(this.#timer);
      if (this.#flight) this.#retryAt = 0;
      this.#abort();
    };
  }

  /** Fetches a token now, for the last context unless another is given. Never rejects: what comes of it is in the state. */
  readonly refresh = (context?: JwtContext): Promise<void> => {
    if (context) this.#context = plain(context);
    this.#retries = 0;
    this.#set({ isLoading: true, error: null });
    return this.#fly();
  };

  /** Forgets the token and the context. */
  readonly clear = (): void => {
    this.#abort();
    this.#context = undefined;
    this.#retryAt = undefined;
    this.#set(NO_TOKEN);
    this.#arm();
  };

  /** Whether the token ends within so many milliseconds. True where there is none, or none that can be read. */
  expiresWithin(milliseconds: number): boolean {
    const { jwt, user } = this.#state;
    if (jwt === null) return true;
    if (this.#lifetime === undefined) return user === null;
    return Date.now() + milliseconds >= this.#received + this.#lifetime;
  }

  /** One request at a time: callers with the same context share it, another context takes its place. */
  #fly(): Promise<void> {
    clearTimeout(this.#timer);
    const key = JSON.stringify(this.#context) ?? '';
    if (this.#flight?.key === key) return this.#flight.landed;
    this.#abort();
    const controller = new AbortController();
    const landed = this.#fetchJwt(this.#context, controller).then(
      (jwt) => this.#land(controller, () => this.#accept(jwt)),
      (error: VortexRequestError) => this.#land(controller, () => this.#fail(error)),
    );
    this.#flight = { key, controller, landed };
    return landed;
  }

  /** Whoever waited for a request that was superseded waits for its successor. */
  #land({ signal }: AbortController, settle: () => void): Promise<void> | undefined {
    if (signal.aborted) return this.#flight?.landed;
    this.#flight = undefined;
    settle();
    this.#arm();
    return undefined;
  }

  #accept(jwt: string): void {
    const { defaultGroups, onJwtRefresh } = this.#options;
    const decoded = decodeToken(jwt);
    this.#received = Date.now();
    this.#lifetime = decoded?.lifetime;
    this.#retryAt = undefined;
    this.#retries = 0;
    const user = decoded ? userOf(decoded.claims, defaultGroups) : null;
    this.#set({ jwt, user, isLoading: false, error: null });
    tell(onJwtRefresh, jwt);
  }

  #fail(error: VortexRequestError): void {
    const {
      initialDelayMs = 1000,
      maxDelayMs = 60_000,
      multiplier = 2,
      maxRetries = 5,
    } = this.#options.jwtBackoff ?? {};
    const { status, retryAfter = 0 } = error;
    if (isTransient(error) && this.#retries < maxRetries) {
      const delay = Math.min(initialDelayMs * multiplier ** this.#retries, maxDelayMs);
      // Up to half of it is left to chance, so that the clients of a server that comes back do not all come at once.
      this.#retryAt = Date.now() + Math.max(delay * (1 - Math.random() / 2), retryAfter * 1000);
      this.#retries += 1;
      return;
    }
    this.#retryAt = NEVER;
    // Whoever is signed out has no token either, though the old one may still be good.
    const isRefused = status === 401 || status === 403;
    this.#set({ ...(isRefused && NO_TOKEN), isLoading: false, error });
    tell(this.#options.onError, error);
  }

  /** The one timer: it asks again what is to be done. */
  #arm(): void {
    clearTimeout(this.#timer);
    if (!this.#isRunning || this.#flight || isAway()) return;
    const wait = this.#dueAt() - Date.now();
    if (wait <= 0) void this.#fly();
    else if (wait < NEVER) this.#timer = setTimeout(() => this.#arm(), Math.min(wait, MAX_TIMER));
  }

  #dueAt(): number {
    if (this.#retryAt !== undefined) return this.#retryAt;
    const { refreshJwtInterval = NEVER } = this.#options;
    if (this.#state.jwt === null || refreshJwtInterval <= 0) return NEVER;
    const lifetime = this.#lifetime === undefined ? NEVER : Math.max(this.#lifetime * REFRESH_AT, MIN_DELAY);
    return this.#received + Math.min(lifetime, refreshJwtInterval);
  }

  /** Somebody looks again, or the network is back: what had been given up may work now, unless it was refused. */
  readonly #wake = (): void => {
    const { error } = this.#state;
    if (error && !isAway() && isTransient(error)) {
      this.#retries = 0;
      this.#retryAt = 0;
    }
    this.#arm();
  };

  #abort(): void {
    this.#flight?.controller.abort();
    this.#flight = undefined;
  }

  #set(change: Partial<TokenState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** Only what the server knows: a handler of clicks may be given an event for a context. */
function plain({ componentId, scope, scopeType }: JwtContext): { [F in keyof Required<JwtContext>]: JwtContext[F] } {
  return { componentId, scope, scopeType };
}

/** Whether the same request may do better later. */
function isTransient({ code, status }: VortexRequestError): boolean {
  if (status === 408 || status === 429) return true;
  return code !== 'INVALID_REQUEST' && (status < 400 || status >= 500);
}

/** Nobody looks, or nothing can be reached. Where there is no document, as in React Native, neither is known. */
function isAway(): boolean {
  return globalThis.document?.visibilityState === 'hidden' || globalThis.navigator?.onLine === false;
}
