/** The paths that adapters mount, what answers there without an operation, and what a request is said to have taken. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type OperationName,
  type ResponseEvent,
  VortexClient,
  type VortexMountOptions,
  type VortexUser,
} from '@vortex/core';
import { createRoutes, METHODS, schemasOf, type VortexRequest } from '@vortex/core/adapter';
import { openApiDocument } from '@vortex/core/openapi';
import { fixedClock, readToken, webhookEvent, webhookRequest } from '@vortex/core/testing';
import { describe, expect, test } from 'vitest';

const KEY = 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.made-up-Secret';

type Options = Partial<VortexMountOptions<VortexUser, undefined>>;

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

describe('the routes of a mount', () => {
  test('support the methods of the table and answer 405 with Allow to the others', async () => {
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

  test('list literal segments before parameters', () => {
    const parameters = routesOf().map(({ path }) => path.split(':').length);
    expect(parameters).toEqual(parameters.toSorted((a, b) => a - b));
  });
});

describe('the route of the OpenAPI document', () => {
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
  ])('requested as %s names the server %s', async (url, server) => {
    const { status, headers, body } = await at(url);
    expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=300']);
    expect(JSON.parse(String(body))).toEqual({ ...openApiDocument(), servers: [{ url: server }] });
  });

  test('serves the document that the package ships', () => {
    const shipped = readFileSync(new URL('../openapi.json', import.meta.url), 'utf8');
    expect(openApiDocument()).toEqual(JSON.parse(shipped));
  });

  test('keeps the server that the document names', async () => {
    const own = openApiDocument({ basePath: '/elsewhere' });
    expect(JSON.parse(String((await at('/openapi.json', own)).body)).servers).toEqual([{ url: '/elsewhere' }]);
  });

  test('supports GET and HEAD, and is absent without a document', async () => {
    const [serving, refusing] = routesAt();
    expect(serving?.methods).toEqual(['GET', 'HEAD']);
    expect((await refusing?.handle(requestTo('/openapi.json')))?.headers.allow).toBe('GET, HEAD');
    expect(routesOf().some(({ path }) => path === '/openapi.json')).toBe(false);
  });
});

describe('the schemas of a route', () => {
  test.each<[string, OperationName, object]>([
    ['/jwt', 'JWT', { body: ['context'] }],
    ['/invitations/:invitationId', 'GET_INVITATION', { params: ['invitationId'] }],
    ['/invitations', 'GET_INVITATIONS', { querystring: ['targetType', 'targetValue'] }],
    ['/a/:scopeType/:scope', 'GET_GROUP_INVITATIONS', { params: ['scopeType', 'scope'], querystring: ['start'] }],
  ])('%s of %s', (path, operation, expected) => {
    const names = Object.entries(schemasOf(path, operation)).map(([part, { properties = {} }]) => [
      part,
      Object.keys(properties),
    ]);
    expect(Object.fromEntries(names)).toEqual(expected);
  });

  test('say what is required, and what it looks like', () => {
    expect(schemasOf('/a/:scopeType/:scope', 'GET_GROUP_INVITATIONS')).toEqual({
      params: {
        type: 'object',
        properties: {
          scopeType: { type: 'string', minLength: 1, maxLength: 100 },
          scope: { type: 'string', minLength: 1, maxLength: 100 },
        },
        required: ['scopeType', 'scope'],
      },
      querystring: { type: 'object', properties: { start: { type: 'string', pattern: '^\\d{1,9}$' } }, required: [] },
    });
  });
});

describe('a request is said to have taken', () => {
  /** What was told of a request to read an invitation, over an API that takes 50 ms an answer. */
  async function observe(options: Options = {}, statuses: number[] = [200]) {
    let told: (event: ResponseEvent) => void = () => {};
    const event = new Promise<ResponseEvent>((resolve) => {
      told = resolve;
    });
    let attempts = 0;
    const client = new VortexClient(KEY, {
      baseUrl: 'https://api.example',
      fetch: async () => {
        await sleep(50);
        const status = statuses[attempts] ?? 200;
        attempts += 1;
        return Response.json({ id: 'i' }, { status });
      },
    });
    const routes = createRoutes<undefined, VortexUser>({
      client,
      authenticateUser: () => ({ id: 'u' }),
      authorizeOperation: () => true,
      onResponse: told,
      ...options,
    });
    const start = performance.now();
    await routes.find((route) => route.operation === 'GET_INVITATION')?.handle(requestTo('/invitations/i'));
    const took = performance.now() - start;
    return { ...(await event), took };
  }

  test('the time of the API, and next to none of the hooks', async () => {
    const { duration, upstreamDuration, hookDuration, attempts, took, ...rest } = await observe();
    expect([attempts, rest.operation, rest.status, rest.code]).toEqual([1, 'GET_INVITATION', 200, 'OK']);
    expect(upstreamDuration).toBeGreaterThanOrEqual(48);
    expect(upstreamDuration).toBeLessThanOrEqual(duration);
    expect(duration).toBeLessThanOrEqual(took);
    expect(hookDuration).toBeGreaterThanOrEqual(0);
    expect(hookDuration).toBeLessThan(duration - upstreamDuration);
  });

  test('the time of its hooks, without what they wait for', async () => {
    const { duration, upstreamDuration, hookDuration, attempts } = await observe({
      authenticateUser: async () => {
        await sleep(60);
        return { id: 'u' };
      },
      authorizeOperation: {
        GET_INVITATION: async (op) => {
          await Promise.all([op.loadInvitation(), op.loadInvitation(), sleep(10)]);
          await sleep(60);
          return true;
        },
      },
    });
    expect(attempts).toBe(1);
    expect(hookDuration).toBeGreaterThanOrEqual(115);
    expect(upstreamDuration).toBeGreaterThanOrEqual(48);
    expect(hookDuration + upstreamDuration).toBeLessThanOrEqual(duration + 0.01);
  });

  test('the time of each attempt, and of the wait between them', async () => {
    const { upstreamDuration, attempts, code } = await observe({}, [500, 500, 500]);
    expect([attempts, code]).toEqual([3, 'UPSTREAM_ERROR']);
    expect(upstreamDuration).toBeGreaterThanOrEqual(148);
  });

  test('a call that is still under way, so far', async () => {
    const { upstreamDuration, duration } = await observe({
      authorizeOperation: {
        GET_INVITATION: async (op) => {
          void op.loadInvitation();
          await sleep(20);
          return false;
        },
      },
    });
    expect(upstreamDuration).toBeGreaterThanOrEqual(15);
    expect(upstreamDuration).toBeLessThanOrEqual(duration);
  });
});

describe('a long reply', () => {
  test('arrives as bytes, a shorter one as text, and both say the same', async () => {
    for (const length of [65_000, 66_000]) {
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
      expect(typeof body).toBe(length > 65_530 ? 'object' : 'string');
      const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
      expect(JSON.parse(text).id).toHaveLength(length);
    }
  });

  test('of the API is read whole, however many come at a time, and others are served between them', async () => {
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

describe('what tests are given', () => {
  test('an event that is whole', () => {
    expect(webhookEvent('invitation.created')).toEqual({
      id: expect.stringMatching(/^[\da-f]{8}-/u),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/u),
      accountId: 'account-1',
      environmentId: null,
      sourceTable: 'invitations',
      operation: 'insert',
      data: {},
      type: 'invitation.created',
    });
  });

  test('a webhook with its type', async () => {
    const { headers, body } = await webhookRequest(webhookEvent('invitation.created', { id: 'e' }), 's');
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body)).toMatchObject({ id: 'e' });
  });

  test('when a token was issued, of either format', async () => {
    const client = new VortexClient(KEY);
    const second = () => Math.floor(Date.now() / 1000) * 1000;
    const before = second();
    for (const token of [
      await client.generateJwt({ user: { id: 'u' } }, { expiresIn: 60 }),
      await client.generateToken({ user: { id: 'u' } }, { expiresIn: 60 }),
    ]) {
      const { issuedAt, expiresAt } = await readToken(token, KEY);
      expect(issuedAt).toBeGreaterThanOrEqual(before);
      expect(issuedAt).toBeLessThanOrEqual(second());
      expect(expiresAt - issuedAt).toBe(60_000);
    }
  });

  test('a reason why a token or a clock is none', async () => {
    const message = 'The token was not signed with this API key.';
    await expect(readToken('a.b.c', KEY)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'format',
      message,
      cause: expect.any(Error),
    });
    expect(() => fixedClock('x')).toThrow(
      expect.objectContaining({ reason: 'format', message: 'The clock starts at no date.' }),
    );
  });
});
