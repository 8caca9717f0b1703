// Runs under Jest with `--experimental-vm-modules`; see the README of `@vortex/emulator`. `jest.test.ts` starts it.
import { setupEmulator } from '@vortex/emulator/jest';
import supertest from 'supertest';
import { createApp } from '../dist/app.js';

const emulator = setupEmulator();

const invite = async (userId) => {
  const { apiKey, url, webhookSecret } = emulator;
  const visitor = supertest.agent(createApp({ apiKey, vortexBaseUrl: url, webhookSecret, sessionSecret: 'any' }));
  await visitor.post('/api/session').send({ userId }).expect(200);
  return visitor.post('/api/vortex/invitations').send({
    widgetConfigurationId: 'any',
    target: { type: 'email', value: "o'brien@example.com" },
    scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
  });
};

test('an admin of the team can invite someone to it', async () => {
  expect((await invite('ada')).status).toBe(200);
  expect(emulator.outbox).toMatchObject([{ to: "o'brien@example.com" }]);
});

test.each(['tomas', 'mei', 'zoe'])(
  '%s, who is not an admin of the team, cannot invite someone to it',
  async (userId) => {
    expect((await invite(userId)).body.code).toBe('FORBIDDEN');
    expect(emulator.outbox).toEqual([]);
  },
);
