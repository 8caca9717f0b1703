/** Tests the recipe with a provider of its own: a server that publishes the public key, and tokens of the private one. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../src/bearer-page.ts';
import { expectRules, expectSignedIn, expectSignedOut, type Running, serve, visitor } from './helpers.ts';

const ISSUER = 'https://login.example.com/';
let provider: Server;
let published = 200;
let running: Running;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;

beforeAll(async () => {
  keys = await generateKeyPair('ES256');
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), alg: 'ES256', kid: '1' }] });
  provider = createServer((_req, res) => res.writeHead(published).end(published === 200 ? jwks : '')).listen(
    0,
    '127.0.0.1',
  );
  await once(provider, 'listening');
  Object.assign(process.env, {
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: 'roster',
    AUTH_JWKS_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/jwks.json`,
  });
  running = await serve(async () => (await import('../src/bearer.ts')).app);
});
afterAll(async () => {
  provider?.close();
  await running?.close();
});

interface Claims {
  subject?: string;
  issuer?: string;
  audience?: string;
  expires?: string;
  key?: CryptoKey;
}

const tokenOf = ({
  subject = 'u-1',
  issuer = ISSUER,
  audience = 'roster',
  expires = '1m',
  key = keys.privateKey,
}: Claims) =>
  new SignJWT()
    .setProtectedHeader({ alg: 'ES256', kid: '1' })
    .setSubject(subject)
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime(expires)
    .sign(key);
const visitWith = async (claims: Claims) => visitor(running.url, { authorization: `Bearer ${await tokenOf(claims)}` });

test('a failure to load the keys of the provider is a 500 and not a 401', async () => {
  published = 503; // the first request of the file loads the keys
  const visit = await visitWith({});
  expect((await visit('/api/vortex/jwt', { method: 'POST' })).status).toBe(500);
  published = 200;
});

test('an access token signs a user in, and the rules apply', async () => {
  const visit = await visitWith({});
  await expectSignedIn(visit, 'ada@example.com', { verified: true });
  await expectRules(visit, running.client, 'u-1');
  await expectSignedIn(await visitWith({ subject: 'u-3' }), 'cy@example.com', { verified: false });
});

test.each<[string, (other: CryptoKey) => Claims]>([
  ['another key', (key) => ({ key })],
  ['another issuer', () => ({ issuer: 'https://evil.example/' })],
  ['another audience', () => ({ audience: 'billing' })],
  ['a time of expiry in the past', () => ({ expires: '-1m' })],
  ['an unknown user', () => ({ subject: 'u-9' })],
])('an access token with %s is a signed-out caller', async (_, claimsOf) => {
  await expectSignedOut(await visitWith(claimsOf((await generateKeyPair('ES256')).privateKey)));
});

test('a caller without an access token, or with one that is no JWT, is signed out', async () => {
  await expectSignedOut(visitor(running.url, {}));
  await expectSignedOut(visitor(running.url, { authorization: 'Bearer opaque' }));
  await expectSignedOut(visitor(running.url, { authorization: 'Basic dTox' }));
});

test('the client of the page sends the current access token with each call', async () => {
  const tokens = [await tokenOf({ subject: 'u-9' }), await tokenOf({})];
  const client = createClient(async () => tokens.shift() ?? '', `${running.url}/api/vortex`);
  const context = { scopeType: 'team', scope: 'harbor' };
  await expect(client.getJwt(context)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await client.getJwt(context)).toEqual(expect.any(String));
});
