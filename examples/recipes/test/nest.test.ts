import { Controller, Get, Logger, Module } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { expectRules, expectSignedIn, expectSignedOut, json, type Running, serve, visitor } from './helpers.ts';

let running: Running;
let app: NestExpressApplication;
let teams: typeof import('../src/teams.ts');
beforeAll(async () => {
  running = await serve(async () => {
    const recipe = await import('../src/nest.ts');
    teams = await import('../src/teams.ts');
    Logger.overrideLogger(false);
    app = await recipe.createApp();
    await app.init();
    return app.getHttpAdapter().getInstance();
  }, '/webhooks/vortex');
});
beforeEach(() => teams.removeMember('harbor', 'u-2'));
afterAll(async () => {
  await app?.close();
  await running?.close();
});

const as = (user: string) => visitor(running.url, { 'x-user': user });

test('NestJS serves the routes, and the rules apply', async () => {
  await expectSignedOut(as('unknown-user'));
  await expectSignedIn(as('u-1'), 'ada@example.com', { verified: true });
  await expectSignedIn(as('u-3'), 'cy@example.com', { verified: false });
  await expectRules(as('u-1'), running.client, 'u-1');
});

test('a guard of NestJS does not run for the router, whose hook decides alone', async () => {
  const { AppModule } = await import('../src/nest.ts');
  let guarded = 0;
  class Own {
    read() {
      return 'read';
    }
  }
  Controller('own')(Own);
  Get()(Own.prototype, 'read', Object.getOwnPropertyDescriptor(Own.prototype, 'read') as PropertyDescriptor);
  class WithGuard {}
  Module({
    imports: [AppModule],
    controllers: [Own],
    providers: [{ provide: APP_GUARD, useValue: { canActivate: () => ++guarded === 0 } }],
  })(WithGuard);
  const guardedApp = await NestFactory.create(WithGuard, { rawBody: true });
  try {
    await guardedApp.listen(0, '127.0.0.1');
    const url = await guardedApp.getUrl();
    expect((await fetch(`${url}/own`)).status).toBe(403);
    expect(guarded).toBe(1);
    await expectSignedOut(visitor(url, {}));
    await expectSignedIn(visitor(url, { 'x-user': 'u-1' }), 'ada@example.com', { verified: true });
    expect(guarded).toBe(1);
  } finally {
    await guardedApp.close();
  }
});

test('NestJS passes request bodies to the routes', async () => {
  const accept = { invitationIds: ['any'], user: { email: 'somebody.else@example.com' } };
  const refused = await as('u-1')('/api/vortex/invitations/accept', json(accept));
  expect(await refused.json()).toMatchObject({ code: 'IDENTITY_MISMATCH' });
});

/** Invites Bo to a team, and to a project that has the id of another team. */
async function invite(value = 'bo@example.com'): Promise<string> {
  const { id } = await running.client.createInvitation({
    widgetConfigurationId: 'any',
    target: { type: 'email', value },
    scopes: [
      { type: 'team', scopeId: 'harbor', name: 'Harbor' },
      { type: 'project', scopeId: 'orchard', name: 'Orchard' },
    ],
    inviter: { userId: 'u-1' },
  });
  return id;
}

/** Waits until the webhooks of the emulator have been received, and returns the role of Bo in the team. */
async function roleOfBo() {
  const { emulator } = running;
  await emulator.settled();
  for (const { attempts } of emulator.deliveries) expect(attempts.at(-1)).toMatchObject({ status: 200 });
  return teams.roleIn('harbor', 'u-2');
}

test('NestJS passes webhooks to the handler, which adds members to teams only', async () => {
  await running.client.acceptInvitation(await invite(), { email: 'bo@example.com' });
  expect(await roleOfBo()).toBe('member');
  const added = running.emulator.deliveries.filter(({ event }) => event.type === 'group.member.added');
  expect(added).toHaveLength(2);
  expect(await teams.roleIn('orchard', 'u-2')).toBeUndefined();
  const forged = await fetch(`${running.url}/webhooks/vortex`, json({ id: 'e-1', type: 'group.member.added' }));
  expect(forged.status).toBe(401);
});

test('in NestJS, a late delivery does not restore a removed member, and a new invitation does', async () => {
  const { client, emulator } = running;
  await client.acceptInvitation(await invite(), { email: 'bo@example.com' });
  expect(await roleOfBo()).toBe('member');
  await teams.removeMember('harbor', 'u-2');
  const late = emulator.deliveries.findLast(({ event: { type, data } }) => {
    return type === 'group.member.added' && data.scopeType === 'team';
  });
  emulator.redeliver(late?.id ?? '', { newId: true });
  expect(await roleOfBo()).toBeUndefined();
  await client.acceptInvitation(await invite(), { email: 'bo@example.com' });
  expect(await roleOfBo()).toBe('member');
});

test.each([
  ['deleted', { invitationId: 'unknown' }],
  ['revoked', {}],
])('in NestJS, an event about an invitation that was %s after its acceptance adds no member', async (_, data) => {
  const { client, emulator } = running;
  const id = await invite();
  await client.revokeInvitation(id);
  emulator.announce('group.member.added', id, data);
  expect(await roleOfBo()).toBeUndefined();
});

test('in NestJS, an event about an account that the invitation was not sent to adds no member', async () => {
  await running.client.acceptInvitation(await invite('new@example.com'), { email: 'bo@example.com' });
  expect(await roleOfBo()).toBeUndefined();
});
