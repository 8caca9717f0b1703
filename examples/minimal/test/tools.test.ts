/** Shows how to test the webhooks, tokens and invitations of an application. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { VortexClient } from '@vortex/core';
import { fixedClock, readToken, webhookEvent, webhookRequest } from '@vortex/core/testing';
import { test as base } from '@vortex/emulator/vitest';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import express from 'express';
import { expect, vi } from 'vitest';

const secret = 'made-up';

const test = base
  .extend('addMember', () => vi.fn<(team: string, email: string) => void>())
  .extend('clock', () => fixedClock())
  .extend('url', async ({ emulator, addMember, clock }, { onCleanup }) => {
    const app = express();
    app.post(
      '/webhooks/vortex',
      vortexWebhook({
        secret,
        maxAge: 60_000,
        now: clock,
        on: {
          // The checks of the first program.
          'group.member.added': ({ data: { foreignCreatorId, scopeType, scope, target, user } }) => {
            const email = user?.email?.toLowerCase();
            if (!email || !target?.some(({ value }) => value.toLowerCase() === email)) return;
            if (scopeType !== 'team' || scope !== 'harbor' || foreignCreatorId !== 'ada') return;
            addMember(scope, email);
          },
        },
      }),
    );
    app.use(
      '/api/vortex',
      vortexRouter({
        apiKey: emulator.apiKey,
        baseUrl: emulator.url,
        authenticateUser: () => ({ id: 'u-1', email: 'ada@example.com' }),
        authorizeOperation: { JWT: true, CREATE_INVITATION: true },
      }),
    );
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onCleanup(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

test('a user who accepts becomes a member', async ({ url, addMember }) => {
  const data = {
    invitationId: 'i-1',
    foreignCreatorId: 'ada', // the inviter
    scopeType: 'team',
    scope: 'harbor',
    target: [{ type: 'email', value: 'Bo@example.com' }],
    user: { email: 'bo@example.com' },
  };
  const event = webhookEvent('group.member.added', { data });
  const reply = await fetch(`${url}/webhooks/vortex`, { method: 'POST', ...(await webhookRequest(event, secret)) });
  expect(reply.status).toBe(200);
  expect(addMember).toHaveBeenCalledWith('harbor', 'bo@example.com');
});

test('a webhook that is one hour old is refused', async ({ url, clock, addMember }) => {
  const webhook = await webhookRequest(webhookEvent('group.member.added'), secret);
  clock.advance(3_600_000);
  const reply = await fetch(`${url}/webhooks/vortex`, { method: 'POST', ...webhook });
  expect([reply.status, addMember.mock.calls]).toEqual([400, []]);
});

test('the token names the caller and expires after one hour', async ({ url, emulator }) => {
  const reply = await fetch(`${url}/api/vortex/jwt`, { method: 'POST' });
  const { jwt } = (await reply.json()) as { jwt: string };
  const { claims, issuedAt, expiresAt } = await readToken(jwt, emulator.apiKey);
  expect(claims).toMatchObject({ userId: 'u-1', userEmail: 'ada@example.com' });
  expect(expiresAt - issuedAt).toBe(3_600_000);
});

test('an invitation is sent by e-mail', async ({ url, emulator }) => {
  const target = { type: 'email', value: "o'brien@example.com" };
  const reply = await fetch(`${url}/api/vortex/invitations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ widgetConfigurationId: 'any', target }),
  });
  expect(reply.status).toBe(200);
  expect(emulator.outbox).toMatchObject([{ to: target.value }]);
});

let last: { url: string; apiKey: string } | undefined;
const named = base.extend({ emulatorOptions: { apiKey: 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.named' } });

named('the fixture emulatorOptions sets the options of the emulator', async ({ emulator }) => {
  last = { url: emulator.url, apiKey: emulator.apiKey };
  expect(emulator.apiKey).toBe('VRTX.AAAAAAAAAAAAAAAAAAAAAA.named');
  expect((await fetch(emulator.url)).status).toBe(200);
});

named('the emulator of a test is closed when the test ends', async () => {
  const client = new VortexClient(last?.apiKey ?? '', { baseUrl: last?.url });
  await expect(client.getInvitation('any')).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
});
