import type { Lane } from '../api/lane.js';
import type { Invitation } from '../api/wire.js';
import { VortexError } from '../lib/errors.js';

/** Invitations that are fetched at the same time. */
const BATCH = 10;

/** Fetches the invitations of one request. */
export interface Loader {
  /** Fetches an invitation, at most once per request. */
  load(id: string): Promise<Invitation>;
  /** Fetches several, ten at a time, in the order of their ids. */
  loadAll(ids: readonly string[]): Promise<Invitation[]>;
  /** Ends the loader: no further fetch begins. */
  end(): void;
  /** The errors that fetching has thrown, so that they can be told from errors of the hook that asked for it. */
  readonly failures: ReadonlySet<unknown>;
}

/** @param lane limits the fetches of all requests together */
export function createLoader(fetchInvitation: (id: string) => Promise<Invitation>, lane: Lane): Loader {
  let hasEnded = false;
  const fetchInLane = (id: string) =>
    lane.run(() => {
      if (hasEnded) throw new VortexError('ABORTED');
      return fetchInvitation(id);
    });
  const failures = new Set<unknown>();
  const loaded = new Map<string, Promise<Invitation>>();
  const load = (id: string) => {
    const known = loaded.get(id);
    if (known) return known;
    const loading = fetchInLane(id).catch((error: unknown) => {
      failures.add(error);
      throw error;
    });
    // A hook may start to load and decide without the result; that must not be an unhandled rejection.
    loading.catch(() => {});
    loaded.set(id, loading);
    return loading;
  };
  const loadAll = async (ids: readonly string[]) => {
    const invitations: Invitation[] = [];
    for (let start = 0; start < ids.length; start += BATCH) {
      invitations.push(...(await Promise.all(ids.slice(start, start + BATCH).map(load))));
    }
    return invitations;
  };
  const end = () => {
    hasEnded = true;
  };
  return { load, loadAll, end, failures };
}
