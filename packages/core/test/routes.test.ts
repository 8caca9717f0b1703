/** The routes that adapters mount, the OpenAPI document that is served there, and the times that onResponse is given. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type OperationName, type ResponseEvent, VortexClient, type VortexUser } from '@vortex/core';
import { createRoutes, METHODS, schemasOf, type VortexRequest } from '@vortex/core/adapter';
import { openApiDocument } from '@vortex/core/openapi';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KEY, type Options, settle } from './helpers.ts';

const routesOf = (options: Options = {}) =>
  createRoutes<undefined, VortexUser>({
    apiKey: KEY,
    authenticateUser: () => null,
    authorizeOperation: {},
    ...options,
  });

const requestTo = (url: string): VortexRequest<undefined> => ({
  url,
  body: async () => ({ kind: 'empty' }),
  header: () => undefined,
  signal: () => undefined,
  log: () => {},
  context: undefined,
});

describe('routes', () => {
  test('a route supports the methods of the table and answers 405 with Allow to the others', async () => {
    const at = (wanted: string) => routesOf().filter(({ path }) => path === wanted);
    for (const path of new Set(routesOf().map((route) => route.path))) {
      const routes = at(path);
      expect(routes.flatMap(({ methods }) => methods).toSorted(), path).toEqual(METHODS.toSorted());
      const supported = routes.flatMap(({ operation, methods }) => (operation ? methods : []));
      const refusing = routes.find(({ operation }) => operation === undefined);
      const { status, headers, body } = (await refusing?.handle(requestTo(path))) ?? {};
      expect([status, JSON.parse(String(body)).code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
      expect(headers?.allow?.split(', ').toSorted()).toEqual(supported.toSorted());
    }
    const found = at('/invitations').map(({ methods, operation }) => [methods.join(), operation]);
    expect(found).toEqual([
      ['GET,HEAD', 'GET_INVITATIONS'],
      ['POST', 'CREATE_INVITATION'],
      ['PUT,PATCH,DELETE', undefined],
    ]);
  });

  test('routes with literal segments come before those with parameters', () => {
    const parameters = routesOf().map(({ path }) => path.split(':').length);
    expect(parameters).toEqual(parameters.toSorted((a, b) => a - b));
    expect(new Set(parameters).size).toBeGreaterThan(1);
  });
});

describe('the OpenAPI document', () => {
  const routesAt = (document = openApiDocument()) =>
    routesOf({ openapi: document }).filter(({ path }) => path === '/openapi.json');
  const at = async (url: string, document?: ReturnType<typeof openApiDocument>) => {
    const [first] = routesAt(document);
    if (!first) throw new Error('There is no such route.');
    return first.handle(requestTo(url));
  };

  test.each([
    ['/openapi.json', '/'],
    ['/api/vortex/openapi.json', '/api/vortex'],
    ['/api/vortex/openapi.json/', '/api/vortex'],
    ['/api/vortex/openapi.json?a=/b', '/api/vortex'],
    ['/api/vortex/openapi.json#/b', '/api/vortex'],
    ['https://h.example/api/openapi.json', '/api'],
    ['HTTP://h.example:80/api/openapi.json', '/api'],
    ['https://h.example/openapi.json', '/'],
    ['/{tenant}/openapi.json', '/%7Btenant%7D'],
    ['/http://h/openapi.json', '/http://h'],
  ])('the document that is requested as %s names the server %s', async (url, server) => {
    const { status, headers, body } = await at(url);
    expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=300']);
    expect(JSON.parse(String(body))).toEqual({ ...openApiDocument(), servers: [{ url: server }] });
  });

  test('a document that names its server keeps it', async () => {
    const own = openApiDocument({ basePath: '/elsewhere' });
    expect(JSON.parse(String((await at('/openapi.json', own)).body)).servers).toEqual([{ url: '/elsewhere' }]);
  });

  test.each<[string, unknown]>([
    ['on Node', Buffer],
    ['on a runtime without Buffer', undefined],
  ])('a document of more than 65,536 characters is sent as bytes %s, and a shorter one as text', async (_, buffer) => {
    const own = openApiDocument({ basePath: '/' });
    const sized = (length: number) => {
      const missing = length - JSON.stringify({ ...own, 'x-note': '' }).length;
      return { ...own, 'x-note': '\u00e4'.repeat(missing) };
    };
    const read = async (length: number) => (await at('/openapi.json', sized(length))).body;
    vi.stubGlobal('Buffer', buffer);
    const [short, long] = await Promise.all([read(64 * 1024), read(64 * 1024 + 1)]);
    vi.unstubAllGlobals();
    expect([typeof short, long instanceof Uint8Array]).toEqual(['string', true]);
    const [first, second] = [String(short), new TextDecoder().decode(long as Uint8Array)];
    expect([first.length, second.length]).toEqual([64 * 1024, 64 * 1024 + 1]);
    expect(JSON.parse(second)).toHaveProperty('x-note', `${JSON.parse(first)['x-note']}\u00e4`);
  });

  test('the document is served for GET and HEAD, and only if one is given', async () => {
    const [serving, refusing] = routesAt();
    expect(serving?.methods).toEqual(['GET', 'HEAD']);
    expect((await refusing?.handle(requestTo('/openapi.json')))?.headers.allow).toBe('GET, HEAD');
    expect(routesOf().some(({ path }) => path === '/openapi.json')).toBe(false);
  });
});

describe('schemas', () => {
  test.each<[string, OperationName, object]>([
    ['/jwt', 'JWT', { body: ['context'] }],
    ['/invitations/:invitationId', 'GET_INVITATION', { params: ['invitationId'] }],
    ['/invitations', 'GET_INVITATIONS', { querystring: ['targetType', 'targetValue'] }],
    ['/a/:scopeType/:scope', 'GET_GROUP_INVITATIONS', { params: ['scopeType', 'scope'], querystring: ['start'] }],
  ])('the schemas of the path %s and the operation %s have the fields %j', async (path, operation, expected) => {
    const names = Object.entries(await schemasOf(path, operation)).map(([part, { properties = {} }]) => [
      part,
      Object.keys(properties),
    ]);
    expect(Object.fromEntries(names)).toEqual(expected);
  });

  test('a schema says which fields are required, and their form', async () => {
    expect(await schemasOf('/a/:scopeType/:scope', 'GET_GROUP_INVITATIONS')).toEqual({
      params: {
        type: 'object',
        properties: {
          scopeType: { type: 'string', minLength: 1, maxLength: 100 },
          scope: { type: 'string', minLength: 1, maxLength: 100 },
        },
        required: ['scopeType', 'scope'],
      },
      querystring: { type: 'object', properties: { start: { type: 'string', pattern: '^\\d{1,9}$' } } },
    });
  });
});

describe('the times that onResponse is given', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    // A process has run for a while before a request comes.
    vi.advanceTimersByTime(1000);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

  /** Reads an invitation from an API that takes 50 ms for an answer, and returns the event of the request. */
  async function observe(
    options: Options = {},
    statuses: number[] = [200],
    target: { operation?: OperationName; url?: string; body?: VortexRequest<undefined>['body'] } = {},
  ): Promise<ResponseEvent> {
    const events: ResponseEvent[] = [];
    let attempts = 0;
    const client = new VortexClient(KEY, {
      baseUrl: 'https://api.example',
      fetch: async () => {
        await after(50);
        const status = statuses[attempts] ?? 200;
        attempts += 1;
        return Response.json({ id: 'i' }, { status });
      },
    });
    const routes = createRoutes<undefined, VortexUser>({
      client,
      authenticateUser: () => ({ id: 'u' }),
      authorizeOperation: () => true,
      onResponse: (event) => events.push(event),
      ...options,
    });
    const { operation: wanted = 'GET_INVITATION', url = '/invitations/i', ...rest } = target;
    const route = routes.find(({ operation }) => operation === wanted);
    await settle(Promise.resolve(route?.handle({ ...requestTo(url), ...rest })));
    expect(events).toHaveLength(1);
    return events[0] as ResponseEvent;
  }

  test('a call to the API counts as upstreamDuration, and hooks that return at once as nothing', async () => {
    expect(await observe()).toEqual({
      operation: 'GET_INVITATION',
      status: 200,
      code: 'OK',
      duration: 50,
      upstreamDuration: 50,
      hookDuration: 0,
      attempts: 1,
    });
  });

  test('a hook counts as hookDuration, without the call to the API that it waits for', async () => {
    const event = await observe({
      authenticateUser: async () => {
        await after(60);
        return { id: 'u' };
      },
      authorizeOperation: {
        GET_INVITATION: async (op) => {
          await Promise.all([op.loadInvitation(), op.loadInvitation(), after(10)]);
          await after(70);
          return true;
        },
      },
    });
    expect(event).toMatchObject({ duration: 180, hookDuration: 130, upstreamDuration: 50, attempts: 1 });
  });

  test('each attempt and the waits between them count as upstreamDuration', async () => {
    const event = await observe({}, [500, 500, 500]);
    // Three attempts of 50 ms, and waits of 100 ms and 200 ms.
    expect(event).toMatchObject({ duration: 450, upstreamDuration: 450, attempts: 3, code: 'UPSTREAM_ERROR' });
  });

  test('a call that is still running counts until the reply', async () => {
    const event = await observe({
      authorizeOperation: {
        GET_INVITATION: async (op) => {
          void op.loadInvitation();
          await after(20);
          return false;
        },
      },
    });
    expect(event).toMatchObject({ status: 403, duration: 20, hookDuration: 0, upstreamDuration: 20 });
  });

  test('the wait for a body counts neither as hookDuration nor as upstreamDuration', async () => {
    const body = () => after(60).then(() => ({ kind: 'empty' as const }));
    const event = await observe({}, [], { operation: 'JWT', url: '/jwt', body });
    expect(event).toMatchObject({ status: 200, duration: 60, hookDuration: 0, upstreamDuration: 0 });
  });

  test('onError counts as hookDuration', async () => {
    const event = await observe({
      authenticateUser: () => Promise.reject(new Error('no database')),
      onError: () => after(60),
    });
    expect(event).toMatchObject({ status: 500, duration: 60, hookDuration: 60, upstreamDuration: 0 });
  });
});

describe('long replies', () => {
  test.each([
    ['text', 65_000],
    ['bytes', 66_000],
  ])('a reply is %s if its JSON has about %i characters', async (form, length) => {
    const client = new VortexClient(KEY, {
      baseUrl: 'https://api.example',
      fetch: async () => Response.json({ id: '\u00e9'.repeat(length) }),
    });
    const routes = createRoutes<undefined, VortexUser>({
      client,
      authenticateUser: () => ({ id: 'u' }),
      authorizeOperation: () => true,
    });
    const route = routes.find(({ operation }) => operation === 'GET_INVITATION');
    const { body } = (await route?.handle(requestTo('/invitations/i'))) ?? {};
    expect(typeof body).toBe(form === 'bytes' ? 'object' : 'string');
    const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
    expect(JSON.parse(text).id).toHaveLength(length);
  });

  test('long replies of the API that arrive together are all read whole', async () => {
    const long = JSON.stringify({ id: 'x'.repeat(300 * 1024) });
    const server = createServer((_, response) => response.end(long));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = new VortexClient(KEY, { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    try {
      const all = await Promise.all(['a', 'b', 'c', 'd'].map((id) => client.getInvitation(id)));
      expect(all.map(({ id }) => id.length)).toEqual(Array(4).fill(300 * 1024));
    } finally {
      await client.close();
      server.closeAllConnections();
      server.close();
    }
  });
});
