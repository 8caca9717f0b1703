import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectNobody, expectRules, expectSignedIn, json, openBrowser, type Running, serve } from './helpers.ts';

let running: Running;
let recipe: typeof import('../src/better-auth.ts');
beforeAll(async () => {
  running = await serve(async () => {
    recipe = await import('../src/better-auth.ts');
    return recipe.app;
  });
});
afterAll(() => running?.close());

test('signs up, verifies the address, and obeys the rules', async () => {
  const visit = openBrowser(running.url);
  await expectNobody(visit);
  const account = { email: 'ada@example.com', password: 'lovelace', name: 'Ada' };
  const signedUp = await visit('/api/auth/sign-up/email', json(account));
  const { user } = (await signedUp.json()) as { user: { id: string } };

  await expectSignedIn(visit, account.email, { verified: false });
  expect(recipe.links).toHaveLength(1);
  await visit(recipe.links[0] ?? '');
  await expectSignedIn(visit, account.email, { verified: true });
  await expectRules(visit, running.client, user.id);

  await visit('/api/auth/sign-out', json({}));
  await expectNobody(visit);
});
