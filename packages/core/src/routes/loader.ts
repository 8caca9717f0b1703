import type { CallOptions, VortexClient } from '../api/client.js';
import type { FairLimiter } from '../api/fair-limiter.js';
import type { Invitation } from '../api/wire.js';
import type { CallSignal } from '../lib/promises.js';
import { emailsOf, type KnownUser } from './user.js';

/** Invitations that are fetched at the same time. */
const BATCH = 10;

/** Fetches the invitations that the hooks of one request ask for. */
export interface Loader {
  /** Fetches an invitation, at most once per request. */
  load(id: string): Promise<Invitation>;
  /** Fetches several, ten at a time, in the order of their ids. */
  loadAll(ids: readonly string[]): Promise<Invitation[]>;
  /** Fetches the open invitations of every verified e-mail address of the user, at most once per request, and each only once. */
  loadOwn(): Promise<Invitation[]>;
  /** Like `load`, but for the operation itself, which does not wait behind the loads of hooks. */
  loadNow(id: string): Promise<Invitation>;
  /** Ends the fetches in flight. No further fetch begins. */
  end(): void;
  /** The errors that fetching has thrown, so that they can be told from errors of the hook that asked for it. */
  readonly failures: ReadonlySet<unknown>;
}

/** @param reading the options of calls that read */
export function createLoader(client: VortexClient, user: KnownUser, reading: () => CallOptions): Loader {
  const end = new AbortOnEnd();
  const failures = new Set<unknown>();
  // A client of a test, or of another copy of this package, may have none.
  const { loads }: { loads?: FairLimiter | undefined } = client;
  const fetch = <Result>(call: (options: CallOptions) => Promise<Result>): Promise<Result> => {
    const { caller, signal, ...rest } = reading();
    // Without `caller`, since the limiter shares these calls between users.
    const options = { ...rest, signal: end };
    end.follow(signal);
    const calling = loads ? loads.run(String(caller), () => call(options), end) : call(options);
    const fetching = calling.catch((error: unknown) => {
      failures.add(error);
      throw error;
    });
    return unwatched(fetching);
  };
  const loaded = new Map<string, Promise<Invitation>>();
  const once = (id: string, begin: () => Promise<Invitation>) => {
    const loading = loaded.get(id) ?? begin();
    loaded.set(id, loading);
    return loading;
  };
  const load = (id: string) => once(id, () => fetch((options) => client.getInvitation(id, options)));
  const loadNow = (id: string) => once(id, () => client.getInvitation(id, reading()));
  const inBatches = async <Item, Result>(items: readonly Item[], one: (item: Item) => Promise<Result>) => {
    const results: Result[] = [];
    for (let start = 0; start < items.length; start += BATCH) {
      results.push(...(await Promise.all(items.slice(start, start + BATCH).map(one))));
    }
    return results;
  };
  let own: Promise<Map<string, Invitation>> | undefined;
  const loadOwn = () => {
    const ofAddress = (email: string) => fetch((options) => client.getInvitationsByTarget('email', email, options));
    // By id: an invitation may be listed for two spellings of an address, and one for a domain for each address there.
    own ??= inBatches([...new Set(emailsOf(user))], ofAddress).then(
      (lists) => new Map(lists.flat().map((invitation) => [invitation.id, invitation])),
    );
    return own;
  };
  return {
    load,
    loadAll: (ids) => unwatched(inBatches(ids, load)),
    // A list for each hook, which may change it.
    loadOwn: () => unwatched(loadOwn().then((byId) => [...byId.values()])),
    loadNow,
    end: () => end.abort(),
    failures,
  };
}

/** A hook may start to load and decide without the result: a failure must not be an unhandled rejection, which ends the process. */
function unwatched<Result>(loading: Promise<Result>): Promise<Result> {
  loading.catch(() => {});
  return loading;
}

/** A signal that is aborted when the request is answered, or when its caller disconnects. */
class AbortOnEnd implements CallSignal {
  aborted = false;
  readonly #listeners = new Set<() => void>();
  #caller: CallSignal | undefined;
  readonly #onAbort = () => this.abort();

  /** Aborts when the caller disconnects. Listens to that once, however many calls ask. */
  follow(caller: CallSignal | undefined): void {
    if (!caller || this.#caller || this.aborted) return;
    this.#caller = caller;
    caller.addEventListener('abort', this.#onAbort);
    if (caller.aborted) this.abort();
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.#caller?.removeEventListener('abort', this.#onAbort);
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }
}
