import { requireOptions, warnOfSeconds } from '../lib/config.js';
import { VortexError } from '../lib/errors.js';
import { anything } from '../lib/option-checks.js';
import type { MaybePromise } from '../lib/promises.js';

export interface WebhookClaim {
  /** Unique per delivery. */
  readonly owner: string;
  /** Duration of the claim in milliseconds. */
  readonly lease: number;
}

/**
 * Deduplicates deliveries of an event across processes: a delivery claims the event for a lease, then completes or releases
 * it. Each method must be atomic.
 */
export interface WebhookStore {
  /**
   * Claims the event unless it is done or another owner holds an unexpired lease. A further claim by the same owner renews
   * the lease.
   *
   * @param id printable ASCII of at most 250 characters, case-sensitive
   * @returns `new` for a claim that was granted, `in-flight` if another owner holds the event, `done` if it was handled
   */
  claim(id: string, claim: WebhookClaim): MaybePromise<'new' | 'in-flight' | 'done'>;
  /** Marks the event as handled: from now on it is `done`. */
  complete(id: string): MaybePromise<void>;
  /** Gives the claim up, so that the next delivery can take it. Does nothing if another owner holds it. */
  release(id: string, owner: string): MaybePromise<void>;
}

/** A store whose mark belongs to the transaction in which the handlers run. `transactionalStore` makes one. */
export interface TransactionalStore<Tx> {
  /**
   * Marks the event and runs `work` in one transaction, unless the event is marked. Waits while another transaction has marked
   * it.
   *
   * @param ids of the event: one, or several during the rotation of a tenant's secret
   * @param timeout maximum duration of waiting for a transaction to begin, and of waiting for another one, in milliseconds
   * @throws VortexError `EVENT_IN_FLIGHT` if it waits for another transaction longer than that, `STORE_UNAVAILABLE` if its own
   * does not begin within that time or the database fails
   */
  once(ids: readonly string[], work: (tx: Tx) => Promise<unknown>, timeout: number): Promise<void>;
}

export interface StoreOptions {
  /**
   * Milliseconds for which a handled event is remembered.
   *
   * @default 604_800_000 (7 days)
   */
  retention?: number | undefined;
}

const WEEK = 7 * 24 * 60 * 60 * 1000;

/** @throws VortexError `CONFIG` */
export function readRetention(retention: unknown = WEEK): number {
  const read = wholeNumber('retention', retention, 'milliseconds');
  warnOfSeconds({ retention: read }, 60_000, undefined);
  return read;
}

function wholeNumber(option: string, value: unknown, unit: 'milliseconds' | 'events'): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw new VortexError('CONFIG', `${option} must be a whole number of ${unit} above 0.`);
}

export interface MemoryStoreOptions extends StoreOptions {
  /**
   * Maximum number of handled events to remember; the oldest are forgotten first. 10,000 take about 2 MB.
   *
   * @default 10_000
   */
  maxEvents?: number | undefined;
}

const checks = { maxEvents: anything, retention: anything };

/**
 * A store in the memory of one process, which is empty after a restart. It counts elapsed time, whatever the clock says.
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function memoryStore(options: MemoryStoreOptions = {}): WebhookStore {
  requireOptions(checks, options);
  if (isClusterWorker()) {
    console.warn(
      'Vortex: memoryStore() serves one process, and this is one of several workers: each handles the events that another has handled. Use redisStore().',
    );
  }
  const maxEvents = wholeNumber('maxEvents', options.maxEvents ?? 10_000, 'events');
  const retention = readRetention(options.retention);
  const held = new Map<string, { owner: string; until: number }>();
  /** When to forget each event, the oldest first. */
  const done = new Map<string, number>();
  // One iterator for good: a new one skips entries deleted since the map was last compacted, 8 to 12 µs per event.
  let walk = done.entries();
  let oldest = walk.next();
  const forgetOldest = () => {
    if (!oldest.done) done.delete(oldest.value[0]);
    oldest = walk.next();
  };
  return {
    claim(id, { owner, lease }) {
      const now = performance.now();
      if ((done.get(id) ?? 0) > now) return 'done';
      const holder = held.get(id);
      if (holder && holder.owner !== owner && holder.until > now) return 'in-flight';
      held.set(id, { owner, until: now + lease });
      return 'new';
    },
    complete(id) {
      const now = performance.now();
      held.delete(id);
      if (oldest.done) {
        walk = done.entries();
        oldest = walk.next();
      }
      if (oldest.value?.[0] === id) forgetOldest();
      done.delete(id);
      while (!oldest.done && (done.size >= maxEvents || oldest.value[1] <= now)) forgetOldest();
      done.set(id, now + retention);
    },
    release(id, owner) {
      if (held.get(id)?.owner === owner) held.delete(id);
    },
  };
}

/** True in a worker of Node's cluster module. Other runtimes have neither. */
function isClusterWorker(): boolean {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => { isWorker?: boolean } | undefined };
  };
  return process?.getBuiltinModule?.('node:cluster')?.isWorker === true;
}
