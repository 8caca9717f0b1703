/** Shows how to test the rules of an application on Fastify, without an account and without a socket. */
import { VortexClient } from '@vortex/core';
import { createEmulator } from '@vortex/emulator';
import { vortexPlugin } from '@vortex/fastify';
import fastify from 'fastify';
import { afterAll, expect, test } from 'vitest';

const emulator = createEmulator();
afterAll(() => emulator.close());

const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url, fetch: emulator.fetch });
const payload = { widgetConfigurationId: 'any', target: { type: 'email', value: "o'brien@example.com" } };

test('only Ada can invite on Fastify', async () => {
  const app = fastify();
  const plugin = vortexPlugin({
    client,
    authenticateUser: (request) => ({ id: String(request.headers['x-user']) }),
    authorizeOperation: { CREATE_INVITATION: (_, user) => user.id === 'ada' },
  });
  await app.register(plugin, { prefix: '/api/vortex' });

  const inviteAs = (user: string) =>
    app.inject({ method: 'POST', url: '/api/vortex/invitations', headers: { 'x-user': user }, payload });
  expect((await inviteAs('bo')).json()).toMatchObject({ code: 'FORBIDDEN' });
  expect((await inviteAs('ada')).statusCode).toBe(200);
});
