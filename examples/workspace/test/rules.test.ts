/** The rules for invitations, with a database in memory and without a socket. */
import { VortexClient } from '@vortex/core';
import { createEmulator } from '@vortex/emulator';
import { vortexApp } from '@vortex/hono';
import { and, eq } from 'drizzle-orm';
import type { Context } from 'hono';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { OpenDatabase } from '../server/domain/database.js';
import { addDemoPeople } from '../server/domain/demo.js';
import { removeMember } from '../server/domain/membership.js';
import { memberships } from '../server/domain/schema.js';
import { addMember } from '../server/domain/teams.js';
import { findUser, type User } from '../server/domain/users.js';
import { rules } from '../server/rules.js';
import { openEmptyMemory } from './app.js';

const emulator = createEmulator();
const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url, fetch: emulator.fetch });

let database: OpenDatabase;
let app: ReturnType<typeof vortexApp>;
beforeAll(async () => {
  database = await openEmptyMemory();
  const { db } = database;
  await addDemoPeople(db);
  app = vortexApp({
    client,
    authenticateUser: (c: Context) => findUser(db, c.req.header('x-user') ?? ''),
    authorizeOperation: rules({ db, client }),
  });
});
afterAll(async () => {
  await database?.close();
  await emulator.close();
});

it('an inviter who has left the team can no longer send the invitation again', async () => {
  const { db } = database;
  const { id } = await client.createInvitation({
    widgetConfigurationId: 'any',
    target: { type: 'email', value: 'zoe@example.com' },
    inviter: { userId: 'tomas' },
    scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
  });
  const reinviteAs = async (user: string) => {
    const reply = await app.request(`/invitations/${id}/reinvite`, { method: 'POST', headers: { 'x-user': user } });
    return reply.status;
  };
  expect(await reinviteAs('tomas')).toBe(200);
  await db.delete(memberships).where(and(eq(memberships.teamId, 'harbor'), eq(memberships.userId, 'tomas')));
  expect(await reinviteAs('tomas')).toBe(403);
  expect(await reinviteAs('ada')).toBe(200);
});

it('only an admin of a team gets a token for it', async () => {
  const ask = async (user: string, context?: object) => {
    const reply = await app.request('/jwt', {
      method: 'POST',
      headers: { 'x-user': user, 'content-type': 'application/json', origin: 'http://localhost', host: 'localhost' },
      body: JSON.stringify(context ? { context } : {}),
    });
    return reply.status;
  };
  const harbor = { scopeType: 'team', scope: 'harbor' };
  expect(await ask('ada', harbor)).toBe(200);
  expect([await ask('mei', harbor), await ask('tomas', harbor), await ask('ada')]).toEqual([403, 403, 403]);
  expect(await ask('ada', { ...harbor, scopeType: 'project' })).toBe(403);
});

it.each([
  ['a member', 'Ada@Harbor.example', 'Ada@Harbor.example is already a member.'],
  ['an address with an open invitation', 'LIN@example.com', 'LIN@example.com is already invited.'],
])('the server refuses to invite %s', async (_, value, error) => {
  const invite = (address: string) =>
    app.request('/invitations', {
      method: 'POST',
      headers: { 'x-user': 'mei', 'content-type': 'application/json', origin: 'http://localhost', host: 'localhost' },
      body: JSON.stringify({
        widgetConfigurationId: 'any',
        target: { type: 'email', value: address },
        scopes: [{ type: 'team', scopeId: 'orchard', name: 'Orchard' }],
      }),
    });
  await addMember(database.db, 'orchard', (await findUser(database.db, 'ada')) as User, {
    invitedAt: undefined,
    acceptedAt: new Date().toISOString(),
  });
  await client.deleteInvitationsByScope('team', 'orchard');
  // More open invitations than the API lists in one page.
  for (const address of ['lin@example.com', ...Array.from({ length: 25 }, (_, index) => `p${index}@example.com`)]) {
    expect((await invite(address)).status).toBe(200);
  }
  const reply = await invite(value);
  expect([reply.status, await reply.json()]).toEqual([403, { code: 'FORBIDDEN', error }]);
});

it.each([
  [{ role: 'admin' }, 200],
  [{ role: 'member' }, 200],
  [undefined, 200],
  [{ role: 'owner' }, 403],
  [{ role: { name: 'admin' } }, 403],
])('an invitation by an admin with the metadata %j is answered with %i', async (metadata, status) => {
  await client.deleteInvitationsByScope('team', 'orchard');
  const reply = await app.request('/invitations', {
    method: 'POST',
    headers: { 'x-user': 'mei', 'content-type': 'application/json', origin: 'http://localhost', host: 'localhost' },
    body: JSON.stringify({
      widgetConfigurationId: 'any',
      target: { type: 'email', value: 'nora@example.com' },
      scopes: [{ type: 'team', scopeId: 'orchard', name: 'Orchard' }],
      metadata,
    }),
  });
  expect(reply.status).toBe(status);
});

it.each([
  [
    'invitation that names another team',
    '/invitations',
    { scopes: [{ type: 'team', scopeId: 'orchard', name: 'Harbor' }] },
  ],
  ['invitation with a title of the page', '/invitations', { unfurlConfig: { title: 'Join Harbor' } }],
  ['invitation with variables of the page', '/invitations', { templateVariables: { inviter_name: 'Ada' } }],
  ['invitation by domain that names another team', '/invitations/autojoin', { scopeName: 'Harbor' }],
])('an %s is refused, although an admin sends it', async (_, path, fields) => {
  const invitation = {
    widgetConfigurationId: 'any',
    target: { type: 'email', value: 'nora@example.com' },
    scopes: [{ type: 'team', scopeId: 'orchard', name: 'Orchard' }],
  };
  const domains = { scopeType: 'team', scope: 'orchard', domains: [], componentId: 'any' };
  const reply = await app.request(path, {
    method: 'POST',
    headers: { 'x-user': 'mei', 'content-type': 'application/json', origin: 'http://localhost', host: 'localhost' },
    body: JSON.stringify({ ...(path === '/invitations' ? invitation : domains), ...fields }),
  });
  expect([reply.status, (await reply.json()).code]).toEqual([403, 'FORBIDDEN']);
});

it('an admin adds only the domain of their own address, and other domains of the team may stay', async () => {
  const configure = async (user: string, ...domains: string[]) => {
    const reply = await app.request('/invitations/autojoin', {
      method: 'POST',
      headers: { 'x-user': user, 'content-type': 'application/json', origin: 'http://localhost', host: 'localhost' },
      body: JSON.stringify({ scopeType: 'team', scope: 'orchard', domains, componentId: 'any' }),
    });
    return [reply.status, (await reply.json()).error];
  };
  const refusal = [403, 'You can add only the domain of your own address, orchard.example.'];
  expect(await configure('mei', 'harbor.example')).toEqual(refusal);
  expect(await configure('mei', 'orchard.example', 'sub.orchard.example')).toEqual(refusal);
  expect((await configure('idris', 'orchard.example'))[0]).toBe(403);
  expect((await configure('mei', 'Orchard.example'))[0]).toBe(200);
  // A domain that another admin has added.
  const domains = ['quay.example', 'orchard.example'];
  await client.configureAutojoin({ scopeType: 'team', scope: 'orchard', domains, componentId: 'any' });
  expect((await configure('mei', ...domains))[0]).toBe(200);
  expect((await configure('mei', 'quay.example'))[0]).toBe(200);
  expect((await configure('mei'))[0]).toBe(200);
  expect(await configure('mei', 'quay.example')).toEqual(refusal);
});

it.each<[reason: string, before: (nora: User) => Promise<unknown>]>([
  ['whose inviter is no longer an admin', () => setRole('member')],
  [
    'that is older than the removal of the invitee',
    async (nora) => {
      const now = new Date().toISOString();
      await addMember(database.db, 'orchard', nora, { invitedAt: now, acceptedAt: now });
      await removeMember(database.db, { tell() {} }, 'orchard', nora.id, (await findUser(database.db, 'mei')) as User);
    },
  ],
])('an invitation %s is refused and stays open, and a new one is accepted', async (_, before) => {
  const nora = (await findUser(database.db, 'nora')) as User;
  const invite = async () => {
    const { id } = await client.createInvitation({
      widgetConfigurationId: 'any',
      target: { type: 'email', value: nora.email },
      inviter: { userId: 'mei' },
      scopes: [{ type: 'team', scopeId: 'orchard', name: 'Orchard' }],
    });
    return id;
  };
  const accept = async (id: string) => {
    const reply = await app.request('/invitations/accept', {
      method: 'POST',
      headers: { 'x-user': 'nora', 'content-type': 'application/json', origin: 'http://localhost', host: 'localhost' },
      body: JSON.stringify({ invitationIds: [id] }),
    });
    return [reply.status, (await reply.json()).error];
  };
  onTestFinished(() => setRole('admin'));
  const id = await invite();
  await before(nora);
  expect(await accept(id)).toEqual([
    403,
    'This invitation no longer counts. Ask an admin of the team to revoke it, and for a new invitation.',
  ]);
  expect((await client.getInvitation(id)).status).not.toMatch(/accepted/u);
  await setRole('admin');
  expect(await accept(await invite())).toEqual([200, undefined]);
});

async function setRole(role: 'admin' | 'member') {
  await database.db.update(memberships).set({ role }).where(eq(memberships.userId, 'mei'));
}
