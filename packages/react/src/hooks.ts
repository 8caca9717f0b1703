'use client';

import type { BrowserClient, VortexRequestError } from '@vortex/browser';
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { Calls, type InvitationMethods, NO_CALLS } from './calls.js';
import { useConfig, useShared, useToken, type VortexContextValue } from './provider.js';

/** Returns the client of the provider, for calls that no hook covers. */
export function useVortexClient(): BrowserClient {
  return useShared().client;
}

/** Returns the token, its user and the invitation methods. Unmounting the provider aborts the reads of these methods. */
export function useVortex(): VortexContextValue {
  const { calls } = useShared();
  const config = useConfig();
  const auth = useVortexAuth();
  return useMemo(() => ({ config, ...auth, ...calls.operations }), [config, auth, calls]);
}

export type VortexAuth = Pick<
  VortexContextValue,
  'jwt' | 'user' | 'isAuthenticated' | 'isLoading' | 'error' | 'refreshJwt' | 'clearAuth'
>;

/** Returns the token and its user. The object is the same until one of them changes. */
export function useVortexAuth(): VortexAuth {
  const { keeper } = useShared();
  const state = useToken();
  return useMemo(
    () => ({ ...state, isAuthenticated: state.jwt !== null, refreshJwt: keeper.refresh, clearAuth: keeper.clear }),
    [state, keeper],
  );
}

export interface VortexJwt extends VortexAuth {
  /** Returns whether the token expires within the given minutes (5 by default). Returns true if there is no token. */
  isExpiringSoon: (bufferMinutes?: number) => boolean;
  /** Refreshes the token if it expires within the given minutes (5 by default). */
  refreshIfNeeded: (bufferMinutes?: number) => Promise<void>;
}

/** Returns the token, its user, and methods that check how soon the token expires. */
export function useVortexJWT(): VortexJwt {
  const { keeper } = useShared();
  const auth = useVortexAuth();
  const isExpiringSoon = useCallback((minutes = 5) => keeper.expiresWithin(minutes * 60_000), [keeper]);
  const refreshIfNeeded = useCallback(
    async (minutes?: number) => {
      if (isExpiringSoon(minutes)) await keeper.refresh();
    },
    [keeper, isExpiringSoon],
  );
  return useMemo(() => ({ ...auth, isExpiringSoon, refreshIfNeeded }), [auth, isExpiringSoon, refreshIfNeeded]);
}

export interface Invitations extends InvitationMethods {
  /** True for each call under way, by its key, such as `revoke-<id>`. */
  loading: Readonly<Record<string, boolean>>;
  /** The error of each call whose last attempt failed, by the key of the call. */
  errors: Readonly<Record<string, VortexRequestError | null>>;
  isAuthenticated: boolean;
  isLoading: (key: string) => boolean;
  getError: (key: string) => VortexRequestError | null;
  clearError: (key: string) => void;
}

const noCalls = () => NO_CALLS;
const no = () => false;

/** Returns the invitation methods for one component. Unmounting the component aborts its reads; its writes run to their end. */
export function useInvitations(): Invitations {
  const { client, reporter, keeper } = useShared();
  const calls = useMemo(() => new Calls(client, reporter.report), [client, reporter]);
  useEffect(() => calls.end, [calls]);
  const { loading, errors } = useSyncExternalStore(calls.subscribe, calls.getState, noCalls);
  // Whether there is a token, and not the token: the component does not render when the token is refreshed.
  const isAuthenticated = useSyncExternalStore(keeper.subscribe, () => keeper.getState().jwt !== null, no);
  return useMemo(
    () => ({
      ...calls.operations,
      loading,
      errors,
      isAuthenticated,
      isLoading: (key) => loading[key] ?? false,
      getError: (key) => errors[key] ?? null,
      clearError: calls.clearError,
    }),
    [calls, loading, errors, isAuthenticated],
  );
}
