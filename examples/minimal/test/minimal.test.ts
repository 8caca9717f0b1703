/** Starts each program against an emulator and calls it over HTTP. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundleWorker, runtimes, runWorker, type Server, startCommand } from '@vortex/conformance';
import { needsRedis, startRedis } from '@vortex/conformance/redis';
import { VortexClient } from '@vortex/core';
import { type Emulator, startEmulator } from '@vortex/emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const [deno, , ...denoFlags] = runtimes.Deno;

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

const environment = () => ({ VORTEX_API_KEY: emulator.apiKey, VORTEX_API_BASE_URL: emulator.url });

const start = (command: string, args: (port: string) => readonly string[]) => () =>
  startCommand(command, args, { cwd: folder, env: environment() });

describe.each<[string, () => Promise<Server>]>([
  ['express.ts', start(process.execPath, () => ['dist/express.js'])],
  ['fastify.ts', start(process.execPath, () => ['dist/fastify.js'])],
  ['hono.ts', start(process.execPath, () => ['dist/hono.js'])],
  ['web.ts on Bun', start(runtimes.Bun[0], () => ['run', 'dist/web.js'])],
  [
    'web.ts on Deno',
    start(deno, (port) => ['serve', ...denoFlags, '--host', '127.0.0.1', '--port', port, 'dist/web.js']),
  ],
  ['web.ts as a Worker', async () => runWorker(await bundleWorker(`${folder}/dist/web.js`), environment())],
])('%s', (_, begin) => {
  let server: Server;
  beforeAll(async () => {
    server = await begin();
  }, 60_000);
  afterAll(() => server.close());

  const as = (user: string, method: string, path: string) =>
    fetch(`${server.url}/api/vortex${path}`, { method, headers: { 'x-user': user } });

  test('a signed-out caller gets 401, and a user gets a token', async () => {
    expect((await as('unknown-user', 'POST', '/jwt')).status).toBe(401);
    const reply = await as('u-1', 'POST', '/jwt');
    expect([reply.status, await reply.json()]).toEqual([200, { jwt: expect.stringMatching(/^ey/u) }]);
  });

  test('only an admin of the team can revoke, and an operation without a rule is denied', async () => {
    const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
    const { id } = await client.createInvitation({
      widgetConfigurationId: 'd0f6e3f4-5a3f-4f0e-9b83-0d9d8f5d3a11',
      target: { type: 'email', value: 'new@example.com' },
      inviter: { userId: 'u-1' },
      scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
    });
    expect((await as('u-2', 'DELETE', `/invitations/${id}`)).status).toBe(403);
    expect((await as('u-1', 'GET', `/invitations/${id}`)).status).toBe(403);
    expect(await (await as('u-1', 'DELETE', `/invitations/${id}`)).json()).toEqual({ success: true });
    expect((await client.getInvitation(id)).deactivated).toBe(true);
  });
});

test('client.ts creates an invitation and prints its link and id', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['dist/client.js'], {
    cwd: folder,
    env: { ...process.env, ...environment() },
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
