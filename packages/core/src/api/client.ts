/// <reference lib="esnext.disposable" preserve="true" />
import { warnOfSeconds } from '../lib/config.js';
import { VortexError } from '../lib/errors.js';
import { quiet } from '../lib/log.js';
import type { CallSignal } from '../lib/promises.js';
import { isFunction, requireObject, serialise } from '../lib/values.js';
import { type ApiKey, parseApiKey, requireSendable } from '../signing/api-key.js';
import {
  type JwtParams,
  type SignableUser,
  type SignOptions,
  type TokenPayload,
  TokenSigner,
} from '../signing/token.js';
import { type CallEvent, ClientSettings, type VortexClientOptions } from './client-options.js';
import type { FairLimiter } from './fair-limiter.js';
import { path, requireText } from './path.js';
import { requireTraceparent } from './traceparent.js';
import { type Call, type CallObserver, send } from './transport.js';
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
  writeAutojoin,
  writeNewInvitation,
} from './wire.js';

export interface CallOptions {
  /** An `AbortSignal`. Once it is aborted, the call rejects with `ABORTED`. A change may have been made by then. */
  signal?: CallSignal | undefined;
  /** A W3C Trace Context header, sent unchanged. The call rejects with `INVALID_ARGUMENT` if it is malformed. */
  traceparent?: string | undefined;
  /** @internal */
  observer?: CallObserver | undefined;
  /**
   * The user in whose request the call is made, whose calls leave a share of `maxInFlight` to others.
   *
   * @internal
   */
  caller?: string | undefined;
}

/** The version of this package, sent as `x-vortex-sdk-version`. */
export const SDK_VERSION = '0.2.0';

/** The page size of the API. */
const PAGE_SIZE = 20;

/**
 * A client of the Vortex API, with one method per call, and a signer of tokens. Names and arguments follow the vendor's
 * Node SDK; signing is asynchronous here. A call that fails rejects with a `VortexError`. Create one client and share it.
 */
export class VortexClient {
  readonly #apiKey: ApiKey;
  readonly #signer: TokenSigner;
  readonly #settings: ClientSettings;
  readonly #headers: Readonly<Record<string, string>>;

  /**
   * @param apiKey `VRTX.<id>.<secret>`
   * @throws VortexError `CONFIG` naming the argument or option that is wrong
   */
  constructor(apiKey: string | undefined, options?: VortexClientOptions);
  /**
   * Shares the connections of other clients.
   *
   * @internal
   */
  constructor(apiKey: string | undefined, settings: ClientSettings);
  constructor(apiKey: string | undefined, options: VortexClientOptions | ClientSettings = {}) {
    this.#apiKey = parseApiKey(apiKey);
    this.#signer = new TokenSigner(this.#apiKey);
    if (!(options instanceof ClientSettings)) warnOfSeconds({ timeout: options?.timeout }, 100, undefined);
    this.#settings = options instanceof ClientSettings ? options : new ClientSettings(options);
    this.#settings.requireOwnKey(this.#apiKey.secret);
    this.#headers = requestHeaders(this.#settings.headers, this.#apiKey);
  }

  /**
   * Undefined for a stub or a proxy, which has no private members.
   *
   * @internal
   */
  get loads(): FairLimiter | undefined {
    return #settings in this ? this.#settings.loads : undefined;
  }

  /** @internal */
  get kid(): string | undefined {
    return #apiKey in this ? this.#apiKey.kid : undefined;
  }

  /**
   * Signs a token for the frontend components with HS256: the payload, `iat` and `exp`.
   *
   * @throws VortexError `INVALID_ARGUMENT`
   */
  generateToken<Payload extends TokenPayload>(payload: Payload, options?: SignOptions | null): Promise<string> {
    return this.#signer.generateToken(payload, options).catch(refuseArgument);
  }

  /**
   * Signs the older token, which the vendor's React provider reads. Properties beside `user` add claims; a property that
   * would replace a claim computed from the user is refused.
   *
   * @throws VortexError `INVALID_ARGUMENT`
   */
  generateJwt<Params extends JwtParams>(params: Params, options?: SignOptions | null): Promise<string> {
    return this.#signer.generateJwt(params, options).catch(refuseArgument);
  }

  /**
   * Signs a user object that the frontend repeats, as `<kid>:<hex>`. The signature never expires: prefer `generateToken`.
   *
   * @throws VortexError `INVALID_ARGUMENT`
   */
  sign<User extends SignableUser>(user: User): Promise<string> {
    return this.#signer.sign(user).catch(refuseArgument);
  }

  /** Fetches one invitation, open or closed. */
  getInvitation(invitationId: string, options?: CallOptions): Promise<Invitation> {
    return this.#call('getInvitation', 'GET', () => path`/invitations/${{ invitationId }}`, {
      options,
      read: readInvitation,
    });
  }

  /**
   * Lists the open invitations of an invitee. Scopes that the invitee may join by e-mail domain come as type `autojoin`.
   *
   * @param targetType `email`, `phone` or `internal`; sent unchanged
   */
  getInvitationsByTarget(targetType: string, targetValue: string, options?: CallOptions): Promise<Invitation[]> {
    const query = () => {
      requireText('targetType', targetType);
      requireText('targetValue', targetValue);
      return new URLSearchParams({ targetType, targetValue });
    };
    return this.#call('getInvitationsByTarget', 'GET', () => path`/invitations`, {
      options,
      query,
      read: readInvitations,
    });
  }

  /**
   * Lists the open invitations of a scope, 20 per page.
   *
   * @param scopeType a customer without scope types uses `default`
   * @param options `start` is the zero-based offset of the page
   */
  getInvitationsByScope(
    scopeType: string,
    scope: string,
    options?: CallOptions & { start?: number | undefined },
  ): Promise<Invitation[]> {
    const query = () => {
      const { start } = options ?? {};
      return start === undefined ? undefined : new URLSearchParams({ start: String(start) });
    };
    return this.#call('getInvitationsByScope', 'GET', () => path`/invitations/by-scope/${{ scopeType }}/${{ scope }}`, {
      options,
      query,
      read: readInvitations,
    });
  }

  /**
   * Iterates over all open invitations of a scope, page by page, and ends with a page that brings none that is new. Revoke or
   * accept them after the iteration: one that is closed meanwhile moves the following pages, so that an entry is skipped.
   *
   * @example for await (const invitation of client.invitationsByScope('team', 'harbor')) console.log(invitation.id);
   */
  async *invitationsByScope(
    scopeType: string,
    scope: string,
    options?: CallOptions,
  ): AsyncGenerator<Invitation, void, undefined> {
    const seen = new Set<string>();
    for (let start = 0; ; ) {
      const page = await this.getInvitationsByScope(scopeType, scope, { ...options, start });
      const before = seen.size;
      for (const invitation of page) {
        if (seen.has(invitation.id)) continue;
        seen.add(invitation.id);
        yield invitation;
      }
      // A server that ignores `start` would answer with the same page for ever.
      if (page.length < PAGE_SIZE || seen.size === before) return;
      start += page.length;
    }
  }

  /**
   * Creates an invitation. Vortex delivers it to an `email`. For a `phone` it returns the link, which the application
   * delivers. An `internal` invitation stays inside the application.
   */
  createInvitation(invitation: NewInvitation, options?: CallOptions): Promise<CreatedInvitation> {
    return this.#call('createInvitation', 'POST', () => path`/invitations`, {
      options,
      body: () => writeNewInvitation(invitation),
      isCreation: true,
      read: readCreated,
    });
  }

  /** Calls `acceptInvitations` with one id. */
  acceptInvitation(
    invitationId: string,
    user: AcceptingUser | AcceptTarget,
    options?: CallOptions,
  ): Promise<AcceptedInvitations> {
    return this.acceptInvitations([invitationId], user, options);
  }

  /**
   * Accepts invitations in the name of the given user. The application must have verified that the address is the
   * caller's. A list of targets makes one call per target, in order, stops at the first failure, and returns the last
   * result.
   */
  async acceptInvitations(
    invitationIds: readonly string[],
    user: AcceptingUser | AcceptTarget | readonly AcceptTarget[],
    options?: CallOptions,
  ): Promise<AcceptedInvitations> {
    const accept = (one: AcceptingUser | AcceptTarget) =>
      this.#call('acceptInvitations', 'POST', () => path`/invitations/accept`, {
        options,
        body: () => ({ invitationIds: requireIds(invitationIds), user: acceptingUser(one) }),
        read: readAccepted,
      });
    if (!isList(user)) return accept(user);
    let last: AcceptedInvitations | undefined;
    for (const target of user) last = await accept(target);
    if (last) return last;
    throw new VortexError('INVALID_ARGUMENT', 'user must not be an empty list of targets.');
  }

  /** Revokes an invitation. A revoked invitation can still be read. */
  async revokeInvitation(invitationId: string, options?: CallOptions): Promise<void> {
    await this.#call('revokeInvitation', 'DELETE', () => path`/invitations/${{ invitationId }}`, {
      options,
      read: ignore,
    });
  }

  /** Revokes every open invitation of the scope. */
  async deleteInvitationsByScope(scopeType: string, scope: string, options?: CallOptions): Promise<void> {
    await this.#call(
      'deleteInvitationsByScope',
      'DELETE',
      () => path`/invitations/by-scope/${{ scopeType }}/${{ scope }}`,
      {
        options,
        read: ignore,
      },
    );
  }

  /** Sends an invitation again. */
  reinvite(invitationId: string, options?: CallOptions): Promise<Invitation> {
    return this.#call('reinvite', 'POST', () => path`/invitations/${{ invitationId }}/reinvite`, {
      options,
      read: readInvitation,
    });
  }

  /** Lists the e-mail domains whose owners may join a scope without an invitation. */
  getAutojoinDomains(scopeType: string, scope: string, options?: CallOptions): Promise<Autojoin> {
    return this.#call(
      'getAutojoinDomains',
      'GET',
      () => path`/invitations/by-scope/${{ scopeType }}/${{ scope }}/autojoin`,
      {
        options,
        read: readAutojoin,
      },
    );
  }

  /** Sets the e-mail domains whose owners may join a scope without an invitation. The API refuses webmail domains. */
  configureAutojoin(settings: AutojoinSettings, options?: CallOptions): Promise<Autojoin> {
    return this.#call('configureAutojoin', 'POST', () => path`/invitations/autojoin`, {
      options,
      body: () => writeAutojoin(settings),
      read: readAutojoin,
    });
  }

  /** Reports a decision about an `internal` invitation that an invitee made inside the application. */
  syncInternalInvitation(decision: InternalDecision, options?: CallOptions): Promise<SyncedInvitations> {
    return this.#call('syncInternalInvitation', 'POST', () => path`/invitations/sync-internal-invitation`, {
      options,
      body: () => requireObject('decision', decision),
      read: readSynced,
    });
  }

  /**
   * Refuses further calls, waits for those in flight with their retries, then closes the connections. A client that is
   * garbage-collected needs no closing.
   */
  close(): Promise<void> {
    return this.#settings.close();
  }

  /** Closes the client at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Takes `route` and `body` as functions, so that an error they throw becomes a rejection. */
  async #call<Result>(
    name: string,
    method: Call<Result>['method'],
    route: () => string,
    call: CallParts<Result>,
  ): Promise<Result> {
    const { onCall } = this.#settings;
    const given = optionsOf(call.options);
    if (!onCall) return this.#send(method, route, call, given);
    const start = performance.now();
    const counter = { attempts: 0 };
    let code: CallEvent['code'] = 'OK';
    try {
      return await this.#send(method, route, call, given, counter);
    } catch (error) {
      code = (error as VortexError).code;
      throw error;
    } finally {
      void quiet(onCall)({ method: name, code, ...counter, duration: performance.now() - start });
    }
  }

  async #send<Result>(
    method: Call<Result>['method'],
    route: () => string,
    parts: CallParts<Result>,
    { signal, traceparent, observer, caller }: CallOptions,
    counter?: Call<Result>['counter'],
  ): Promise<Result> {
    const settings = this.#settings;
    settings.requireOpen();
    requireSendable(this.#apiKey.text);
    requireSignal(signal);
    const { url, headers, text } = this.#prepare(route, parts, traceparent);
    settings.begin(caller);
    try {
      const { exchange, timeout } = settings;
      const { read, isCreation } = parts;
      const { text: key, secret } = this.#apiKey;
      const secrets = [key, secret];
      const call = {
        method,
        url,
        headers,
        body: text,
        read,
        signal,
        isCreation,
        observer,
        counter,
        exchange,
        timeout,
        secrets,
      };
      return await send(call);
    } finally {
      settings.end(caller);
    }
  }

  /** @throws VortexError `INVALID_ARGUMENT` for whatever fails, such as a getter of an argument */
  #prepare(
    route: () => string,
    { query, body }: CallParts<unknown>,
    traceparent: CallOptions['traceparent'],
  ): { url: string; headers: Readonly<Record<string, string>>; text: string | undefined } {
    try {
      const search = query?.();
      const content = body?.();
      const headers =
        traceparent === undefined ? this.#headers : { ...this.#headers, traceparent: requireTraceparent(traceparent) };
      return {
        url: `${this.#settings.baseUrl}/api/v1${route()}${search ? `?${search}` : ''}`,
        headers,
        text: content === undefined ? undefined : serialise(() => content),
      };
    } catch (cause) {
      return refuseArgument(cause);
    }
  }
}

interface CallParts<Result> {
  options?: CallOptions | null | undefined;
  query?: () => URLSearchParams | undefined;
  body?: () => unknown;
  isCreation?: boolean;
  read: Call<Result>['read'];
}

/** Only the options of a call, whatever else the object has. */
function optionsOf(options: CallOptions | null | undefined): CallOptions {
  try {
    const { signal, traceparent, observer, caller } = options ?? {};
    return { signal, traceparent, observer, caller };
  } catch (cause) {
    return refuseArgument(cause);
  }
}

function ignore(): void {}

/** Getters and proxies of an argument may throw any error. */
function refuseArgument(cause: unknown): never {
  if (cause instanceof VortexError) throw cause;
  const message = 'An argument of the call cannot be read; see the cause.';
  throw new VortexError('INVALID_ARGUMENT', message, { reason: 'type', cause });
}

function requireIds(ids: unknown): unknown {
  if (isList(ids) && ids.length > 0) return ids;
  throw new VortexError('INVALID_ARGUMENT', 'invitationIds must be a list of at least one id.', { reason: 'type' });
}

function requireSignal(signal: unknown): void {
  if (signal === undefined || signal === null || isFunction(Object(signal).addEventListener)) return;
  throw new VortexError('INVALID_ARGUMENT', 'signal must be an AbortSignal.', { reason: 'type' });
}

function isList<Item>(value: unknown | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value);
}

function requestHeaders(given: Headers, apiKey: ApiKey): Record<string, string> {
  return {
    // Some firewalls refuse a request without it.
    'user-agent': `vortex-typescript/${SDK_VERSION}`,
    ...Object.fromEntries(given),
    accept: 'application/json',
    'accept-encoding': 'identity',
    'content-type': 'application/json',
    'x-vortex-sdk-name': 'vortex-typescript',
    'x-vortex-sdk-version': SDK_VERSION,
    'x-api-key': apiKey.text,
  };
}
