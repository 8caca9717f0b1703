import { afterAll, beforeAll, test } from 'vitest';
import { expectRules, expectSignedIn, expectSignedOut, openBrowser, type Running, serve } from './helpers.ts';

let running: Running;
beforeAll(async () => {
  running = await serve(async () => (await import('../src/auth-js.ts')).app);
});
afterAll(() => running?.close());

async function signIn(email: string, password: string) {
  const visit = openBrowser(running.url);
  const { csrfToken } = (await (await visit('/auth/csrf')).json()) as { csrfToken: string };
  await visit('/auth/callback/credentials', {
    method: 'POST',
    body: new URLSearchParams({ csrfToken, email, password }),
  });
  return visit;
}

test('a user signs in with Auth.js, and the rules apply', async () => {
  await expectSignedOut(await signIn('ada@example.com', 'guess'));
  const visit = await signIn('ada@example.com', 'lovelace');
  await expectSignedIn(visit, 'ada@example.com', { verified: true });
  await expectRules(visit, running.client, 'u-1');
});

test('a user of Auth.js with an unverified address cannot list its invitations', async () => {
  await expectSignedIn(await signIn('cy@example.com', 'twombly'), 'cy@example.com', { verified: false });
});
