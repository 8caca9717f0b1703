/** Shows how to test the rules of an application on Express, without an account and without a socket for Vortex. */
import { VortexClient } from '@vortex/core';
import { createEmulator } from '@vortex/emulator';
import { vortexRouter } from '@vortex/express';
import express from 'express';
import request from 'supertest';
import { afterAll, expect, test } from 'vitest';

const emulator = createEmulator();
afterAll(() => emulator.close());

const app = express();
app.use(
  '/api/vortex',
  vortexRouter({
    client: new VortexClient(emulator.apiKey, { baseUrl: emulator.url, fetch: emulator.fetch }),
    authenticateUser: (req) => ({ id: req.get('x-user') ?? 'nobody', email: `${req.get('x-user')}@example.com` }),
    authorizeOperation: { CREATE_INVITATION: (_, user) => user.id === 'ada' },
  }),
);

test('only Ada can invite', async () => {
  const invitation = { widgetConfigurationId: 'any', target: { type: 'email', value: "o'brien@example.com" } };
  await request(app).post('/api/vortex/invitations').set('x-user', 'bo').send(invitation).expect(403);
  await request(app).post('/api/vortex/invitations').set('x-user', 'ada').send(invitation).expect(200);
  expect(emulator.outbox).toMatchObject([{ to: "o'brien@example.com", kind: 'invitation' }]);
});
