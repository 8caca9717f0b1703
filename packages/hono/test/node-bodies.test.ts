/** Bodies on node-server, which are read from Node's request unless middleware has touched or replaced `c.req.raw`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { ann, send, setupUpstream } from '@vortex/conformance';
import type { Operation } from '@vortex/core';
import { vortexApp } from '@vortex/hono';
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from './programs/listen.ts';

const upstream = setupUpstream();

const vortex = (authorizeOperation = (_op: Operation) => true) =>
  vortexApp({
    apiKey: upstream.apiKey,
    baseUrl: upstream.url,
    authenticateUser: () => ann,
    authorizeOperation,
  });
const asJson = { 'content-type': 'application/json' };
const bodyOf = (id: string) => JSON.stringify({ invitationIds: [id] });
const accept = (url: string, headers: Record<string, string> = {}) =>
  send(url, 'POST', '/api/vortex/invitations/accept', { body: bodyOf('sent'), headers: { ...asJson, ...headers } });
const arrived = () => upstream.arrivals.map(({ body }) => JSON.parse(body).invitationIds);

const between: Record<string, MiddlewareHandler> = {
  'middleware that touches nothing': (_, next) => next(),
  // node-server then makes a Web stream over Node's request, and the body comes from that stream.
  'a look at the body': async (c, next) => {
    void c.req.raw.body;
    await next();
  },
  // node-server then makes an AbortController, and the body still comes from Node's request.
  'a look at the signal': async (c, next) => {
    void c.req.raw.signal;
    await next();
  },
  'a body limit': bodyLimit({ maxSize: 1000 }),
  'a reader through c.req': async (c, next) => {
    await c.req.text();
    await next();
  },
};

test.each(Object.entries(between))('a body arrives behind %s, whatever its framing', async (_, middleware) => {
  const { url, close } = await listen(new Hono().use(middleware).route('/api/vortex', vortex()));
  onTestFinished(close);
  await accept(url);
  await accept(url, { 'transfer-encoding': 'chunked' });
  expect(arrived()).toEqual([['sent'], ['sent']]);
});

test('if middleware replaces c.req.raw, the new body is read', async () => {
  const app = new Hono().use(async (c, next) => {
    c.req.raw = new Request(c.req.raw, { method: 'POST', body: bodyOf('replaced') });
    await next();
  });
  const { url, close } = await listen(app.route('/api/vortex', vortex()));
  onTestFinished(close);
  await accept(url);
  expect(arrived()).toEqual([['replaced']]);
});

test('if c.env holds the outer request, an inner Request is still read from its own body', async () => {
  const inner = new Hono().route('/api/vortex', vortex());
  const outer = new Hono().post('*', (c) =>
    inner.request('/api/vortex/invitations/accept', { method: 'POST', body: bodyOf('inner'), headers: asJson }, c.env),
  );
  const { url, close } = await listen(outer);
  onTestFinished(close);
  await accept(url);
  expect(arrived()).toEqual([['inner']]);
});

test('if c.env holds the outer request, an inner Request without a body has none', async () => {
  const seen: unknown[] = [];
  const app = vortex((op) => {
    seen.push(op.name === 'JWT' && op.context);
    return true;
  });
  const inner = new Hono().route('/api/vortex', app);
  const outer = new Hono<{ Bindings: HttpBindings }>().post('*', async (c) => {
    // As a platform that has read the body does.
    Object.assign(c.env.incoming, { rawBody: Buffer.from(await c.req.text()) });
    return inner.request('/api/vortex/jwt', { method: 'POST', headers: asJson }, c.env);
  });
  const { url, close } = await listen(outer);
  onTestFinished(close);
  const body = JSON.stringify({ context: { componentId: 'of the outer request' } });
  expect((await send(url, 'POST', '/', { body, headers: asJson })).status).toBe(200);
  expect(seen).toEqual([undefined]);
});

test('middleware can read the body through c.req after the router has answered', async () => {
  const app = new Hono().use(async (c, next) => {
    await next();
    c.header('x-body', await c.req.text());
  });
  const { url, close } = await listen(app.route('/api/vortex', vortex()));
  onTestFinished(close);
  const { headers } = await accept(url);
  expect(headers['x-body']).toBe(bodyOf('sent'));
});

test.each([
  // The body was read: the API knows no such invitation.
  ['arrives if it is kept as rawBody', true, 'NOT_FOUND', [['sent']]],
  ['is missed if it is not kept', false, 'BODY_CONSUMED', []],
])('a body that the platform has read %s', async (_, isKept, code, ids) => {
  const listener = getRequestListener(new Hono().route('/api/vortex', vortex()).fetch);
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (isKept) Object.assign(request, { rawBody: Buffer.concat(chunks) });
    await listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const reply = await accept(url);
  expect([reply.json.code, arrived()]).toEqual([code, ids]);
});
