'use client';

import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { Calls, type InvitationMethods, NO_CALLS } from './calls.js';
import type { VortexRequestError } from './errors.js';
import { useShared, type VortexContextValue } from './provider.js';

/** Everything: the token and its user, and the operations, whose reads end with the provider. */
export function useVortex(): VortexContextValue {
  return useShared().value;
}

export type VortexAuth = Pick<
  VortexContextValue,
  'jwt' | 'user' | 'isAuthenticated' | 'isLoading' | 'error' | 'refreshJwt' | 'clearAuth'
>;

/** The token and its user. */
export function useVortexAuth(): VortexAuth {
  const { jwt, user, isAuthenticated, isLoading, error, refreshJwt, clearAuth } = useVortex();
  return { jwt, user, isAuthenticated, isLoading, error, refreshJwt, clearAuth };
}

export interface VortexJwt extends VortexAuth {
  /** Whether the token ends within so many minutes (5), or there is none. */
  isExpiringSoon(bufferMinutes?: number): boolean;
  /** Refreshes it then. */
  refreshIfNeeded(bufferMinutes?: number): Promise<void>;
}

/** The token, and how long it is still good. */
export function useVortexJWT(): VortexJwt {
  const { keeper } = useShared();
  const isExpiringSoon = useCallback((minutes = 5) => keeper.expiresWithin(minutes * 60_000), [keeper]);
  const refreshIfNeeded = useCallback(
    async (minutes?: number) => {
      if (isExpiringSoon(minutes)) await keeper.refresh();
    },
    [keeper, isExpiringSoon],
  );
  return { ...useVortexAuth(), isExpiringSoon, refreshIfNeeded };
}

export interface Invitations extends InvitationMethods {
  /** Which calls are under way, by key: `revoke-<id>` and so on. */
  loading: Readonly<Record<string, boolean>>;
  /** The errors of the calls that failed last, by key. */
  errors: Readonly<Record<string, VortexRequestError | null>>;
  isAuthenticated: boolean;
  isLoading(key: string): boolean;
  getError(key: string): VortexRequestError | null;
  clearError(key: string): void;
}

/** The operations, bound to this component: what it reads is aborted when it goes, what it writes is finished. */
export function useInvitations(): Invitations {
  const { backend, report, value } = useShared();
  const calls = useMemo(() => new Calls(backend, report), [backend, report]);
  useEffect(() => calls.end, [calls]);
  const { loading, errors } = useSyncExternalStore(calls.subscribe, calls.getState, () => NO_CALLS);
  return {
    ...calls.methods,
    loading,
    errors,
    isAuthenticated: value.isAuthenticated,
    isLoading: (key) => loading[key] ?? false,
    getError: (key) => errors[key] ?? null,
    clearError: calls.clearError,
  };
}
