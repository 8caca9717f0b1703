import { VortexError } from '../lib/errors.js';
import type { Log } from '../lib/log.js';
import { type MaybePromise, within } from '../lib/promises.js';
import type { WebhookStore } from './store.js';

export interface ClaimSettings {
  store: WebhookStore;
  /** Milliseconds. */
  lease: number;
  /** Milliseconds that the store may take to answer. */
  timeout: number;
}

/** Seconds after which a sender may come again. */
export const COME_BACK = 5;

const STATES = new Set<unknown>(['new', 'in flight', 'done']);
const RENEWALS_PER_LEASE = 3;
/** A handler that has not settled after so many leases is given up, so that another process may try. */
const MAX_LEASES = 10;
/** Milliseconds before each attempt to mark an event as done: what cannot be marked is going to be handled again. */
const MARKING = [0, 100, 500];

/** One delivery's hold on an event: taken, kept while the handlers run, and ended by either `complete` or `release`. */
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
  async take(): Promise<'new' | 'in flight' | 'done'> {
    const { store, lease, timeout } = this.#settings;
    let claiming: ReturnType<WebhookStore['claim']> | undefined;
    let problem: { cause?: unknown } = {};
    try {
      // A lease that ends before it is known of would be no claim.
      const limit = Math.min(timeout, lease);
      claiming = store.claim(this.#id, lease, this.#owner);
      const state = await within(limit, claiming, () => noAnswer(limit));
      if (STATES.has(state)) return state;
    } catch (cause) {
      problem = { cause };
    }
    // It may have been granted all the same, or be yet, and shall not stand in the way of the next delivery.
    const letGo = () => store.release(this.#id, this.#owner);
    Promise.resolve(claiming)
      .then(letGo, letGo)
      .catch(() => {});
    const message =
      'cause' in problem ? 'The webhook store failed.' : 'The webhook store answered no state to a claim.';
    throw new VortexError('STORE_UNAVAILABLE', message, { retryAfter: COME_BACK, ...problem });
  }

  /** Renews the lease until the returned function is called, and resolved. */
  keep(): () => Promise<void> {
    const { store, lease } = this.#settings;
    let left = MAX_LEASES * RENEWALS_PER_LEASE;
    let renewing: Promise<void> | undefined;
    const renew = async () => {
      const state = (await this.#attempt('keep', () => store.claim(this.#id, lease, this.#owner)))?.answer;
      if (state === 'in flight' || state === 'done') {
        this.#log(
          'error',
          'Vortex: the lease of a webhook event ended while its handler ran; it may be handled twice.',
        );
      }
      renewing = undefined;
    };
    const timer = setInterval(() => {
      left -= 1;
      if (left < 0) clearInterval(timer);
      else renewing ??= renew();
    }, lease / RENEWALS_PER_LEASE);
    // Whoever wants to end need not wait for it. Only Node's timers have this.
    (timer as { unref?(): void }).unref?.();
    return async () => {
      clearInterval(timer);
      // Else it might come after what ends the claim.
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

  /** What the store answers; nothing, and a line in the log, where it fails. */
  async #attempt<Result>(what: string, call: () => MaybePromise<Result>): Promise<{ answer: Result } | undefined> {
    const { timeout } = this.#settings;
    try {
      return { answer: await within(timeout, call(), () => noAnswer(timeout)) };
    } catch (error) {
      this.#log('error', `Vortex: the webhook store could not ${what} an event.`, error);
      return undefined;
    }
  }
}

function noAnswer(milliseconds: number): Error {
  return new Error(`no answer within ${milliseconds} ms`);
}
