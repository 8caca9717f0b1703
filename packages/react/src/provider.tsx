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
  /**
   * The path or URL at which the routes are mounted.
   * @default '/api/vortex'
   */
  apiBaseUrl?: string | undefined;
  /**
   * The path or URL below which `POST /jwt` is mounted, if it differs from `apiBaseUrl`.
   * @default the value of `apiBaseUrl`
   */
  backendApiUrl?: string | undefined;
  /**
   * The client to use in place of `apiBaseUrl` and `backendApiUrl`, to set headers, a timeout or a `fetch`. Create it outside the
   * component: a new client starts without a token.
   * @default a `VortexBackend` for `apiBaseUrl` and `backendApiUrl`
   */
  client?: VortexBackend | undefined;
}

export interface VortexProviderProps {
  /**
   * The configuration. It may be a new object on each render.
   * @default {}
   */
  config?: VortexConfig | undefined;
  children?: ReactNode | undefined;
}

export interface VortexContextValue extends TokenState, InvitationMethods {
  config: VortexConfig;
  isAuthenticated: boolean;
  /** Fetches a token for the given context, by default the last one. Never rejects; if it fails, `error` says why. */
  refreshJwt(context?: JwtContext): Promise<void>;
  /** Discards the token and its context. */
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

/**
 * Keeps the token of the signed-in user for the components below. The first call of `refreshJwt` fetches the token; after that,
 * the provider refreshes it automatically.
 */
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

  // The config is not a dependency of `made`, since a config written in JSX is a new object on each render.
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
  if (!shared) {
    throw new Error(
      'The hooks of @vortex/react need a <VortexProvider>. Render one above the component that calls them.',
    );
  }
  return shared;
}
