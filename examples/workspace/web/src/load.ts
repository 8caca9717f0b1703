import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import { type Failure, failureOf } from './failure.js';

export interface Loaded<Data> {
  data: Data | undefined;
  /** The error of the last load. If there is data, it may be out of date. */
  failure: Failure | undefined;
  /** Loads again. Calls in quick succession share one load. */
  reload(): void;
}

/** The last data of each key. A page that is opened again shows it while it loads, or if it cannot be loaded. */
const kept = new Map<string, unknown>();
let owner: string | undefined;

/** Forgets the data of another user. */
export function keepFor(userId: string | undefined): void {
  if (owner === userId) return;
  owner = userId;
  kept.clear();
}

/** The shortest time between two loads of the same data, so that twenty events in a second cause few loads. */
const BETWEEN_LOADS_MS = 400;

/** Loads the data for `key`, and again on `reload`. The current data stays until new data arrives. */
export function useLoad<Data>(key: string, load: () => Promise<Data>): Loaded<Data> {
  const [state, setState] = useState<{ key: string; data?: Data; failure?: Failure }>({ key });
  const begin = useEffectEvent(load);
  const again = useRef(() => {});

  useEffect(() => {
    let isCurrent = true;
    let isLoading = false;
    let isStale = false;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const run = async () => {
      isLoading = true;
      isStale = false;
      const started = Date.now();
      try {
        const data = await begin();
        if (!isCurrent) return;
        kept.set(key, data);
        setState({ key, data });
      } catch (error) {
        if (!isCurrent) return;
        const failure = failureOf(error);
        // A refusal (4xx) removes the data, since the user may no longer see it. Other failures keep it.
        if (isRefusal(failure)) kept.delete(key);
        setState((old) => (isRefusal(failure) || old.key !== key ? { key, failure } : { ...old, failure }));
      } finally {
        // Events that arrived meanwhile, and for a moment longer, are answered by one more load.
        timer = setTimeout(
          () => {
            isLoading = false;
            if (isStale && isCurrent) void run();
          },
          Math.max(0, BETWEEN_LOADS_MS - (Date.now() - started)),
        );
      }
    };
    again.current = () => {
      if (isLoading) isStale = true;
      else void run();
    };
    void run();
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [key]);

  const reload = useCallback(() => again.current(), []);
  const own = state.key === key ? state : undefined;
  const data = own?.data ?? (kept.get(key) as Data | undefined);
  return { data, failure: own?.failure, reload };
}

function isRefusal({ status }: Failure): boolean {
  return status >= 400 && status < 500;
}
