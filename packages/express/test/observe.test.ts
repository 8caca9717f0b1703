/** The events that onResponse is given, and the logger. */
import { ann, type Sent, send, setupUpstream } from '@vortex/conformance';
import type { ResponseEvent, VortexMountOptions, VortexUser } from '@vortex/core';
import { vortexRouter } from '@vortex/express';
import express, { type Request } from 'express';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { serve } from './serve.ts';
import { version } from './server.ts';

const upstream = setupUpstream();

afterEach(() => vi.restoreAllMocks());

const logger = () => ({ warn: vi.fn(), error: vi.fn() });

/** Sends one request to a router with these options, and returns its reply and its events. */
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
  const answer = await send(await serve(app), method, `/api/vortex${path}`, sent);
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
    [
      'a signed-out caller',
      'POST',
      '/jwt',
      { operation: 'JWT', status: 401, code: 'UNAUTHENTICATED', attempts: 0 },
      { sent: {} },
    ],
    [
      'a denial',
      'DELETE',
      '/invitations/i-1',
      { operation: 'REVOKE_INVITATION', status: 403, code: 'FORBIDDEN', attempts: 0 },
      { authorizeOperation: () => false },
    ],
    [
      'a write of another site',
      'POST',
      '/jwt',
      { operation: 'JWT', status: 403, code: 'CROSS_SITE_REQUEST' },
      { sent: { user: ann, headers: { 'sec-fetch-site': 'cross-site' } } },
    ],
    ['invalid input', 'GET', '/invitations', { operation: 'GET_INVITATIONS', status: 400, code: 'INVALID_REQUEST' }],
    [
      'an invitation that the API does not know',
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
  ])('the event of %s has its operation, status and code', async (_, method, path, expected, options) => {
    const { answer, events } = await observe(method, path, options);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject(expected);
    expect(answer.status).toBe(expected.status);
  });

  test('each attempt at a call of the API counts', async () => {
    upstream.script({ status: 503 }, { status: 503 }, { status: 200, body: '{"invitations":[]}' });
    const { event } = await observe('GET', '/invitations/by-scope/team/mine');
    expect(event).toMatchObject({ code: 'OK', attempts: 3 });
  });

  test('an invitation that a rule and the operation both load counts as one attempt', async () => {
    upstream.script({ status: 200, body: '{"id":"i-1"}' });
    const authorizeOperation: VortexMountOptions<VortexUser, Request>['authorizeOperation'] = {
      GET_INVITATION: async (op) => Boolean(await op.loadInvitation()),
    };
    const { event } = await observe('GET', '/invitations/i-1', { authorizeOperation });
    expect(event).toMatchObject({ code: 'OK', attempts: 1 });
  });

  test('an event has only numbers beside its operation and code', async () => {
    const path = `/invitations?targetType=email&targetValue=${target}`;
    const { event } = await observe('GET', path);
    const { operation, code, ...rest } = event as ResponseEvent;
    expect(Object.keys(rest).sort()).toEqual(['attempts', 'duration', 'hookDuration', 'status', 'upstreamDuration']);
    for (const figure of Object.values(rest)) expect(figure).toBeTypeOf('number');
    expect([operation, code]).toEqual(['GET_INVITATIONS', 'OK']);
  });

  test('onResponse gets the request as its second argument', async () => {
    const onResponse = vi.fn();
    await observe('POST', '/jwt', { onResponse });
    expect(onResponse.mock.lastCall?.[1].originalUrl).toBe('/api/vortex/jwt');
  });

  test.each([
    ['/nothing-of-ours', 'GET', 404],
    ['/jwt', 'GET', 405],
  ])('a request to %s by %s has no event', async (path, method, status) => {
    const { answer, events } = await observe(method, path);
    expect([answer.status, events]).toEqual([status, []]);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no metrics');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no metrics'))],
  ])('an onResponse that %s is logged, and the reply is the same', async (_, onResponse) => {
    const log = logger();
    const { answer } = await observe('POST', '/jwt', { onResponse, logger: log });
    expect(answer.status).toBe(200);
    await expect.poll(() => log.error.mock.calls.length).toBe(1);
    expect(log.error.mock.lastCall?.[0]).toContain('onResponse');
  });

  test('an onResponse that never settles does not delay the reply', async () => {
    const { answer } = await observe('POST', '/jwt', { onResponse: () => new Promise(() => {}) });
    expect(answer.status).toBe(200);
  });
});

describe('logger', () => {
  const failing = { authorizeOperation: () => Promise.reject(new Error('a secret of the application')) };
  const line = expect.stringMatching(/^Vortex: .*\bJWT\b.*\bINTERNAL\b/u);

  test('console is given the line and then the error if there is no logger', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    await observe('POST', '/jwt', { ...failing, logger: undefined });
    expect(error.mock.calls).toEqual([[line, expect.objectContaining({ code: 'INTERNAL' })]]);
  });

  test('a logger like console is given the line and then the error', async () => {
    const log = logger();
    await observe('POST', '/jwt', { ...failing, logger: log });
    expect(log.error.mock.calls).toEqual([[line, expect.objectContaining({ code: 'INTERNAL' })]]);
  });

  test.each([
    [
      'pino, with child and fatal, is given the error and then the line',
      { fatal: vi.fn() },
      [expect.objectContaining({ code: 'INTERNAL' }), line],
    ],
    [
      'winston, with child, is given the line and then the error',
      {},
      [line, expect.objectContaining({ code: 'INTERNAL' })],
    ],
  ])('a logger like %s', async (_, more, expected) => {
    const log = { ...logger(), child: vi.fn(), ...more };
    await observe('POST', '/jwt', { ...failing, logger: log });
    expect(log.error.mock.calls).toEqual([expected]);
  });

  test('a missing rule is logged as a warning', async () => {
    const log = logger();
    await observe('POST', '/jwt', { authorizeOperation: {}, logger: log });
    expect(log.warn.mock.calls).toEqual([[expect.stringContaining('JWT')]]);
    expect(log.error).not.toHaveBeenCalled();
  });

  test.each([[{}], [{ warn() {} }], ['console']])('the logger %o is refused', (given) => {
    // @ts-expect-error: the compiler refuses it as well
    expect(() => vortexRouter({ authenticateUser: () => null, authorizeOperation: {}, logger: given })).toThrow(
      expect.objectContaining({ code: 'CONFIG', message: expect.stringContaining('logger') }),
    );
  });
});
