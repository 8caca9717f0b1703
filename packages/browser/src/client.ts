/**
 * The typed client of the routes that `@vortex/express`, `@vortex/fastify` and `@vortex/hono` mount. It needs no framework. Its
 * types come from core's table of operations.
 */
import type {
  AcceptedInvitations,
  AcceptingUser,
  AcceptTarget,
  Autojoin,
  ConfigureAutojoinRequest,
  CreatedInvitation,
  CreateInvitationRequest,
  Invitation,
  OperationName,
  RequestOf,
  ResultOf,
  RouteOf,
  SyncedInvitations,
  SyncInternalInvitationRequest,
} from '@vortex/core';
import { VortexRequestError, type VortexRequestErrorCode } from './errors.js';

/** The route of each operation that has a method here. The compiler rejects a route that core's table does not have. */
const routes = {
  JWT: 'POST /jwt',
  GET_INVITATIONS: 'GET /invitations',
  CREATE_INVITATION: 'POST /invitations',
  GET_INVITATION: 'GET /invitations/:invitationId',
  REVOKE_INVITATION: 'DELETE /invitations/:invitationId',
  REINVITE: 'POST /invitations/:invitationId/reinvite',
  ACCEPT_INVITATIONS: 'POST /invitations/accept',
  GET_GROUP_INVITATIONS: 'GET /invitations/by-scope/:scopeType/:scope',
  DELETE_GROUP_INVITATIONS: 'DELETE /invitations/by-scope/:scopeType/:scope',
  GET_AUTOJOIN_DOMAINS: 'GET /invitations/by-scope/:scopeType/:scope/autojoin',
  CONFIGURE_AUTOJOIN: 'POST /invitations/autojoin',
  SYNC_INTERNAL_INVITATION: 'POST /invitations/sync-internal-invitation',
} as const satisfies { readonly [Name in OperationName]?: RouteOf<Name> };

/** The component and the scope that the token is for. */
export type JwtContext = Pick<NonNullable<RequestOf<'JWT'>['context']>, 'componentId' | 'scope' | 'scopeType'>;
/** The kind of an address: `email`, `phone` and so on. */
export type TargetType = RequestOf<'GET_INVITATIONS'>['targetType'];

export interface CallOptions {
  /** Aborts the call, which then rejects with the code `ABORTED`. */
  signal?: AbortSignal | undefined;
}

export interface PageOptions extends CallOptions {
  /**
   * The number of invitations to skip.
   *
   * @default 0
   */
  start?: number | undefined;
}

export interface BrowserClientOptions {
  /**
   * The path or URL at which the routes are mounted. Where there is no page, as in React Native or on a server, a URL.
   *
   * @default '/api/vortex'
   */
  baseUrl?: string | undefined;
  /**
   * The path or URL below which `POST /jwt` is mounted, if it differs from `baseUrl`.
   *
   * @default the value of `baseUrl`
   */
  jwtBaseUrl?: string | undefined;
  /**
   * The deadline of each call, in milliseconds.
   *
   * @default 30_000
   */
  timeout?: number | undefined;
  /**
   * Headers to send with every call.
   *
   * @default {}
   */
  headers?: Readonly<Record<string, string>> | undefined;
  /**
   * The function that sends requests. Pass your own to send credentials to another origin, for instance.
   *
   * @default globalThis.fetch
   */
  fetch?: Fetch | undefined;
}

/** The part of `fetch` that the client uses. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** The second argument of `fetch`: the part of `RequestInit` that the client sends. */
export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  /** JSON. Null instead of undefined, which `fetch` does not accept by its types. */
  body: string | null;
  signal: AbortSignal;
}

/** The part of a `Response` that the client reads. */
export interface FetchResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get: (name: string) => string | null };
  readonly text: () => Promise<string>;
}

/** A client with one method for each route. A call that fails rejects with a `VortexRequestError`; no method throws. */
export interface BrowserClient {
  /** Fetches a token for the signed-in user. `decodeToken` of `@vortex/browser/token` reads its claims. */
  getJwt(context?: JwtContext, options?: CallOptions): Promise<string>;
  /** Lists the open invitations for an address. */
  getInvitationsByTarget(targetType: TargetType, targetValue: string, options?: CallOptions): Promise<Invitation[]>;
  getInvitation(invitationId: string, options?: CallOptions): Promise<Invitation>;
  revokeInvitation(invitationId: string, options?: CallOptions): Promise<void>;
  /**
   * Accepts invitations. Without `who`, the server uses the caller's first verified address. The result is the first invitation;
   * its `invitations` has all of them.
   */
  acceptInvitations(
    invitationIds: readonly string[],
    who?: AcceptingUser | AcceptTarget,
    options?: CallOptions,
  ): Promise<AcceptedInvitations>;
  /** Lists the open invitations of a scope, 20 a page. */
  getInvitationsByScope(scopeType: string, scope: string, options?: PageOptions): Promise<Invitation[]>;
  /** Revokes all open invitations of a scope. */
  deleteInvitationsByScope(scopeType: string, scope: string, options?: CallOptions): Promise<void>;
  /** Does the same as `getInvitationsByScope`, for older backends that only have the `by-group` routes. */
  getInvitationsByGroup(scopeType: string, scope: string, options?: CallOptions): Promise<Invitation[]>;
  /** Does the same as `deleteInvitationsByScope`, for older backends that only have the `by-group` routes. */
  deleteInvitationsByGroup(scopeType: string, scope: string, options?: CallOptions): Promise<void>;
  /** Sends the message of an invitation again. */
  reinvite(invitationId: string, options?: CallOptions): Promise<Invitation>;
  createInvitation(input: CreateInvitationRequest, options?: CallOptions): Promise<CreatedInvitation>;
  getAutojoinDomains(scopeType: string, scope: string, options?: CallOptions): Promise<Autojoin>;
  /** Replaces the autojoin domains of a scope: a domain that `domains` leaves out is removed. */
  configureAutojoin(input: ConfigureAutojoinRequest, options?: CallOptions): Promise<Autojoin>;
  syncInternalInvitation(input: SyncInternalInvitationRequest, options?: CallOptions): Promise<SyncedInvitations>;
}

const OPTIONS = ['baseUrl', 'jwtBaseUrl', 'timeout', 'headers', 'fetch'];
/** The longest delay of `setTimeout`, in milliseconds. A timer with a longer delay fires at once. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * Creates a client.
 *
 * @throws TypeError if an option is unknown, or `timeout` is not a positive number.
 */
export function createBrowserClient(options: BrowserClientOptions = {}): BrowserClient {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) {
      throw new TypeError(`createBrowserClient has no option "${name}". Its options are ${OPTIONS.join(', ')}.`);
    }
  }
  const { baseUrl = '/api/vortex', jwtBaseUrl = baseUrl, timeout = 30_000, headers, fetch } = options;
  if (!(timeout > 0)) throw new TypeError('timeout must be a positive number of milliseconds.');

  async function call<N extends keyof typeof routes>(
    name: N,
    given: RequestOf<N> & object,
    options: CallOptions | undefined,
    route = routes[name] as RouteOf<N>,
  ): Promise<ResultOf<N>> {
    // Null and values of another type come from callers without a compiler.
    const signal = options?.signal;
    if (signal && typeof signal.addEventListener !== 'function')
      throw invalid(new TypeError('signal must be a signal.'));
    const { method, path, body } = requestOf(route, given);
    const url = (name === 'JWT' ? jwtBaseUrl : baseUrl).replace(/\/+$/u, '') + path;
    const init = {
      method,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body ?? null,
    };
    const { response, text } = await exchange(fetch, url, init, signal, timeout);
    const answer = parse(text);
    if (response.ok && answer) return answer as object as ResultOf<N>;
    throw failureOf(response, answer);
  }

  return {
    async getJwt(context, given) {
      const { jwt } = await call('JWT', context ? { context } : {}, given);
      if (typeof jwt !== 'string') throw new VortexRequestError('BAD_RESPONSE', 'The server answered without a token.');
      return jwt;
    },
    getInvitationsByTarget: (targetType, targetValue, given) =>
      listOf(call('GET_INVITATIONS', { targetType, targetValue }, given)),
    getInvitation: (invitationId, given) => call('GET_INVITATION', { invitationId }, given),
    async revokeInvitation(invitationId, given) {
      await call('REVOKE_INVITATION', { invitationId }, given);
    },
    // Asynchronous, so that a list of ids that is none rejects instead of throwing.
    async acceptInvitations(invitationIds, who, given) {
      const accepting = who && (typeof who === 'object' && 'type' in who ? { target: who } : { user: who });
      return call('ACCEPT_INVITATIONS', { invitationIds, ...accepting }, given);
    },
    getInvitationsByScope: (scopeType, scope, given) => {
      const start = given?.start;
      const page = start !== undefined && { start: `${start}` };
      return listOf(call('GET_GROUP_INVITATIONS', { scopeType, scope, ...page }, given));
    },
    async deleteInvitationsByScope(scopeType, scope, given) {
      await call('DELETE_GROUP_INVITATIONS', { scopeType, scope }, given);
    },
    getInvitationsByGroup: (scopeType, scope, given) =>
      listOf(call('GET_GROUP_INVITATIONS', { scopeType, scope }, given, 'GET /invitations/by-group/:scopeType/:scope')),
    async deleteInvitationsByGroup(scopeType, scope, given) {
      const route = 'DELETE /invitations/by-group/:scopeType/:scope';
      await call('DELETE_GROUP_INVITATIONS', { scopeType, scope }, given, route);
    },
    reinvite: (invitationId, given) => call('REINVITE', { invitationId }, given),
    createInvitation: (input, given) => call('CREATE_INVITATION', input, given),
    getAutojoinDomains: (scopeType, scope, given) => call('GET_AUTOJOIN_DOMAINS', { scopeType, scope }, given),
    configureAutojoin: (input, given) => call('CONFIGURE_AUTOJOIN', input, given),
    syncInternalInvitation: (input, given) => call('SYNC_INTERNAL_INVITATION', input, given),
  };
}

/**
 * Sends a request and reads the answer. One controller and one timer serve the deadline and the caller's signal:
 * `AbortSignal.any` and `AbortSignal.timeout` are missing in older browsers and in React Native. The race ends the call even
 * where `fetch` ignores the signal.
 */
async function exchange(
  send: Fetch | undefined,
  url: string,
  init: Omit<FetchInit, 'signal'>,
  signal: AbortSignal | undefined,
  timeout: number,
): Promise<{ response: FetchResponse; text: string }> {
  if (!send && typeof globalThis.fetch !== 'function') {
    throw unsupported('There is no globalThis.fetch here. Pass the option "fetch".');
  }
  if (typeof AbortController !== 'function') {
    throw unsupported('There is no AbortController here. Install a polyfill, such as the package abort-controller.');
  }
  const controller = new AbortController();
  let end: (code: 'ABORTED' | 'TIMEOUT', message: string) => void;
  const ended = new Promise<never>((_, reject) => {
    end = (code, message) => {
      reject(new VortexRequestError(code, message));
      controller.abort();
    };
  });
  const onAbort = () => end('ABORTED', 'The request was aborted.');
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort);
  const timer = setTimeout(() => end('TIMEOUT', 'The server did not answer in time.'), Math.min(timeout, MAX_TIMER));
  const run = async () => {
    // Not called as a method of the options: a browser's `fetch` throws for any `this` but the global object.
    const response = await (send ?? globalThis.fetch)(url, { ...init, signal: controller.signal });
    return { response, text: await response.text() };
  };
  try {
    return await Promise.race([ended, controller.signal.aborted ? ended : run()]);
  } catch (cause) {
    if (cause instanceof VortexRequestError) throw cause;
    if (!send && url.startsWith('/') && typeof location === 'undefined') {
      throw unsupported(
        'Without a page, baseUrl must be a whole URL, such as "https://app.example/api/vortex".',
        cause,
      );
    }
    // Node's `fetch` refuses the signal of another realm, such as that of jsdom.
    if (/AbortSignal/u.test(`${Object(cause).message}`)) {
      throw unsupported('`fetch` refuses the signal of this AbortController. Take both from the same place.', cause);
    }
    throw new VortexRequestError('NETWORK_ERROR', 'The server cannot be reached.', { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** A failure of the environment. The user reads that it is unsupported; `cause` tells the developer what to do. */
function unsupported(problem: string, cause?: unknown): VortexRequestError {
  const reason = new TypeError(problem);
  if (cause !== undefined) Object.assign(reason, { cause });
  return new VortexRequestError('UNSUPPORTED', 'This browser cannot send the request.', { cause: reason });
}

/**
 * Fills the parameters of the path from the given fields. The other fields become the JSON body of a POST, or the query of any
 * other method.
 */
function requestOf(route: string, given: object) {
  const [method = '', template = ''] = route.split(' ');
  const fields: Record<string, unknown> = { ...given };
  try {
    const path = template.replace(/:(\w+)/gu, (_, name: string) => {
      const value = fields[name];
      delete fields[name];
      return segment(name, value);
    });
    const names = Object.keys(fields);
    if (names.length === 0) return { method, path };
    if (method === 'POST') return { method, path, body: JSON.stringify(fields) };
    // Not by `URLSearchParams`, which does not encode in older versions of React Native.
    const query = names.map((name) => `${name}=${encodeURIComponent(String(fields[name]))}`);
    return { method, path: `${path}?${query.join('&')}` };
  } catch (cause) {
    throw invalid(cause);
  }
}

function invalid(cause: unknown): VortexRequestError {
  return new VortexRequestError('INVALID_REQUEST', 'The request has an invalid value and was not sent.', { cause });
}

/**
 * Encodes a path parameter. Refuses `.` and `..`: `encodeURIComponent` keeps them, and the browser would resolve
 * `by-scope/../x` to another route.
 */
function segment(name: string, value: unknown): string {
  if (typeof value !== 'string' || /^\.{0,2}$/u.test(value)) {
    throw new TypeError(`${name} must be a non-empty string other than "." and "..".`);
  }
  return encodeURIComponent(value);
}

/** Parses a text that is a JSON object or array. Returns undefined for any other text. */
function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function failureOf({ status, headers }: FetchResponse, answer: Record<string, unknown> = {}) {
  const { error, code, issues } = answer;
  const retryAfter = Number(headers.get('retry-after') ?? Number.NaN);
  return new VortexRequestError(
    typeof code === 'string' ? (code as VortexRequestErrorCode) : 'BAD_RESPONSE',
    typeof error === 'string' && error !== '' ? error : 'The server sent an unexpected answer.',
    {
      status,
      issues: Array.isArray(issues) ? issues : undefined,
      retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined,
    },
  );
}

async function listOf(call: Promise<{ invitations: Invitation[] }>): Promise<Invitation[]> {
  const { invitations } = await call;
  if (Array.isArray(invitations)) return invitations;
  throw new VortexRequestError('BAD_RESPONSE', 'The server answered without a list of invitations.');
}
