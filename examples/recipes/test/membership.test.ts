import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VortexClient } from '@vortex/core';
import { connectEmulator, type Emulator, startEmulator } from '@vortex/emulator';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { type Account, findAccount } from '../src/accounts.ts';
import { json, openBrowser, type Visit } from './helpers.ts';

const server = createServer();
let emulator: Emulator;
let teams: typeof import('../src/teams.ts');
let ada: Visit;
let bo: Visit;

/** Milliseconds by which time has been moved forward, and by which the clock of Vortex differs from that of the recipe. */
const clock = { moved: 0, difference: 0 };

beforeAll(async () => {
  const now = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => now() + clock.moved);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  emulator = await startEmulator({
    webhookUrl: `${url}/webhooks/vortex`,
    webhookRetryDelays: [],
    now: () => Date.now() + clock.difference,
  });
  Object.assign(process.env, {
    VORTEX_API_KEY: emulator.apiKey,
    VORTEX_API_BASE_URL: emulator.url,
    VORTEX_WEBHOOK_SECRET: emulator.webhookSecret,
    SESSION_SECRET: 'at least 32 characters, and made up for this test',
  });
  server.on('request', (await import('../src/membership.ts')).app);
  teams = await import('../src/teams.ts');
  [ada, bo] = [openBrowser(url), openBrowser(url)];
  await ada('/sign-in', json({ email: 'ada@example.com', password: 'lovelace' }));
  await bo('/sign-in', json({ email: 'bo@example.com', password: 'burnham' }));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await emulator.close();
});
beforeEach(() => teams.removeMember('harbor', 'u-2'));

const invitation = (value: string, type = 'team', scopeId = 'harbor') =>
  json({ widgetConfigurationId: 'any', target: { type: 'email', value }, scopes: [{ type, scopeId, name: 'Harbor' }] });
const invite = (...of: Parameters<typeof invitation>) => ada('/api/vortex/invitations', invitation(...of));
const idOf = async (reply: Promise<Response>) => ((await (await reply).json()) as { id: string }).id;
const accept = (visit: Visit, id: string) => visit('/api/vortex/invitations/accept', json({ invitationIds: [id] }));

/** Sends `group.member.added` for an invitation to Bo, with the given fields in place of the emulator's. */
async function announce(data: object, invitationId?: string) {
  const id = invitationId ?? (await idOf(invite('bo@example.com')));
  emulator.announce('group.member.added', id, { ...data });
  await emulator.settled();
  expect(emulator.deliveries.at(-1)).toMatchObject({ attempts: [{ status: 200 }] });
  return teams.roleIn('harbor', 'u-2');
}

test('an invitee who accepts becomes a member by the webhook', async () => {
  const id = await idOf(invite('Bo@Example.com'));
  expect((await accept(ada, id)).status).toBe(403);
  expect((await accept(bo, id)).status).toBe(200);
  await emulator.settled();
  expect(await teams.roleIn('harbor', 'u-2')).toBe('member');
});

test('a user who has a share link reads it, accepts it, and becomes a member', async () => {
  const made = await fetch(`${emulator.url}/api/v1/invitations`, {
    ...json({
      widgetConfigurationId: 'any',
      target: { type: 'share', value: 'link' },
      groups: [{ type: 'team', groupId: 'harbor', name: 'Harbor' }],
      inviter: { userId: 'u-1' },
    }),
    headers: { 'content-type': 'application/json', 'x-api-key': emulator.apiKey },
  });
  const { id } = (await made.json()) as { id: string };
  expect((await bo(`/api/vortex/invitations/${id}`)).status).toBe(200);
  expect((await accept(bo, id)).status).toBe(200);
  await emulator.settled();
  expect(await teams.roleIn('harbor', 'u-2')).toBe('member');
});

test('only an admin can invite, and only to a team of theirs', async () => {
  expect((await bo('/api/vortex/invitations', invitation('cy@example.com'))).status).toBe(403);
  expect((await invite('bo@example.com', 'project', 'harbor')).status).toBe(403);
  expect((await invite('bo@example.com', 'team', 'wharf')).status).toBe(403);
});

test('an event adds its user in any case of the address', async () => {
  expect(await announce({ user: { email: 'BO@example.com' } })).toBe('member');
});

test.each([
  ['of another type of scope', { scopeType: 'project' }],
  ['without a user', { user: undefined }],
  ['about a user without an account', { user: { email: 'new@example.com' } }],
])('an event %s adds no member', async (_, data) => {
  expect(await announce(data)).toBeUndefined();
});

test('an event about an unverified account adds no member', async () => {
  await announce({}, await idOf(invite('cy@example.com')));
  expect(await teams.roleIn('harbor', 'u-3')).toBeUndefined();
});

test('an event about an account that the invitation was not sent to adds no member', async () => {
  const id = await idOf(invite('new@example.com'));
  expect(await announce({ user: { email: 'bo@example.com' } }, id)).toBeUndefined();
});

test('an invitation to two teams adds its invitee to both', async () => {
  const scopes = ['harbor', 'quay'].map((scopeId) => ({ type: 'team', scopeId, name: scopeId }));
  const target = { type: 'email', value: 'bo@example.com' } as const;
  const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
  const { id } = await client.createInvitation({
    widgetConfigurationId: 'any',
    target,
    scopes,
    inviter: { userId: 'u-1' },
  });
  await accept(bo, id);
  await emulator.settled();
  expect([await teams.roleIn('harbor', 'u-2'), await teams.roleIn('quay', 'u-2')]).toEqual(['member', 'member']);
  await teams.removeMember('quay', 'u-2');
});

test('an event about an invitation of a user who may not invite to the team adds no member', async () => {
  const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
  // As the component of Vortex does: no rule of the application is asked.
  const { id } = await client.createInvitation({
    widgetConfigurationId: 'any',
    target: { type: 'email', value: 'bo@example.com' },
    scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
    inviter: { userId: 'u-2' },
  });
  expect(await announce({}, id)).toBeUndefined();
});

test('an event about an invitation that does not exist is ignored, and not delivered again', async () => {
  const id = await idOf(invite('bo@example.com'));
  emulator.announce('group.member.added', id, { invitationId: 'unknown' });
  await emulator.settled();
  expect(emulator.deliveries.at(-1)).toMatchObject({ attempts: [{ status: 200 }] });
  expect(await teams.roleIn('harbor', 'u-2')).toBeUndefined();
});

test('an event about an invitation that was revoked after its acceptance adds no member', async () => {
  const id = await idOf(invite('bo@example.com'));
  await ada(`/api/vortex/invitations/${id}`, { method: 'DELETE' });
  expect(await announce({}, id)).toBeUndefined();
});

test('a late event about an invitation that has expired since its acceptance adds its member', async () => {
  const id = await idOf(invite('bo@example.com'));
  await connectEmulator(emulator.url).expire(id);
  expect(await announce({}, id)).toBe('member');
});

test('only an admin of the scope gets a token for the component', async () => {
  const jwt = async (visit: Visit, context?: object) =>
    (await visit('/api/vortex/jwt', json(context ? { context } : {}))).status;
  const harbor = { scopeType: 'team', scope: 'harbor' };
  expect([await jwt(ada, harbor), await jwt(bo, harbor)]).toEqual([200, 403]);
  expect([await jwt(ada), await jwt(ada, { ...harbor, scope: 'wharf' })]).toEqual([403, 403]);
});

test('a late delivery does not restore a removed member, and a new invitation does', async () => {
  const id = await idOf(invite('bo@example.com'));
  expect(await announce({}, id)).toBe('member');
  await teams.removeMember('harbor', 'u-2');
  expect(await announce({}, id)).toBeUndefined();
  expect(await announce({})).toBe('member');
});

test('the open invitations to a member who leaves are revoked, and others stay', async () => {
  const { leaveTeam } = await import('../src/leave.ts');
  const [accepted, open, other] = [
    await idOf(invite('bo@example.com')),
    await idOf(invite('Bo@example.com')),
    await idOf(invite('cy@example.com')),
  ];
  await accept(bo, accepted);
  await emulator.settled();
  expect(await teams.roleIn('harbor', 'u-2')).toBe('member');
  await leaveTeam('harbor', (await findAccount('u-2')) as Account);
  expect(await teams.roleIn('harbor', 'u-2')).toBeUndefined();
  const states = new Map(emulator.invitations.map(({ id, deactivated }) => [id, deactivated]));
  expect([accepted, open, other].map((id) => states.get(id))).toEqual([false, true, false]);
});

test('a second invitation whose event failed does not restore its invitee after a removal', async () => {
  const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
  const [first, second] = [await idOf(invite('bo@example.com')), await idOf(invite('bo@example.com'))];
  await accept(bo, first);
  await emulator.settled();
  expect(await teams.roleIn('harbor', 'u-2')).toBe('member');
  // As many times as the client tries.
  emulator.fault('GET /api/v1/invitations/:invitationId', { status: 503, times: 3 });
  await client.acceptInvitation(second, { email: 'bo@example.com' });
  await emulator.settled();
  const added = () => emulator.deliveries.findLast(({ event }) => event.type === 'group.member.added');
  expect(added()).toMatchObject({ event: { data: { invitationId: second } }, attempts: [{ status: 500 }] });
  await teams.removeMember('harbor', 'u-2');
  emulator.redeliver(added()?.id ?? '');
  await emulator.settled();
  expect(added()?.attempts.map(({ status }) => status)).toEqual([500, 200]);
  expect(await teams.roleIn('harbor', 'u-2')).toBeUndefined();
});

test('an invitation that was made while the invitee was a member does not restore them after a removal', async () => {
  expect(await announce({})).toBe('member');
  const other = await idOf(invite('bo@example.com'));
  clock.moved += 60_000;
  await teams.removeMember('harbor', 'u-2');
  expect(await announce({}, other)).toBeUndefined();
});

test.each([
  ['ahead of', 9000],
  ['behind', -9000],
])(
  'if the clock of Vortex is %s that of the application, only a new invitation restores a removed member',
  async (_, difference) => {
    clock.moved += 60_000;
    clock.difference = difference;
    onTestFinished(() => {
      clock.moved += 60_000;
      clock.difference = 0;
    });
    const id = await idOf(invite('bo@example.com'));
    expect(await announce({}, id)).toBe('member');
    await teams.removeMember('harbor', 'u-2');
    expect(await announce({}, id)).toBeUndefined();
    expect(await announce({})).toBe('member');
  },
);
