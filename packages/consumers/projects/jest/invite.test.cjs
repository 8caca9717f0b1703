// `require` of an ES module inside Jest needs Node 24.9.
const { VortexClient } = require('@vortex/core');
const { setupEmulator } = require('@vortex/emulator/jest');

const emulator = setupEmulator();

test('an invitation is sent by e-mail', async () => {
  const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
  const target = { type: 'email', value: 'grace@example.com' };
  await client.createInvitation({ widgetConfigurationId: 'any', target, inviter: { userId: 'ada' } });
  expect(emulator.outbox).toMatchObject([{ to: 'grace@example.com' }]);
});
