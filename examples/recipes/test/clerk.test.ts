/** Tests the recipe without Clerk: signs session tokens with a key pair, and gives the public key to the recipe. */
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, test } from 'vitest';
import { expectRules, expectSignedIn, expectSignedOut, type Running, serve, visitor } from './helpers.ts';

let running: Running;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
beforeAll(async () => {
  keys = await generateKeyPair('RS256', { extractable: true });
  Object.assign(process.env, {
    // The prefix `pk_test_` and the host of the instance in Base64.
    CLERK_PUBLISHABLE_KEY: `pk_test_${btoa('clerk.example.com$')}`,
    CLERK_SECRET_KEY: 'sk_test_made-up',
    CLERK_TELEMETRY_DISABLED: '1',
    CLERK_JWT_KEY: await exportSPKI(keys.publicKey),
  });
  running = await serve(async () => (await import('../src/clerk.ts')).app);
});
afterAll(() => running?.close());

async function visitAs(claims: object, { key = keys.privateKey, azp = running.url } = {}) {
  const token = await new SignJWT({ sid: 'sess_1', v: 2, sts: 'active', azp, ...claims })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'ins_1' })
    .setSubject('user_1')
    .setIssuer('https://clerk.example.com')
    .setIssuedAt()
    .setNotBefore('0s')
    .setExpirationTime('1m')
    .sign(key);
  return visitor(running.url, { authorization: `Bearer ${token}` });
}

test('a Clerk session token signs a user in, and the rules apply', async () => {
  const visit = await visitAs({ email: 'ada@example.com', email_verified: true });
  await expectSignedIn(visit, 'ada@example.com', { verified: true });
  await expectRules(visit, running.client, 'user_1');
});

test('a user of Clerk with an unverified address cannot list its invitations', async () => {
  const email = 'ada@example.com';
  await expectSignedIn(await visitAs({ email, email_verified: false }), email, { verified: false });
  await expectSignedIn(await visitAs({ email }), email, { verified: false });
});

test('a request without a Clerk token, or with one of another key or site, is signed out', async () => {
  const { privateKey } = await generateKeyPair('RS256');
  await expectSignedOut(await visitAs({}, { key: privateKey }));
  await expectSignedOut(await visitAs({}, { azp: 'https://evil.example' }));
  await expectSignedOut(visitor(running.url, {}));
});
