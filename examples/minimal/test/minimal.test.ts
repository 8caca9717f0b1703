/** Starts each program that runs on Node against an emulator and calls it over HTTP. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startCommand } from '@vortex/conformance';
import { needsRedis, startRedis } from '@vortex/conformance/redis';
import { VortexClient } from '@vortex/core';
import { startEmulator } from '@vortex/emulator';
import { expect, onTestFinished, test } from 'vitest';
import { folder, start, testProgram } from './program.js';

const serveNext = fileURLToPath(new URL('serve-next.js', import.meta.url));

for (const framework of ['express', 'fastify', 'hono']) {
  testProgram(
    `${framework}.ts`,
    '',
    start(process.execPath, () => [`dist/${framework}.js`]),
  );
}
testProgram(
  'next.ts',
  '/api',
  start(process.execPath, () => [serveNext]),
);

test('client.ts creates an invitation and prints its link and id', async () => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const { stdout } = await promisify(execFile)(process.execPath, ['dist/client.js'], {
    cwd: folder,
    env: { ...process.env, VORTEX_API_KEY: emulator.apiKey, VORTEX_API_BASE_URL: emulator.url },
  });
  const invitation = emulator.invitations.find(({ target }) => target[0]?.value === "o'brien@example.com");
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/i\/\S+\n/u);
  expect(stdout).toContain(`'${invitation?.id} `);
});

test.skipIf(needsRedis !== '')(
  `webhooks.ts accepts the webhooks of the emulator and their redelivery${needsRedis}`,
  async () => {
    const redis = await startRedis();
    const server = await startCommand(process.execPath, () => ['dist/webhooks.js'], {
      cwd: folder,
      env: { VORTEX_WEBHOOK_SECRET: 'made-up', REDIS_URL: redis.path },
    });
    const teller = await startEmulator({ webhookUrl: `${server.url}/webhooks/vortex`, webhookSecret: 'made-up' });
    try {
      const client = new VortexClient(teller.apiKey, { baseUrl: teller.url });
      const target = { type: 'email' as const, value: "o'brien@example.com" };
      const scopes = [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }];
      const { id } = await client.createInvitation({
        widgetConfigurationId: 'any',
        target,
        scopes,
        inviter: { userId: 'u-1' },
      });
      await client.acceptInvitation(id, { email: target.value });
      await teller.settled();
      for (const delivery of teller.deliveries) teller.redeliver(delivery.id);
      await teller.settled();
      expect(teller.deliveries.map(({ event }) => event.type)).toContain('group.member.added');
      for (const { attempts } of teller.deliveries) expect(attempts).toMatchObject([{ status: 200 }, { status: 200 }]);
    } finally {
      await Promise.all([teller.close(), server.close()]);
      await redis.close();
    }
  },
);
