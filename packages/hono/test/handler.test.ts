/** The Web-standard handlers: their paths, and what the platform gives beside the request. */

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { VortexClient } from '@vortex/core';
import { webhookEvent, webhookRequest } from '@vortex/core/testing';
import { vortexHandler, vortexWebhookHandler, type WebHandler } from '@vortex/hono';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Context } from 'hono';
import { expect, expectTypeOf, test, vi } from 'vitest';

const express4: typeof express = createRequire(import.meta.url)('express4');
const apiKey = 'VRTX.wP_uAA5NShufWsD_7gAOTQ.made-up';

const at = (basePath: string) =>
  vortexHandler({
    basePath,
    apiKey,
    authenticateUser: (c) => ({ id: c.req.header('x-user') ?? 'u-1' }),
    authorizeOperation: { JWT: true },
  });
const post = (path: string) => new Request(`http://localhost:3000${path}`, { method: 'POST' });

test.each([
  ['/api/vortex', '/api/vortex/jwt'],
  ['/api/vortex', '/api/vortex/jwt/'],
  ['/api/vortex', '/api/vortex/jwt?a=b'],
  ['/shop/api/vortex', '/shop/api/vortex/jwt/'],
  ['/', '/jwt'],
  ['/', '/jwt/'],
])('a handler with the basePath %s serves %s', async (basePath, path) => {
  expect((await at(basePath)(post(path))).status).toBe(200);
});

test.each([
  ['/api/vortex', '/jwt', '/api/vortex/jwt', '/'],
  ['/api/vortex', '/shop/api/vortex/jwt', '/api/vortex/jwt', '/shop/api/vortex'],
  ['/api', '/api/vortex/jwt', '/api/jwt', '/api/vortex'],
  ['/', '/api/vortex/jwt', '/jwt', '/api/vortex'],
  ['/vortex', '/api/vortex/invitations', '/vortex/invitations', '/api/vortex'],
  ['/vortex', '/api/vortex/invitations/accept', '/vortex/invitations/accept', '/api/vortex'],
])(
  'a handler with the basePath %s that gets %s warns once of what basePath must be',
  async (basePath, path, served, right) => {
    const warn = vi.fn();
    const logger = { warn, error() {} };
    const options = { apiKey, authenticateUser: () => ({ id: 'u-1' }), authorizeOperation: { JWT: true }, logger };
    const handler = vortexHandler({ ...options, basePath });
    expect((await handler(new Request(`http://localhost${served}`, { method: 'OPTIONS' }))).status).toBe(404);
    for (const other of ['/other/jwt2', `${path}/more`]) expect((await handler(post(other))).status).toBe(404);
    expect(warn).not.toHaveBeenCalled();
    for (const same of [`${path}/`, path]) expect((await handler(post(same))).status).toBe(404);
    expect(warn.mock.calls).toEqual([
      [
        `Vortex: vortexHandler got "${path}", and with its basePath "${basePath}" that route is ${served}. If your frontend sent this, set basePath to "${right}": some hosts take the part away at which they mount a handler.`,
      ],
    ]);
  },
);

test.each([
  ['of a second line and a colour', '/x%0aERROR%20root%20login%1b%5b31m%0a'],
  ['of a C1 control', '/x%c2%9b31m'],
  ['of a line separator', '/x%e2%80%a8ERROR'],
  ['of 101 characters', `/${'x'.repeat(85)}`],
])('a handler does not quote a path with the text %s, and warns of the next wrong path', async (_, text) => {
  const warn = vi.fn();
  const options = { apiKey, authenticateUser: () => null, authorizeOperation: {}, logger: { warn, error() {} } };
  const handler = vortexHandler({ ...options, basePath: '/api/vortex' });
  expect((await handler(new Request(`http://localhost/api/vortex${text}/jwt`))).status).toBe(404);
  expect(warn).not.toHaveBeenCalled();
  await handler(post('/jwt'));
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('vortexHandler got "/jwt", and'));
});

const hook = () => vortexWebhookHandler({ secret: 'made-up', onEvent() {} });
const pathOf = new URL('http://localhost/api/vortex/jwt');

test.each<[argument: string, value: object]>([
  ['the event of React Router, Astro and Pages', { request: post('/api/vortex/jwt'), params: {} }],
  ['the event of SvelteKit', { request: post('/api/vortex/jwt'), url: pathOf }],
  ['the event of h3', { req: post('/api/vortex/jwt'), url: pathOf }],
  ['the request of Node', { url: '/api/vortex/jwt', headers: { host: 'localhost' } }],
])('a handler that is called with %s rejects with CONFIG and the fix', async (_, value) => {
  await expect(at('/api/vortex')(value as Request)).rejects.toMatchObject({
    code: 'CONFIG',
    message:
      'vortexHandler makes a handler of Web requests, which was called with something other than a Request. Call it with the Request of the host, such as ({ request }) => handler(request), or event.req on h3. On Express use vortexRouter of @vortex/express, on Fastify vortexPlugin of @vortex/fastify, and on Hono vortexApp.',
  });
  await expect(hook()(value as Request)).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringMatching(
      /^vortexWebhookHandler makes .* On Express use vortexWebhook of .* Fastify vortexWebhookPlugin of .* Hono vortexWebhook\.$/u,
    ),
  });
});

test.each([
  ['Express 5', express],
  ['Express 4', express4],
])('a handler that is mounted on %s hands its error on, instead of letting the request wait', async (_, framework) => {
  const app = framework();
  const handlers = [at('/api/vortex'), hook()] as unknown as RequestHandler[];
  app.use('/api/vortex', ...handlers.slice(0, 1));
  app.use('/hook', ...handlers.slice(1));
  const report: ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(500).send(`${error.code}: ${error.message}`);
  };
  app.use(report);
  const server = app.listen(0);
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const [path, name] of [
      ['/api/vortex/jwt', 'vortexHandler'],
      ['/hook', 'vortexWebhookHandler'],
    ]) {
      const reply = await fetch(`${url}${path}`, { method: 'POST' });
      expect([reply.status, await reply.text()]).toEqual([
        500,
        expect.stringMatching(`^CONFIG: ${name} makes a handler`),
      ]);
    }
  } finally {
    server.close();
  }
});

test.each(['/jwt', '/api/vortex', '/api/vortexjwt', '/api/vortex/jwt/more', '/API/vortex/jwt', '/shop/api/vortex/jwt'])(
  'a handler with the basePath /api/vortex answers %s with 404 as JSON',
  async (path) => {
    const reply = await at('/api/vortex')(post(path));
    expect([reply.status, await reply.json()]).toEqual([404, { error: 'Not found.', code: 'NOT_FOUND' }]);
    expect(reply.headers.get('cache-control')).toBe('no-store');
  },
);

test.each(['', 'api/vortex', '/api/vortex/', '/api?x', '/api#x', '/api/vortex/[...path]', '/api/vortex/*', undefined])(
  'a basePath of %j is refused with CONFIG',
  (basePath) => {
    expect(() => at(basePath as string)).toThrow(/basePath must be a path such as "\/api\/vortex"/u);
  },
);

test('hooks find the second argument as c.env, with its type', async () => {
  interface Event {
    locals: { user: { id: string } | null };
  }
  const handle = vortexHandler({
    basePath: '/api/vortex',
    apiKey,
    authenticateUser: (c: Context<{ Bindings: Event }>) => c.env.locals.user,
    authorizeOperation: {
      JWT: (_op, user, c) => {
        expectTypeOf(c.env.locals.user).toEqualTypeOf<{ id: string } | null>();
        return c.env.locals.user?.id === user.id;
      },
    },
  });
  expectTypeOf(handle).toEqualTypeOf<WebHandler<{ Bindings: Event }>>();
  const jwt = post('/api/vortex/jwt');
  expect((await handle(jwt.clone(), { locals: { user: { id: 'u-1' } } })).status).toBe(200);
  expect((await handle(jwt.clone(), { locals: { user: null } })).status).toBe(401);
  // @ts-expect-error the event has no user
  await handle(jwt.clone(), { locals: {} });
});

const inHarbor = JSON.stringify({ context: { componentId: 'c', scopeType: 'team', scope: 'harbor' } });
const announcing = (body: string) => ({
  'content-type': 'application/json',
  'content-length': String(Buffer.byteLength(body)),
});

/** Requests as hosts make them behind `express.json()`, which has read the body. */
const hostsBehindParsers: readonly [host: string, make: (path: string, headers: Record<string, string>) => Request][] =
  [
    [
      'React Router, which hands on an empty stream',
      (path, headers) => {
        const body = new ReadableStream({ start: (controller) => controller.close() });
        return new Request(`http://localhost${path}`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
      },
    ],
    [
      '@whatwg-node/server, whose Request is of a class of its own',
      (path, headers) => {
        const { signal } = new AbortController();
        const request = { url: `http://localhost${path}`, method: 'POST', headers: new Headers(headers), signal };
        return { ...request, body: null, bodyUsed: false } as Request;
      },
    ],
  ];

test.each(hostsBehindParsers)('a body that a parser has read is missed on %s, and the log says so', async (_, make) => {
  const log = vi.fn();
  const logger = { warn: log, error: log };
  const onEvent = vi.fn();
  const webhook = await webhookRequest(webhookEvent('invitation.accepted'), 'made-up');
  const routes = { apiKey, authenticateUser: () => ({ id: 'u-1' }), authorizeOperation: { JWT: true }, logger };
  const replies = [
    await vortexHandler({ basePath: '/api', ...routes })(make('/api/jwt', announcing(inHarbor))),
    await vortexWebhookHandler({ secret: 'made-up', onEvent, logger })(
      make('/hook', { ...webhook.headers, ...announcing(webhook.body) }),
    ),
  ];
  for (const reply of replies)
    expect([reply.status, await reply.json()]).toMatchObject([500, { code: 'BODY_CONSUMED' }]);
  expect(onEvent).not.toHaveBeenCalled();
  expect(log.mock.calls.map(([line]) => line)).toEqual([
    expect.stringMatching(/JWT failed with BODY_CONSUMED: .* let it read request\.clone\(\)/u),
    expect.stringMatching(/a webhook failed with BODY_CONSUMED: .* let it read request\.clone\(\)/u),
  ]);
});

test('a Request that an application makes without a body has none, even with the headers of another request', async () => {
  const headers = announcing(inHarbor);
  const request = new Request('http://localhost/api/vortex/jwt', { method: 'POST', headers });
  expect((await at('/api/vortex')(request)).status).toBe(200);
});

/** Like the object of a platform, whose methods need it as `this`. */
class Platform {
  readonly #work: Promise<unknown>[] = [];
  waitUntil(work: Promise<unknown>) {
    this.#work.push(work);
  }
  settled = () => Promise.all(this.#work);
  get pending() {
    return this.#work.length;
  }
}

test('hooks can pass work to the waitUntil of the third argument', async () => {
  const platform = new Platform();
  const handle = vortexHandler({
    basePath: '/api/vortex',
    apiKey,
    authenticateUser: (_c) => ({ id: 'u-1' }),
    authorizeOperation: { JWT: true },
    onResponse: (_event, c) => c.executionCtx.waitUntil(Promise.resolve()),
  });
  await handle(post('/api/vortex/jwt'), {}, platform);
  expect(platform.pending).toBe(1);
});

test('a request that calls Vortex is given to the waitUntil of the third argument, and a token is not', async () => {
  const platform = new Platform();
  const handle = vortexHandler({
    basePath: '/api/vortex',
    client: new VortexClient(apiKey, { fetch: async () => Response.json({ id: 'i-1' }) }),
    authenticateUser: () => ({ id: 'u-1' }),
    authorizeOperation: () => true,
  });
  expect((await handle(post('/api/vortex/jwt'), {}, platform)).status).toBe(200);
  expect(platform.pending).toBe(0);
  const reinviting = handle(post('/api/vortex/invitations/i-1/reinvite'), {}, platform);
  expect(platform.pending).toBe(1);
  await platform.settled();
  expect((await reinviting).status).toBe(200);
});

test('a request that calls Vortex is answered although the third argument has no waitUntil that works', async () => {
  const handle = vortexHandler({
    basePath: '/api/vortex',
    client: new VortexClient(apiKey, { fetch: async () => Response.json({ id: 'i-1' }) }),
    authenticateUser: () => ({ id: 'u-1' }),
    authorizeOperation: () => true,
  });
  const waitUntil = () => {
    throw new Error('The request is over.');
  };
  expect((await handle(post('/api/vortex/invitations/i-1/reinvite'), {}, { waitUntil })).status).toBe(200);
});

test.each(['/webhooks/vortex', '/webhooks/vortex/', '/'])('a webhook is handled at %s', async (path) => {
  const onEvent = vi.fn();
  const handle = vortexWebhookHandler({ secret: 'made-up', onEvent });
  const webhook = { method: 'POST', ...(await webhookRequest(webhookEvent('invitation.accepted'), 'made-up')) };
  const url = `http://localhost:3000${path}`;
  expect((await handle(new Request(url, { ...webhook, body: '{}' }))).status).toBe(401);
  expect(onEvent).not.toHaveBeenCalled();
  expect((await handle(new Request(url, webhook))).status).toBe(200);
  expect(onEvent).toHaveBeenCalledOnce();
  expect((await handle(new Request(url))).status).toBe(405);
});

test('a webhook handler that continues after the reply is given to the waitUntil of the third argument', async () => {
  const platform = new Platform();
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const handle = vortexWebhookHandler({
    secret: (c: Context<{ Bindings: { SECRET: string } }>) => c.env.SECRET,
    answerWithin: 20,
    onEvent: () => finished,
  });
  const webhook = { method: 'POST', ...(await webhookRequest(webhookEvent('invitation.accepted'), 'made-up')) };
  const deliver = () => handle(new Request('http://localhost/hook', webhook), { SECRET: 'made-up' }, platform);
  expect((await deliver()).status).toBe(503);
  expect(platform.pending).toBe(1);
  finish();
  await platform.settled();
  expect((await deliver()).status).toBe(200);
});

test('idle of a webhook handler resolves once the work that continues after the reply has ended', async () => {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const order: string[] = [];
  const onEvent = () => finished.then(() => order.push('handled'));
  const handle = vortexWebhookHandler({ secret: 'made-up', answerWithin: 20, onEvent });
  const webhook = { method: 'POST', ...(await webhookRequest(webhookEvent('invitation.accepted'), 'made-up')) };
  expect((await handle(new Request('http://localhost/hook', webhook))).status).toBe(503);
  const idle = handle.idle().then(() => order.push('idle'));
  finish();
  await idle;
  expect(order).toEqual(['handled', 'idle']);
});

test('a handler serves a host of Node requests through getRequestListener', async () => {
  const server = createServer(getRequestListener(at('/api/vortex'), { overrideGlobalObjects: false })).listen(0);
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await fetch(`${url}/api/vortex/jwt`, { method: 'POST' })).status).toBe(200);
  } finally {
    server.close();
  }
});
