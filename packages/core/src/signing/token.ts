import { VortexError } from '../lib/errors.js';
import { type ApiKey, deriveSigningKey } from './api-key.js';
import { type HmacKey, hmac, signCompact, toHex } from './hmac.js';

/** A number of seconds, or minutes, hours or days: `"5m"`, `"1h"`, `"7d"`. */
export type ExpiresIn = number | `${number}${'m' | 'h' | 'd'}`;

export interface SignOptions {
  /** How long the token is valid. Default 30 days, as in the vendor's SDK; `"1h"` is wiser. */
  expiresIn?: ExpiresIn | undefined;
  /**
   * Write the claims in ASCII that encodes without `-` and `_`, so that a reader which decodes the payload with plain
   * `atob`, as the vendor's React provider does, understands it. The JSON value is the same. Default false.
   */
  ascii?: boolean | undefined;
}

/** Whom a token speaks of. Your own properties beside these are signed too. */
export interface TokenUser {
  id?: string | number | null | undefined;
  email?: string | null | undefined;
  name?: string | null | undefined;
  phone?: string | null | undefined;
  avatarUrl?: string | null | undefined;
  adminScopes?: readonly string[] | null | undefined;
  allowedEmailDomains?: readonly string[] | null | undefined;
}

/** What `generateToken` signs. Your own properties beside these are signed too; `iat` and `exp` are always set anew. */
export interface TokenPayload {
  user?: TokenUser | null | undefined;
  /** Id of the component the token is for. */
  component?: string | undefined;
  /** CSS selector of the element that opens the component. */
  trigger?: string | undefined;
  /** CSS selector of the element the component is embedded into. */
  embed?: string | undefined;
  /** `scopeType:scopeId`. */
  scope?: string | undefined;
  /** Template variables. */
  vars?: Readonly<Record<string, unknown>> | undefined;
}

export interface JwtUser {
  id?: string | number | undefined;
  email?: string | null | undefined;
  name?: string | null | undefined;
  avatarUrl?: string | null | undefined;
  /** Older spelling of `name`. */
  userName?: string | null | undefined;
  /** Older spelling of `avatarUrl`. */
  userAvatarUrl?: string | null | undefined;
  /** The element `"autojoin"` makes an autojoin administrator. */
  adminScopes?: readonly string[] | null | undefined;
  allowedEmailDomains?: readonly string[] | null | undefined;
}

/** What `generateJwt` signs. Properties beside `user` become claims, after the computed ones. */
export interface JwtParams {
  user: JwtUser;
  attributes?: Readonly<Record<string, unknown>> | undefined;
}

/** A user for `sign`: with `id`, or with `userId` as the frontend spells it. Further properties are signed too. */
export interface SignableUser extends JwtUser {
  userId?: string | number | undefined;
  userEmail?: string | undefined;
}

const DAY = 86_400;
const DEFAULT_LIFETIME = 30 * DAY;
const SECONDS_PER_UNIT = { m: 60, h: 3600, d: DAY };

/**
 * Seconds that an `expiresIn` stands for.
 *
 * @throws VortexError `INVALID_ARGUMENT` with `reason` `type`, `format`, `numeric` or `non-positive-duration`
 */
export function lifetimeInSeconds(expiresIn: unknown): number {
  if (expiresIn === undefined) return DEFAULT_LIFETIME;
  if (typeof expiresIn === 'number') {
    if (Number.isInteger(expiresIn) && expiresIn > 0) return expiresIn;
    return invalid('numeric', `expiresIn as a number must be a positive whole number of seconds, not ${expiresIn}`);
  }
  if (typeof expiresIn !== 'string') return invalid('type', 'expiresIn must be a number of seconds or text like "1h"');
  const match = /^(?<count>[0-9]+)(?<unit>[mhd])$/u.exec(expiresIn);
  const seconds = Number(match?.groups?.count) * SECONDS_PER_UNIT[match?.groups?.unit as 'm' | 'h' | 'd'];
  if (!Number.isFinite(seconds)) {
    return invalid(
      'format',
      `expiresIn ${JSON.stringify(expiresIn)} must be like "5m", "1h", "7d", or a number of seconds`,
    );
  }
  if (seconds > 0) return seconds;
  return invalid('non-positive-duration', `expiresIn ${JSON.stringify(expiresIn)} must be longer than nothing`);
}

/**
 * Signs what the browser is shown. Everything signed with one API key uses one derived key, imported once.
 * Results are those of the vendor's Node SDK 0.20.0, byte for byte, except where its result is unsafe: see each method.
 */
export class TokenSigner {
  readonly #apiKey: ApiKey;
  #signingKey: Promise<HmacKey> | undefined;

  constructor(apiKey: ApiKey) {
    this.#apiKey = apiKey;
  }

  async generateToken(payload: TokenPayload, options?: SignOptions | null): Promise<string> {
    if (!isObject(payload)) return invalid('type', 'The payload must be an object');
    // What is checked is what is signed: no getter or toJSON has another say.
    const plain: unknown = JSON.parse(serialise(() => ({ ...payload, ...NO_TO_JSON })));
    const { user } = plain as { user?: unknown };
    const { id, adminScopes } = Object(user) as { id?: unknown; adminScopes?: unknown };
    if (id === undefined || id === null) {
      console.warn('Vortex: generateToken without user.id; invitations made with this token belong to nobody.');
    }
    requireTextList(adminScopes, 'user.adminScopes');
    const lifetime = lifetimeInSeconds(options?.expiresIn);
    const iat = Math.floor(Date.now() / 1000);
    const header = { alg: 'HS256' as const, typ: 'JWT', kid: this.#apiKey.kid };
    const claims = { ...(plain as object), iat, exp: iat + lifetime };
    return this.#sign(header, payloadOf(claims, options));
  }

  async generateJwt(params: JwtParams, options?: SignOptions | null): Promise<string> {
    const { user, ...extra } = params ?? {};
    if (!isObject(user)) return invalid('type', 'params.user must be an object');
    const { id, email } = user as JwtUser;
    const { name, avatarUrl, adminScopes, allowedEmailDomains } = profileOf(user);
    const lifetime = lifetimeInSeconds(options?.expiresIn);
    const iat = Math.floor(Date.now() / 1000);
    const identifiers = email ? [{ type: 'email', value: email }] : [];
    const claims: Record<string, unknown> = { userId: id, userEmail: email, expires: iat + lifetime, identifiers };
    if (name) claims.name = name;
    if (avatarUrl) claims.avatarUrl = avatarUrl;
    if (adminScopes) claims.adminScopes = adminScopes;
    if (adminScopes?.includes('autojoin')) {
      claims.userIsAutojoinAdmin = true;
      claims.role = 'admin';
    }
    if (allowedEmailDomains) claims.allowedEmailDomains = allowedEmailDomains;
    for (const [claim, value] of Object.entries(extra)) {
      if (Object.hasOwn(claims, claim))
        return invalid('format', `The claim "${claim}" is computed from the user; rename yours`);
      // Assigning would make `__proto__`, a name like any other, something else.
      if (value !== undefined) Object.defineProperty(claims, claim, { value, enumerable: true, writable: true });
    }
    // The vendor puts `iat` into the header here, not into the claims.
    const header = { iat, alg: 'HS256' as const, typ: 'JWT', kid: this.#apiKey.kid };
    return this.#sign(header, payloadOf(Object.assign(claims, NO_TO_JSON), options));
  }

  async sign(user: SignableUser): Promise<string> {
    if (!isObject(user)) return invalid('type', 'The user must be an object');
    const { id, email, name, avatarUrl, userName, userAvatarUrl, adminScopes, allowedEmailDomains, ...custom } =
      user as SignableUser;
    if (!id && !custom.userId) return invalid('format', 'A user needs an id, or userId, to be signed');
    const signed = {
      userId: id,
      ...(email && { userEmail: email }),
      ...dropUndefined(profileOf({ name, avatarUrl, userName, userAvatarUrl, adminScopes, allowedEmailDomains })),
      ...dropUndefined(custom),
    };
    const text = serialise(() => canonical(signed));
    return `${this.#apiKey.kid}:${toHex(await hmac(await this.#key(), text))}`;
  }

  #key(): Promise<HmacKey> {
    this.#signingKey ??= deriveSigningKey(this.#apiKey);
    return this.#signingKey;
  }

  async #sign(header: { alg: 'HS256' }, payload: string): Promise<string> {
    return signCompact(await this.#key(), header, payload);
  }
}

function payloadOf(claims: object, options: SignOptions | null | undefined): string {
  const json = serialise(() => claims);
  return options?.ascii ? toAscii(json) : json;
}

/** Keeps an object from deciding by itself what of it is signed. As a member it vanishes, like all that is undefined. */
const NO_TO_JSON = { toJSON: undefined };

/** `name` even when empty keeps `userName` from being read, as in the vendor's SDK. */
function profileOf(user: JwtUser) {
  const { adminScopes, allowedEmailDomains } = user;
  requireTextList(adminScopes, 'adminScopes');
  return {
    name: (user.name ?? user.userName) || undefined,
    avatarUrl: (user.avatarUrl ?? user.userAvatarUrl) || undefined,
    adminScopes: adminScopes?.length ? [...adminScopes] : undefined,
    allowedEmailDomains: allowedEmailDomains?.length ? allowedEmailDomains : undefined,
  };
}

/** A text would pass for a list: `'autojoin-viewer'.includes('autojoin')` made administrators in the vendor's SDK. */
function requireTextList(value: unknown, field: string): void {
  const ok =
    value === undefined || value === null || (Array.isArray(value) && value.every((item) => typeof item === 'string'));
  if (!ok) invalid('type', `${field} must be a list of text`);
}

function dropUndefined(object: object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The value with its keys sorted by UTF-16 code unit at every level. Integer-like keys come first all the same, in
 * numeric order: that is how JavaScript keeps them, and so what the vendor signs.
 */
function canonical(value: unknown): unknown {
  if (!isObject(value)) return value;
  const plain = typeof value.toJSON === 'function' ? value.toJSON() : value;
  if (Array.isArray(plain)) return plain.map(canonical);
  if (!isObject(plain)) return plain;
  const members = Object.entries(plain).filter(
    ([key, member]) => !FORBIDDEN_KEYS.has(key) && typeof member !== 'function',
  );
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, canonical(member)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** JSON text of what `make` returns, where BigInts, cycles and the like are the caller's mistake. */
function serialise(make: () => unknown): string {
  try {
    return JSON.stringify(make());
  } catch (cause) {
    throw new VortexError('INVALID_ARGUMENT', 'What is to be signed cannot be written as JSON.', {
      reason: 'type',
      cause,
    });
  }
}

/**
 * JSON in ASCII, with `>`, `?`, `~` and DEL escaped too: six bits that are all ones, or all but the last, are what
 * base64url writes as `_` and `-`, and in ASCII only those four characters end in them.
 */
function toAscii(json: string): string {
  return json.replace(/[>?~\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function invalid(reason: 'type' | 'format' | 'numeric' | 'non-positive-duration', problem: string): never {
  throw new VortexError('INVALID_ARGUMENT', `${problem}.`, { reason });
}
