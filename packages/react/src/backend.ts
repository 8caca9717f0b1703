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
export type JwtContext = NonNullable<RequestOf<'JWT'>['context']>;
/** The kind of an address: `email`, `phone` and so on. */
export type TargetType = RequestOf<'GET_INVITATIONS'>['targetType'];

export interface CallOptions {
  /** Aborts the call, which then rejects with the code `ABORTED`. */
  signal?: AbortSignal | undefined;
}

export interface VortexBackendOptions {
  /**
   * The path or URL at which the routes are mounted.
   * @default '/api/vortex'
   */
  baseUrl?: string | undefined;
  /**
   * The path or URL below which `POST /jwt` is mounted, if it differs from `baseUrl`.
   * @default the value of `baseUrl`
   */
  jwtBaseUrl?: string | undefined;
  /**
   * The deadline of each call, in milliseconds.
   * @default 30_000
   */
  timeout?: number | undefined;
  /** Headers to send with every call. */
  headers?: Readonly<Record<string, string>> | undefined;
  /**
   * The function that sends requests. Pass your own to send credentials to another origin, for instance.
   * @default globalThis.fetch
   */
  fetch?: typeof fetch | undefined;
}

/** A client with one method for each route. Every method rejects with a `VortexRequestError`. */
export class VortexBackend {
  readonly #options: VortexBackendOptions;

  constructor(options: VortexBackendOptions = {}) {
    this.#options = options;
  }

  /** Fetches a token for the signed-in user. `decodeToken` reads its claims. */
  async getJwt(context?: JwtContext, options?: CallOptions): Promise<string> {
    const { jwt } = await this.#call('JWT', context ? { context } : {}, options);
    if (typeof jwt !== 'string') throw new VortexRequestError('BAD_RESPONSE', 'The server answered without a token.');
    return jwt;
  }

  /** Lists the open invitations for an address. */
  getInvitationsByTarget(targetType: TargetType, targetValue: string, options?: CallOptions): Promise<Invitation[]> {
    return listOf(this.#call('GET_INVITATIONS', { targetType, targetValue }, options));
  }

  getInvitation(invitationId: string, options?: CallOptions): Promise<Invitation> {
    return this.#call('GET_INVITATION', { invitationId }, options);
  }

  async revokeInvitation(invitationId: string, options?: CallOptions): Promise<void> {
    await this.#call('REVOKE_INVITATION', { invitationId }, options);
  }

  /**
   * Accepts invitations. Without `who`, the server uses the caller's first verified address. The result is the first invitation;
   * its `invitations` has all of them.
   */
  acceptInvitations(
    invitationIds: readonly string[],
    who?: AcceptingUser | AcceptTarget,
    options?: CallOptions,
  ): Promise<AcceptedInvitations> {
    const accepting = who && ('type' in who ? { target: who } : { user: who });
    return this.#call('ACCEPT_INVITATIONS', { invitationIds: [...invitationIds], ...accepting }, options);
  }

  /** Lists the open invitations of a scope, 20 a page. `start` is the number of invitations to skip, by default 0. */
  getInvitationsByScope(
    scopeType: string,
    scope: string,
    { start, ...options }: CallOptions & { start?: number | undefined } = {},
  ): Promise<Invitation[]> {
    const page = start === undefined ? {} : { start: String(start) };
    return listOf(this.#call('GET_GROUP_INVITATIONS', { scopeType, scope, ...page }, options));
  }

  async deleteInvitationsByScope(scopeType: string, scope: string, options?: CallOptions): Promise<void> {
    await this.#call('DELETE_GROUP_INVITATIONS', { scopeType, scope }, options);
  }

  /** Does the same as `getInvitationsByScope`, for older backends that only have the `by-group` routes. */
  getInvitationsByGroup(scopeType: string, scope: string, options?: CallOptions): Promise<Invitation[]> {
    const route = 'GET /invitations/by-group/:scopeType/:scope';
    return listOf(this.#call('GET_GROUP_INVITATIONS', { scopeType, scope }, options, route));
  }

  /** Does the same as `deleteInvitationsByScope`, for older backends that only have the `by-group` routes. */
  async deleteInvitationsByGroup(scopeType: string, scope: string, options?: CallOptions): Promise<void> {
    const route = 'DELETE /invitations/by-group/:scopeType/:scope';
    await this.#call('DELETE_GROUP_INVITATIONS', { scopeType, scope }, options, route);
  }

  reinvite(invitationId: string, options?: CallOptions): Promise<Invitation> {
    return this.#call('REINVITE', { invitationId }, options);
  }

  createInvitation(input: CreateInvitationRequest, options?: CallOptions): Promise<CreatedInvitation> {
    return this.#call('CREATE_INVITATION', input, options);
  }

  getAutojoinDomains(scopeType: string, scope: string, options?: CallOptions): Promise<Autojoin> {
    return this.#call('GET_AUTOJOIN_DOMAINS', { scopeType, scope }, options);
  }

  /** Replaces the autojoin domains of a scope: a domain that `domains` leaves out is removed. */
  configureAutojoin(input: ConfigureAutojoinRequest, options?: CallOptions): Promise<Autojoin> {
    return this.#call('CONFIGURE_AUTOJOIN', input, options);
  }

  syncInternalInvitation(input: SyncInternalInvitationRequest, options?: CallOptions): Promise<SyncedInvitations> {
    return this.#call('SYNC_INTERNAL_INVITATION', input, options);
  }

  async #call<N extends keyof typeof routes>(
    name: N,
    given: RequestOf<N> & object,
    { signal }: CallOptions = {},
    route = routes[name] as RouteOf<N>,
  ): Promise<ResultOf<N>> {
    const { baseUrl = '/api/vortex', jwtBaseUrl = baseUrl, timeout = 30_000, headers, fetch } = this.#options;
    const { method, path, body } = requestOf(route, given);
    const base = (name === 'JWT' ? jwtBaseUrl : baseUrl).replace(/\/+$/u, '');
    const late = AbortSignal.timeout(timeout);

    let response: Response;
    let text: string;
    try {
      // Not called as a method of the options: a browser's `fetch` throws for any `this` but the global object.
      response = await (fetch ?? globalThis.fetch)(base + path, {
        method,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body }),
        signal: signal ? AbortSignal.any([signal, late]) : late,
      });
      text = await response.text();
    } catch (cause) {
      if (signal?.aborted) throw new VortexRequestError('ABORTED', 'The request was aborted.', { cause });
      if (late.aborted) throw new VortexRequestError('TIMEOUT', 'The server did not answer in time.', { cause });
      throw new VortexRequestError('NETWORK_ERROR', 'The server cannot be reached.', { cause });
    }
    const answer = parse(text);
    if (response.ok && answer) return answer as object as ResultOf<N>;
    throw failureOf(response, answer);
  }
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
    if (Object.keys(fields).length === 0) return { method, path };
    if (method === 'POST') return { method, path, body: JSON.stringify(fields) };
    return { method, path: `${path}?${new URLSearchParams(fields as Record<string, string>)}` };
  } catch (cause) {
    throw new VortexRequestError('INVALID_REQUEST', 'The request has an invalid value and was not sent.', { cause });
  }
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

function failureOf({ status, statusText, headers }: Response, answer: Record<string, unknown> = {}) {
  const { error, code, issues } = answer;
  const retryAfter = Number(headers.get('retry-after') ?? Number.NaN);
  return new VortexRequestError(
    typeof code === 'string' ? (code as VortexRequestErrorCode) : 'BAD_RESPONSE',
    typeof error === 'string' && error !== '' ? error : `HTTP ${status}: ${statusText}`,
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
