/** Tests the recipe with a provider of its own: a server that publishes the public key, and tokens of the private one. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
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
  sub?: string | undefined;
  iss?: string;
  aud?: string | undefined;
  exp?: number | undefined;
  key?: CryptoKey;
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
const tokenOf = ({ key = keys.privateKey, ...claims }: Claims) =>
  new SignJWT({ sub: 'u-1', iss: ISSUER, aud: 'roster', exp: inSeconds(60), ...claims } as JWTPayload)
    .setProtectedHeader({ alg: 'ES256', kid: '1' })
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
  await expectSignedIn(await visitWith({ sub: 'u-3' }), 'cy@example.com', { verified: false });
});

test.each<[string, (other: CryptoKey) => Claims]>([
  ['another key', (key) => ({ key })],
  ['another issuer', () => ({ iss: 'https://evil.example/' })],
  ['another audience', () => ({ aud: 'billing' })],
  ['no audience', () => ({ aud: undefined })],
  ['a time of expiry in the past', () => ({ exp: inSeconds(-60) })],
  ['no time of expiry', () => ({ exp: undefined })],
  ['an unknown user', () => ({ sub: 'u-9' })],
  ['no user', () => ({ sub: undefined })],
])('an access token with %s is a signed-out caller', async (_, claimsOf) => {
  await expectSignedOut(await visitWith(claimsOf((await generateKeyPair('ES256')).privateKey)));
});

test('a caller without an access token, or with one that is no JWT, is signed out', async () => {
  await expectSignedOut(visitor(running.url, {}));
  await expectSignedOut(visitor(running.url, { authorization: 'Bearer opaque' }));
  await expectSignedOut(visitor(running.url, { authorization: 'Basic dTox' }));
});

test('the reason why access tokens are refused is logged once', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  const algorithm = await generateKeyPair('PS256');
  const token = await new SignJWT({}).setProtectedHeader({ alg: 'PS256', kid: '1' }).sign(algorithm.privateKey);
  const visit = visitor(running.url, { authorization: `Bearer ${token}` });
  await expectSignedOut(visit);
  await expectSignedOut(visit);
  expect(warn.mock.calls).toEqual([[expect.stringContaining('ERR_JOSE_ALG_NOT_ALLOWED')]]);
  warn.mockRestore();
});

test('the client of the page reports UNAUTHENTICATED if there is no access token', async () => {
  const client = createClient(async () => undefined, `${running.url}/api/vortex`);
  await expect(client.getJwt()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('the client of the page reports a retryable error if the access token cannot be renewed now', async () => {
  const client = createClient(() => Promise.reject(new Error('timeout')), `${running.url}/api/vortex`);
  await expect(client.getJwt()).rejects.toMatchObject({ code: 'NETWORK_ERROR', isRetryable: true });
});

test('the client of the page sends the current access token with each call', async () => {
  const tokens = [await tokenOf({ sub: 'u-9' }), await tokenOf({})];
  const client = createClient(async () => tokens.shift() ?? '', `${running.url}/api/vortex`);
  const context = { scopeType: 'team', scope: 'harbor' };
  await expect(client.getJwt(context)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await client.getJwt(context)).toEqual(expect.any(String));
});
