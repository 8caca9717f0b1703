import { useEffect, useEffectEvent, useReducer, useState } from 'react';
import { type Failure, failureOf } from './api.js';

export interface Loaded<Data> {
  data: Data | undefined;
  /** Why there is no data, or why what there is may be old. */
  failure: Failure | undefined;
  reload(): void;
}

/** Loads what `key` names, and again when told to; what there was stays until there is something newer. */
export function useLoad<Data>(key: string, load: () => Promise<Data>): Loaded<Data> {
  const [version, reload] = useReducer((count: number) => count + 1, 0);
  const [state, setState] = useState<{ key: string; data?: Data; failure?: Failure }>({ key });
  const begin = useEffectEvent(load);

  useEffect(() => {
    let isCurrent = true;
    begin().then(
      (data) => isCurrent && setState({ key, data }),
      (error: unknown) => {
        const failure = failureOf(error);
        // What one may not see any more goes; what cannot be fetched just now stays.
        const isRefused = failure.status >= 400 && failure.status < 500;
        if (isCurrent) setState((old) => (isRefused || old.key !== key ? { key, failure } : { ...old, failure }));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [key, version]);

  const { data, failure } = state.key === key ? state : {};
  return { data, failure, reload };
}
