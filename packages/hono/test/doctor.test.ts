/** Runs the emulator's doctor against an application on Hono. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { ADMIT_ALL, runDoctor, startCloud } from '@vortex/conformance/doctor';
import { vortexApp, vortexWebhook } from '@vortex/hono';
import { Hono } from 'hono';
import { expect, it, onTestFinished } from 'vitest';

const ADA = { id: 'user-1', email: 'ada@example.com' };

async function setup(rules: Partial<Record<keyof typeof ADMIT_ALL, boolean | undefined>>) {
  const emulator = await startCloud();
  const app = new Hono();
  const members: string[] = [];
  app.route(
    '/api/vortex',
    vortexApp({
      apiKey: emulator.apiKey,
      baseUrl: emulator.url,
      authenticateUser: (c) => (c.req.header('cookie') === 'session=ada' ? ADA : null),
      authorizeOperation: rules,
    }),
  );
  const on = { 'group.member.added': ({ id }: { id: string }) => void members.push(id) };
  app.post('/webhooks/vortex', vortexWebhook({ secret: emulator.webhookSecret, on }));
  app.get('/members', (c) => c.json(members));
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  onTestFinished(() => void server.close());
  if (!server.listening) await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const webhookFlags = ['--webhook', `${url}/webhooks/vortex`, '--watch', `${url}/members`];
  const args = [`${url}/api/vortex`, '--cookie', 'session=ada', ...webhookFlags, '--event', 'group.member.added'];
  return runDoctor(emulator, args);
}

it('the doctor finds nothing wrong with a good application on Hono', async () => {
  const { code, output } = await setup(ADMIT_ALL);
  expect(output).toMatch(/\n\d+ right, 0 wrong, 0 unknown\.\n$/u);
  expect(code).toBe(0);
});

it('the doctor names the operation that an application on Hono has no rule for', async () => {
  const { code, wrong } = await setup({ ...ADMIT_ALL, REVOKE_INVITATION: undefined });
  expect(wrong).toEqual([expect.stringContaining('no rule for REVOKE_INVITATION')]);
  expect(code).toBe(1);
});
