/** The rules that only Fastify has: the plugin is encapsulated, and the host keeps its parsers, handlers and hooks. */
import { once } from 'node:events';
import swagger, { type SwaggerOptions } from '@fastify/swagger';
import { validate } from '@readme/openapi-parser';
import { ann, expectLeaversLeft, send, setupUpstream } from '@vortex/conformance';
import type { VortexMountOptions, VortexUser } from '@vortex/core';
import { webhookEvent, webhookRequest } from '@vortex/core/testing';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { pino } from 'pino';
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest';

const upstream = setupUpstream();

let app: FastifyInstance;
let url: string;
afterEach(() => app.close());

type Options = VortexMountOptions<VortexUser, FastifyRequest>;
const plugin = (options: Partial<Options> = {}) =>
  vortexPlugin({
    apiKey: upstream.apiKey,
    baseUrl: upstream.url,
    authenticateUser: () => ann,
    authorizeOperation: () => true,
    ...options,
  });
const serve = async (host: FastifyInstance) => {
  app = host;
  url = await app.listen({ host: '127.0.0.1', port: 0 });
};
const PREFIX = '/api/vortex';
const asJson = { 'content-type': 'application/json' };

describe('the host', () => {
  test('the host keeps its parsers, the default one and that of a sibling plugin', async () => {
    const host = fastify();
    await host.register(plugin(), { prefix: PREFIX });
    host.post('/stock', async (request) => request.body);
    await host.register(async (sibling) => {
      sibling.removeContentTypeParser('application/json');
      sibling.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) =>
        done(null, `own: ${body}`),
      );
      sibling.post('/own', async (request) => ({ body: request.body }));
    });
    await serve(host);
    expect((await send(url, 'POST', '/stock', { json: { a: 1 } })).json).toEqual({ a: 1 });
    expect((await send(url, 'POST', '/stock', { headers: asJson })).json.code).toBe('FST_ERR_CTP_EMPTY_JSON_BODY');
    expect((await send(url, 'POST', '/own', { json: 1 })).json).toEqual({ body: 'own: 1' });
    expect((await send(url, 'POST', `${PREFIX}/jwt`, { headers: asJson })).status).toBe(200);
    await send(url, 'POST', `${PREFIX}/invitations/accept`, { json: { invitationIds: ['i-1'] } });
    expect(upstream.arrivals).toHaveLength(1);
  });

  test.each(['no type', ';'])('a body of the malformed type %j is answered 415 after authentication', async (type) => {
    const host = fastify();
    await host.register(plugin(), { prefix: PREFIX });
    await host.register(plugin({ authenticateUser: () => null }), { prefix: '/out' });
    await serve(host);
    const sent = { headers: { 'content-type': type }, body: '{"invitationIds":["i-1"]}' };
    for (const path of ['/jwt', '/invitations/accept']) {
      const reply = await send(url, 'POST', `${PREFIX}${path}`, sent);
      expect([reply.status, reply.json.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
      expect(reply.headers['cache-control']).toBe('no-store');
      expect((await send(url, 'POST', `/out${path}`, sent)).json.code).toBe('UNAUTHENTICATED');
    }
    expect(upstream.arrivals).toEqual([]);
  });

  test('a plugin that is registered without being called says how to register it', async () => {
    app = fastify();
    const registering = async () => app.register(vortexPlugin as never, { prefix: PREFIX });
    await expect(registering()).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('vortexPlugin(options)'),
    });
    const hook = fastify();
    const registeringHook = async () => hook.register(vortexWebhookPlugin as never, { prefix: '/hook' });
    await expect(registeringHook()).rejects.toMatchObject({ code: 'CONFIG' });
  });

  test('the host keeps its error handler and its 404, which our replies do not use', async () => {
    const host = fastify();
    host.setErrorHandler((_, __, reply) => reply.code(599).send('the host’s error'));
    host.setNotFoundHandler((_, reply) => reply.code(404).send('the host’s 404'));
    host.get('/broken', async () => {
      throw new Error('broken');
    });
    await host.register(plugin({ authenticateUser: () => Promise.reject(new Error('broken too')) }), {
      prefix: PREFIX,
    });
    await serve(host);
    expect((await send(url, 'GET', '/broken')).text).toBe('the host’s error');
    expect((await send(url, 'GET', `${PREFIX}/nothing`)).text).toBe('the host’s 404');
    const ours = await send(url, 'POST', `${PREFIX}/jwt`);
    expect([ours.status, ours.json.code]).toEqual([500, 'INTERNAL']);
  });

  test('the hooks of the host run for our routes, may refuse a request, and see the reply', async () => {
    const host = fastify();
    host.addHook('preHandler', async (request, reply) => {
      if (request.headers['x-blocked']) return reply.code(418).send({ blocked: true });
    });
    host.addHook('onSend', async (_, reply) => void reply.header('x-seen', 'yes'));
    await host.register(plugin(), { prefix: PREFIX });
    await serve(host);
    const passed = await send(url, 'POST', `${PREFIX}/jwt`);
    expect([passed.status, passed.headers['x-seen']]).toEqual([200, 'yes']);
    expect((await send(url, 'POST', `${PREFIX}/jwt`, { headers: { 'x-blocked': '1' } })).json).toEqual({
      blocked: true,
    });
  });

  test('the router options of the host hold for our routes', async () => {
    const host = fastify({ routerOptions: { ignoreTrailingSlash: true, caseSensitive: false } });
    await host.register(plugin(), { prefix: PREFIX });
    await serve(host);
    expect((await send(url, 'POST', `${PREFIX}/JWT/`)).status).toBe(200);
  });
});

test.each([
  ['before the body has ended', false],
  ['after the body has ended', true],
])('a body that a hook of the host also reads arrives if we read it %s', async (_, waits) => {
  const host = fastify();
  const ends = new WeakMap<FastifyRequest, Promise<unknown>>();
  host.addHook('preParsing', (request, _, payload, done) => {
    const chunks: Buffer[] = [];
    payload.on('data', (chunk) => chunks.push(chunk));
    payload.on('end', () => Object.assign(request, { rawBody: Buffer.concat(chunks).toString() }));
    ends.set(request, once(payload, 'end'));
    done(null, payload);
  });
  const authenticateUser = async (request: FastifyRequest) => {
    if (waits) await ends.get(request);
    return ann;
  };
  await host.register(plugin({ authenticateUser }), { prefix: PREFIX });
  await host.register(vortexWebhookPlugin({ secret: 'whsec', onEvent: () => {} }), { prefix: '/hook' });
  await serve(host);
  await send(url, 'POST', `${PREFIX}/invitations/accept`, { json: { invitationIds: ['i-1'] } });
  expect(upstream.arrivals.map(({ body }) => JSON.parse(body))).toMatchObject([{ invitationIds: ['i-1'] }]);
  const webhook = await webhookRequest(webhookEvent('invitation.accepted'), 'whsec');
  expect((await send(url, 'POST', '/hook', { ...webhook })).status).toBe(200);
});

test('two plugins in one application call the API with their own keys', async () => {
  const host = fastify();
  const other = 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.other';
  await host.register(plugin(), { prefix: '/one' });
  await host.register(plugin({ apiKey: other }), { prefix: '/two' });
  await serve(host);
  await send(url, 'GET', '/one/invitations/by-scope/t/s');
  await send(url, 'GET', '/two/invitations/by-scope/t/s');
  expect(upstream.arrivals.map(({ headers }) => headers['x-api-key'])).toEqual([upstream.apiKey, other]);
});

test('failures and denials are logged to request.log', async () => {
  const lines: { level: number; msg: string; reqId: string; err?: { message: string } }[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const host = fastify({ logger: { level: 'warn', stream } });
  await host.register(plugin({ authorizeOperation: { JWT: () => Promise.reject(new Error('no database')) } }), {
    prefix: PREFIX,
  });
  await serve(host);
  await send(url, 'POST', `${PREFIX}/jwt`);
  await send(url, 'DELETE', `${PREFIX}/invitations/i-1`);
  expect(lines).toMatchObject([
    {
      level: 50,
      msg: expect.stringMatching(/\bJWT\b.*\bINTERNAL\b/u),
      reqId: expect.any(String),
      err: { type: 'VortexError' },
    },
    { level: 40, msg: expect.stringContaining('REVOKE_INVITATION') },
  ]);
});

test('failures and denials are logged to the logger of the options instead of request.log', async () => {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  const host = fastify({ logger: { level: 'warn', stream } });
  const own: { level: number; msg: string; err?: object }[] = [];
  const logger = pino({}, { write: (line: string) => void own.push(JSON.parse(line)) });
  const authorizeOperation = { JWT: () => Promise.reject(new Error('no database')) };
  await host.register(plugin({ authorizeOperation, logger }), { prefix: PREFIX });
  const webhooks = { secret: 'whsec', on: { 'invitation.accepted': () => Promise.reject(new Error('full')) }, logger };
  await host.register(vortexWebhookPlugin(webhooks), { prefix: '/hook' });
  await serve(host);
  await send(url, 'POST', `${PREFIX}/jwt`);
  await send(url, 'DELETE', `${PREFIX}/invitations/i-1`);
  await send(url, 'POST', '/hook', { ...(await webhookRequest(webhookEvent('invitation.accepted'), 'whsec')) });
  const failed = (what: string) => ({
    level: 50,
    msg: expect.stringMatching(new RegExp(`\\b${what}\\b.*\\bINTERNAL\\b`, 'u')),
    err: { type: 'VortexError', stack: expect.stringContaining('caused by: Error: ') },
  });
  expect(own).toMatchObject([
    failed('JWT'),
    { level: 40, msg: expect.stringContaining('REVOKE_INVITATION') },
    failed('webhook'),
  ]);
  expect(lines).toEqual([]);
});

test('@fastify/swagger documents the routes, their parameters and their bodies', async () => {
  const host = fastify();
  await host.register(swagger, { openapi: { openapi: '3.1.0' } });
  await host.register(plugin(), { prefix: PREFIX });
  await serve(host);
  const { paths = {} } = host.swagger() as {
    paths?: Record<string, Record<string, { requestBody?: object; parameters?: object[] }>>;
  };
  expect(Object.keys(paths)).toContain(`${PREFIX}/invitations/{invitationId}/reinvite`);
  expect(Object.keys(paths[`${PREFIX}/invitations/{invitationId}`] ?? {}).sort()).toEqual(['delete', 'get']);
  expect(paths[`${PREFIX}/invitations`]?.get?.parameters).toMatchObject([
    { in: 'query', name: 'targetType', required: true, schema: { enum: expect.arrayContaining(['email', 'sms']) } },
    { in: 'query', name: 'targetValue', required: true },
  ]);
  expect(JSON.stringify(paths[`${PREFIX}/invitations/accept`]?.post?.requestBody)).toContain('invitationIds');
});

test.each<[string, SwaggerOptions]>([
  ['Swagger 2.0', {}],
  ['OpenAPI 3.0.3', { openapi: { info: { title: 'Host', version: '1' } } }],
  ['OpenAPI 3.1.0', { openapi: { openapi: '3.1.0', info: { title: 'Host', version: '1' } } }],
])('the document of @fastify/swagger is valid %s', async (version, options) => {
  const host = fastify();
  await host.register(swagger, options);
  await host.register(plugin(), { prefix: PREFIX });
  await serve(host);
  const document = host.swagger();
  expect(`${'swagger' in document ? 'Swagger' : 'OpenAPI'} ${Object.values(document)[0]}`).toBe(version);
  expect(await validate(document as never)).toMatchObject({ valid: true, warnings: [] });
});

test.each([
  ['the whole application', true],
  ['one scope', false],
])('a document in the schema dialect of %s has the own routes of the host, and ours', async (_, isGlobal) => {
  const host = fastify();
  // As fastify-type-provider-zod: its schemas have a method, and its transform calls it for every route that is not hidden.
  const own = { body: { parse: (value: unknown) => value } };
  const compiler =
    ({ schema }: { schema: unknown }) =>
    (value: unknown) => ({
      value: (schema as typeof own.body).parse(value),
    });
  if (isGlobal) host.setValidatorCompiler(compiler);
  await host.register(swagger, {
    openapi: { openapi: '3.1.0' },
    transform: ({ schema, url: path }) => {
      const { hide, body } = schema as { hide?: boolean; body?: typeof own.body };
      if (hide) return { schema: { hide: true }, url: path };
      body?.parse({});
      return { schema: {}, url: path };
    },
  });
  host.register(async (scope) => {
    scope.setValidatorCompiler(compiler);
    scope.post('/login', { schema: own }, async () => ({}));
  });
  await host.register(plugin(), { prefix: PREFIX });
  await host.register(vortexWebhookPlugin({ secret: 'made-up', onEvent: () => {} }), { prefix: '/webhooks/vortex' });
  await serve(host);
  expect(Object.keys(host.swagger().paths ?? {})).toEqual(expect.arrayContaining(['/login', `${PREFIX}/jwt`]));
  expect(host.swagger().paths).not.toHaveProperty('/webhooks/vortex');
  expect((await send(url, 'POST', `${PREFIX}/jwt`)).status).toBe(200);
});

test('an onRoute hook of the host may add to the schema of our routes, and reaches no route outside its scope', async () => {
  for (const host of [fastify(), fastify()]) {
    await host.register(async (scope) => {
      scope.addSchema({ $id: 'Problem', type: 'object', properties: { error: { type: 'string' } } });
      scope.addHook('onRoute', (route) => {
        route.schema ??= {};
        route.schema.response = { '4xx': { $ref: 'Problem#' } };
      });
      await scope.register(plugin(), { prefix: PREFIX });
    });
    await host.register(vortexWebhookPlugin({ secret: 'made-up', onEvent: () => {} }), { prefix: '/webhooks/vortex' });
    await host.ready();
    await host.close();
  }
});

test.each<[string, (request: FastifyRequest) => unknown]>([
  ['replaces', (request) => Object.assign(request, { body: { ...(request.body as object), ip: request.ip } })],
  ['fills', (request) => Object.assign(request, { body: request.body ?? {} })],
  ['clones', (request) => structuredClone(request.body)],
])('a hook of the host that %s request.body leaves ours alone', async (_, hook) => {
  const host = fastify();
  host.addHook('preHandler', async (request) => void hook(request));
  await host.register(plugin(), { prefix: PREFIX });
  await serve(host);
  expect((await send(url, 'POST', `${PREFIX}/jwt`)).status).toBe(200);
  await send(url, 'POST', `${PREFIX}/invitations/accept`, { json: { invitationIds: ['i-1'] } });
  expect(JSON.parse(upstream.arrivals.at(-1)?.body ?? '')).toMatchObject({ invitationIds: ['i-1'] });
});

test('a host that registers our plugins in its own context keeps its parsers', async () => {
  const host = fastify();
  for (const each of [plugin(), vortexWebhookPlugin({ secret: 'made-up', onEvent: () => {} })]) {
    // As fastify-plugin does.
    await host.register(Object.assign(each, { [Symbol.for('skip-override')]: true }));
  }
  host.post('/own', async (request) => request.body);
  await serve(host);
  expect((await send(url, 'POST', '/own', { json: { a: 1 } })).json).toEqual({ a: 1 });
  expect((await send(url, 'POST', '/jwt')).status).toBe(200);
});

test('a serializer of the host does not encode our replies', async () => {
  const host = fastify();
  const wrap = (payload: unknown) => JSON.stringify({ wrapped: payload });
  host.setReplySerializer(wrap);
  host.addHook('onRequest', async (_request, reply) => {
    reply.serializer(wrap);
  });
  host.get('/own', async () => ({ a: 1 }));
  await host.register(plugin(), { prefix: PREFIX });
  await host.register(vortexWebhookPlugin({ secret: 'made-up', onEvent: () => {} }), { prefix: '/webhooks/vortex' });
  await serve(host);
  expect((await send(url, 'GET', '/own')).text).toBe('{"wrapped":{"a":1}}');
  expect((await send(url, 'POST', `${PREFIX}/jwt`)).json).toEqual({ jwt: expect.stringMatching(/^ey/u) });
  const webhook = await webhookRequest(webhookEvent('invitation.accepted'), 'made-up');
  const reply = await send(url, 'POST', '/webhooks/vortex', { body: webhook.body, headers: webhook.headers });
  expect(reply.json).toEqual({ received: true });
});

test('a caller that disconnects ends a read of the API, but not a write', async () => {
  const host = fastify({ forceCloseConnections: true });
  await host.register(plugin(), { prefix: PREFIX });
  await serve(host);
  await expectLeaversLeft(upstream, url + PREFIX);
});

test('hooks get the FastifyRequest, and a misspelt operation does not compile', () => {
  const compiles = (build: () => unknown) => expectTypeOf(build).toBeFunction();
  compiles(() =>
    vortexPlugin({
      apiKey: 'k',
      authenticateUser: (request) => {
        expectTypeOf(request).toEqualTypeOf<FastifyRequest>();
        return { id: request.id, plan: 'pro' };
      },
      authorizeOperation: { JWT: (_, user, request) => user.plan === 'pro' && request.ip !== '' },
    }),
  );
  // @ts-expect-error a misspelt operation
  compiles(() => vortexPlugin({ apiKey: 'k', authenticateUser: () => ann, authorizeOperation: { JTW: true } }));
});
