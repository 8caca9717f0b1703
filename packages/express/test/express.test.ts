/** The rules that only Express has: where the router can be mounted, and the arguments of its hooks. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { ann, expectLeaversLeft, send, serveListener, setupUpstream } from '@vortex/conformance';
import type { Operation, VortexError, VortexMountOptions, VortexUser } from '@vortex/core';
import { vortexRouter } from '@vortex/express';
import express, { type Express, type NextFunction, type Request, type Response, Router } from 'express';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { serve } from './serve.ts';
import { version } from './server.ts';

const upstream = setupUpstream();

afterEach(() => vi.restoreAllMocks());

type Options = VortexMountOptions<VortexUser, Request>;
const router = (options: Partial<Options> = {}): Router =>
  vortexRouter({
    apiKey: upstream.apiKey,
    baseUrl: upstream.url,
    authenticateUser: () => ann,
    authorizeOperation: () => true,
    ...options,
  });
const json = (value: unknown) => ({ json: value });
const accepting = json({ invitationIds: ['i-1'] });

describe(version, () => {
  describe.each<[string, (app: Express) => void]>([
    ['no parser', () => {}],
    ['express.json()', (app) => app.use(express.json())],
    ['express.json({ strict: false })', (app) => app.use(express.json({ strict: false }))],
    ['express.text() for everything', (app) => app.use(express.text({ type: () => true }))],
    ['express.raw() for everything', (app) => app.use(express.raw({ type: () => true }))],
    ['express.urlencoded()', (app) => app.use(express.urlencoded({ extended: true }))],
    [
      'express.json() and express.urlencoded()',
      (app) => app.use(express.json(), express.urlencoded({ extended: false })),
    ],
  ])('behind %s', (parser, before) => {
    let url: string;
    beforeEach(async () => {
      const app = express();
      before(app);
      app.use('/api/vortex', router());
      url = await serve(app);
    });

    test(`a body arrives behind ${parser}`, async () => {
      await send(url, 'POST', '/api/vortex/invitations/accept', accepting);
      expect(JSON.parse(upstream.arrivals[0]?.body ?? '')).toEqual({
        invitationIds: ['i-1'],
        user: { email: ann.email },
      });
    });

    test(`the body null is refused behind ${parser}`, async () => {
      const headers = { 'content-type': 'application/json' };
      const { status, json } = await send(url, 'POST', '/api/vortex/jwt', { headers, body: 'null' });
      // The parser itself refuses it by default.
      expect([status, json?.code ?? 'INVALID_REQUEST']).toEqual([400, 'INVALID_REQUEST']);
    });

    test(`an empty body is no body behind ${parser}, whatever its Content-Type`, async () => {
      const headers = { 'content-type': 'application/json' };
      expect((await send(url, 'POST', '/api/vortex/jwt', { headers })).status).toBe(200);
      expect((await send(url, 'POST', '/api/vortex/jwt', { headers, body: '' })).status).toBe(200);
      const required = await send(url, 'POST', '/api/vortex/invitations/accept', { headers });
      expect([required.status, required.json.code]).toEqual([400, 'INVALID_REQUEST']);
    });

    test(`a body of another Content-Type is refused behind ${parser}`, async () => {
      const headers = { 'content-type': 'text/plain' };
      const reply = await send(url, 'POST', '/api/vortex/invitations/accept', {
        headers,
        body: '{"invitationIds":["i"]}',
      });
      expect([reply.status, reply.json.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
      const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'invitationIds[]=i-1' };
      expect((await send(url, 'POST', '/api/vortex/invitations/accept', form)).status).toBe(415);
      expect(upstream.arrivals).toEqual([]);
    });
  });

  test.each<[string, (request: Request) => unknown]>([
    ['parses', (request) => new Promise((resolve) => express.json()(request, {} as Response, resolve))],
    ['iterates over', (request) => request.toArray()],
    ['copies as a Web stream', (request) => new globalThis.Response(Readable.toWeb(request) as ReadableStream).text()],
    ['turns into a Web stream, without reading it,', (request) => Readable.toWeb(request)],
    ['begins to read and pauses', (request) => once(request, 'data').then(() => request.pause())],
  ])('a body that authenticateUser %s arrives at the route', async (_, read) => {
    const authenticateUser = async (request: Request) => {
      await read(request);
      return ann;
    };
    const url = await serve(express().use('/api/vortex', router({ authenticateUser })));
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      await send(url, 'POST', '/api/vortex/invitations/accept', { ...accepting, headers });
    }
    expect(upstream.arrivals.map(({ body }) => JSON.parse(body).invitationIds)).toEqual([['i-1'], ['i-1']]);
  });

  test('a hook that reads the body after it has waited finds it at its end, and the route gets it', async () => {
    const found: unknown[] = [];
    const authenticateUser = async (request: Request) => {
      await once(request, 'end');
      found.push(...(await request.toArray()));
      return ann;
    };
    const url = await serve(express().use('/api/vortex', router({ authenticateUser })));
    await send(url, 'POST', '/api/vortex/invitations/accept', accepting);
    expect([found, upstream.arrivals.length]).toEqual([[], 1]);
  });

  test.each(['%zz', '%ff', '%'])(
    'the segment %s below the mount is answered with our 400, and the application sees no error',
    async (segment) => {
      const app = express();
      const seen = vi.fn();
      app.use('/api/vortex', router());
      app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
        seen(error);
        response.status(500).send('the page of the application');
      });
      const url = await serve(app);
      for (const path of [`/invitations/${segment}`, `/invitations/by-scope/team/${segment}`]) {
        const reply = await send(url, 'GET', `/api/vortex${path}`);
        expect([reply.status, reply.json.code]).toEqual([400, 'INVALID_REQUEST']);
        expect(reply.headers['cache-control']).toBe('no-store');
        expect(reply.headers['content-type']).toMatch(/^application\/json/u);
      }
      expect(seen).not.toHaveBeenCalled();
    },
  );

  test('a broken escape after a second slash is not below the mount, so the application answers it', async () => {
    const app = express();
    app.use('/api/vortex', router());
    app.use((_request: Request, response: Response) => response.status(404).send('the page of the application'));
    const reply = await send(await serve(app), 'GET', '/api/vortex//invitations/%zz');
    expect([reply.status, reply.text]).toEqual([404, 'the page of the application']);
  });

  test('a router that is mounted without being called says how to mount it', async () => {
    const app = express();
    app.use('/api/vortex', vortexRouter as never);
    const errors: VortexError[] = [];
    app.use((error: VortexError, _request: Request, response: Response, _next: NextFunction) => {
      errors.push(error);
      response.sendStatus(500);
    });
    await send(await serve(app), 'POST', '/api/vortex/jwt');
    expect(errors).toMatchObject([{ code: 'CONFIG', message: expect.stringContaining('vortexRouter(options)') }]);
  });

  // Each version of Express has its own syntax for wildcards. Both take a pattern.
  const PATTERN = /^\/api\/vortex\/.+/u;

  /** Mounts the router at a path that takes the paths of routes away. Returns its URL, and the errors that it hands on. */
  async function mountAt(path: string | RegExp) {
    const app = express();
    app.use(path, router());
    const errors: VortexError[] = [];
    app.use((error: VortexError, _request: Request, response: Response, _next: NextFunction) => {
      errors.push(error);
      response.sendStatus(500);
    });
    return { url: await serve(app), errors };
  }

  test('a router whose mount path takes the path of a route away says how to mount it', async () => {
    const { url, errors } = await mountAt(PATTERN);
    expect((await send(url, 'POST', '/api/vortex/jwt?a=b')).status).toBe(500);
    expect((await send(url, 'GET', '/api/vortex/other')).status).toBe(404);
    expect(errors).toMatchObject([
      { code: 'CONFIG', message: expect.stringContaining('got "/api/vortex/jwt" as "/"') },
    ]);
  });

  test('a router whose mount path takes the path of a route away does not quote a path of over 100 characters', async () => {
    const { url, errors } = await mountAt(PATTERN);
    expect((await send(url, 'POST', `/api/vortex/${'x'.repeat(85)}/jwt`)).status).toBe(500);
    expect(errors).toMatchObject([{ code: 'CONFIG', message: expect.stringContaining('got (not printable) as "/"') }]);
  });

  test('a router whose mount path has a wildcard says so where it takes the path of a list away', async () => {
    const { url, errors } = await mountAt(version === 'Express 5' ? '/api/vortex/*rest' : '/api/vortex/*');
    expect((await send(url, 'GET', '/api/vortex/invitations')).status).toBe(500);
    expect(errors).toMatchObject([{ code: 'CONFIG', message: expect.stringContaining('has a wildcard') }]);
  });

  test.each(['/team/invitations', '/:team/invitations'])(
    "the application's own page at the mount path %s is left to it",
    async (path) => {
      const app = express();
      app.use(path, router());
      app.get(path, (_request, response) => response.send('the page of the application'));
      const url = await serve(app);
      expect((await send(url, 'GET', '/team/invitations')).text).toBe('the page of the application');
      expect((await send(url, 'POST', '/team/invitations/jwt')).status).not.toBe(404);
    },
  );

  test('a page whose URL the application has rewritten to "/" is left to it', async () => {
    const app = express();
    app.use((request, _response, next) => {
      request.url = '/';
      next();
    });
    app.use(router());
    app.get('/', (_request, response) => response.send('the page of the application'));
    expect((await send(await serve(app), 'GET', '/team/invitations')).text).toBe('the page of the application');
  });

  test('on HTTP/2, the origin of a page is compared with the authority of the request', async () => {
    const app = express();
    // By shape: Express needs another package for HTTP/2.
    app.use(({ headers }, _response, next) => {
      headers[':authority'] = headers.host;
      delete headers.host;
      next();
    });
    app.use('/api/vortex', router());
    const url = await serve(app);
    expect((await send(url, 'POST', '/api/vortex/jwt', { headers: { origin: url } })).status).toBe(200);
    expect((await send(url, 'POST', '/api/vortex/jwt', { headers: { origin: 'http://other.test' } })).status).toBe(403);
  });

  test('a router that is called without an application answers', async () => {
    const routes = router();
    const url = await serveListener((request, response) =>
      routes(request as Request, response as Response, () => response.writeHead(404).end()),
    );
    expect((await send(url, 'POST', '/jwt')).status).toBe(200);
    expect((await send(url, 'GET', '/other')).status).toBe(404);
  });

  test.each(['/api/vortex?/jwt', '/api/vortex/?/invitations?a=b', '/api/vortex?a=/invitations'])(
    'the target %s has the path of a route only in its query, so the application answers it',
    async (target) => {
      const app = express();
      app.use('/api/vortex', router());
      expect((await send(await serve(app), 'GET', target)).status).toBe(404);
    },
  );

  test('a router that Fastify would take for a plugin is refused with CONFIG', async () => {
    const register = router() as unknown as (instance: object, options: object, done: (error: unknown) => void) => void;
    const error = await new Promise((resolve) => register({ version: '5.0.0' }, {}, resolve));
    expect(error).toMatchObject({ code: 'CONFIG', message: expect.stringContaining('vortexPlugin') });
  });

  test('a second argument of the router is refused', () => {
    const build = vortexRouter as (...args: unknown[]) => Router;
    const { apiKey, url: baseUrl } = upstream;
    const options = { apiKey, baseUrl, authenticateUser: () => null, authorizeOperation: {} };
    expect(() => build(options, { trustedOrigins: [] })).toThrow(expect.objectContaining({ code: 'CONFIG' }));
  });

  test('the router is built by the version of Express that this project tests', ({ task }) => {
    expect(Object.keys(router())).toEqual(Object.keys(Router()));
    expect(version).toBe(task.file.projectName?.endsWith('Express 4') ? 'Express 4' : 'Express 5');
  });

  test('a reply that a hook or the host has sent is left alone', async () => {
    const app = express();
    app.use((_, response, next) => {
      if (app.get('hurry')) response.status(503).send('too slow');
      next();
    });
    const authenticateUser = (request: Request) => {
      if (!app.get('hurry')) request.res?.redirect('/login');
      return null;
    };
    app.use('/api/vortex', router({ authenticateUser }));
    const errors: unknown[] = [];
    app.use((error: unknown, _: Request, __: Response, next: NextFunction) => {
      errors.push(error);
      next(error);
    });
    const url = await serve(app);
    expect((await send(url, 'POST', '/api/vortex/jwt')).headers.location).toBe('/login');
    app.set('hurry', true);
    expect((await send(url, 'POST', '/api/vortex/jwt')).text).toBe('too slow');
    expect(errors).toEqual([]);
  });

  test('a failure is answered even if onError never settles', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const app = express();
    const authenticateUser = () => Promise.reject(new Error('no database'));
    app.use('/api/vortex', router({ authenticateUser, onError: () => new Promise(() => {}), hookTimeout: 50 }));
    expect((await send(await serve(app), 'POST', '/api/vortex/jwt')).status).toBe(500);
  });

  test.each(['/', '/vortex', '/a/deep/mount', '/tenants/:tenant/vortex'])(
    'a router mounted at %s serves its routes',
    async (mount) => {
      const app = express();
      app.use(mount, router());
      const path = mount.replace(':tenant', 't-1').replace(/\/$/u, '');
      const url = await serve(app);
      expect((await send(url, 'POST', `${path}/jwt`)).status).toBe(200);
      expect((await send(url, 'DELETE', `${path}/invitations/by-scope/t/s`)).status).toBe(200);
      expect((await send(url, 'GET', `${path}//invitations/by-scope/t/s`)).status).toBe(404);
    },
  );

  test('two routers in one application call the API with their own keys', async () => {
    const app = express();
    const other = 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.other';
    app.use('/one', router()).use('/two', router({ apiKey: other }));
    const url = await serve(app);
    await send(url, 'GET', '/one/invitations/by-scope/t/s');
    await send(url, 'GET', '/two/invitations/by-scope/t/s');
    expect(upstream.arrivals.map(({ headers }) => headers['x-api-key'])).toEqual([upstream.apiKey, other]);
  });

  test('hooks find the parameters of the mount path beside those of the route', async () => {
    const seen: unknown[] = [];
    const note = <Result>(hook: string, { params }: Request, result: Result) => {
      seen.push([hook, { ...params }]);
      return result;
    };
    const options: Partial<Options> = {
      authenticateUser: (request) => note('authenticateUser', request, ann),
      authorizeOperation: (_op, _user, request) => note('authorizeOperation', request, true),
      onSuccess: (_event, request) => note('onSuccess', request, undefined),
      jwt: { attributes: (_op, _user, request) => note('attributes', request, { tenant: request.params.tenant }) },
    };
    const url = await serve(express().use('/t/:tenant/vortex', router(options)));
    await send(url, 'GET', '/t/acme/vortex/invitations/by-scope/team/harbor');
    const both = { tenant: 'acme', scopeType: 'team', scope: 'harbor' };
    expect(seen.splice(0)).toEqual([
      ['authenticateUser', both],
      ['authorizeOperation', both],
      ['onSuccess', both],
    ]);
    await send(url, 'POST', '/t/acme/vortex/jwt');
    expect(seen).toContainEqual(['attributes', { tenant: 'acme' }]);
  });

  test('trustedOrigins may be a function of the origin and the request', async () => {
    const trustedOrigins = (origin: string, request: Request) =>
      origin === `https://${request.params.tenant}.app.example` && request.get('x-preview') === 'yes';
    const url = await serve(express().use('/t/:tenant/vortex', router({ trustedOrigins })));
    const from = async (origin: string, preview: string) =>
      (await send(url, 'POST', '/t/acme/vortex/jwt', { headers: { origin, 'x-preview': preview } })).status;
    expect(await from('https://acme.app.example', 'yes')).toBe(200);
    expect(await from('https://acme.app.example', 'no')).toBe(403);
    expect(await from('https://other.app.example', 'yes')).toBe(403);
  });

  test('other paths are left to the host, and OPTIONS to Express', async () => {
    const app = express();
    app.use('/api/vortex', router());
    app.get('/api/vortex/own', (_, response) => void response.send('own'));
    app.use((_, response) => void response.status(404).send('the host’s 404'));
    const url = await serve(app);
    expect((await send(url, 'GET', '/api/vortex/own')).text).toBe('own');
    for (const path of ['/api/vortex/nothing', '/api/vortex', '/api/vortex/jwt/']) {
      expect((await send(url, 'GET', path)).text).toBe('the host’s 404');
    }
    const options = await send(url, 'OPTIONS', '/api/vortex/jwt');
    expect(options.text).toMatch(/\bPOST\b/u);
  });

  test('a rule gets the operation, the user and the request, and cannot change the operation', async () => {
    const app = express();
    const seen: unknown[] = [];
    app.use((request, _, next) => {
      Object.assign(request, { session: { userId: 'u-9' } });
      next();
    });
    app.use(
      '/:tenant',
      vortexRouter({
        apiKey: (request) => (request.get('x-tenant') === 'known' ? upstream.apiKey : undefined),
        baseUrl: upstream.url,
        authenticateUser: (request) => ({
          id: (request as Request & { session: { userId: string } }).session.userId,
          plan: 'pro',
        }),
        authorizeOperation: (op, user, request) => {
          seen.push({ ...op }, user.plan, request.originalUrl);
          expect(() => Object.assign(op, { invitationId: 'other' })).toThrow(TypeError);
          return true;
        },
      }),
    );
    const url = await serve(app);
    await send(url, 'DELETE', '/t/invitations/i-1?x=1', { headers: { 'x-tenant': 'known' } });
    const loadInvitation = expect.any(Function);
    expect(seen).toEqual([
      { name: 'REVOKE_INVITATION', invitationId: 'i-1', loadInvitation },
      'pro',
      '/t/invitations/i-1?x=1',
    ]);
    expect(upstream.arrivals.map(({ target }) => target)).toEqual(['/api/v1/invitations/i-1']);

    vi.spyOn(console, 'error').mockImplementation(() => {});
    const keyless = await send(url, 'POST', '/t/jwt');
    expect([keyless.status, keyless.json.code]).toEqual([500, 'CONFIG']);
  });

  test('onSuccess gets the operation, its result and the user, and the reply waits for it', async () => {
    const steps: unknown[] = [];
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const app = express();
    const onSuccess: Options['onSuccess'] = {
      REVOKE_INVITATION: async ({ op, result, user }) => {
        steps.push([op.invitationId, result.success, user.id]);
        await finished;
      },
    };
    app.use('/api/vortex', router({ onSuccess }));
    const url = await serve(app);
    upstream.script({ status: 200 });
    const revoked = send(url, 'DELETE', '/api/vortex/invitations/i-1').then(() => steps.push('answered'));
    await expect.poll(() => steps.length).toBe(1);
    // A reply that did not wait would arrive before that of a later request.
    await send(url, 'POST', '/api/vortex/jwt');
    steps.push('finished');
    finish();
    await revoked;
    expect(steps).toEqual([['i-1', true, ann.id], 'finished', 'answered']);
  });

  test('onSuccess is not called if the operation failed', async () => {
    const onSuccess = vi.fn();
    const app = express();
    app.use('/api/vortex', router({ onSuccess }));
    upstream.script({ status: 404 });
    expect((await send(await serve(app), 'DELETE', '/api/vortex/invitations/i-1')).status).toBe(404);
    expect(onSuccess).not.toHaveBeenCalled();
  });

  test('an onSuccess that throws is answered with 500 and given to onError, which may throw as well', async () => {
    const reported: [VortexError, Operation | undefined][] = [];
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const app = express();
    app.use(
      '/api/vortex',
      router({
        onSuccess: () => {
          throw new Error('the database is away');
        },
        onError: ({ error, op }) => {
          reported.push([error, op]);
          throw new Error('and so is the pager');
        },
      }),
    );
    const url = await serve(app);
    const reply = await send(url, 'POST', '/api/vortex/jwt');
    expect([reply.status, reply.json.code]).toEqual([500, 'INTERNAL']);
    expect(reply.text).not.toContain('database');
    expect(reported).toMatchObject([
      [{ code: 'INTERNAL', cause: { message: 'the database is away' } }, { name: 'JWT' }],
    ]);
    expect(logged.mock.calls.map(([line]) => line)).toEqual([
      expect.stringMatching(/\bJWT\b.*\bINTERNAL\b.*\bonSuccess\b/u),
      expect.stringContaining('onError'),
    ]);
    await send(url, 'GET', '/api/vortex/invitations/by-scope');
    expect(reported).toHaveLength(1);
  });

  test('a denial without a rule is logged once for each operation', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const app = express();
    app.use('/api/vortex', router({ authorizeOperation: { JWT: false } }));
    const url = await serve(app);
    for (const path of ['/jwt', '/invitations/i-1/reinvite', '/invitations/i-1/reinvite']) {
      expect((await send(url, 'POST', `/api/vortex${path}`)).status).toBe(403);
    }
    expect(warned.mock.calls).toEqual([[expect.stringContaining('REINVITE')]]);
  });

  test('a rule that returns no boolean denies and is logged', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const app = express();
    app.use('/api/vortex', router({ authorizeOperation: { JWT: () => 1 as unknown as boolean } }));
    expect((await send(await serve(app), 'POST', '/api/vortex/jwt')).status).toBe(403);
    expect(warned.mock.calls).toEqual([[expect.stringMatching(/\bJWT\b.*\bnumber\b/u)]]);
  });

  test('a caller that disconnects ends a read of the API, but not a write', async () => {
    const app = express();
    app.use('/api/vortex', router());
    const url = await serve(app);
    await expectLeaversLeft(upstream, `${url}/api/vortex`);
  });

  test('a router whose handle an agent has wrapped, as New Relic does, answers as before', async () => {
    const own = router({ authenticateUser: () => null });
    const handle: express.RequestHandler = Reflect.get(own, 'handle');
    const seen: string[] = [];
    Object.assign(own, {
      handle: (...given: Parameters<express.RequestHandler>) => {
        seen.push(given[0].url);
        handle.apply(own, given);
      },
    });
    const url = await serve(express().use('/api/vortex', own));
    expect((await send(url, 'POST', '/api/vortex/jwt')).status).toBe(401);
    expect(seen).toEqual(['/jwt']);
  });

  test('a hook that rejects leaves no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const app = express();
    app.use('/api/vortex', router({ authenticateUser: () => Promise.reject(new Error('no database')) }));
    const url = await serve(app);
    expect((await send(url, 'POST', '/api/vortex/jwt')).status).toBe(500);
    // Node reports an unhandled rejection before the event loop turns.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

describe('options', () => {
  const authorizeOperation = () => true;
  test.each<[string, object]>([
    ['apiKey', { apiKey: undefined }],
    ['apiKey', { apiKey: '' }],
    ['apiKey', { apiKey: 'VRTX.abc' }],
    ['apiKey', { apiKey: 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.canary\n' }],
    ['apiKey', { apiKey: '"VRTX.AAAAAAAAAAAAAAAAAAAAAA.canary"' }],
    ['apiKey', { apiKey: ' VRTX.AAAAAAAAAAAAAAAAAAAAAA.canary' }],
    ['baseUrl', { baseUrl: 'http://api.example.com' }],
    ['baseUrl', { baseUrl: 'http://api.example.com', apiKey: () => 'later' }],
    ['baseUrl', { baseUrl: 'https://user@api.example.com' }],
    ['baseUrl', { baseUrl: 'https://api.example.com/?a' }],
    ['authenticateUser', { authenticateUser: undefined }],
    ['authorizeOperation', { authorizeOperation: undefined }],
    ['authorizeOperation', { authorizeOperation: 'all' }],
    ['REVOKE', { authorizeOperation: { REVOKE: true } }],
    ['authorizeOperation.JWT', { authorizeOperation: { JWT: 'yes' } }],
    ['toString', { authorizeOperation: { toString: true } }],
    ['actAs', { actAs: { JWT: 'anyone' } }],
    ['actAs.CREATE_INVITATION', { actAs: { CREATE_INVITATION: 'everyone' } }],
    ['timeout', { timeout: Number.NaN }],
    ['timeout', { timeout: -5 }],
    ['timeout', { timeout: -5, apiKey: () => 'later' }],
    ['hookTimeout', { hookTimeout: Number.POSITIVE_INFINITY }],
    ['hookTimeout', { hookTimeout: 0 }],
    ['jwt.expiresIn', { jwt: { expiresIn: '1w' } }],
    ['jwt.expiresIn', { jwt: { expiresIn: '31d' } }],
    ['jwt.expiresIn', { jwt: { expiresIn: 0 } }],
    ['jwt.format', { jwt: { format: 'JWT' } }],
    ['csrf', { csrf: false }],
    ['trustedOrigins', { trustedOrigins: ['app.example.com'] }],
    ['trustedOrigins', { trustedOrigins: ['https://app.example.com/'] }],
    ['onSuccess', { onSuccess: { ACCEPT: () => {} } }],
    ['client', { client: {}, apiKey: undefined }],
    ['timeout', { timeout: 3333.3 }],
    ['timeout', { timeout: '5000' }],
    ['apiKey', { apiKey: 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.line\nbreak' }],
    ['apiKey', { apiKey: 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.\u{1f511}' }],
    ['allowInsecureHttp', { allowInsecureHttp: 'false' }],
    ['authorizeOperation', { authorizeOperation: [] }],
    ['authorizeOperation', { authorizeOperation: Promise.resolve({}) }],
    ['onSuccess.REINVITE', { onSuccess: { REINVITE: 'x' } }],
    ['onSuccess', { onSuccess: null }],
    ['onError', { onError: 'x' }],
    ['jwt.attributes', { jwt: { attributes: 'x' } }],
    ['jwt', { jwt: 'x' }],
    ['openapi', { openapi: true }],
    ['trustedOrigins', { trustedOrigins: 'https://a.example' }],
    ['trustedOrigin', { trustedOrigin: ['https://a.example'] }],
  ])('an invalid %s is refused by name when the router is built: %o', (option, wrong) => {
    const { apiKey, url: baseUrl } = upstream;
    const options = { apiKey, baseUrl, authenticateUser: () => ann, authorizeOperation, ...wrong } as Options;
    expect(() => vortexRouter(options)).toThrow(
      expect.objectContaining({ name: 'VortexError', code: 'CONFIG', message: expect.stringContaining(option) }),
    );
    expect(() => vortexRouter(options)).not.toThrow(/canary/u);
  });
});
