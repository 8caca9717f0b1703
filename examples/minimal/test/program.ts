/** Starts a program against an emulator, as a user does, and calls it over HTTP. */
import { fileURLToPath } from 'node:url';
import { freePort, type Server, startCommand } from '@vortex/conformance';
import { VortexClient } from '@vortex/core';
import { DEFAULT_API_KEY, type Emulator, startEmulator } from '@vortex/emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

export const folder = fileURLToPath(new URL('..', import.meta.url));

/** A program that is started after its emulator, which knows the address of the program in advance. */
interface Running {
  server: Server;
  emulator: Emulator;
}

type Begin = (env: Record<string, string>) => Promise<Server>;

/** Starts a program as a user does: the emulator posts webhooks to it, and links open its landing page. */
async function run(base: string, begin: Begin): Promise<Running> {
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

export const start =
  (command: string, args: (port: string) => readonly string[]): Begin =>
  (env) =>
    startCommand(command, args, { cwd: folder, env });

/**
 * Defines the tests of a program.
 *
 * @param base the path below which it serves
 */
export function testProgram(name: string, base: string, begin: Begin): void {
  describe(name, () => {
    let server: Server;
    let emulator: Emulator;
    beforeAll(async () => {
      ({ server, emulator } = await run(base, begin));
    });
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

    test(`${name} answers a signed-out caller with 401, an admin with a token for the team, and another user with 403`, async () => {
      expect((await as('unknown-user', 'POST', '/jwt')).status).toBe(401);
      const context = { scopeType: 'team', scope: 'harbor' };
      expect((await as('bo', 'POST', '/jwt', { context })).status).toBe(403);
      const reply = await as('ada', 'POST', '/jwt', { context });
      expect([reply.status, await reply.json()]).toEqual([200, { jwt: expect.stringMatching(/^ey/u) }]);
    });

    const hasPages = !name.startsWith('web.ts');

    test(`${name} adds no member by an invitation of a user who is no admin`, async () => {
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
      expect(await (await fetch(`${server.url}${base}/members`)).json()).toEqual(['ada', 'bo']);
      if (!hasPages) return;
      expect(await (await fetch(`${server.url}${base}/invitation?invitationId=${id}`)).text()).toContain('Accept');
    });
  });
}
