import { base64url, type HmacKey, hmac, hmacBase64url } from '#hmac';
import { toHex } from '../lib/bytes.js';
import { VortexError } from '../lib/errors.js';
import { cacheSuccess, isPromise, type MaybePromise } from '../lib/promises.js';
import { isObject, serialise } from '../lib/values.js';
import type { ApiKey } from './api-key.js';
import { deriveSigningKey } from './signing-key.js';

/** A whole number of seconds, or of minutes, hours or days: `"5m"`, `"1h"`, `"7d"`. */
export type ExpiresIn = number | `${number}${'m' | 'h' | 'd'}`;

export interface SignOptions {
  /**
   * Lifetime of the token. The default is the vendor SDK's; prefer `"1h"`.
   *
   * @default 30 days
   */
  expiresIn?: ExpiresIn | undefined;
  /**
   * Writes the claims as ASCII text whose base64url has no `-` or `_`, for readers that decode the payload with plain
   * `atob`, as the vendor's React provider does. The JSON value is the same.
   *
   * @default false
   */
  ascii?: boolean | undefined;
}

/** The user of a token. Further properties are signed too. */
export interface TokenUser {
  id?: string | number | null | undefined;
  email?: string | null | undefined;
  name?: string | null | undefined;
  phone?: string | null | undefined;
  avatarUrl?: string | null | undefined;
  adminScopes?: readonly string[] | null | undefined;
  allowedEmailDomains?: readonly string[] | null | undefined;
}

/** The payload of `generateToken`. Further properties are signed too; `iat` and `exp` are always replaced. */
export interface TokenPayload {
  user?: TokenUser | null | undefined;
  /** Id of the component that the token is for. */
  component?: string | undefined;
  /** CSS selector of the element that opens the component. */
  trigger?: string | undefined;
  /** CSS selector of the element that the component is embedded in. */
  embed?: string | undefined;
  /** `scopeType:scopeId`. */
  scope?: string | undefined;
  /** Template variables. */
  vars?: Readonly<Record<string, unknown>> | undefined;
  /** Not a claim: the lifetime is `expiresIn` of the second argument. */
  expiresIn?: undefined;
}

export interface JwtUser {
  id?: string | number | undefined;
  email?: string | null | undefined;
  name?: string | null | undefined;
  avatarUrl?: string | null | undefined;
  /** Older name of `name`. */
  userName?: string | null | undefined;
  /** Older name of `avatarUrl`. */
  userAvatarUrl?: string | null | undefined;
  /** With the element `"autojoin"`, the user may edit the domains of a scope in the component of Vortex. */
  adminScopes?: readonly string[] | null | undefined;
  allowedEmailDomains?: readonly string[] | null | undefined;
}

/** The parameters of `generateJwt`. Properties beside `user` become claims, after the computed ones. */
export interface JwtParams {
  user: JwtUser;
  attributes?: Readonly<Record<string, unknown>> | undefined;
  /** Not a claim: the lifetime is `expiresIn` of the second argument. */
  expiresIn?: undefined;
}

/** A user for `sign`, with `id`, or with `userId` as the frontend names it. Further properties are signed too. */
export interface SignableUser extends JwtUser {
  userId?: string | number | undefined;
  userEmail?: string | undefined;
}

const DAY = 86_400;
const DEFAULT_LIFETIME = 30 * DAY;
const SECONDS_PER_UNIT = { m: 60, h: 3600, d: DAY };

/**
 * Converts an `expiresIn` to seconds.
 *
 * @throws VortexError `INVALID_ARGUMENT` with `reason` `type`, `format`, `numeric` or `non-positive-duration`
 */
export function lifetimeInSeconds(expiresIn: unknown): number {
  if (expiresIn === undefined) return DEFAULT_LIFETIME;
  if (typeof expiresIn === 'number') {
    if (Number.isInteger(expiresIn) && expiresIn > 0) return expiresIn;
    return invalid('numeric', `expiresIn must be a whole number of seconds above 0, not ${expiresIn}`);
  }
  if (typeof expiresIn !== 'string')
    return invalid('type', 'expiresIn must be a number of seconds or text such as "1h"');
  const [, count, unit] = /^([0-9]+)([mhd])$/u.exec(expiresIn) ?? [];
  const seconds = Number(count) * SECONDS_PER_UNIT[unit as 'm' | 'h' | 'd'];
  if (!Number.isFinite(seconds)) {
    return invalid(
      'format',
      `expiresIn must be a number of seconds or text such as "5m", "1h" or "7d", not ${JSON.stringify(expiresIn)}`,
    );
  }
  if (seconds > 0) return seconds;
  return invalid('non-positive-duration', `expiresIn must be longer than 0, not ${JSON.stringify(expiresIn)}`);
}

/**
 * Signs tokens and users with a key that is derived from the API key and imported once. Results equal those of the
 * vendor's Node SDK 0.20.0 byte for byte, except as each method says.
 */
export class TokenSigner {
  readonly #apiKey: ApiKey;
  readonly #importKey: () => Promise<HmacKey>;
  #key: HmacKey | undefined;

  constructor(apiKey: ApiKey) {
    this.#apiKey = apiKey;
    this.#importKey = cacheSuccess(async () => {
      this.#key = await deriveSigningKey(apiKey);
      return this.#key;
    });
  }

  /**
   * Signs a payload, `iat` and `exp` as a compact JWS with HS256. The vendor's SDK also signs `adminScopes` that are not a list
   * of text, and calls a `toJSON` of the payload, which is ignored here.
   *
   * @param payload the claims, in their order
   * @throws VortexError `INVALID_ARGUMENT` if `payload` is not an object or cannot be written as JSON, `user.adminScopes` is not a
   *   list of text, or `expiresIn` is not a duration
   */
  async generateToken(payload: TokenPayload, options?: SignOptions | null): Promise<string> {
    if (!isObject(payload)) return invalid('type', 'payload must be an object');
    // A copy without getters and `toJSON`, so that the checked value is the signed value.
    const plain: unknown = JSON.parse(serialise(() => ({ ...payload, ...NO_TO_JSON })));
    const { user } = plain as { user?: unknown };
    const { id, adminScopes } = Object(user) as { id?: unknown; adminScopes?: unknown };
    if (id === undefined || id === null) {
      console.warn(
        'Vortex: generateToken was called without user.id; invitations made with this token have no inviter.',
      );
    }
    requireTextList(adminScopes, 'user.adminScopes');
    const lifetime = lifetimeInSeconds(options?.expiresIn);
    const iat = Math.floor(Date.now() / 1000);
    const header = { alg: 'HS256' as const, typ: 'JWT', kid: this.#apiKey.kid };
    const claims = { ...(plain as object), iat, exp: iat + lifetime };
    return signCompact(this.#key ?? (await this.#importKey()), header, payloadOf(claims, options));
  }

  /**
   * Signs the older token: the claims computed from `params.user`, then the other properties of `params` that are not undefined.
   * In the vendor's SDK, these replace computed claims such as `userId`, and text in `adminScopes` can make an administrator.
   *
   * @throws VortexError `INVALID_ARGUMENT` if `params.user` is not an object, another property has the name of a computed claim,
   *   `adminScopes` is not a list of text, a value cannot be written as JSON, or `expiresIn` is not a duration
   */
  async generateJwt(params: JwtParams, options?: SignOptions | null): Promise<string> {
    const { user } = params ?? {};
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
    for (const [claim, value] of Object.entries(params)) {
      // JSON has no undefined member, so it would replace nothing.
      if (claim === 'user' || value === undefined) continue;
      if (Object.hasOwn(claims, claim) || ADMIN_CLAIMS.has(claim)) {
        return invalid(
          'format',
          `params.${claim} would replace the claim "${claim}", which is computed from the user; use another name`,
        );
      }
      // Assigning to `__proto__` would set the prototype and add no claim.
      Object.defineProperty(claims, claim, { value, enumerable: true, writable: true });
    }
    // The vendor's SDK puts `iat` into the header of this token and not into its claims.
    const header = { iat, alg: 'HS256' as const, typ: 'JWT', kid: this.#apiKey.kid };
    const payload = payloadOf(Object.assign(claims, NO_TO_JSON), options);
    return signCompact(this.#key ?? (await this.#importKey()), header, payload);
  }

  /**
   * Signs a user that the frontend repeats: HMAC-SHA256 over its canonical JSON, without an expiry. The vendor's SDK also signs
   * `adminScopes` that are not a list of text.
   *
   * @returns `<kid>:<lower-case hexadecimal signature>`
   * @throws VortexError `INVALID_ARGUMENT` if `user` is not an object, has neither `id` nor `userId`, has `adminScopes` that are
   *   not a list of text, or cannot be written as JSON
   */
  async sign(user: SignableUser): Promise<string> {
    if (!isObject(user)) return invalid('type', 'user must be an object');
    const { id, email, name, avatarUrl, userName, userAvatarUrl, adminScopes, allowedEmailDomains, ...custom } =
      user as SignableUser;
    if (!id && !custom.userId) return invalid('format', 'user.id or user.userId is required');
    const signed = {
      userId: id,
      ...(email && { userEmail: email }),
      ...dropUndefined({
        ...profileOf({ name, avatarUrl, userName, userAvatarUrl, adminScopes, allowedEmailDomains }),
        ...custom,
      }),
    };
    const text = serialise(() => canonical(signed));
    return `${this.#apiKey.kid}:${toHex(await hmac(this.#key ?? (await this.#importKey()), text))}`;
  }
}

/** Refused for every user: one of these beside a user who does not have it would make an administrator. */
const ADMIN_CLAIMS = new Set(['role', 'adminScopes', 'userIsAutojoinAdmin']);

/** The compact serialisation of a JWS (RFC 7515, section 7.1). */
function signCompact(key: HmacKey, header: { alg: 'HS256' }, payload: string): MaybePromise<string> {
  const signed = `${base64url(JSON.stringify(header))}.${base64url(payload)}`;
  const signature: MaybePromise<string> = hmacBase64url(key, signed);
  return isPromise(signature) ? signature.then((text) => `${signed}.${text}`) : `${signed}.${signature}`;
}

function payloadOf(claims: object, options: SignOptions | null | undefined): string {
  const json = serialise(() => claims);
  return options?.ascii ? toAscii(json) : json;
}

/** Overrides an object's own `toJSON`. JSON leaves the undefined member out. */
const NO_TO_JSON = { toJSON: undefined };

/** As in the vendor's SDK, an empty `name` still wins over `userName`. */
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

/** Text has `includes` too: in the vendor's SDK, `'autojoin-viewer'.includes('autojoin')` makes an administrator. */
function requireTextList(value: unknown, field: string): void {
  const list = value ?? [];
  const isValid = Array.isArray(list) && list.every((item) => typeof item === 'string');
  if (!isValid) invalid('type', `${field} must be a list of text`);
}

function dropUndefined(object: object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Sorts the keys of a value by UTF-16 code unit at every level. Integer-like keys still come first, in numeric order,
 * since JavaScript keeps them so. The vendor signs this order.
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

/**
 * Escapes all but ASCII, and `>`, `?`, `~` and DEL. base64url writes `_` for six one bits and `-` for five one bits and a
 * zero, and in ASCII text only these four characters contribute such a group.
 */
function toAscii(json: string): string {
  return json.replace(/[>?~\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function invalid(reason: 'type' | 'format' | 'numeric' | 'non-positive-duration', problem: string): never {
  throw new VortexError('INVALID_ARGUMENT', `${problem}.`, { reason });
}
