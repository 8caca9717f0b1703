/** Clerk itself is not here: its session tokens are signed with a key pair of the test's own, whose half the recipe knows. */
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, test } from 'vitest';
import { expectNobody, expectRules, expectSignedIn, type Running, serve, visitor } from './helpers.ts';

let running: Running;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
beforeAll(async () => {
  keys = await generateKeyPair('RS256', { extractable: true });
  Object.assign(process.env, {
    // `pk_test_` and where the instance is, in Base64.
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

test('believes a session token, and obeys the rules', async () => {
  const visit = await visitAs({ email: 'ada@example.com', email_verified: true });
  await expectSignedIn(visit, 'ada@example.com', { verified: true });
  await expectRules(visit, running.client, 'user_1');
});

test('takes no address for verified that is not', async () => {
  const email = 'ada@example.com';
  await expectSignedIn(await visitAs({ email, email_verified: false }), email, { verified: false });
  await expectSignedIn(await visitAs({ email }), email, { verified: false });
});

test('believes no token of another key or for another site, and nobody without one', async () => {
  const { privateKey } = await generateKeyPair('RS256');
  await expectNobody(await visitAs({}, { key: privateKey }));
  await expectNobody(await visitAs({}, { azp: 'https://evil.example' }));
  await expectNobody(visitor(running.url, {}));
});
