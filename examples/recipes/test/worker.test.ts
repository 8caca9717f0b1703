import { fileURLToPath } from 'node:url';
import { bundleWorker, runWorker, type Server } from '@vortex/conformance';
import { VortexClient } from '@vortex/core';
import { type Emulator, startEmulator } from '@vortex/emulator';
import { generateSignedCookie } from 'hono/cookie';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectRules, expectSignedIn, expectSignedOut, visitor } from './helpers.ts';

const file = fileURLToPath(new URL('../dist/worker.js', import.meta.url));
const secret = 'made up for this test';

let emulator: Emulator;
let worker: Server;
beforeAll(async () => {
  emulator = await startEmulator();
  worker = await runWorker(await bundleWorker(file), {
    VORTEX_API_KEY: emulator.apiKey,
    VORTEX_API_BASE_URL: emulator.url,
    VORTEX_WEBHOOK_SECRET: emulator.webhookSecret,
    SESSION_SECRET: secret,
  });
}, 60_000);
afterAll(async () => {
  await worker?.close();
  await emulator?.close();
});

async function visitAs(user: string) {
  const [cookie = ''] = (await generateSignedCookie('session', user, secret)).split(';');
  return visitor(worker.url, { cookie });
}

test('a Worker serves the routes, and the rules apply', async () => {
  await expectSignedOut(await visitAs('nobody'));
  await expectSignedIn(await visitAs('u-1'), 'ada@example.com', { verified: true });
  await expectSignedIn(await visitAs('u-3'), 'cy@example.com', { verified: false });
  const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
  await expectRules(await visitAs('u-1'), client, 'u-1');
});

test('a Worker accepts the webhooks of the emulator', async () => {
  const teller = await startEmulator({ webhookUrl: `${worker.url}/webhooks/vortex` });
  try {
    const client = new VortexClient(teller.apiKey, { baseUrl: teller.url });
    await client.createInvitation({
      widgetConfigurationId: 'any',
      target: { type: 'email', value: 'bo@example.com' },
      inviter: { userId: 'u-1' },
    });
    await teller.settled();
    expect(teller.deliveries.length).toBeGreaterThan(0);
    for (const { attempts } of teller.deliveries) expect(attempts).toMatchObject([{ status: 200 }]);
  } finally {
    await teller.close();
  }
});
