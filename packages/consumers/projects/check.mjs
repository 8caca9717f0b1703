/** Copied into every project. Calls the mounted routes of a running application and checks the replies. */
import assert from 'node:assert/strict';

/**
 * @param {string} url URL of the application, with the routes at `/api/vortex` and, if `webhooks`, a webhook at `/webhooks/vortex`
 * @param {{ url: string, apiKey: string, outbox: readonly { to: string }[] }} emulator
 * @param {typeof import('@vortex/core/testing')} testing
 */
export async function check(url, emulator, { readToken, webhookRequest, webhookEvent }, webhooks = true) {
  const post = (path, user, body) =>
    fetch(`${url}/api/vortex${path}`, {
      method: 'POST',
      headers: { 'x-user': user, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });

  assert.equal((await post('/jwt', '')).status, 401);
  const reply = await post('/jwt', 'ada');
  assert.equal(reply.status, 200, await reply.clone().text());
  const { claims } = await readToken((await reply.json()).jwt, emulator.apiKey);
  assert.equal(claims.userId, 'ada');

  const to = `o'brien-${crypto.randomUUID()}@example.com`;
  const invitation = { widgetConfigurationId: 'any', target: { type: 'email', value: to } };
  assert.equal((await post('/invitations', 'ada', invitation)).status, 200);
  assert.ok(emulator.outbox.some((message) => message.to === to));

  if (!webhooks) return;
  const webhook = await webhookRequest(webhookEvent('invitation.accepted'), 'made-up');
  const deliver = (more) => fetch(`${url}/webhooks/vortex`, { method: 'POST', ...webhook, ...more });
  assert.equal((await deliver({ body: '{}' })).status, 401);
  assert.equal((await deliver()).status, 200);
}
