import { expect, test } from '@jest/globals';
import { VortexClient } from '@vortex/core';
import { setupEmulator } from '@vortex/emulator/jest';
import { vortexRouter } from '@vortex/express';

const emulator = setupEmulator();
test('invites', async () => {
  const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
  await client.createInvitation({
    widgetConfigurationId: 'any',
    target: { type: 'email', value: 'grace@example.com' },
    inviter: { userId: 'ada' },
  });
  expect(emulator.outbox).toMatchObject([{ to: 'grace@example.com' }]);
  expect(typeof vortexRouter({ client, authenticateUser: () => null, authorizeOperation: {} })).toBe('function');
  await client.close();
});
