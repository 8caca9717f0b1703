import { VortexError } from '../lib/errors.js';
import type { MaybePromise } from '../lib/promises.js';

/**
 * Remembers which events have been handled, so that each is handled once, however often and to however many processes it
 * is delivered. Each method is atomic.
 */
export interface WebhookStore {
  /**
   * Takes the event for `lease` milliseconds, unless somebody else holds it. Whoever holds it and claims it again has a
   * new lease.
   *
   * @param owner made up anew for each delivery
   */
  claim(id: string, lease: number, owner: string): MaybePromise<'new' | 'in flight' | 'done'>;
  /** The event has been handled, and is `done` from now on. */
  complete(id: string): MaybePromise<void>;
  /** The event has not been handled; whoever comes next may. Does nothing where somebody else holds it by now. */
  release(id: string, owner: string): MaybePromise<void>;
}

export interface StoreOptions {
  /** Milliseconds for which a handled event is remembered. Default: 7 days. */
  retention?: number | undefined;
}

const WEEK = 7 * 24 * 60 * 60 * 1000;

/** @throws VortexError `CONFIG` */
export function readRetention(retention: unknown = WEEK): number {
  return wholeNumber('retention', retention);
}

function wholeNumber(option: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw new VortexError('CONFIG', `${option} must be a whole number above 0.`);
}

export interface MemoryStoreOptions extends StoreOptions {
  /** Most handled events to remember; the oldest are forgotten first. Default 10 000, about 2 MB. */
  max?: number | undefined;
}

/**
 * For one process: what it knows, it forgets when it ends.
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function memoryStore(options: MemoryStoreOptions = {}): WebhookStore {
  const max = wholeNumber('max', options.max ?? 10_000);
  const retention = readRetention(options.retention);
  const held = new Map<string, { owner: string; until: number }>();
  /** When each is to be forgotten, the oldest first. */
  const done = new Map<string, number>();
  // One walk for good: each new one would begin with all that has been deleted since the map was last packed.
  let walk = done.entries();
  let oldest = walk.next();
  const forgetOldest = () => {
    if (!oldest.done) done.delete(oldest.value[0]);
    oldest = walk.next();
  };
  return {
    claim(id, lease, owner) {
      const now = Date.now();
      if ((done.get(id) ?? 0) > now) return 'done';
      const holder = held.get(id);
      if (holder && holder.owner !== owner && holder.until > now) return 'in flight';
      held.set(id, { owner, until: now + lease });
      return 'new';
    },
    complete(id) {
      const now = Date.now();
      held.delete(id);
      if (oldest.done) {
        walk = done.entries();
        oldest = walk.next();
      }
      if (oldest.value?.[0] === id) forgetOldest();
      done.delete(id);
      while (!oldest.done && (done.size >= max || oldest.value[1] <= now)) forgetOldest();
      done.set(id, now + retention);
    },
    release(id, owner) {
      if (held.get(id)?.owner === owner) held.delete(id);
    },
  };
}
