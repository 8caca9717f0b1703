import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectRules, expectSignedIn, expectSignedOut, json, openBrowser, type Running, serve } from './helpers.ts';

let running: Running;
beforeAll(async () => {
  running = await serve(async () => (await import('../src/express-session.ts')).app);
});
afterAll(() => running?.close());

test('a user signs in and out with express-session, and the rules apply', async () => {
  const visit = openBrowser(running.url);
  await expectSignedOut(visit);
  expect((await visit('/sign-in', json({ email: 'ada@example.com', password: 'guess' }))).status).toBe(401);
  expect((await visit('/sign-in', json({ email: 'ada@example.com', password: 'lovelace' }))).status).toBe(204);
  await expectSignedIn(visit, 'ada@example.com', { verified: true });
  await expectRules(visit, running.client, 'u-1');
  expect((await visit('/sign-out', { method: 'POST' })).status).toBe(204);
  await expectSignedOut(visit);
});

test('a user of express-session with an unverified address cannot list its invitations', async () => {
  const visit = openBrowser(running.url);
  await visit('/sign-in', json({ email: 'cy@example.com', password: 'twombly' }));
  await expectSignedIn(visit, 'cy@example.com', { verified: false });
});
