/** Runs the emulator's doctor, the command that checks a running application, against an application on Fastify. */
import { ADMIT_ALL, openEmulator, runDoctor } from '@vortex/conformance/doctor';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';

/** Serves an application with the rules, and runs the doctor against it. */
async function diagnose(rules: Partial<Record<keyof typeof ADMIT_ALL, boolean | undefined>>) {
  const emulator = await openEmulator();
  const app = fastify();
  onTestFinished(() => app.close());
  /** Ids of the events that were handled. */
  const added: string[] = [];
  await app.register(
    vortexPlugin({
      apiKey: emulator.apiKey,
      baseUrl: emulator.url,
      authenticateUser: (request) => (request.headers.cookie === 'session=ada' ? { id: 'user-1' } : null),
      authorizeOperation: rules,
    }),
    { prefix: '/api/vortex' },
  );
  const webhook = vortexWebhookPlugin({
    secret: emulator.webhookSecret,
    on: { 'group.member.added': ({ id }) => void added.push(id) },
  });
  await app.register(webhook, { prefix: '/webhooks/vortex' });
  app.get('/members', async () => added);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const webhookFlags = ['--webhook', `${url}/webhooks/vortex`, '--watch', `${url}/members`];
  const args = [`${url}/api/vortex`, '--cookie', 'session=ada', ...webhookFlags, '--event', 'group.member.added'];
  return runDoctor(emulator, args);
}

it('the doctor finds nothing wrong with an application with a rule for every operation on Fastify, and does not try to accept for a caller without an address', async () => {
  const { code, output } = await diagnose(ADMIT_ALL);
  expect(output).toMatch(/\n[1-9]\d* right, 0 wrong, 1 unknown\.\n$/u);
  expect(output).toContain('ACCEPT_INVITATIONS was not tried: it needs an address of the caller.');
  expect(code).toBe(0);
});

it('the doctor names the operation that an application on Fastify has no rule for', async () => {
  const { code, wrong } = await diagnose({ ...ADMIT_ALL, REVOKE_INVITATION: undefined });
  expect(wrong).toEqual([expect.stringContaining('no rule for REVOKE_INVITATION')]);
  expect(code).toBe(1);
});
