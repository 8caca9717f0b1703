'use client';

import { type BrowserClient, createBrowserClient, type JwtContext, type VortexRequestError } from '@vortex/browser';
import { NO_TOKEN, TokenKeeper, type TokenKeeperOptions, type TokenState } from '@vortex/browser/token';
import {
  createContext,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import { Calls, type InvitationMethods } from './calls.js';

export interface VortexConfig extends TokenKeeperOptions {
  /**
   * The path or URL at which the routes are mounted.
   *
   * @default '/api/vortex'
   */
  apiBaseUrl?: string | undefined;
  /**
   * The path or URL below which `POST /jwt` is mounted, if it differs from `apiBaseUrl`.
   *
   * @default the value of `apiBaseUrl`
   */
  backendApiUrl?: string | undefined;
  /**
   * The client to use in place of `apiBaseUrl` and `backendApiUrl`: one of `createBrowserClient` with headers, a timeout or a
   * `fetch`, or a test double. Create it outside the component: a new client starts without a token.
   *
   * @default a client for `apiBaseUrl` and `backendApiUrl`
   */
  client?: BrowserClient | undefined;
}

export interface VortexProviderProps {
  /**
   * The configuration. It may be a new object on each render.
   *
   * @default {}
   */
  config?: VortexConfig | undefined;
  children?: ReactNode | undefined;
}

export interface VortexContextValue extends TokenState, InvitationMethods {
  config: VortexConfig;
  isAuthenticated: boolean;
  /**
   * Fetches a token for the given context, by default the last one. Resolves once there is a token or an `error`, and never rejects.
   */
  refreshJwt: (context?: JwtContext) => Promise<void>;
  /** Discards the token and its context. */
  clearAuth: () => void;
}

/** Reports errors to the config that was committed last. */
class Reporter {
  private onError: VortexConfig['onError'];
  configure({ onError }: VortexConfig): void {
    this.onError = onError;
  }
  readonly report = (error: VortexRequestError): void => this.onError?.(error);
}

/** The state that the hooks share. It is the same object until the client changes, so a new token renders only what reads the token. */
interface Shared {
  client: BrowserClient;
  keeper: TokenKeeper;
  calls: Calls;
  reporter: Reporter;
}

const VortexContext = createContext<Shared | null>(null);
const ConfigContext = createContext<VortexConfig>({});

const DEFAULTS: VortexConfig = {};

const OPTIONS = Object.keys({
  apiBaseUrl: 0,
  backendApiUrl: 0,
  client: 0,
  defaultGroups: 0,
  jwtBackoff: 0,
  onError: 0,
  onJwtRefresh: 0,
  refreshJwtInterval: 0,
} satisfies Record<keyof VortexConfig, 0>);

/**
 * Keeps the token of the signed-in user for the components below. The first call of `refreshJwt` fetches the token; after that,
 * the provider refreshes it automatically.
 *
 * @throws TypeError if `config` has an unknown option.
 */
export function VortexProvider({ config = DEFAULTS, children }: VortexProviderProps): ReactElement {
  for (const name of Object.keys(config)) {
    if (!OPTIONS.includes(name)) {
      throw new TypeError(`VortexProvider has no option "${name}". Its options are ${OPTIONS.join(', ')}.`);
    }
  }
  const { apiBaseUrl, backendApiUrl, client: given } = config;
  const [reporter] = useState(() => new Reporter());
  const shared = useMemo((): Shared => {
    const client = given ?? createBrowserClient({ baseUrl: apiBaseUrl, jwtBaseUrl: backendApiUrl });
    const keeper = new TokenKeeper((context, options) => client.getJwt(context, options));
    return { client, keeper, calls: new Calls(client, reporter.report), reporter };
  }, [apiBaseUrl, backendApiUrl, given, reporter]);
  const { keeper, calls } = shared;

  // The config is not a dependency of `shared`, since a config written in JSX is a new object on each render.
  useEffect(() => {
    reporter.configure(config);
    keeper.configure(config);
  }, [config, keeper, reporter]);
  useEffect(() => keeper.start(), [keeper]);
  useEffect(() => calls.end, [calls]);

  return (
    <VortexContext.Provider value={shared}>
      <ConfigContext.Provider value={config}>{children}</ConfigContext.Provider>
    </VortexContext.Provider>
  );
}

export function useConfig(): VortexConfig {
  return useContext(ConfigContext);
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

const noToken = () => NO_TOKEN;

/** Subscribes to the token. */
export function useToken(): TokenState {
  const { keeper } = useShared();
  return useSyncExternalStore(keeper.subscribe, keeper.getState, noToken);
}
