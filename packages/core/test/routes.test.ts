/** The paths that adapters mount, what answers there without an operation, and what a request is said to have taken. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type OperationName,
  type ResponseEvent,
  VortexClient,
  type VortexOptions,
  type VortexUser,
} from '@vortex/core';
import { createDispatch, METHODS, pathsOf, schemasOf } from '@vortex/core/adapter';
import { openApiDocument } from '@vortex/core/openapi';
import { fixedClock, readToken, signedWebhook, webhookEvent } from '@vortex/core/testing';
import { describe, expect, test } from 'vitest';

const KEY = 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.made-up-Secret';

describe('a path', () => {
  test('takes its methods, refuses others of ours, and leaves the rest to the host', () => {
    const table = pathsOf({}).map(({ path, find }) => {
      const taken = [...METHODS, 'OPTIONS', 'get', 'TRACE'].map((method) => {
        const found = find(method);
        if (typeof found !== 'function') return `${method} ${found}`;
        const { status, headers, body } = found(path);
        expect([status, JSON.parse(String(body)).code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
        return `${method} not, but ${headers.allow}`;
      });
      return [path, ...taken];
    });
    // Literal segments come before parameters.
    const parameters = table.map(([path = '']) => path.split(':').length);
    expect(parameters).toEqual(parameters.toSorted((a, b) => a - b));
    const at = (wanted: string) => table.find(([path]) => path === wanted);
    expect(at('/invitations')).toEqual([
      '/invitations',
      'GET GET_INVITATIONS',
      'HEAD GET_INVITATIONS',
      'POST CREATE_INVITATION',
      'PUT not, but GET, HEAD, POST',
      'PATCH not, but GET, HEAD, POST',
      'DELETE not, but GET, HEAD, POST',
      'OPTIONS undefined',
      'get undefined',
      'TRACE undefined',
    ]);
    expect(at('/jwt')?.slice(1, 4)).toEqual(['GET not, but POST', 'HEAD not, but POST', 'POST JWT']);
  });
});

describe('the document', () => {
  const at = (url: string, document = openApiDocument()) => {
    const found = pathsOf({ openapi: document })
      .find(({ path }) => path === '/openapi.json')
      ?.find('GET');
    if (typeof found !== 'function') throw new Error('nothing answers');
    return found(url);
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
  ])('asked for at %s says it is served at %s', (url, server) => {
    const { status, headers, body } = at(url);
    expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=300']);
    expect(JSON.parse(String(body))).toEqual({ ...openApiDocument(), servers: [{ url: server }] });
  });

  test('is the one that the package ships', () => {
    const shipped = readFileSync(new URL('../openapi.json', import.meta.url), 'utf8');
    expect(openApiDocument()).toEqual(JSON.parse(shipped));
  });

  test('may name its server itself', () => {
    const own = openApiDocument({ basePath: '/elsewhere' });
    expect(JSON.parse(String(at('/openapi.json', own).body)).servers).toEqual([{ url: '/elsewhere' }]);
  });

  test('is there for GET and HEAD, and where it is given', () => {
    const path = pathsOf({ openapi: openApiDocument() }).at(-1);
    expect(METHODS.filter((method) => typeof path?.find(method) === 'function')).toEqual([...METHODS]);
    const refused = path?.find('POST');
    expect(typeof refused === 'function' && refused('/openapi.json').headers.allow).toBe('GET, HEAD');
    const headed = path?.find('HEAD');
    expect(typeof headed === 'function' && headed('/openapi.json').status).toBe(200);
    expect(path?.find('OPTIONS')).toBeUndefined();
    expect(pathsOf({}).some(({ path }) => path === '/openapi.json')).toBe(false);
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
  type Options = Partial<VortexOptions<undefined, VortexUser>>;
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
    const dispatch = createDispatch<undefined, VortexUser>({
      client,
      authenticateUser: () => ({ id: 'u' }),
      authorizeOperation: () => true,
      onResponse: told,
      ...options,
    });
    const start = performance.now();
    await dispatch({
      operation: 'GET_INVITATION',
      path: '/invitations/:invitationId',
      url: '/invitations/i',
      readBody: async () => new Uint8Array(),
      header: () => undefined,
      signal: () => undefined,
      log: () => {},
      context: undefined,
    });
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
      const dispatch = createDispatch<undefined, VortexUser>({
        client,
        authenticateUser: () => ({ id: 'u' }),
        authorizeOperation: () => true,
      });
      const { body } = await dispatch({
        operation: 'GET_INVITATION',
        path: '/invitations/:invitationId',
        url: '/invitations/i',
        readBody: async () => new Uint8Array(),
        header: () => undefined,
        signal: () => undefined,
        log: () => {},
        context: undefined,
      });
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
    const { headers, body } = await signedWebhook(webhookEvent('invitation.created', { id: 'e' }), 's');
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
