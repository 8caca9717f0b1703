/** Over HTTP/2, where streams share a connection. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, constants } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { signWebhook } from '@vortex/core/testing';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import fastify from 'fastify';
import { expect, test } from 'vitest';

test('a body that stops gets a 408 at the deadline, and its stream alone is closed', async () => {
  const app = fastify({ http2: true });
  const options = vortexPlugin({
    apiKey: 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.secret',
    authenticateUser: () => ({ id: 'ann' }),
    authorizeOperation: () => true,
    bodyTimeout: 200,
  });
  await app.register(options, { prefix: '/api/vortex' });
  const session = connect(await app.listen({ host: '127.0.0.1', port: 0 }));
  try {
    const headers = { ':method': 'POST', 'content-type': 'application/json' };
    const slow = session.request({ ...headers, ':path': '/api/vortex/invitations/accept' });
    slow.write('{');
    const closed = once(slow.resume(), 'close');
    const [reply] = await once(slow, 'response');
    expect([reply[':status'], reply.connection]).toEqual([408, undefined]);
    await closed;
    const next = session.request({ ...headers, ':path': '/api/vortex/jwt' }).end();
    expect((await once(next.resume(), 'response'))[0][':status']).toBe(200);
  } finally {
    session.destroy();
    await app.close();
  }
});

test('the stream of a caller who is signed out is closed with the reply, although its body has not ended', async () => {
  const app = fastify({ http2: true });
  const options = vortexPlugin({
    apiKey: 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.secret',
    authenticateUser: () => null,
    authorizeOperation: () => true,
  });
  await app.register(options, { prefix: '/api/vortex' });
  const session = connect(await app.listen({ host: '127.0.0.1', port: 0 }));
  try {
    const headers = { ':method': 'POST', ':path': '/api/vortex/invitations', 'content-type': 'application/json' };
    const slow = session.request(headers);
    slow.write('{');
    const closed = once(slow.resume(), 'close');
    expect((await once(slow, 'response'))[0][':status']).toBe(401);
    await closed;
  } finally {
    session.destroy();
    await app.close();
  }
});

test('a body without a content type or a length is read, as over HTTP/1', async () => {
  const app = fastify({ http2: true });
  const vortex = vortexPlugin({
    apiKey: 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.secret',
    authenticateUser: () => ({ id: 'ann' }),
    authorizeOperation: () => true,
  });
  await app.register(vortex, { prefix: '/api/vortex' });
  const handled: string[] = [];
  const webhook = vortexWebhookPlugin({ secret: 'whsec', onEvent: ({ id }) => handled.push(id) });
  await app.register(webhook, { prefix: '/webhooks/vortex' });
  const session = connect(await app.listen({ host: '127.0.0.1', port: 0 }));
  const post = async (path: string, body: string, headers = {}) => {
    const sent = session.request({ ':method': 'POST', ':path': path, ...headers }).end(body);
    const [reply] = await once(sent.resume(), 'response');
    return reply[':status'];
  };
  try {
    expect(await post('/api/vortex/invitations/accept', '{"invitationIds":["i"]}')).toBe(415);
    expect(await post('/api/vortex/jwt', '{"context":{}}')).toBe(415);
    expect(await post('/api/vortex/jwt', '')).toBe(200);
    const event = '{"id":"e-1","type":"invitation.accepted","data":{}}';
    const signed = { 'x-vortex-signature': await signWebhook(event, 'whsec') };
    expect(await post('/webhooks/vortex', event, signed)).toBe(200);
    expect(handled).toEqual(['e-1']);
  } finally {
    session.destroy();
    await app.close();
  }
});

test('callers who reset their streams before the API is asked make no call', async () => {
  const asked: unknown[] = [];
  const api = createServer((request, response) => {
    asked.push(request.url);
    response.end('{"id":"i"}');
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const codes: string[] = [];
  const app = fastify({ http2: true });
  const options = vortexPlugin({
    apiKey: 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.secret',
    baseUrl: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    authenticateUser: async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return { id: 'ann' };
    },
    authorizeOperation: () => true,
    onResponse: ({ code }) => codes.push(code),
  });
  await app.register(options, { prefix: '/api/vortex' });
  const session = connect(await app.listen({ host: '127.0.0.1', port: 0 }));
  try {
    const paths = ['left', 'left-too', 'stayed'].map((id) => `/api/vortex/invitations/${id}`);
    const [left, leftToo, stayed] = paths.map((path) => session.request({ ':path': path }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const stream of [left, leftToo]) stream?.close(constants.NGHTTP2_CANCEL);
    expect((await once(stayed?.resume() ?? session, 'response'))[0][':status']).toBe(200);
    await expect.poll(() => codes.toSorted()).toEqual(['ABORTED', 'ABORTED', 'OK']);
    expect(asked).toEqual(['/api/v1/invitations/stayed']);
  } finally {
    session.destroy();
    await app.close();
    api.close();
  }
});
