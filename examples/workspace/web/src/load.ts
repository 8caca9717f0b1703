/** Loading with TanStack Query: the settings of Roster, and what its pages read of a query. */
import { hashKey, QueryClient, type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query';
import { type Failure, failureOf } from './failure.js';

/** Creates a cache for the signed-in user. After a change of user there is a new one, so that no data of the last user is shown. */
export function createQueries(): QueryClient {
  // The server's events say when to load again, and a page without a connection says so at once.
  const networkMode = 'always';
  return new QueryClient({
    defaultOptions: {
      queries: { networkMode, retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false },
      mutations: { networkMode },
    },
  });
}

export interface Loaded<Data> {
  data: Data | undefined;
  /** The error of the last load. If there is data, it may be out of date. */
  failure: Failure | undefined;
  /** Loads again, in place of a load under way. Never rejects: the reason is in `failure`, and in the result. */
  reload(): Promise<{ error: Error | null }>;
}

/** Loads data from the application's own routes. The current data stays until new data arrives. */
export function useLoad<Data>(
  name: string,
  load: () => Promise<Data>,
  { every = false }: { every?: number | false } = {},
): Loaded<Data> {
  const queries = useQueryClient();
  const queryKey = keyOf(name);
  const { data, error, refetch } = useQuery({ queryKey, queryFn: load, refetchInterval: every });
  const reload = async () => {
    // Without data, `refetch` would wait for the load under way, which may have begun before the user signed in.
    if (data === undefined) await queries.cancelQueries({ queryKey });
    return refetch();
  };
  return { ...loadedOf(data, error), reload };
}

/** The key of data from the application's own routes; without a name, the one that all of them begin with. */
export function keyOf(...name: [string?]): QueryKey {
  return ['roster', ...name];
}

/** The statuses that say that the user may no longer see the data. Others, such as 429, say nothing about it. */
const REFUSALS = [401, 403, 404];

/** A refusal hides the data. Other failures keep it. */
export function loadedOf<Data>(data: Data | undefined, error: Error | null): Pick<Loaded<Data>, 'data' | 'failure'> {
  const failure = error ? failureOf(error) : undefined;
  const isRefused = failure && REFUSALS.includes(failure.status);
  return { data: isRefused ? undefined : data, failure };
}

/** The shortest time between two loads of the same data, so that twenty events in a second cause few loads. */
const BETWEEN_LOADS_MS = 400;

/**
 * Returns a function that loads data again if a page shows it. Calls in quick succession share a load, and a load under way ends
 * before the next one begins.
 */
export function createRefresh(queries: QueryClient): (key: QueryKey) => void {
  const waiting = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    for (const [hash, queryKey] of waiting) {
      if (queries.isFetching({ queryKey }) > 0) continue;
      waiting.delete(hash);
      void queries.invalidateQueries({ queryKey });
    }
  };
  const tick = () => {
    flush();
    timer = waiting.size > 0 ? setTimeout(tick, BETWEEN_LOADS_MS) : undefined;
  };
  return (key) => {
    waiting.set(hashKey(key), key);
    if (timer) return;
    flush();
    timer = setTimeout(tick, BETWEEN_LOADS_MS);
  };
}
