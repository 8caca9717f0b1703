/** What the application hears of each request, and where it is logged. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ann, type Sent, send, setupUpstream } from '@vortex/conformance';
import type { ResponseEvent, VortexMountOptions, VortexUser } from '@vortex/core';
import { vortexRouter } from '@vortex/express';
import express, { type Request } from 'express';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { listen, version } from './server.ts';

const upstream = setupUpstream();

const open: Awaited<ReturnType<typeof listen>>[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const logger = () => ({ warn: vi.fn(), error: vi.fn() });

/** One request to a router with these options: its answer, and what was told of it. */
async function observe(
  method: string,
  path: string,
  { sent = { user: ann }, ...options }: Partial<VortexMountOptions<VortexUser, Request>> & { sent?: Sent } = {},
) {
  const events: ResponseEvent[] = [];
  const app = express();
  const router = vortexRouter({
    apiKey: upstream.apiKey,
    baseUrl: upstream.url,
    authenticateUser: (request) => (request.headers['x-conformance-user'] ? ann : null),
    authorizeOperation: () => true,
    logger: logger(),
    onResponse: (event) => events.push(event),
    ...options,
  });
  app.use('/api/vortex', router);
  const server = await listen(app);
  open.push(server);
  const answer = await send(server.url, method, `/api/vortex${path}`, sent);
  return { answer, events, event: events[0] };
}

describe(`onResponse on ${version}`, () => {
  const target = encodeURIComponent(ann.email);
  const accepting: Sent = { user: ann, json: { invitationIds: ['not-there'] } };

  test.each<[string, string, string, Partial<ResponseEvent>, Parameters<typeof observe>[2]?]>([
    ['a token', 'POST', '/jwt', { operation: 'JWT', status: 200, code: 'OK', attempts: 0, upstreamDuration: 0 }],
    [
      'a list',
      'GET',
      `/invitations?targetType=email&targetValue=${target}`,
      { operation: 'GET_INVITATIONS', status: 200, code: 'OK', attempts: 1 },
    ],
    ['nobody', 'POST', '/jwt', { operation: 'JWT', status: 401, code: 'UNAUTHENTICATED', attempts: 0 }, { sent: {} }],
    [
      'a denial',
      'DELETE',
      '/invitations/i-1',
      { operation: 'REVOKE_INVITATION', status: 403, code: 'FORBIDDEN', attempts: 0 },
      { authorizeOperation: () => false },
    ],
    [
      'another site',
      'POST',
      '/jwt',
      { operation: 'JWT', status: 403, code: 'CROSS_SITE_REQUEST' },
      { sent: { user: ann, headers: { 'sec-fetch-site': 'cross-site' } } },
    ],
    ['bad input', 'GET', '/invitations', { operation: 'GET_INVITATIONS', status: 400, code: 'INVALID_REQUEST' }],
    [
      'what the API does not know',
      'POST',
      '/invitations/accept',
      { operation: 'ACCEPT_INVITATIONS', status: 404, code: 'NOT_FOUND', attempts: 1 },
      { sent: accepting },
    ],
    [
      'a hook that throws',
      'POST',
      '/jwt',
      { operation: 'JWT', status: 500, code: 'INTERNAL' },
      {
        authorizeOperation: () => {
          throw new Error('a secret of the application');
        },
      },
    ],
  ])('%s', async (_, method, path, expected, options) => {
    const { answer, events } = await observe(method, path, options);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject(expected);
    expect(answer.status).toBe(expected.status);
  });

  test('each attempt counts', async () => {
    upstream.script({ status: 503 }, { status: 503 }, { status: 200, body: '{"invitations":[]}' });
    const { event } = await observe('GET', '/invitations/by-scope/team/mine');
    expect(event).toMatchObject({ code: 'OK', attempts: 3 });
  });

  test('what the rule has loaded counts once, though the run uses it too', async () => {
    upstream.script({ status: 200, body: '{"id":"i-1"}' });
    const authorizeOperation: VortexMountOptions<VortexUser, Request>['authorizeOperation'] = {
      GET_INVITATION: async (op) => Boolean(await op.loadInvitation()),
    };
    const { event } = await observe('GET', '/invitations/i-1', { authorizeOperation });
    expect(event).toMatchObject({ code: 'OK', attempts: 1 });
  });

  test('a hook’s time is the hook’s, and the API’s is the API’s, even within a hook', async () => {
    const slow = { status: 200, body: '{"id":"i-1"}' };
    upstream.script(slow);
    let waited = 0;
    const { event } = await observe('GET', '/invitations/i-1', {
      authenticateUser: () => sleep(60, ann),
      authorizeOperation: {
        GET_INVITATION: async (op) => {
          await sleep(60);
          const start = performance.now();
          await op.loadInvitation();
          waited = performance.now() - start;
          return true;
        },
      },
    });
    const { duration, hookDuration, upstreamDuration } = event as ResponseEvent;
    // Timers may end a millisecond early.
    expect(hookDuration).toBeGreaterThan(118);
    expect(upstreamDuration).toBeGreaterThan(0);
    expect(upstreamDuration).toBeLessThanOrEqual(waited);
    expect(hookDuration + upstreamDuration).toBeLessThanOrEqual(duration + 0.1);
  });

  test('onError is a hook too', async () => {
    const failing = () => Promise.reject(new Error('no database'));
    const { event } = await observe('POST', '/jwt', { authenticateUser: failing, onError: () => sleep(60) });
    expect(event?.hookDuration).toBeGreaterThan(58);
  });

  test('names nobody and nothing', async () => {
    const path = `/invitations?targetType=email&targetValue=${target}`;
    const { event } = await observe('GET', path);
    const { operation, code, ...rest } = event as ResponseEvent;
    expect(Object.keys(rest).sort()).toEqual(['attempts', 'duration', 'hookDuration', 'status', 'upstreamDuration']);
    for (const figure of Object.values(rest)) expect(figure).toBeTypeOf('number');
    expect([operation, code]).toEqual(['GET_INVITATIONS', 'OK']);
  });

  test('gets the request too', async () => {
    const onResponse = vi.fn();
    await observe('POST', '/jwt', { onResponse });
    expect(onResponse.mock.lastCall?.[1].originalUrl).toBe('/api/vortex/jwt');
  });

  test.each([
    ['/nothing-of-ours', 'GET'],
    ['/jwt', 'GET'],
  ])('%s by %s is no operation', async (path, method) => {
    expect((await observe(method, path)).events).toEqual([]);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no metrics');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no metrics'))],
  ])('one that %s is logged, and the answer is what it was', async (_, onResponse) => {
    const log = logger();
    const { answer } = await observe('POST', '/jwt', { onResponse, logger: log });
    expect(answer.status).toBe(200);
    await vi.waitFor(() => expect(log.error).toHaveBeenCalledOnce());
    expect(log.error.mock.lastCall?.[0]).toContain('onResponse threw');
  });

  test('one that never ends holds up nothing', async () => {
    const { answer } = await observe('POST', '/jwt', { onResponse: () => new Promise(() => {}) });
    expect(answer.status).toBe(200);
  });
});

describe('logger', () => {
  const failing = { authorizeOperation: () => Promise.reject(new Error('a secret of the application')) };
  const line = expect.stringMatching(/^Vortex: JWT failed with INTERNAL/u);

  test('console, where there is none: the message, then the error', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    await observe('POST', '/jwt', { ...failing, logger: undefined });
    expect(error.mock.calls).toEqual([[line, expect.objectContaining({ code: 'INTERNAL' })]]);
  });

  test('one like console', async () => {
    const log = logger();
    await observe('POST', '/jwt', { ...failing, logger: log });
    expect(log.error.mock.calls).toEqual([[line, expect.objectContaining({ code: 'INTERNAL' })]]);
  });

  test.each([
    ['pino, which has levels of its own', { fatal: vi.fn() }, [expect.objectContaining({ code: 'INTERNAL' }), line]],
    ['winston', {}, [line, expect.objectContaining({ code: 'INTERNAL' })]],
  ])('one that makes children, like %s', async (_, more, expected) => {
    const log = { ...logger(), child: vi.fn(), ...more };
    await observe('POST', '/jwt', { ...failing, logger: log });
    expect(log.error.mock.calls).toEqual([expected]);
  });

  test('a missing rule is a warning', async () => {
    const log = logger();
    await observe('POST', '/jwt', { authorizeOperation: {}, logger: log });
    expect(log.warn.mock.calls).toEqual([[expect.stringContaining('no rule for JWT')]]);
  });

  test.each([[{}], [{ warn() {} }], ['console']])('%o is no logger', (given) => {
    // @ts-expect-error -- that is what it is about
    expect(() => vortexRouter({ authenticateUser: () => null, authorizeOperation: {}, logger: given })).toThrow(
      expect.objectContaining({ code: 'CONFIG', message: 'logger must have the methods warn and error.' }),
    );
  });
});
