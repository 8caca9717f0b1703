import { useEffect, useEffectEvent, useReducer, useState } from 'react';
import { type Failure, failureOf } from './api.js';

export interface Loaded<Data> {
  data: Data | undefined;
  /** The error of the last load. If there is data, it may be out of date. */
  failure: Failure | undefined;
  reload(): void;
}

/** Loads the data for `key`, and again on `reload`. The current data stays until new data arrives. */
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
        // A refusal (4xx) removes the data, since the user may no longer see it. Other failures keep it.
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
