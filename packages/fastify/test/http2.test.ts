/** Over HTTP/2, where streams share a connection. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, constants } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { signWebhook } from '@vortex/core/testing';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

const caller = {
  apiKey: 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.secret',
  authenticateUser: () => ({ id: 'ann' }),
  authorizeOperation: () => true,
};

/** Mounts the routes, and the webhook if it has options. Returns a session that is closed after the test. */
async function openSession(
  options: Parameters<typeof vortexPlugin>[0],
  webhook?: Parameters<typeof vortexWebhookPlugin>[0],
) {
  const app = fastify({ http2: true });
  await app.register(vortexPlugin(options), { prefix: '/api/vortex' });
  if (webhook) await app.register(vortexWebhookPlugin(webhook), { prefix: '/webhooks/vortex' });
  const session = connect(await app.listen({ host: '127.0.0.1', port: 0 }));
  onTestFinished(async () => {
    session.destroy();
    await app.close();
  });
  return session;
}

test('a body that stops gets a 408 at the deadline, and its stream alone is closed', async () => {
  const session = await openSession({ ...caller, bodyTimeout: 200 });
  const headers = { ':method': 'POST', 'content-type': 'application/json' };
  const slow = session.request({ ...headers, ':path': '/api/vortex/invitations/accept' });
  slow.write('{');
  const closed = once(slow.resume(), 'close');
  const [reply] = await once(slow, 'response');
  expect([reply[':status'], reply.connection]).toEqual([408, undefined]);
  await closed;
  const next = session.request({ ...headers, ':path': '/api/vortex/jwt' }).end();
  expect((await once(next.resume(), 'response'))[0][':status']).toBe(200);
});

test('the stream of a caller who is signed out is closed with the reply, although its body has not ended', async () => {
  const session = await openSession({ ...caller, authenticateUser: () => null });
  const headers = { ':method': 'POST', ':path': '/api/vortex/invitations', 'content-type': 'application/json' };
  const slow = session.request(headers);
  slow.write('{');
  const closed = once(slow.resume(), 'close');
  expect((await once(slow, 'response'))[0][':status']).toBe(401);
  await closed;
});

test('a body without a content type or a length is read, as over HTTP/1', async () => {
  const handled: string[] = [];
  const session = await openSession(caller, { secret: 'whsec', onEvent: ({ id }) => handled.push(id) });
  const post = async (path: string, body: string, headers = {}) => {
    const sent = session.request({ ':method': 'POST', ':path': path, ...headers }).end(body);
    const [reply] = await once(sent.resume(), 'response');
    return reply[':status'];
  };
  expect(await post('/api/vortex/invitations/accept', '{"invitationIds":["i"]}')).toBe(415);
  expect(await post('/api/vortex/jwt', '{"context":{}}')).toBe(415);
  expect(await post('/api/vortex/jwt', '')).toBe(200);
  const event = '{"id":"e-1","type":"invitation.accepted","data":{}}';
  const signed = { 'x-vortex-signature': await signWebhook(event, 'whsec') };
  expect(await post('/webhooks/vortex', event, signed)).toBe(200);
  expect(handled).toEqual(['e-1']);
});

test('callers who reset their streams before the API is asked make no call', async () => {
  const asked: unknown[] = [];
  const api = createServer((request, response) => {
    asked.push(request.url);
    response.end('{"id":"i"}');
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void api.close());
  const codes: string[] = [];
  const session = await openSession({
    ...caller,
    baseUrl: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    authenticateUser: async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return { id: 'ann' };
    },
    onResponse: ({ code }) => codes.push(code),
  });
  const paths = ['left', 'left-too', 'stayed'].map((id) => `/api/vortex/invitations/${id}`);
  const [left, leftToo, stayed] = paths.map((path) => session.request({ ':path': path }));
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (const stream of [left, leftToo]) stream?.close(constants.NGHTTP2_CANCEL);
  expect((await once(stayed?.resume() ?? session, 'response'))[0][':status']).toBe(200);
  await expect.poll(() => codes.toSorted()).toEqual(['ABORTED', 'ABORTED', 'OK']);
  expect(asked).toEqual(['/api/v1/invitations/stayed']);
});
