/** Starts each program against an emulator and calls it over HTTP. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundleWorker, freePort, runtimes, runWorker, type Server, startCommand } from '@vortex/conformance';
import { needsRedis, startRedis } from '@vortex/conformance/redis';
import { VortexClient } from '@vortex/core';
import { DEFAULT_API_KEY, type Emulator, startEmulator } from '@vortex/emulator';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const [deno, , ...denoFlags] = runtimes.Deno;

/** A program that is started after its emulator, which knows the address of the program in advance. */
interface Running {
  server: Server;
  emulator: Emulator;
}

/** Starts a program as a user does: the emulator posts webhooks to it, and links open its landing page. */
async function run(base: string, begin: (env: Record<string, string>) => Promise<Server>): Promise<Running> {
  const port = Number(await freePort());
  const secret = 'made-up';
  const server = await begin({
    VORTEX_API_KEY: DEFAULT_API_KEY,
    VORTEX_API_BASE_URL: `http://127.0.0.1:${port}`,
    VORTEX_WEBHOOK_SECRET: secret,
  });
  const emulator = await startEmulator({
    port,
    webhookUrl: `${server.url}${base}/webhooks/vortex`,
    webhookSecret: secret,
    landingUrl: `${server.url}${base}/invitation`,
  });
  return { server, emulator };
}

const start = (command: string, args: (port: string) => readonly string[]) => (env: Record<string, string>) =>
  startCommand(command, args, { cwd: folder, env });

const serveNext = fileURLToPath(new URL('serve-next.js', import.meta.url));

describe.each<[string, string, (env: Record<string, string>) => Promise<Server>]>([
  ['express.ts', '', start(process.execPath, () => ['dist/express.js'])],
  ['fastify.ts', '', start(process.execPath, () => ['dist/fastify.js'])],
  ['hono.ts', '', start(process.execPath, () => ['dist/hono.js'])],
  ['next.ts', '/api', start(process.execPath, () => [serveNext])],
  ['web.ts on Bun', '', start(runtimes.Bun[0], () => ['run', 'dist/web.js'])],
  [
    'web.ts on Deno',
    '',
    start(deno, (port) => ['serve', ...denoFlags, '--host', '127.0.0.1', '--port', port, 'dist/web.js']),
  ],
  ['web.ts as a Worker', '', async (env) => runWorker(await bundleWorker(`${folder}/dist/web.js`), env)],
])('%s', (name, base, begin) => {
  let server: Server;
  let emulator: Emulator;
  beforeAll(async () => {
    ({ server, emulator } = await run(base, begin));
  }, 60_000);
  afterAll(() => Promise.all([server.close(), emulator.close()]));

  const as = (user: string, method: string, path: string, body?: object) =>
    fetch(`${server.url}/api/vortex${path}`, {
      method,
      headers: { cookie: `user=${user}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const invite = async (value: string) => {
    const reply = await as('ada', 'POST', '/invitations', {
      widgetConfigurationId: 'any',
      target: { type: 'email', value },
      scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
    });
    expect(reply.status).toBe(200);
    return ((await reply.json()) as { id: string }).id;
  };

  test(`${name} answers a signed-out caller with 401, and a user with a token`, async () => {
    expect((await as('unknown-user', 'POST', '/jwt')).status).toBe(401);
    const reply = await as('ada', 'POST', '/jwt');
    expect([reply.status, await reply.json()]).toEqual([200, { jwt: expect.stringMatching(/^ey/u) }]);
  });

  test(`${name} adds no member by an invitation of a user who is no admin`, async () => {
    if (name.startsWith('web.ts')) return;
    expect((await as('bo', 'POST', '/jwt')).status).toBe(403);
    // As the component of Vortex does: no rule of the program is asked.
    const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
    const { id } = await client.createInvitation({
      widgetConfigurationId: 'any',
      target: { type: 'email', value: 'bo@example.com' },
      scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
      inviter: { userId: 'bo' },
    });
    expect((await as('bo', 'POST', '/invitations/accept', { invitationIds: [id] })).status).toBe(200);
    await emulator.settled();
    expect(await (await fetch(`${server.url}${base}/members`)).json()).toEqual(['ada']);
  });

  test(`${name} lets only an admin of the team invite and revoke, and denies an operation without a rule`, async () => {
    const target = { type: 'email', value: 'new@example.com' };
    const scopes = [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }];
    const invitation = { widgetConfigurationId: 'any', target, scopes };
    expect((await as('bo', 'POST', '/invitations', invitation)).status).toBe(403);
    const id = await invite('new@example.com');
    expect((await as('bo', 'DELETE', `/invitations/${id}`)).status).toBe(403);
    expect((await as('ada', 'POST', `/invitations/${id}/reinvite`)).status).toBe(403);
    expect(await (await as('ada', 'DELETE', `/invitations/${id}`)).json()).toEqual({ success: true });
    expect(emulator.invitations.find((one) => one.id === id)?.deactivated).toBe(true);
  });

  test(`${name} does the whole job: an invitation, its message, its link, the acceptance, the webhook`, async () => {
    const id = await invite('Bo@example.com');
    const message = emulator.outbox.find(({ to }) => to === 'Bo@example.com');
    const opened = await fetch(message?.link ?? '', { redirect: 'manual' });
    expect(opened.headers.get('location')).toBe(`${server.url}${base}/invitation?invitationId=${id}`);
    expect((await as('ada', 'POST', '/invitations/accept', { invitationIds: [id] })).status).toBe(403);
    expect((await as('bo', 'POST', '/invitations/accept', { invitationIds: [id] })).status).toBe(200);
    await emulator.settled();
    const added = emulator.deliveries.find(({ event }) => event.type === 'group.member.added');
    expect(added?.attempts).toMatchObject([{ status: 200 }]);
    if (name.startsWith('web.ts')) return;
    expect(await (await fetch(`${server.url}${base}/invitation?invitationId=${id}`)).text()).toContain('Accept');
    expect(await (await fetch(`${server.url}${base}/members`)).json()).toEqual(['ada', 'bo']);
  });
});

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
