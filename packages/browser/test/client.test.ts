/** Tests the client without React, against the real routes in front of the emulator. */
import { type BrowserClient, createBrowserClient, type VortexRequestError } from '@vortex/browser';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Application, failure, newInvitation, startApplication, zoe } from './server.ts';

let application: Application;
let client: BrowserClient;
beforeAll(async () => {
  application = await startApplication();
  client = createBrowserClient({ baseUrl: application.url });
});
beforeEach(() => application.reset());
afterAll(() => application.close());

describe('the methods of the client', () => {
  test('getJwt sends its context and returns a token', async () => {
    const jwt = await client.getJwt({ componentId: 'c', scope: 's', scopeType: 'team' });
    expect(jwt.split('.')).toHaveLength(3);
    expect(application.bodies).toEqual([{ context: { componentId: 'c', scope: 's', scopeType: 'team' } }]);
  });

  test('an invitation can be created, read, listed and accepted', async () => {
    const { id } = await client.createInvitation(newInvitation("o'neil+1@harbor.example"));
    expect(await client.getInvitation(id)).toMatchObject({ id, foreignCreatorId: zoe.id });
    expect(await client.getInvitationsByTarget('email', "o'neil+1@harbor.example")).toMatchObject([{ id }]);

    const { id: own } = await client.createInvitation(newInvitation(zoe.email));
    const accepted = await client.acceptInvitations([own]);
    expect(accepted).toMatchObject({ id: own, invitations: [{ id: own, status: 'accepted' }] });
  });

  test.each([
    ['a deprecated target', { type: 'email', value: zoe.email } as const],
    ['a user', { email: zoe.email, isExisting: true }],
  ])('acceptInvitations accepts with %s', async (_, who) => {
    const { id } = await client.createInvitation(newInvitation(zoe.email));
    expect(await client.acceptInvitations([id], who)).toMatchObject({ id, status: 'accepted' });
  });

  test('null counts as absent in the optional fields of each request', async () => {
    const token = await client.getJwt({ componentId: null, scope: null, scopeType: null });
    expect(token.split('.')).toHaveLength(3);
    const { id } = await client.createInvitation({
      ...newInvitation(zoe.email),
      inviter: { userId: null, userEmail: null, name: null, avatarUrl: null },
      scopes: [{ type: 'team', scopeId: 't1', groupId: null, name: null }],
      metadata: null,
      unfurlConfig: null,
    });
    expect(await client.getInvitation(id)).toMatchObject({
      creatorName: zoe.name,
      scopes: [{ scopeId: 't1', name: 't1' }],
    });
    const user = { email: zoe.email, phone: null, name: null, isExisting: null };
    expect(await client.acceptInvitations([id], user)).toMatchObject({ id, status: 'accepted' });
    const settings = { scopeType: 'team', scope: null, scopeId: 't', scopeName: null, domains: [], metadata: null };
    expect(await client.configureAutojoin({ ...settings, componentId: 'c', widgetId: null })).toMatchObject({
      autojoinDomains: [],
    });
  });

  test('revokeInvitation resolves to undefined and removes the invitation from the list', async () => {
    const { id } = await client.createInvitation(newInvitation('ben@orchard.example'));
    expect(await client.revokeInvitation(id)).toBeUndefined();
    expect(await client.getInvitationsByTarget('email', 'ben@orchard.example')).toEqual([]);
  });

  test('invitations of a scope are listed and deleted by scope and by group, with any characters in its id', async () => {
    const scope = 'team/1 ?#é%';
    const { id } = await client.createInvitation(newInvitation('ben@orchard.example', scope));
    expect(await client.getInvitationsByScope('team', scope)).toMatchObject([{ id }]);
    expect(await client.getInvitationsByGroup('team', scope)).toMatchObject([{ id }]);
    expect(await client.getInvitationsByScope('team', scope, { start: 1 })).toEqual([]);
    await client.deleteInvitationsByScope('team', scope);
    await client.deleteInvitationsByGroup('team', scope);
    expect(await client.getInvitationsByScope('team', scope)).toEqual([]);
    const segment = encodeURIComponent(scope);
    expect(application.requests.slice(1)).toEqual([
      `GET /invitations/by-scope/team/${segment}`,
      `GET /invitations/by-group/team/${segment}`,
      `GET /invitations/by-scope/team/${segment}?start=1`,
      `DELETE /invitations/by-scope/team/${segment}`,
      `DELETE /invitations/by-group/team/${segment}`,
      `GET /invitations/by-scope/team/${segment}`,
    ]);
  });

  test('configureAutojoin sets the domains that getAutojoinDomains returns', async () => {
    const settings = { scopeType: 'team', scope: 't', domains: ['harbor.example'], componentId: 'c' };
    expect(await client.configureAutojoin(settings)).toMatchObject({
      autojoinDomains: [{ domain: 'harbor.example' }],
    });
    expect((await client.getAutojoinDomains('team', 't')).autojoinDomains).toMatchObject([
      { domain: 'harbor.example' },
    ]);
  });

  test('syncInternalInvitation processes the invitation and returns its id', async () => {
    const { id } = await client.createInvitation({
      ...newInvitation(''),
      target: { type: 'internal', value: zoe.id },
    });
    const decision = { creatorId: zoe.id, targetValue: zoe.id, action: 'accepted', componentId: 'c' } as const;
    expect(await client.syncInternalInvitation(decision)).toEqual({ processed: 1, invitationIds: [id] });
  });
});

describe('requests', () => {
  test.each<[string, (id: string) => Promise<unknown>, (segment: string) => string]>([
    ['getInvitation', (id) => client.getInvitation(id), (segment) => `GET /invitations/${segment}`],
    ['revokeInvitation', (id) => client.revokeInvitation(id), (segment) => `DELETE /invitations/${segment}`],
    ['reinvite', (id) => client.reinvite(id), (segment) => `POST /invitations/${segment}/reinvite`],
    [
      'getAutojoinDomains',
      (id) => client.getAutojoinDomains(id, id),
      (s) => `GET /invitations/by-scope/${s}/${s}/autojoin`,
    ],
  ])('%s encodes an id as one path segment', async (_, call, route) => {
    application.instead = (_, response) => response.json({});
    for (const id of ['a/../b', 'x?y=1#z', '%2e%2e', 'é 🚀', '...']) await call(id);
    const segments = ['a%2F..%2Fb', 'x%3Fy%3D1%23z', '%252e%252e', '%C3%A9%20%F0%9F%9A%80', '...'];
    expect(application.requests).toEqual(segments.map(route));
  });

  test('only a call with a body sends a content type, and every call sends the headers of the options', async () => {
    const sent: Headers[] = [];
    const { id } = await client.createInvitation(newInvitation('ben@orchard.example'));
    application.instead = (request, response) => {
      sent.push(new Headers(request.headers as Record<string, string>));
      response.json({});
    };
    const own = createBrowserClient({ baseUrl: `${application.url}/`, headers: { 'x-tenant': 't' } });
    await own.getInvitation(id);
    await own.reinvite(id);
    await own.configureAutojoin({ scopeType: 'a', scope: 'b', domains: [], componentId: 'c' });
    expect(sent.map((headers) => headers.get('content-type'))).toEqual([null, null, 'application/json']);
    expect(sent.map((headers) => headers.get('x-tenant'))).toEqual(['t', 't', 't']);
    expect(application.requests.slice(1, 3)).toEqual([`GET /invitations/${id}`, `POST /invitations/${id}/reinvite`]);
  });

  test('only the token is fetched from jwtBaseUrl', async () => {
    const sent: string[] = [];
    const spy: typeof fetch = (input, init) => {
      sent.push(String(input));
      return fetch(input, init);
    };
    const own = createBrowserClient({
      baseUrl: `${application.url}/nowhere`,
      jwtBaseUrl: application.url,
      fetch: spy,
    });
    await own.getJwt();
    await failure(own.getInvitation('i'));
    expect(sent).toEqual([`${application.url}/jwt`, `${application.url}/nowhere/invitations/i`]);
  });

  test.each([
    ['an empty id', () => client.revokeInvitation('')],
    ['a dot as an id', () => client.revokeInvitation('.')],
    [
      'two dots as a scope type, which would resolve to another route',
      () => client.deleteInvitationsByScope('..', 'i'),
    ],
    ['an id with a lone surrogate', () => client.getInvitation('\uD800')],
    ['an undefined id', () => client.getInvitation(undefined as unknown as string)],
    [
      'a value that JSON cannot hold',
      () => client.createInvitation({ ...newInvitation('a@b.example'), metadata: { big: 1n } }),
    ],
  ])('nothing is sent for %s', async (_, call) => {
    expect(await failure(call())).toMatchObject({ code: 'INVALID_REQUEST', status: 0 });
    expect(application.requests).toEqual([]);
  });
});

describe('failures', () => {
  const get = () => client.getInvitation('11111111-1111-4111-8111-111111111111');

  test('a call without a signed-in user rejects with UNAUTHENTICATED', async () => {
    application.user = null;
    expect(await failure(client.getJwt())).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
  });

  test('a call that a rule denies rejects with FORBIDDEN', async () => {
    expect(await failure(client.reinvite('i'))).toMatchObject({ code: 'FORBIDDEN', status: 403 });
  });

  test('an unknown invitation rejects with NOT_FOUND', async () => {
    expect(await failure(get())).toMatchObject({ code: 'NOT_FOUND', status: 404 });
  });

  test('an error for invalid input lists the invalid fields', async () => {
    expect(await failure(client.getInvitationsByTarget('email', 'not-an-address'))).toMatchObject({
      code: 'INVALID_REQUEST',
      status: 400,
      issues: [{ path: 'targetValue', message: expect.any(String) }],
    });
  });

  test('an error has the seconds of Retry-After', async () => {
    application.emulator.fault('POST /api/v1/invitations', { status: 429, headers: { 'retry-after': '7' } });
    const error = await failure(client.createInvitation(newInvitation('a@b.example')));
    expect(error).toMatchObject({ code: 'RATE_LIMITED', status: 429, retryAfter: 7 });
  });

  test.each([
    [400, false],
    [404, false],
    [408, true],
    [428, false],
    [429, true],
    [500, true],
    [503, true],
  ])('an answer with the status %i has isRetryable %s', async (status, expected) => {
    application.instead = (_, response) => response.status(status).send('{}');
    expect(await failure(get())).toMatchObject({ status, isRetryable: expected });
  });

  test('a write whose connection broke rejects with OUTCOME_UNKNOWN, which is not retryable', async () => {
    application.emulator.fault('POST /api/v1/invitations', { reset: true });
    const error = await failure(client.createInvitation(newInvitation('a@b.example')));
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', status: 502, isRetryable: false });
  });

  const unexpected = 'The server sent an unexpected answer.';
  test.each<[string, number, string, Partial<VortexRequestError>]>([
    ['a proxy page', 502, '<html>', { code: 'BAD_RESPONSE', status: 502, message: unexpected }],
    ['a page with status 200', 200, '<html>', { code: 'BAD_RESPONSE', status: 200, message: unexpected }],
    ['an empty answer', 200, '', { code: 'BAD_RESPONSE', status: 200 }],
    ['a JSON null', 200, 'null', { code: 'BAD_RESPONSE', status: 200 }],
    ['an error of another backend', 401, '{"error":"No"}', { code: 'BAD_RESPONSE', status: 401, message: 'No' }],
    ['an error that is not a string', 500, '{"error":{}}', { status: 500, message: unexpected }],
  ])('a call that is answered with %s rejects with a VortexRequestError', async (_, status, body, expected) => {
    application.instead = (_, response) => response.status(status).send(body);
    expect(await failure(get())).toMatchObject(expected);
  });

  test('an answer without the token or the list rejects with BAD_RESPONSE', async () => {
    application.instead = (_, response) => response.json({});
    expect(await failure(client.getJwt())).toMatchObject({ code: 'BAD_RESPONSE' });
    expect(await failure(client.getInvitationsByScope('team', 't'))).toMatchObject({ code: 'BAD_RESPONSE' });
  });

  test('a server that does not listen rejects with NETWORK_ERROR', async () => {
    const nowhere = createBrowserClient({ baseUrl: 'http://127.0.0.1:1' });
    const error = await failure(nowhere.getJwt());
    expect(error).toMatchObject({ code: 'NETWORK_ERROR', status: 0 });
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  test('a call without an answer in time rejects with TIMEOUT', async () => {
    application.instead = () => {};
    const hasty = createBrowserClient({ baseUrl: application.url, timeout: 20 });
    expect(await failure(hasty.getJwt())).toMatchObject({ code: 'TIMEOUT', status: 0 });
  });

  test('an aborted call rejects with ABORTED, and the server sees the disconnect', async () => {
    const leaving = new AbortController();
    application.instead = () => leaving.abort();
    const calls = [
      client.getInvitation('i', leaving),
      client.getInvitationsByScope('team', 't', { start: 1, signal: leaving.signal }),
      client.acceptInvitations(['i'], undefined, leaving),
    ];
    for (const call of calls) expect(await failure(call)).toMatchObject({ code: 'ABORTED', status: 0 });
    expect(await failure(client.getJwt(undefined, leaving))).toMatchObject({ code: 'ABORTED' });
    const wereAborted = () => application.requests.every((request) => request.endsWith('(aborted)'));
    await expect.poll(wereAborted, { timeout: 4000 }).toBe(true);
  });

  test('every method rejects with a VortexRequestError for any arguments, and throws nothing', async () => {
    application.instead = (_, response) => response.writeHead(400).end();
    const arguments_ = [[], [null], [null, null, null], ['', '', ''], [5, 'x', { signal: 'x' }], [['i'], 'x', null]];
    const methods = Object.entries(client) as unknown as [string, (...given: unknown[]) => Promise<unknown>][];
    expect(methods).toHaveLength(14);
    for (const [name, method] of methods) {
      for (const given of arguments_) {
        const call = method(...given);
        expect(call, name).toBeInstanceOf(Promise);
        expect(await failure(call), name).toHaveProperty('code');
      }
    }
  });
});
