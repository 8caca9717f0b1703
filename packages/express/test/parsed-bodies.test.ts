/** Bodies that the application's own parser has read before the router. */
import { ann, type Sent, send, setupUpstream } from '@vortex/conformance';
import { vortexRouter } from '@vortex/express';
import express, { type RequestHandler } from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { listen } from './server.ts';

const upstream = setupUpstream();
const open: Awaited<ReturnType<typeof listen>>[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** Creates an invitation on a server with this middleware. */
async function create(sent: Sent, ...middleware: RequestHandler[]) {
  const logged: unknown[] = [];
  const log = (...line: unknown[]) => void logged.push(line);
  const app = express().use(...middleware);
  const router = vortexRouter({
    apiKey: upstream.apiKey,
    baseUrl: upstream.url,
    authenticateUser: () => ann,
    authorizeOperation: () => true,
    logger: { warn: log, error: log },
  });
  const server = await listen(app.use('/api/vortex', router));
  open.push(server);
  const reply = await send(server.url, 'POST', '/api/vortex/invitations', sent);
  return { reply, logged };
}

const parser = express.json({ limit: '1mb' });
const asJson = { 'content-type': 'application/json' };
const invitation = { widgetConfigurationId: 'w', target: { type: 'email', value: 'ben@orchard.example' } };
const withField = (field: string) => `${JSON.stringify(invitation).slice(0, -1)},${field}}`;

describe('behind express.json()', () => {
  test('a body of 9 kB of brackets is refused and not logged', async () => {
    const body = withField(`"other":${'['.repeat(4500)}${']'.repeat(4500)}`);
    const { reply, logged } = await create({ body, headers: asJson }, parser);
    expect([reply.status, reply.json.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(logged).toEqual([]);
  });

  test.each([
    ['whose size is in its head', {}],
    ['that is sent in chunks', { 'transfer-encoding': 'chunked' }],
  ])('a body of more than 64 kB %s is refused', async (_, headers) => {
    const body = (size: number) => withField(`"other":"${'é'.repeat(size / 2)}"`);
    const { reply } = await create({ body: body(80_000), headers: { ...asJson, ...headers } }, parser);
    expect([reply.status, reply.json.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    const { reply: smaller } = await create({ body: body(60_000), headers: { ...asJson, ...headers } }, parser);
    expect(smaller.status).toBe(200);
  });

  test('a body of 100,000 values in chunks is refused', async () => {
    const body = withField(`"other":[${'0,'.repeat(100_000)}0]`);
    const { reply } = await create({ body, headers: { ...asJson, 'transfer-encoding': 'chunked' } }, parser);
    expect([reply.status, reply.json.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  test('a number that JSON cannot keep is refused by its path', async () => {
    const { reply } = await create({ body: withField('"metadata":{"a":[0,-1e999]}'), headers: asJson }, parser);
    expect([reply.status, reply.json.issues]).toEqual([400, [{ path: 'metadata.a.1', message: expect.any(String) }]]);
  });

  test('a key __proto__ within metadata arrives, and reaches no prototype', async () => {
    await create({ body: withField('"metadata":{"deep":{"__proto__":{"polluted":1}}}'), headers: asJson }, parser);
    expect(upstream.arrivals[0]?.body).toContain('"metadata":{"deep":{"__proto__":{"polluted":1}}}');
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('a body that middleware has made', () => {
  class Invitation {
    widgetConfigurationId = 'w';
    get ignored() {
      return 'not an own property';
    }
  }
  const made = {
    'a class instance': Object.assign(new Invitation(), invitation, { metadata: { a: 1 } }),
    'a proxy': new Proxy({ ...invitation, metadata: { a: 1 } }, {}),
    'an object with methods': { ...invitation, metadata: { a: 1, [Symbol('b')]: 2, c() {} }, save() {} },
    'an object with getters': {
      ...invitation,
      get metadata() {
        return { a: 1 };
      },
    },
    'an object that writes itself': { toJSON: () => ({ ...invitation, metadata: { a: { toJSON: () => 1 } } }) },
  };

  test.each(Object.entries(made))('%s is read as data, and is left as it is', async (_, body) => {
    const before = Object.getOwnPropertyDescriptors(body);
    const { reply } = await create({ body: '{}', headers: asJson }, parser, (request, _response, next) => {
      request.body = body;
      next();
    });
    expect(reply.status, reply.text).toBe(200);
    expect(JSON.parse(upstream.arrivals[0]?.body ?? '')).toMatchObject({ ...invitation, metadata: { a: 1 } });
    expect(Object.getOwnPropertyDescriptors(body)).toEqual(before);
    expect(Object.isFrozen(body)).toBe(false);
  });

  test.each([
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a list of functions', [() => 1, 2], [null, 2]],
  ])('%s is written as JSON writes it', async (_, value, written) => {
    await create({ body: '{}', headers: asJson }, parser, (request, _response, next) => {
      request.body = { ...invitation, metadata: { value } };
      next();
    });
    expect(JSON.parse(upstream.arrivals[0]?.body ?? '').metadata).toEqual({ value: written });
  });

  test('a cycle is refused', async () => {
    const metadata: Record<string, unknown> = {};
    metadata.self = metadata;
    const { reply } = await create({ body: '{}', headers: asJson }, parser, (request, _response, next) => {
      request.body = { ...invitation, metadata };
      next();
    });
    expect([reply.status, reply.json.code]).toEqual([400, 'INVALID_REQUEST']);
  });
});
