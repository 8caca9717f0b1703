/** Shows how to test the rules of an application on Hono, without an account and without a socket. */
import { VortexClient } from '@vortex/core';
import { createEmulator } from '@vortex/emulator';
import { vortexApp } from '@vortex/hono';
import { Hono } from 'hono';
import { afterAll, expect, test } from 'vitest';

const emulator = createEmulator();
afterAll(() => emulator.close());

const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url, fetch: emulator.fetch });
const payload = { widgetConfigurationId: 'any', target: { type: 'email', value: "o'brien@example.com" } };

test('only Ada can invite on Hono', async () => {
  const app = new Hono().route(
    '/api/vortex',
    vortexApp({
      client,
      authenticateUser: (c) => ({ id: c.req.header('x-user') ?? 'nobody' }),
      authorizeOperation: { CREATE_INVITATION: (_, user) => user.id === 'ada' },
    }),
  );

  const inviteAs = (user: string) =>
    app.request('/api/vortex/invitations', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-user': user },
      body: JSON.stringify(payload),
    });
  expect(await (await inviteAs('bo')).json()).toMatchObject({ code: 'FORBIDDEN' });
  expect((await inviteAs('ada')).status).toBe(200);
});
