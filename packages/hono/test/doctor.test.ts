/** Runs the emulator's doctor, the command that checks a running application, against an application on Hono. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { ADMIT_ALL, openEmulator, runDoctor } from '@vortex/conformance/doctor';
import { vortexApp, vortexWebhook } from '@vortex/hono';
import { Hono } from 'hono';
import { expect, it, onTestFinished } from 'vitest';

const ADA = { id: 'user-1', email: 'ada@example.com' };

/** Serves an application with the rules, and runs the doctor against it. */
async function diagnose(rules: Partial<Record<keyof typeof ADMIT_ALL, boolean | undefined>>) {
  const emulator = await openEmulator();
  const app = new Hono();
  /** Ids of the events that were handled. */
  const added: string[] = [];
  app.route(
    '/api/vortex',
    vortexApp({
      apiKey: emulator.apiKey,
      baseUrl: emulator.url,
      authenticateUser: (c) => (c.req.header('cookie') === 'session=ada' ? ADA : null),
      authorizeOperation: rules,
    }),
  );
  const on = { 'group.member.added': ({ id }: { id: string }) => void added.push(id) };
  app.post('/webhooks/vortex', vortexWebhook({ secret: emulator.webhookSecret, on }));
  app.get('/members', (c) => c.json(added));
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  onTestFinished(() => void server.close());
  if (!server.listening) await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const webhookFlags = ['--webhook', `${url}/webhooks/vortex`, '--watch', `${url}/members`];
  const args = [`${url}/api/vortex`, '--cookie', 'session=ada', ...webhookFlags, '--event', 'group.member.added'];
  return runDoctor(emulator, args);
}

it('the doctor finds nothing wrong with an application with a rule for every operation on Hono', async () => {
  const { code, output } = await diagnose(ADMIT_ALL);
  expect(output).toMatch(/\n[1-9]\d* right, 0 wrong, 0 unknown\.\n$/u);
  expect(code).toBe(0);
});

it('the doctor names the operation that an application on Hono has no rule for', async () => {
  const { code, wrong } = await diagnose({ ...ADMIT_ALL, REVOKE_INVITATION: undefined });
  expect(wrong).toEqual([expect.stringContaining('no rule for REVOKE_INVITATION')]);
  expect(code).toBe(1);
});
