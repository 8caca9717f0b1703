import { createExchange } from '#exchange';
import { positiveInteger } from '../lib/config.js';
import { VortexError } from '../lib/errors.js';
import { parseApiKey } from '../signing/api-key.js';
import {
  type JwtParams,
  type SignableUser,
  type SignOptions,
  type TokenPayload,
  TokenSigner,
} from '../signing/token.js';
import { path } from './path.js';
import { type Call, type CallObserver, type CallSignal, send } from './transport.js';
import {
  type AcceptedInvitations,
  type AcceptingUser,
  type AcceptTarget,
  type Autojoin,
  type AutojoinSettings,
  acceptingUser,
  type CreatedInvitation,
  type InternalDecision,
  type Invitation,
  type NewInvitation,
  readAccepted,
  readAutojoin,
  readCreated,
  readInvitation,
  readInvitations,
  readSynced,
  type SyncedInvitations,
  writeNewInvitation,
} from './wire.js';

export interface VortexClientOptions {
  /** Origin of the API, with or without `/api/v1`. Default: `VORTEX_API_BASE_URL`, else `https://api.vortexsoftware.com`. */
  baseUrl?: string | undefined;
  /** Allow a plain `http:` base URL off loopback, for containers that talk over a private network. Default false. */
  allowInsecureHttp?: boolean | undefined;
  /** Total deadline of a call in milliseconds, with its retries. Default 10 000. */
  timeout?: number | undefined;
  /** Calls in flight at most; one more fails with `OVERLOADED` and is not sent. Default 256. */
  maxInFlight?: number | undefined;
  /** Bytes of a reply at most. Default 16 MiB. */
  maxResponseBytes?: number | undefined;
  /** In place of the pool of connections that is used on Node, and of the runtime's own `fetch` elsewhere. */
  fetch?: typeof fetch | undefined;
  /** Sent with every call; they cannot replace the ones we set. */
  headers?: Readonly<Record<string, string>> | undefined;
}

export interface CallOptions {
  /** An `AbortSignal`, which ends the call; it then rejects with the code `ABORTED`. */
  signal?: CallSignal | undefined;
  /** W3C trace context, sent along as it is. The call rejects with `INVALID_ARGUMENT` where it is none. */
  traceparent?: string | undefined;
  /** Told how the call goes, for metrics. */
  observer?: CallObserver | undefined;
}

/** Sent as `x-vortex-sdk-version`. */
export const VERSION = '0.1.0';

const PRODUCTION = 'https://api.vortexsoftware.com';

/**
 * The Vortex API, one method a call, and the signer of what the browser is shown. Methods follow the vendor's Node SDK;
 * signing is asynchronous here. Every method rejects with a `VortexError`. Keep one client and share it.
 */
export class VortexClient {
  readonly #apiKey: string;
  readonly #signer: TokenSigner;
  readonly #settings: ReturnType<typeof readClientOptions>;
  #inFlight = 0;
  #headers: Readonly<Record<string, string>> | undefined;

  /**
   * @param apiKey `VRTX.<id>.<secret>`
   * @throws VortexError `CONFIG` naming the argument or option that is wrong
   */
  constructor(apiKey: string | undefined, options: VortexClientOptions = {}) {
    const key = parseApiKey(apiKey);
    this.#apiKey = key.text;
    this.#signer = new TokenSigner(key);
    this.#settings = readClientOptions(options);
  }

  /**
   * A token for the frontend components: the payload, `iat` and `exp`, signed with HS256.
   *
   * @throws VortexError `INVALID_ARGUMENT`
   */
  generateToken<Payload extends TokenPayload>(payload: Payload, options?: SignOptions | null): Promise<string> {
    return this.#signer.generateToken(payload, options);
  }

  /**
   * The older token, which the vendor's React provider reads. Properties beside `user` add claims; one that would
   * replace a claim computed from the user is refused.
   *
   * @throws VortexError `INVALID_ARGUMENT`
   */
  generateJwt<Params extends JwtParams>(params: Params, options?: SignOptions | null): Promise<string> {
    return this.#signer.generateJwt(params, options);
  }

  /**
   * `<kid>:<hex>`, a signature over a user object that the frontend repeats. It never expires: prefer `generateToken`.
   *
   * @throws VortexError `INVALID_ARGUMENT`
   */
  sign<User extends SignableUser>(user: User): Promise<string> {
    return this.#signer.sign(user);
  }

  /** One invitation, open or not. */
  getInvitation(invitationId: string, options?: CallOptions): Promise<Invitation> {
    return this.#call('GET', () => path`/invitations/${invitationId}`, { ...options, read: readInvitation });
  }

  /**
   * The open invitations of an invitee. Several scopes joinable by e-mail domain come as type `autojoin`.
   *
   * @param targetType `email`, `phone` or `internal`; passed on as it is
   */
  getInvitationsByTarget(targetType: string, targetValue: string, options?: CallOptions): Promise<Invitation[]> {
    const query = new URLSearchParams({ targetType, targetValue });
    return this.#call('GET', () => path`/invitations`, { ...options, query, read: readInvitations });
  }

  /** The open invitations of a scope, 20 a page; `start` is the zero-based offset of the first one wanted. */
  getInvitationsByScope(
    scopeType: string,
    scope: string,
    { start, ...options }: CallOptions & { start?: number | undefined } = {},
  ): Promise<Invitation[]> {
    const query = start === undefined ? undefined : new URLSearchParams({ start: String(start) });
    return this.#call('GET', () => path`/invitations/by-scope/${scopeType}/${scope}`, {
      ...options,
      query,
      read: readInvitations,
    });
  }

  /** Invites. Vortex delivers to an `email`; for a `phone` it returns the link for you to deliver; `internal` is yours. */
  createInvitation(invitation: NewInvitation, options?: CallOptions): Promise<CreatedInvitation> {
    return this.#call('POST', () => path`/invitations`, {
      ...options,
      body: () => writeNewInvitation(invitation),
      read: readCreated,
    });
  }

  /** The same as `acceptInvitations` with one id. */
  acceptInvitation(
    invitationId: string,
    user: AcceptingUser | AcceptTarget,
    options?: CallOptions,
  ): Promise<AcceptedInvitations> {
    return this.acceptInvitations([invitationId], user, options);
  }

  /**
   * Accepts in somebody's name: the caller of this method has checked whose. A list of targets makes one call each, in order, and
   * ends at the first failure; the last result is returned.
   */
  async acceptInvitations(
    invitationIds: readonly string[],
    user: AcceptingUser | AcceptTarget | readonly AcceptTarget[],
    options?: CallOptions,
  ): Promise<AcceptedInvitations> {
    const accept = (one: AcceptingUser | AcceptTarget) =>
      this.#call('POST', () => path`/invitations/accept`, {
        ...options,
        body: () => ({ invitationIds, user: acceptingUser(one) }),
        read: readAccepted,
      });
    if (!isList(user)) return accept(user);
    let last: AcceptedInvitations | undefined;
    for (const target of user) last = await accept(target);
    if (last) return last;
    throw new VortexError('INVALID_ARGUMENT', 'The list of targets is empty.');
  }

  /** Revokes the invitation: it is open no longer, and can still be read. */
  async revokeInvitation(invitationId: string, options?: CallOptions): Promise<void> {
    await this.#call('DELETE', () => path`/invitations/${invitationId}`, { ...options, read: ignore });
  }

  /** Revokes every open invitation of the scope. */
  async deleteInvitationsByScope(scopeType: string, scope: string, options?: CallOptions): Promise<void> {
    await this.#call('DELETE', () => path`/invitations/by-scope/${scopeType}/${scope}`, { ...options, read: ignore });
  }

  /** Sends the invitation again. */
  reinvite(invitationId: string, options?: CallOptions): Promise<Invitation> {
    return this.#call('POST', () => path`/invitations/${invitationId}/reinvite`, { ...options, read: readInvitation });
  }

  /** The e-mail domains whose owners may join a scope without an invitation. */
  getAutojoinDomains(scopeType: string, scope: string, options?: CallOptions): Promise<Autojoin> {
    return this.#call('GET', () => path`/invitations/by-scope/${scopeType}/${scope}/autojoin`, {
      ...options,
      read: readAutojoin,
    });
  }

  /** Sets the e-mail domains whose owners may join a scope without an invitation. Webmail domains are refused upstream. */
  configureAutojoin(settings: AutojoinSettings, options?: CallOptions): Promise<Autojoin> {
    return this.#call('POST', () => path`/invitations/autojoin`, {
      ...options,
      body: () => settings,
      read: readAutojoin,
    });
  }

  /** Tells Vortex what somebody decided about an `internal` invitation inside your application. */
  syncInternalInvitation(decision: InternalDecision, options?: CallOptions): Promise<SyncedInvitations> {
    return this.#call('POST', () => path`/invitations/sync-internal-invitation`, {
      ...options,
      body: () => decision,
      read: readSynced,
    });
  }

  /** Lets running calls finish and closes idle connections. A client that is merely dropped needs no closing. */
  close(): Promise<void> {
    return this.#settings.exchange.close();
  }

  /** `route` and `body` are functions so that what they throw becomes a rejection. */
  async #call<Result>(
    method: Call<Result>['method'],
    route: () => string,
    call: CallOptions & { query?: URLSearchParams | undefined; body?: () => unknown } & Pick<Call<Result>, 'read'>,
  ): Promise<Result> {
    const search = call.query ? `?${call.query}` : '';
    const url = `${this.#settings.baseUrl}/api/v1${route()}${search}`;
    const { read, signal, traceparent, observer } = call;
    this.#headers ??= withOurs(this.#settings.headers, this.#apiKey);
    const headers = traceparent === undefined ? this.#headers : { ...this.#headers, traceparent: checked(traceparent) };
    if (this.#inFlight >= this.#settings.maxInFlight) throw new VortexError('OVERLOADED');
    this.#inFlight += 1;
    try {
      return await send({ method, url, headers, body: call.body?.(), read, signal, observer }, this.#settings);
    } finally {
      this.#inFlight -= 1;
    }
  }
}

/** Of any version of the W3C's Trace Context that says no more than the first. */
export function isTraceparent(text: string): boolean {
  return /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/u.test(text);
}

function checked(traceparent: string): string {
  if (isTraceparent(traceparent)) return traceparent;
  throw new VortexError('INVALID_ARGUMENT', 'traceparent is not that of a W3C trace context.', { reason: 'format' });
}

function ignore(): void {}

function isList<Item>(value: unknown | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value);
}

/** @throws VortexError `CONFIG` naming the option that is wrong */
export function readClientOptions(options: VortexClientOptions) {
  const { maxInFlight = 256, maxResponseBytes = 16 * 1024 * 1024, timeout = 10_000, fetch } = options;
  const limits = {
    maxInFlight: positiveInteger('maxInFlight', maxInFlight),
    maxResponseBytes: positiveInteger('maxResponseBytes', maxResponseBytes),
  };
  return {
    ...limits,
    baseUrl: readBaseUrl(options),
    headers: readHeaders(options.headers),
    timeout: positiveInteger('timeout', timeout),
    exchange: createExchange(limits, fetch),
  };
}

function readHeaders(headers: Readonly<Record<string, string>> | undefined): Headers {
  try {
    return new Headers(headers);
  } catch {
    // Without the cause, which quotes the value.
    throw new VortexError('CONFIG', 'headers holds a name or value that HTTP does not allow.');
  }
}

function withOurs(given: Headers, apiKey: string): Record<string, string> {
  const headers = new Headers(given);
  headers.set('accept', 'application/json');
  headers.set('content-type', 'application/json');
  headers.set('x-vortex-sdk-name', 'vortex-typescript');
  headers.set('x-vortex-sdk-version', VERSION);
  requireSendable(apiKey);
  headers.set('x-api-key', apiKey);
  return Object.fromEntries(headers);
}

/**
 * A key of other characters is a key, and can sign, but no HTTP header can carry it.
 *
 * @throws VortexError `CONFIG`
 */
export function requireSendable(apiKey: unknown): void {
  if (typeof apiKey === 'string' && /^[\x20-\x7e\xa0-\xff]+$/u.test(apiKey)) return;
  throw new VortexError('CONFIG', 'apiKey has characters that no HTTP header can carry, so it can only sign.');
}

function readBaseUrl({ baseUrl, allowInsecureHttp }: VortexClientOptions): string {
  const fromEnvironment = environment('VORTEX_API_BASE_URL');
  const [name, text] =
    baseUrl === undefined ? ['VORTEX_API_BASE_URL', fromEnvironment || PRODUCTION] : ['baseUrl', baseUrl];
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/u.test(url.protocol)) throw new VortexError('CONFIG', `${name} must be an http(s) URL.`);
  if (url.username || url.password || /[?#]/u.test(text)) {
    throw new VortexError('CONFIG', `${name} must hold no credentials, query or fragment.`);
  }
  if (url.protocol === 'http:' && allowInsecureHttp !== true && !isLoopback(url.hostname)) {
    throw new VortexError('CONFIG', `${name} must use https: off loopback, or set allowInsecureHttp.`);
  }
  return url.href
    .replace(/\/+$/u, '')
    .replace(/\/api\/v1$/u, '')
    .replace(/\/+$/u, '');
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/u.test(hostname)
  );
}

/** Read when a client is made, not at import, and only where there is such a thing. */
function environment(name: string): string | undefined {
  return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name];
}
