import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectRules, expectSignedIn, expectSignedOut, json, openBrowser, type Running, serve } from './helpers.ts';

let running: Running;
let recipe: typeof import('../src/better-auth.ts');
beforeAll(async () => {
  running = await serve(async () => {
    recipe = await import('../src/better-auth.ts');
    return recipe.app;
  });
});
afterAll(() => running?.close());

test('a user signs up and verifies their address with better-auth, and the rules apply', async () => {
  const visit = openBrowser(running.url);
  await expectSignedOut(visit);
  const account = { email: 'ada@example.com', password: 'lovelace', name: 'Ada' };
  const signedUp = await visit('/api/auth/sign-up/email', json(account));
  const { user } = (await signedUp.json()) as { user: { id: string } };

  await expectSignedIn(visit, account.email, { verified: false });
  expect(recipe.links).toHaveLength(1);
  await visit(recipe.links[0] ?? '');
  await expectSignedIn(visit, account.email, { verified: true });
  await expectRules(visit, running.client, user.id);

  await visit('/api/auth/sign-out', json({}));
  await expectSignedOut(visit);
});
