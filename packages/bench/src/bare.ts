/** Implements the baseline: the minimum of work, done in the cheapest way that Node offers. */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { Pool } from 'undici';
import { API_KEY, USER, WEBHOOK_SECRET } from './data.js';

export const RECEIVED = '{"received":true}';
export const JSON_TYPE = 'application/json; charset=utf-8';

const [, , secret = ''] = API_KEY.split('.');
const kid = '00000000-0000-4000-8000-000000000001';
const signingKey = createSecretKey(createHmac('sha256', secret).update(kid).digest());
const webhookKey = createSecretKey(Buffer.from(WEBHOOK_SECRET));

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs the same claims as the router with one HS256 signature, and returns the JSON of the reply. */
export function signedJwt(): string {
  const { id, email, name, avatarUrl, adminScopes } = USER;
  const iat = Math.floor(Date.now() / 1000);
  const header = base64url({ iat, alg: 'HS256', typ: 'JWT', kid });
  const claims = base64url({
    userId: id,
    userEmail: email,
    expires: iat + 3600,
    identifiers: [{ type: 'email', value: email }],
    name,
    avatarUrl,
    adminScopes,
    userIsAutojoinAdmin: true,
    role: 'admin',
  });
  const signature = createHmac('sha256', signingKey).update(`${header}.${claims}`).digest('base64url');
  return `{"jwt":"${header}.${claims}.${signature}"}`;
}

/** Tells whether the signature of a body is valid. Computes one HMAC. */
export function isSigned(body: Uint8Array, signature: string): boolean {
  const expected = createHmac('sha256', webhookKey).update(body).digest();
  const given = Buffer.from(signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** How a baseline handles the bytes of a reply that it passes on, and of a webhook. */
export interface Handling {
  passOn(bytes: Buffer): Buffer;
  receive(bytes: Uint8Array): unknown;
}

export const untouched: Handling = { passOn: (bytes) => bytes, receive: () => undefined };

const decoder = new TextDecoder('utf-8', { fatal: true });
const parse = (bytes: Uint8Array): unknown => JSON.parse(decoder.decode(bytes));

export const readAsJson: Handling = {
  passOn: (bytes) => Buffer.from(JSON.stringify(parse(bytes))),
  receive: parse,
};

/** Returns a function that fetches a path from the upstream and passes its reply on. */
export function passThrough(upstream: string, { passOn }: Handling): (path: string) => Promise<Buffer> {
  const pool = new Pool(upstream, { connections: 256 });
  const headers = { 'x-api-key': API_KEY, accept: 'application/json' };
  return async (path) => {
    const { body } = await pool.request({ method: 'GET', path: `/api/v1${path}`, headers });
    return passOn(Buffer.from(await body.arrayBuffer()));
  };
}
