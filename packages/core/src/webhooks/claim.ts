import { VortexError } from '../lib/errors.js';
import type { Log } from '../lib/log.js';
import { type MaybePromise, withTimeout } from '../lib/promises.js';
import type { WebhookStore } from './store.js';

export interface ClaimSettings {
  store: WebhookStore;
  /** In milliseconds. */
  lease: number;
  /** Deadline of each call of the store, in milliseconds. */
  timeout: number;
}

/** `Retry-After` for a sender, in seconds. */
const RETRY_AFTER = 5;

const STATES = new Set<unknown>(['new', 'in-flight', 'done']);
const RENEWALS_PER_LEASE = 3;
/** After this many leases a handler counts as stuck. */
const MAX_LEASES = 10;
/** Milliseconds before each attempt to mark an event as done. An event without the mark is handled again. */
const MARKING = [0, 100, 500];

/** The claim of one delivery on an event: taken, kept while the handlers run, then completed or released. */
export class Claim {
  readonly #id: string;
  readonly #owner = crypto.randomUUID();
  readonly #settings: ClaimSettings;
  readonly #log: Log;

  constructor(id: string, settings: ClaimSettings, log: Log) {
    this.#id = id;
    this.#settings = settings;
    this.#log = log;
  }

  /** @throws VortexError `STORE_UNAVAILABLE` */
  async take(): Promise<'new' | 'in-flight' | 'done'> {
    const { store, lease, timeout } = this.#settings;
    let claiming: ReturnType<WebhookStore['claim']> | undefined;
    let problem: { cause?: unknown } = {};
    try {
      // A claim whose lease has ended before the store answered would be worthless.
      const limit = Math.min(timeout, lease);
      claiming = store.claim(this.#id, { owner: this.#owner, lease });
      const state = await withTimeout(limit, claiming, () => noAnswer(limit));
      if (STATES.has(state)) return state;
    } catch (cause) {
      problem = { cause };
    }
    // The store may still grant the claim, which would block the next delivery.
    const letGo = () => store.release(this.#id, this.#owner);
    Promise.resolve(claiming)
      .then(letGo, letGo)
      .catch(() => {});
    if ('cause' in problem) throw storeFailed(problem.cause);
    const message = 'The webhook store must answer a claim with "new", "in-flight" or "done".';
    throw new VortexError('STORE_UNAVAILABLE', message, { retryAfter: RETRY_AFTER });
  }

  /**
   * Renews the lease until the returned function is called and its promise is resolved. A handler that is stuck keeps the event
   * too: another process that handled it would run beside this one. Its lease ends with the process.
   *
   * @param onStuck is called with `HOOK_TIMEOUT` after ten leases
   */
  keep(onStuck: (error: VortexError) => void): () => Promise<void> {
    const { store, lease } = this.#settings;
    let renewing: Promise<void> | undefined;
    const renew = async () => {
      const state = (await this.#attempt('renew', () => store.claim(this.#id, { owner: this.#owner, lease })))?.result;
      if (state === 'in-flight' || state === 'done') {
        this.#log(
          'error',
          'Vortex: the lease of a webhook event expired while its handler ran, so the event may be handled twice.',
        );
      }
      renewing = undefined;
    };
    const stop = watch(lease, onStuck, () => {
      renewing ??= renew();
    });
    return async () => {
      stop();
      // A renewal in flight could otherwise arrive after the completion or the release.
      await renewing;
    };
  }

  async complete(): Promise<void> {
    for (const delay of MARKING) {
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      if (await this.#attempt('complete', () => this.#settings.store.complete(this.#id))) return;
    }
  }

  async release(): Promise<void> {
    await this.#attempt('release', () => this.#settings.store.release(this.#id, this.#owner));
  }

  /** Calls the store. Logs a failure and returns undefined. */
  async #attempt<Result>(what: string, call: () => MaybePromise<Result>): Promise<{ result: Result } | undefined> {
    const { timeout } = this.#settings;
    try {
      return { result: await withTimeout(timeout, call(), () => noAnswer(timeout)) };
    } catch (error) {
      this.#log('error', `Vortex: the webhook store failed to ${what} an event.`, error);
      return undefined;
    }
  }
}

/**
 * Watches a handler until the returned function is called.
 *
 * @param onStuck is called with `HOOK_TIMEOUT` after ten leases
 * @param renew is called three times per lease
 */
export function watch(lease: number, onStuck: (error: VortexError) => void, renew = () => {}): () => void {
  let ticks = 0;
  const timer: unknown = setInterval(() => {
    renew();
    ticks += 1;
    if (ticks === MAX_LEASES * RENEWALS_PER_LEASE) onStuck(stuckHandler(MAX_LEASES * lease));
  }, lease / RENEWALS_PER_LEASE);
  // The timer must not keep a process alive. Only Node's timers have `unref`.
  (timer as { unref?(): void }).unref?.();
  return () => clearInterval(timer as ReturnType<typeof setInterval>);
}

/** Another delivery of the event is being handled. */
export function inFlight(): VortexError {
  return new VortexError('EVENT_IN_FLIGHT', undefined, { retryAfter: RETRY_AFTER });
}

export function storeFailed(cause: unknown, message = 'The webhook store failed; see the cause.'): VortexError {
  return new VortexError('STORE_UNAVAILABLE', message, { retryAfter: RETRY_AFTER, cause });
}

function stuckHandler(limit: number): VortexError {
  return new VortexError(
    'HOOK_TIMEOUT',
    `A webhook handler, or the transaction of its store, has not settled within ${limit} ms, ten times the lease. Its event is not handled again while this process runs.`,
  );
}

function noAnswer(milliseconds: number): Error {
  return new Error(`The store did not answer within ${milliseconds} ms.`);
}
