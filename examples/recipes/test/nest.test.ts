import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { VortexClient } from '@vortex/core';
import { startEmulator } from '@vortex/emulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectRules, expectSignedIn, expectSignedOut, json, type Running, serve, visitor } from './helpers.ts';

let running: Running;
let app: NestExpressApplication;
let recipe: typeof import('../src/nest.ts');
beforeAll(async () => {
  running = await serve(async () => {
    recipe = await import('../src/nest.ts');
    Logger.overrideLogger(false);
    app = await recipe.createApp();
    await app.init();
    return app.getHttpAdapter().getInstance();
  });
});
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

test('NestJS passes request bodies to the routes and webhooks to the handler, which adds members to teams only', async () => {
  const accept = { invitationIds: ['any'], user: { email: 'somebody.else@example.com' } };
  const refused = await as('u-1')('/api/vortex/invitations/accept', json(accept));
  expect(await refused.json()).toMatchObject({ code: 'IDENTITY_MISMATCH' });

  const teller = await startEmulator({ webhookUrl: `${running.url}/webhooks/vortex` });
  try {
    const client = new VortexClient(teller.apiKey, { baseUrl: teller.url });
    const { id } = await client.createInvitation({
      widgetConfigurationId: 'any',
      target: { type: 'email', value: 'bo@example.com' },
      scopes: [
        { type: 'team', scopeId: 'harbor', name: 'Harbor' },
        // A project may have the id of a team.
        { type: 'project', scopeId: 'orchard', name: 'Orchard' },
      ],
      inviter: { userId: 'u-1' },
    });
    await client.acceptInvitation(id, { email: 'bo@example.com' });
    await teller.settled();
    for (const { attempts } of teller.deliveries) expect(attempts).toMatchObject([{ status: 200 }]);
    expect(teller.deliveries.filter(({ event }) => event.type === 'group.member.added')).toHaveLength(2);
    expect([...app.get(recipe.Members).all]).toEqual(['harbor bo@example.com']);
  } finally {
    await teller.close();
  }
  const forged = await fetch(`${running.url}/webhooks/vortex`, json({ id: 'e-1', type: 'group.member.added' }));
  expect(forged.status).toBe(401);
});
