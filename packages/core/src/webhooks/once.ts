/** Handles an event once, by a claim with a lease or in a transaction. */
import { toHex } from '../lib/bytes.js';
import type { Log } from '../lib/log.js';
import { Claim, inFlight, watch } from './claim.js';
import { isAnalyticsEvent, type VortexEvent } from './events.js';
import { inNamespaces, keysIn } from './namespaces.js';
import type { TransactionalStore, WebhookStore } from './store.js';

export interface OnceSettings<Tx> {
  store: WebhookStore | TransactionalStore<Tx>;
  /** In milliseconds. */
  lease: number;
  /** Deadline of each call of the store, in milliseconds. */
  timeout: number;
}

/** An event that is being handled. */
export interface Begun {
  /** Settles once the event is handled. */
  handling: Promise<void>;
  /** Milliseconds for which the caller may wait for it. */
  left: number;
}

/**
 * Begins to handle an event, and resolves before its handlers are done. Undefined if the event is done.
 *
 * @param namespaces of the tenant, if there are several
 * @param work runs the handlers. Its error is the one that the promise rejects with
 * @throws VortexError `STORE_UNAVAILABLE`, `EVENT_IN_FLIGHT`; with a transactional store the promise rejects with them
 */
export async function beginOnce<Tx>(
  id: string,
  namespaces: readonly string[] | undefined,
  { store, lease, timeout }: OnceSettings<Tx>,
  log: Log,
  work: (tx: Tx) => Promise<void>,
): Promise<Begun | undefined> {
  if ('once' in store) {
    const ids = namespaces ? keysIn(namespaces, id) : [id];
    // A timer that the caller starts with all of the deadline fires after those of the store, whose error says more.
    return { handling: unlessStuck(store.once(ids, work, timeout), lease), left: timeout };
  }
  const start = performance.now();
  const claim = new Claim(id, { store: namespaces ? inNamespaces(store, namespaces) : store, lease, timeout }, log);
  const state = await claim.take();
  if (state === 'done') return undefined;
  if (state === 'in-flight') throw inFlight();
  // A store with claims has no transaction.
  const handling = handle(claim, () => work(undefined as Tx));
  // Nothing is left if the store took all of it.
  return { handling, left: Math.max(0, timeout - (performance.now() - start)) };
}

/** Settles as the transaction does, or rejects if it or a handler in it is stuck. */
function unlessStuck(transaction: Promise<void>, lease: number): Promise<void> {
  let stop = () => {};
  const stuck = new Promise<never>((_, reject) => {
    stop = watch(lease, reject);
  });
  return Promise.race([transaction, stuck]).finally(stop);
}

/** Rejects for a handler that is stuck, whose event is completed or released all the same once it settles. */
function handle(claim: Claim, work: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    settle(claim, work, claim.keep(reject)).then(resolve, reject);
  });
}

async function settle(claim: Claim, work: () => Promise<void>, stop: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await stop();
    await claim.release();
    throw error;
  }
  await stop();
  await claim.complete();
}

/** The default of the option `key`. */
export const eventId = ({ id }: VortexEvent): unknown => id;

/**
 * The id under which a store knows an event: its key, or a digest of the key unless that is short and printable ASCII, which
 * every database keeps apart. Without a key, a digest of the body.
 */
export async function idOf(event: VortexEvent, key: unknown, body: () => Uint8Array): Promise<string> {
  const kind = isAnalyticsEvent(event) ? 'analytics' : 'webhook';
  const hasKey = typeof key === 'string' && key !== '';
  if (hasKey && /^[!-~]{1,200}$/u.test(key)) return `${kind}:${key}`;
  const bytes = hasKey ? new TextEncoder().encode(key) : body();
  return `${kind}:${toHex(await crypto.subtle.digest('SHA-256', bytes as BufferSource))}`;
}
