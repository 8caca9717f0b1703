/** The routes of `@vortex/express` and its siblings as a client. Knows no framework; types come from the table of core. */
import type {
  AcceptedInvitations,
  Autojoin,
  CreatedInvitation,
  Invitation,
  OperationName,
  ResultOf,
  SyncedInvitations,
} from '@vortex/core';
import type { RequestOf, RouteOf } from '@vortex/core/adapter';
import { VortexRequestError, type VortexRequestErrorCode } from './errors.js';

/** Of the operations that have a method here. A path that has changed does not compile until it is changed here too. */
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

/** What the token is wanted for. */
export type JwtContext = NonNullable<RequestOf<'JWT'>['context']>;
export type TargetType = RequestOf<'GET_INVITATIONS'>['targetType'];
/** @deprecated Give `{ email }` or `{ phone }`. */
export type InvitationTarget = NonNullable<RequestOf<'ACCEPT_INVITATIONS'>['target']>;
/** Who accepts, where it is not the caller under their first address. */
export type AcceptingUser = NonNullable<RequestOf<'ACCEPT_INVITATIONS'>['user']>;
export type NewInvitation = RequestOf<'CREATE_INVITATION'>;
export type AutojoinSettings = RequestOf<'CONFIGURE_AUTOJOIN'>;
export type InternalDecision = RequestOf<'SYNC_INTERNAL_INVITATION'>;

export interface CallOptions {
  /** Ends the call; it then rejects with the code `ABORTED`. */
  signal?: AbortSignal | undefined;
}

export interface VortexBackendOptions {
  /** Where the routes are mounted. Default `/api/vortex`. */
  baseUrl?: string | undefined;
  /** The same for `POST /jwt` alone. Default: `baseUrl`. */
  jwtBaseUrl?: string | undefined;
  /** Milliseconds a call may take. Default 30 000. */
  timeout?: number | undefined;
  /** Sent with every call. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** In place of the global one, for instance to send credentials to another origin. */
  fetch?: typeof fetch | undefined;
}

/** One method a route. Every method rejects with a `VortexRequestError`. */
export class VortexBackend {
  readonly #options: VortexBackendOptions;

  constructor(options: VortexBackendOptions = {}) {
    this.#options = options;
  }

  /** A token for the signed-in user, as text: `decodeToken` reads it. */
  async getJwt(context?: JwtContext, options?: CallOptions): Promise<string> {
    const { jwt } = await this.#call('JWT', context ? { context } : {}, options);
    if (typeof jwt !== 'string') throw new VortexRequestError('BAD_RESPONSE', 'The answer holds no token.');
    return jwt;
  }

  /** The open invitations for an address. */
  getInvitationsByTarget(targetType: TargetType, targetValue: string, options?: CallOptions): Promise<Invitation[]> {
    return listOf(this.#call('GET_INVITATIONS', { targetType, targetValue }, options));
  }

  getInvitation(invitationId: string, options?: CallOptions): Promise<Invitation> {
    return this.#call('GET_INVITATION', { invitationId }, options);
  }

  async revokeInvitation(invitationId: string, options?: CallOptions): Promise<void> {
    await this.#call('REVOKE_INVITATION', { invitationId }, options);
  }

  /** Without `who` the caller accepts, under the first verified address. The result is the first one, with all in `invitations`. */
  acceptInvitations(
    invitationIds: readonly string[],
    who?: AcceptingUser | InvitationTarget,
    options?: CallOptions,
  ): Promise<AcceptedInvitations> {
    const accepting = who && ('type' in who ? { target: who } : { user: who });
    return this.#call('ACCEPT_INVITATIONS', { invitationIds: [...invitationIds], ...accepting }, options);
  }

  /** 20 a page; `start` is the number to skip. */
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

  /** The older spelling of `getInvitationsByScope`, for backends that have no other. */
  getInvitationsByGroup(scopeType: string, scope: string, options?: CallOptions): Promise<Invitation[]> {
    const route = 'GET /invitations/by-group/:scopeType/:scope';
    return listOf(this.#call('GET_GROUP_INVITATIONS', { scopeType, scope }, options, route));
  }

  /** The older spelling of `deleteInvitationsByScope`, for backends that have no other. */
  async deleteInvitationsByGroup(scopeType: string, scope: string, options?: CallOptions): Promise<void> {
    const route = 'DELETE /invitations/by-group/:scopeType/:scope';
    await this.#call('DELETE_GROUP_INVITATIONS', { scopeType, scope }, options, route);
  }

  reinvite(invitationId: string, options?: CallOptions): Promise<Invitation> {
    return this.#call('REINVITE', { invitationId }, options);
  }

  createInvitation(input: NewInvitation, options?: CallOptions): Promise<CreatedInvitation> {
    return this.#call('CREATE_INVITATION', input, options);
  }

  getAutojoinDomains(scopeType: string, scope: string, options?: CallOptions): Promise<Autojoin> {
    return this.#call('GET_AUTOJOIN_DOMAINS', { scopeType, scope }, options);
  }

  /** `domains` is the complete list: what is absent is removed. */
  configureAutojoin(input: AutojoinSettings, options?: CallOptions): Promise<Autojoin> {
    return this.#call('CONFIGURE_AUTOJOIN', input, options);
  }

  syncInternalInvitation(input: InternalDecision, options?: CallOptions): Promise<SyncedInvitations> {
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
      // Called as a function of its own: a browser's `fetch` refuses to be a method of something else.
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
      if (signal?.aborted) throw new VortexRequestError('ABORTED', 'The call was aborted.', { cause });
      if (late.aborted) throw new VortexRequestError('TIMEOUT', 'The server did not answer in time.', { cause });
      throw new VortexRequestError('NETWORK_ERROR', 'The server cannot be reached.', { cause });
    }
    const answer = parse(text);
    if (response.ok && answer) return answer as object as ResultOf<N>;
    throw failureOf(response, answer);
  }
}

/** The parameters of the path are taken out of what is given; the rest is the body of a POST and the query of all else. */
function requestOf(route: string, given: object) {
  const [method = '', template = ''] = route.split(' ');
  const fields: Record<string, unknown> = { ...given };
  try {
    const path = template.replace(/:(\w+)/gu, (_, name: string) => {
      const value = fields[name];
      delete fields[name];
      return segment(value);
    });
    if (Object.keys(fields).length === 0) return { method, path };
    if (method === 'POST') return { method, path, body: JSON.stringify(fields) };
    return { method, path: `${path}?${new URLSearchParams(fields as Record<string, string>)}` };
  } catch (cause) {
    throw new VortexRequestError('INVALID_REQUEST', 'An argument cannot be sent.', { cause });
  }
}

/** Encoding leaves dots alone, and a browser would resolve them: `by-scope/../x` is another route. */
function segment(value: unknown): string {
  if (typeof value !== 'string' || /^\.{0,2}$/u.test(value)) throw new TypeError('An id or scope must be text.');
  return encodeURIComponent(value);
}

/** The JSON object that a text is, if any. */
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
  throw new VortexRequestError('BAD_RESPONSE', 'The answer holds no list of invitations.');
}
