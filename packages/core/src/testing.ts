/** Helpers for the tests of applications: signed webhooks, decoded tokens, a moving clock, and the contract of a webhook store. */

import { compactVerify } from 'jose/jws/compact/verify';
import { hmac, importHmacKey } from '#hmac';
import { VortexError } from './lib/errors.js';
import { parseApiKey } from './signing/api-key.js';
import type { VortexEvent, WebhookEventOf, WebhookEventType } from './webhooks/events.js';
import { signWebhook } from './webhooks/verify.js';

export { type StoreCheck, storeChecks, type TransactionCheckTools, transactionChecks } from './webhooks/contract.js';
export { signWebhook } from './webhooks/verify.js';

/**
 * Makes an event of the given type. Without `fields` it has a new `id`, the current time and no `data`. A field that is
 * undefined counts as absent.
 *
 * @example webhookEvent('group.member.added', { data: { scope: 'harbor', user: { email: 'ada@example.com' } } })
 */
export function webhookEvent<Type extends WebhookEventType>(
  type: Type,
  fields: { [Field in Exclude<keyof WebhookEventOf<Type>, 'type'>]?: WebhookEventOf<Type>[Field] | undefined } = {},
): WebhookEventOf<Type> {
  return {
    id: crypto.randomUUID(),
    timestamp: new Date().toISOString(),
    accountId: 'account-1',
    environmentId: null,
    sourceTable: 'invitations',
    operation: 'insert',
    data: {},
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    type,
  };
}

export interface SignedWebhook {
  body: string;
  headers: { 'content-type': 'application/json'; 'x-vortex-signature': string };
}

/**
 * Signs a webhook, ready to post: `fetch(url, { method: 'POST', ...(await webhookRequest(event, secret)) })`.
 *
 * @param event an event, or any other object, such as an event of a type that this version does not know
 * @param secret the webhook secret, which is not the API key
 */
export async function webhookRequest(event: VortexEvent | object, secret: string): Promise<SignedWebhook> {
  const body = JSON.stringify(event);
  return {
    body,
    headers: { 'content-type': 'application/json', 'x-vortex-signature': await signWebhook(body, secret) },
  };
}

export interface ReadToken {
  /** `jwt` if `generateJwt` made the token, as `POST /jwt` does by default; `token` if `generateToken` did. */
  format: 'jwt' | 'token';
  /** The signed claims. */
  claims: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970. NaN for a token of an older SDK of the vendor, which does not say it. */
  issuedAt: number;
  /** Milliseconds since 1970. `readToken` does not check it. */
  expiresAt: number;
}

/**
 * Verifies the signature of a token of either format and returns its claims.
 *
 * @throws VortexError `INVALID_ARGUMENT` if the token was not signed with this key, `CONFIG` if the key is malformed
 */
export async function readToken(token: string, apiKey: string): Promise<ReadToken> {
  const key = parseApiKey(apiKey);
  const signingKey = new Uint8Array(await hmac(await importHmacKey(key.secret), key.kid));
  // Not the bytes, which jose recognises by `instanceof`: in the environment jsdom of a test runner, that fails.
  const verifying = await crypto.subtle.importKey('raw', signingKey, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'verify',
  ]);
  const { payload, protectedHeader } = await compactVerify(token, verifying, { algorithms: ['HS256'] }).catch((cause) =>
    refuse(cause),
  );
  if (protectedHeader.kid !== key.kid) return refuse();
  const claims = JSON.parse(new TextDecoder().decode(payload));
  // `generateJwt` puts `iat` into the header, `generateToken` into the claims, and older SDKs of the vendor into neither.
  const isJwt = protectedHeader.iat !== undefined || claims.iat === undefined;
  return isJwt
    ? { format: 'jwt', claims, issuedAt: Number(protectedHeader.iat) * 1000, expiresAt: claims.expires * 1000 }
    : { format: 'token', claims, issuedAt: claims.iat * 1000, expiresAt: claims.exp * 1000 };
}

function refuse(cause?: unknown): never {
  throw new VortexError('INVALID_ARGUMENT', 'The token was not signed with this API key.', { reason: 'format', cause });
}

/** A clock for the option `now` of `VortexWebhooks`, of a webhook mount and of the emulator. */
export interface FixedClock {
  /** Milliseconds since 1970. */
  (): number;
  advance(milliseconds: number): void;
}

/**
 * Makes a clock that stands still until it is advanced.
 *
 * @param start milliseconds since 1970, a date, or the text of one; default now
 */
export function fixedClock(start: number | string | Date = Date.now()): FixedClock {
  let time = new Date(start).getTime();
  if (Number.isNaN(time)) throw new VortexError('INVALID_ARGUMENT', 'start must be a date.', { reason: 'format' });
  return Object.assign(() => time, {
    advance: (milliseconds: number) => {
      time += milliseconds;
    },
  });
}
