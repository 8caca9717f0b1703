import { afterAll, beforeAll, expect, test } from 'vitest';
import { json, type Running, serve, visitor } from './helpers.ts';

let running: Running;
let id: string;
beforeAll(async () => {
  running = await serve(async () => (await import('../src/guest.ts')).app);
  const target = { type: 'email', value: 'bo@example.com' } as const;
  ({ id } = await running.client.createInvitation({ widgetConfigurationId: 'w', target, inviter: { userId: 'u-1' } }));
});
afterAll(() => running?.close());

const guest = (path: string, init?: RequestInit) => visitor(running.url, {})(`/api/vortex${path}`, init);
const as = (user: string) => visitor(running.url, { 'x-user': user });

test('a guest reads one invitation by its id', async () => {
  const reply = await guest(`/invitations/${id}`);
  expect([reply.status, await reply.json()]).toMatchObject([200, { id }]);
});

test.each<[string, string, RequestInit?]>([
  ['POST', '/jwt', { method: 'POST' }],
  ['GET', '/invitations?targetType=email&targetValue=bo@example.com'],
  ['GET', '/invitations?targetType=internal&targetValue=guest'],
  ['GET', '/invitations/by-scope/team/harbor'],
  ['GET', '/invitations/by-scope/team/harbor/autojoin'],
  ['POST', '/invitations', json({ widgetConfigurationId: 'w', target: { type: 'email', value: 'cy@example.com' } })],
  ['POST', '/invitations/accept', json({ invitationIds: ['i-1'], user: { email: 'bo@example.com' } })],
  ['POST', '/invitations/i-1/reinvite', { method: 'POST' }],
  ['DELETE', '/invitations/i-1', { method: 'DELETE' }],
])('a guest is signed out for %s %s', async (_, path, init) => {
  const reply = await guest(path, init);
  expect([reply.status, await reply.json()]).toMatchObject([401, { code: 'UNAUTHENTICATED' }]);
});

test('a signed-in user reads only an invitation to one of their addresses', async () => {
  expect((await as('u-2')(`/api/vortex/invitations/${id}`)).status).toBe(200);
  expect((await as('u-1')(`/api/vortex/invitations/${id}`)).status).toBe(403);
});

test('a guest cannot read an invitation that was revoked or accepted', async () => {
  const target = { type: 'email', value: 'cy@example.com' } as const;
  const invite = () =>
    running.client.createInvitation({ widgetConfigurationId: 'w', target, inviter: { userId: 'u-1' } });
  const revoked = await invite();
  await running.client.revokeInvitation(revoked.id);
  const accepted = await invite();
  await running.client.acceptInvitation(accepted.id, { email: target.value });
  for (const { id: closed } of [revoked, accepted]) {
    expect((await guest(`/invitations/${closed}`)).status).toBe(403);
  }
});
