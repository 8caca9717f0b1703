'use client';

import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { Calls, type InvitationMethods, NO_CALLS } from './calls.js';
import type { VortexRequestError } from './errors.js';
import { useShared, type VortexContextValue } from './provider.js';

/** Returns the token, its user and the invitation methods. Unmounting the provider aborts the reads of these methods. */
export function useVortex(): VortexContextValue {
  return useShared().value;
}

export type VortexAuth = Pick<
  VortexContextValue,
  'jwt' | 'user' | 'isAuthenticated' | 'isLoading' | 'error' | 'refreshJwt' | 'clearAuth'
>;

/** Returns the token and its user. */
export function useVortexAuth(): VortexAuth {
  const { jwt, user, isAuthenticated, isLoading, error, refreshJwt, clearAuth } = useVortex();
  return { jwt, user, isAuthenticated, isLoading, error, refreshJwt, clearAuth };
}

export interface VortexJwt extends VortexAuth {
  /** Returns whether the token expires within the given minutes (5 by default). Returns true if there is no token. */
  isExpiringSoon(bufferMinutes?: number): boolean;
  /** Refreshes the token if it expires within the given minutes (5 by default). */
  refreshIfNeeded(bufferMinutes?: number): Promise<void>;
}

/** Returns the token, its user, and methods that check how soon the token expires. */
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
  /** True for each call under way, by its key, such as `revoke-<id>`. */
  loading: Readonly<Record<string, boolean>>;
  /** The error of each call whose last attempt failed, by the key of the call. */
  errors: Readonly<Record<string, VortexRequestError | null>>;
  isAuthenticated: boolean;
  isLoading(key: string): boolean;
  getError(key: string): VortexRequestError | null;
  clearError(key: string): void;
}

/** Returns the invitation methods for one component. Unmounting the component aborts its reads; its writes run to their end. */
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
