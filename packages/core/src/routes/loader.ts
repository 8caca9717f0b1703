import type { Invitation } from '../api/wire.js';

/** Invitations that are fetched at the same time. */
const BATCH = 10;

/** Fetches the invitations of one request. */
export interface Loader {
  /** Fetches an invitation, at most once per request. */
  load(id: string): Promise<Invitation>;
  /** Fetches several, ten at a time, in the order of their ids. */
  loadAll(ids: readonly string[]): Promise<Invitation[]>;
  /** The errors that fetching has thrown, so that they can be told from errors of the hook that asked for it. */
  readonly failures: ReadonlySet<unknown>;
}

export function createLoader(fetchInvitation: (id: string) => Promise<Invitation>): Loader {
  const failures = new Set<unknown>();
  const loaded = new Map<string, Promise<Invitation>>();
  const load = (id: string) => {
    const known = loaded.get(id);
    if (known) return known;
    const loading = fetchInvitation(id).catch((error: unknown) => {
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
  return { load, loadAll, failures };
}
