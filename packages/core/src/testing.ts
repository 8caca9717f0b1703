/** For the tests of applications: webhooks as Vortex would send them, tokens read as Vortex would, a clock that stands. */
import { compactVerify } from 'jose/jws/compact/verify';
import { VortexError } from './lib/errors.js';
import { deriveSigningKey, parseApiKey } from './signing/api-key.js';
import type { VortexEvent, WebhookEventOf, WebhookEventType } from './webhooks/events.js';
import { signWebhook } from './webhooks/verify.js';

/**
 * An event of a type, made up where you give nothing: an `id` of its own, happened now, without `data`.
 *
 * @example webhookEvent('group.member.added', { data: { scope: 'harbor', user: { email: 'ada@example.com' } } })
 */
export function webhookEvent<Type extends WebhookEventType>(
  type: Type,
  fields: Partial<Omit<WebhookEventOf<Type>, 'type'>> = {},
): WebhookEventOf<Type> {
  return {
    id: crypto.randomUUID(),
    timestamp: new Date().toISOString(),
    accountId: 'account-1',
    environmentId: null,
    sourceTable: 'invitations',
    operation: 'insert',
    data: {},
    ...fields,
    type,
  };
}

export interface SignedWebhook {
  body: string;
  headers: { 'content-type': 'application/json'; 'x-vortex-signature': string };
}

/**
 * A webhook ready to post: `fetch(url, { method: 'POST', ...(await signedWebhook(event, secret)) })`.
 *
 * @param secret the webhook secret, which is not the API key
 */
export async function signedWebhook(event: VortexEvent, secret: string): Promise<SignedWebhook> {
  const body = JSON.stringify(event);
  return {
    body,
    headers: { 'content-type': 'application/json', 'x-vortex-signature': await signWebhook(body, secret) },
  };
}

export interface ReadToken {
  /** Which method made it: `generateJwt`, as for `POST /jwt` by default, or `generateToken`. */
  format: 'jwt' | 'token';
  /** As they were signed. */
  claims: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970, as is `expiresAt`. An expired token is read all the same. */
  issuedAt: number;
  expiresAt: number;
}

/**
 * What a token says, of either format, once its signature has been verified.
 *
 * @throws VortexError `INVALID_ARGUMENT` where the token was not signed with this key, `CONFIG` where the key is none
 */
export async function readToken(token: string, apiKey: string): Promise<ReadToken> {
  const key = parseApiKey(apiKey);
  const signingKey = await deriveSigningKey(key);
  const { payload, protectedHeader } = await compactVerify(token, signingKey, { algorithms: ['HS256'] }).catch(
    (cause) => refuse(cause),
  );
  if (protectedHeader.kid !== key.kid) return refuse();
  const claims = JSON.parse(new TextDecoder().decode(payload));
  // The format that says when it was issued in its header is the one whose claims do not say.
  return 'expires' in claims
    ? { format: 'jwt', claims, issuedAt: Number(protectedHeader.iat) * 1000, expiresAt: claims.expires * 1000 }
    : { format: 'token', claims, issuedAt: claims.iat * 1000, expiresAt: claims.exp * 1000 };
}

function refuse(cause?: unknown): never {
  throw new VortexError('INVALID_ARGUMENT', 'The token was not signed with this API key.', { reason: 'format', cause });
}

/** A clock for the option `now` of `VortexWebhooks`, of the webhook mounts and of the emulator. */
export interface FixedClock {
  /** Milliseconds since 1970. */
  (): number;
  advance(milliseconds: number): void;
}

/**
 * Stands until it is moved.
 *
 * @param start milliseconds since 1970, a date, or the text of one; default now
 */
export function fixedClock(start: number | string | Date = Date.now()): FixedClock {
  let time = new Date(start).getTime();
  if (Number.isNaN(time))
    throw new VortexError('INVALID_ARGUMENT', 'The clock starts at no date.', { reason: 'format' });
  return Object.assign(() => time, {
    advance: (milliseconds: number) => {
      time += milliseconds;
    },
  });
}
