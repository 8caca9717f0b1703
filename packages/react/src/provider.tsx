'use client';

import {
  createContext,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react';
import { type JwtContext, VortexBackend } from './backend.js';
import { Calls, type InvitationMethods } from './calls.js';
import type { VortexRequestError } from './errors.js';
import { NO_TOKEN, TokenKeeper, type TokenKeeperOptions, type TokenState } from './token-keeper.js';

export interface VortexConfig extends TokenKeeperOptions {
  /** Where the routes are mounted. Default `/api/vortex`. */
  apiBaseUrl?: string | undefined;
  /** The same for `POST /jwt` alone. Default: `apiBaseUrl`. */
  backendApiUrl?: string | undefined;
  /** In place of the two, where headers, a deadline or a `fetch` of your own are needed. Make it outside of the component. */
  client?: VortexBackend | undefined;
}

export interface VortexProviderProps {
  config?: VortexConfig;
  children?: ReactNode;
}

export interface VortexContextValue extends TokenState, InvitationMethods {
  config: VortexConfig;
  isAuthenticated: boolean;
  /** Fetches a token, for the last context unless another is given. Never rejects: see `error`. */
  refreshJwt(context?: JwtContext): Promise<void>;
  /** Forgets the token. */
  clearAuth(): void;
}

interface Shared {
  value: VortexContextValue;
  backend: VortexBackend;
  keeper: TokenKeeper;
  report(error: VortexRequestError): void;
}

const VortexContext = createContext<Shared | null>(null);

const DEFAULTS: VortexConfig = {};

/** Keeps the token of the signed-in user for all below. It is fetched when the first of them asks, and then kept fresh. */
export function VortexProvider({ config = DEFAULTS, children }: VortexProviderProps): ReactElement {
  const { apiBaseUrl, backendApiUrl, client } = config;
  const latest = useRef(config);
  const made = useMemo(() => {
    const backend = client ?? new VortexBackend({ baseUrl: apiBaseUrl, jwtBaseUrl: backendApiUrl });
    const keeper = new TokenKeeper((context, options) => backend.getJwt(context, options));
    const report = (error: VortexRequestError) => latest.current.onError?.(error);
    return { backend, keeper, report, calls: new Calls(backend, report) };
  }, [apiBaseUrl, backendApiUrl, client]);
  const { keeper, calls } = made;

  // Callers write the configuration into their markup, so it is another object each time.
  useEffect(() => {
    latest.current = config;
    keeper.configure(config);
  }, [config, keeper]);
  useEffect(() => keeper.start(), [keeper]);
  useEffect(() => calls.end, [calls]);

  const state = useSyncExternalStore(keeper.subscribe, keeper.getState, () => NO_TOKEN);
  const shared = useMemo(() => {
    const { refresh: refreshJwt, clear: clearAuth } = keeper;
    const isAuthenticated = state.jwt !== null;
    return { ...made, value: { config, ...state, isAuthenticated, refreshJwt, clearAuth, ...calls.methods } };
  }, [made, keeper, calls, config, state]);
  return <VortexContext.Provider value={shared}>{children}</VortexContext.Provider>;
}

export function useShared(): Shared {
  const shared = useContext(VortexContext);
  if (!shared) throw new Error('The hooks of @vortex/react need a <VortexProvider> above them.');
  return shared;
}
