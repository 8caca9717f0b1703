import { VortexClient } from '@vortex/core';
import { test } from '@vortex/emulator/vitest';
import { expect } from 'vitest';

test('invites by e-mail', async ({ emulator }) => {
  const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
  await client.createInvitation({
    widgetConfigurationId: 'any',
    target: { type: 'email', value: 'grace@example.com' },
    inviter: { userId: 'ada' },
  });
  expect(emulator.outbox).toMatchObject([{ to: 'grace@example.com' }]);
});
