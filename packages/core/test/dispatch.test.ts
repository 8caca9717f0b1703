/** Operations without a framework and without a network: what each check says, and what is run in the end. */
import {
  type OperationName,
  VortexClient,
  type VortexError,
  type VortexMountOptions,
  type VortexUser,
} from '@vortex/core';
import { type Body, bodyOf, createRoutes, TooLargeError } from '@vortex/core/adapter';
import { readToken } from '@vortex/core/testing';
import { describe, expect, test } from 'vitest';

const KEY = 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.made-up-Secret';
const ann = { id: 'u-ann', email: 'ann@harbor.example', phone: '+1 (555) 010-2030', name: 'Ann' };

type Options = Partial<VortexMountOptions<VortexUser, undefined>>;

interface Sent {
  /** Below the mount. */
  path?: string;
  url?: string;
  headers?: Record<string, string>;
  json?: unknown;
  body?: () => Promise<Body>;
  user?: VortexUser;
}

/** What an operation answers, what it has asked of the API, and what of it was logged and told. */
async function perform(operation: OperationName, sent: Sent = {}, options: Options = {}) {
  const calls: { call: string; body: unknown; headers: Headers }[] = [];
  const logged: unknown[][] = [];
  const told: VortexError[] = [];
  const client = new VortexClient(KEY, {
    baseUrl: 'https://api.example',
    fetch: async (url, init) => {
      const call = `${init?.method} ${String(url).replace('https://api.example/api/v1', '')}`;
      const body: unknown = init?.body === undefined ? undefined : JSON.parse(String(init.body));
      calls.push({ call, body, headers: new Headers(init?.headers) });
      const all = { id: 'i', invitations: [{ id: 'i' }], autojoinDomains: [], processed: 0, invitationIds: [] };
      return Response.json(all);
    },
  });
  const routes = createRoutes<undefined, VortexUser>({
    ...(!('apiKey' in options) && { client }),
    authenticateUser: () => sent.user ?? ann,
    authorizeOperation: () => true,
    onError: ({ error }) => told.push(error),
    ...options,
  });
  const { json } = sent;
  const route = routes.find((one) => one.operation === operation && one.path === (sent.path ?? one.path));
  if (!route) throw new Error(`${operation} has no such route`);
  const headers: Record<string, string> = {
    ...(json !== undefined && { 'content-type': 'application/json' }),
    ...sent.headers,
  };
  const reply = await route.handle({
    url: sent.url ?? route.path,
    body: sent.body ?? (async () => bodyOf(json === undefined ? '' : JSON.stringify(json))),
    header: (name) => headers[name],
    signal: () => undefined,
    log: (...line) => logged.push(line),
    context: undefined,
  });
  const answer = JSON.parse(String(reply.body)) as { error?: string; code?: string; issues?: unknown; jwt?: string };
  return { status: reply.status, answer, calls, logged, told };
}

const ADVICE = 'If it is one of yours, add it to trustedOrigins; if a proxy rewrites Host, let it pass the original.';

describe('who may write', () => {
  const strange = (origin: string) => `The origin ${origin} is not the host of this request`;
  test.each<[string, Record<string, string>, string | undefined]>([
    ['its own origin', { origin: 'https://h.example', host: 'h.example' }, undefined],
    ['its own origin on a port', { origin: 'https://h.example:8443', host: 'h.example:8443' }, undefined],
    ['a port that the scheme implies', { origin: 'http://h.example', host: 'h.example:80' }, undefined],
    [
      'the port of another scheme',
      { origin: 'http://h.example', host: 'h.example:443' },
      strange('"http://h.example"'),
    ],
    ['no host', { origin: 'https://h.example' }, strange('"https://h.example"')],
    ['an empty host', { origin: 'https://h.example', host: '' }, strange('"https://h.example"')],
    ['an origin with a path', { origin: 'https://h.example/', host: 'h.example' }, strange('"https://h.example/"')],
    ['a host that is none', { origin: 'https://h.example', host: 'h.example:99999' }, strange('"https://h.example"')],
    ...['/', '@', '\\', '?', '#'].map((sign): [string, Record<string, string>, string] => [
      `a host with ${sign}`,
      { origin: 'https://h.example', host: `h.example${sign}` },
      strange('"https://h.example"'),
    ]),
    ['no origin at all', { origin: 'null', host: 'h.example' }, strange('"null"')],
    ['an origin of a hundred characters', { origin: 'x'.repeat(100) }, strange(`"${'x'.repeat(100)}"`)],
    ['an origin of more', { origin: 'x'.repeat(101) }, strange('given')],
    ['an origin that begins as none does', { origin: '\u00fcx' }, strange('given')],
    ['an origin that ends as none does', { origin: 'x\u00fc' }, strange('given')],
    ['an empty origin', { origin: '' }, strange('given')],
    [
      'another site, by its origin too',
      { 'sec-fetch-site': 'cross-site', origin: 'https://h.example', host: 'h.example' },
      'The browser says this request is cross-site',
    ],
    ['a sibling', { 'sec-fetch-site': 'same-site' }, 'The browser says this request is same-site'],
    ['nobody, where that is too little', { csrf: 'strict' }, 'The request names no origin'],
  ])('%s', async (_, { csrf, ...headers }, refusal) => {
    const { status, answer } = await perform('JWT', { headers }, csrf === 'strict' ? { csrf } : {});
    if (refusal === undefined) expect(status).toBe(200);
    else expect(answer).toEqual({ error: `${refusal}. ${ADVICE}`, code: 'CROSS_SITE_REQUEST' });
  });
});

describe('a body', () => {
  const accepting = { invitationIds: ['i'] };
  const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
  const configuring = (metadata: unknown) => ({
    scope: 's',
    scopeType: 't',
    componentId: 'c',
    domains: [],
    metadata: { of: metadata },
  });

  test.each<[string, Partial<Sent>, number, string, string]>([
    ['no object', { json: [1] }, 400, 'INVALID_REQUEST', 'The request body must be a JSON object.'],
    ['null', { json: null }, 400, 'INVALID_REQUEST', 'The request body must be a JSON object.'],
    ['text', { json: 'text' }, 400, 'INVALID_REQUEST', 'The request body must be a JSON object.'],
    [
      'too deep',
      { json: nested(33) },
      400,
      'INVALID_REQUEST',
      'The request body must not be nested more than 32 deep.',
    ],
    [
      'no JSON',
      { json: 1, body: async () => bodyOf('{') },
      400,
      'INVALID_REQUEST',
      'The request body is not valid JSON in UTF-8.',
    ],
    [
      'no UTF-8',
      { json: 1, body: async () => bodyOf(Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])) },
      400,
      'INVALID_REQUEST',
      'The request body is not valid JSON in UTF-8.',
    ],
    [
      'a mark in front',
      { json: 1, body: async () => bodyOf('\ufeff{}') },
      400,
      'INVALID_REQUEST',
      'The request body is not valid JSON in UTF-8.',
    ],
    ['nothing', {}, 400, 'INVALID_REQUEST', 'A JSON object is required as the request body.'],
    [
      'nothing, by its length',
      { headers: { 'content-length': '0' }, json: accepting },
      400,
      'INVALID_REQUEST',
      'A JSON object is required as the request body.',
    ],
    [
      'nothing, to the parser of the host',
      { body: async () => ({ kind: 'empty' }) },
      400,
      'INVALID_REQUEST',
      'A JSON object is required as the request body.',
    ],
    [
      'compressed',
      { headers: { 'content-encoding': 'gzip' }, json: accepting },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'Send the body without a Content-Encoding.',
    ],
    [
      'too long, by its length',
      { headers: { 'content-length': String(64 * 1024 + 1) }, json: accepting },
      413,
      'PAYLOAD_TOO_LARGE',
      'The request body is over 64 kB.',
    ],
    [
      'too long, by its bytes',
      { json: 1, body: () => Promise.reject(new TooLargeError('over 65536 bytes')) },
      413,
      'PAYLOAD_TOO_LARGE',
      'The request body is over 64 kB.',
    ],
    [
      'broken off',
      { json: 1, body: () => Promise.reject(new Error('reset')) },
      499,
      'ABORTED',
      'The request body broke off.',
    ],
    ...[
      'text/plain',
      'application/jsonx',
      'xapplication/json',
      'application/x-json',
      'application/json; charset=latin1',
      'application/json; charset="utf-16"',
      'application/json; charset=xutf-8',
      'application/json;charset = utf-8x',
    ].map((type): [string, Partial<Sent>, number, string, string] => [
      `of type ${type}`,
      { headers: { 'content-type': type }, json: accepting },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'Send the body as Content-Type: application/json, in UTF-8.',
    ]),
    [
      'of no type',
      { body: async () => bodyOf('{}') },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'Send the body as Content-Type: application/json, in UTF-8.',
    ],
  ])('that is %s is refused', async (_, sent, status, code, error) => {
    const { answer, ...rest } = await perform('ACCEPT_INVITATIONS', sent);
    expect([rest.status, answer.code, answer.error]).toEqual([status, code, error]);
    expect(rest.calls).toEqual([]);
  });

  test.each([
    'application/json',
    'Application/JSON ; charset="UTF-8"',
    'application/json;charset=utf8',
    'application/json; x=1; charset = utf-8',
    'application/vnd.api+json',
    'application/problem+json;a=b',
  ])('of type %s is read', async (type) => {
    const { status } = await perform('ACCEPT_INVITATIONS', { headers: { 'content-type': type }, json: accepting });
    expect(status).toBe(200);
  });

  test.each<[string, unknown]>([
    ['bytes', new TextEncoder().encode(JSON.stringify(accepting))],
    ['parsed by the host', accepting],
    ['bytes, by the host', Buffer.from(JSON.stringify(accepting))],
    ['text, by the host', JSON.stringify(accepting)],
  ])('given as %s is read, and the host’s own stays as it was', async (_, found) => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'Identity' };
    const { calls } = await perform('ACCEPT_INVITATIONS', { headers, body: async () => bodyOf(found) });
    expect(calls).toMatchObject([{ body: { invitationIds: ['i'], user: { email: ann.email } } }]);
    // Not frozen, as what is run is.
    expect(accepting.invitationIds.push('i')).toBe(2);
    accepting.invitationIds.pop();
  });

  test('may hold null, and be as long as it may be', async () => {
    const headers = { 'content-length': String(64 * 1024) };
    const { status, calls } = await perform('CONFIGURE_AUTOJOIN', { headers, json: configuring(null) });
    expect([status, calls[0]?.body]).toEqual([200, configuring(null)]);
  });

  test.each<[string, Body, number]>([
    ['the bytes of a body', bodyOf('{"context":{}}'), 200],
    ['an empty body', { kind: 'empty' }, 200],
    ['a consumed body', { kind: 'consumed' }, 500],
  ])('%s for /jwt gives a token, or the reason why the body is missing', async (_, body, expected) => {
    const headers = { 'content-type': 'application/json', 'content-length': '14' };
    const { status, answer } = await perform('JWT', { headers, body: async () => body });
    expect([status, answer.code]).toEqual([expected, expected === 200 ? undefined : 'BODY_CONSUMED']);
  });

  test('may be as deep as it may be', async () => {
    const deep = async (depth: number) =>
      (await perform('CONFIGURE_AUTOJOIN', { json: configuring(nested(depth)) })).status;
    expect([await deep(30), await deep(31)]).toEqual([200, 400]);
  });

  test('says nothing of parameters that stand in the path', async () => {
    const json = { invitationId: 'other' };
    const { calls } = await perform('REINVITE', { url: '/invitations/own/reinvite', json });
    expect(calls.map(({ call }) => call)).toEqual(['POST /invitations/own/reinvite']);
  });
});

describe('a target', () => {
  test.each([
    ['/invitations/i-1', 'i-1'],
    ['https://h.example/api/vortex/invitations/i-1', 'i-1'],
    ['/api/invitations/x/invitations/i-1', 'i-1'],
    ['/invitations/i-1/', 'i-1'],
    ['/INVITATIONS/i-1', 'i-1'],
    ['/%69nvitations/%69-1', 'i-1'],
    ['/invitations/i-1?x=/y', 'i-1'],
    ['/invitations/i-1#/x', 'i-1'],
    ['/invitations/i-1#?x', 'i-1'],
  ])('%s is about %s', async (url, id) => {
    const { calls } = await perform('GET_INVITATION', { url });
    expect(calls.map(({ call }) => call)).toEqual([`GET /invitations/${id}`]);
  });

  test.each<[string, OperationName, string, number, string]>([
    ['too little', 'GET_INVITATION', '/i-1', 404, 'Not found.'],
    ['something else', 'GET_INVITATION', '/invitation/i-1', 404, 'Not found.'],
    ['no id', 'GET_INVITATION', '/invitations//', 404, 'Not found.'],
    ['nothing', 'GET_INVITATION', '', 404, 'Not found.'],
    ['a reserved word', 'GET_INVITATION', '/invitations/by%2Dscope', 404, 'Not found.'],
    [
      'broken UTF-8',
      'GET_INVITATION',
      '/invitations/%ff',
      400,
      'The path and the query must be percent-encoded UTF-8.',
    ],
    [
      'broken UTF-8 in the query',
      'GET_GROUP_INVITATIONS',
      '/invitations/by-scope/t/s?%ff',
      400,
      'The path and the query must be percent-encoded UTF-8.',
    ],
    [
      'too long a query',
      'GET_GROUP_INVITATIONS',
      `/invitations/by-scope/t/s?${'x'.repeat(2049)}`,
      400,
      'The query is over 2048 characters.',
    ],
    [
      'a key twice',
      'GET_GROUP_INVITATIONS',
      '/invitations/by-scope/t/s?a=1&start=1&b=1&start=2&a=2',
      400,
      'start is given twice.',
    ],
    ['no number', 'GET_GROUP_INVITATIONS', '/invitations/by-scope/t/s?start=1x', 400, 'start must be a whole number.'],
    [
      'a long number',
      'GET_GROUP_INVITATIONS',
      '/invitations/by-scope/t/s?start=1234567890',
      400,
      'start must be a whole number.',
    ],
    ['a slash in an id', 'GET_INVITATION', '/invitations/a%2Fb', 400, 'invitationId must hold no slash.'],
    ['a backslash in an id', 'GET_INVITATION', '/invitations/a%5Cb', 400, 'invitationId must hold no slash.'],
    ['dots', 'GET_INVITATION', '/invitations/%2e%2e', 400, 'invitationId must not be a dot segment.'],
    [
      'a control character',
      'GET_INVITATION',
      '/invitations/a%07',
      400,
      'invitationId must hold no control characters.',
    ],
    [
      'too long an id',
      'GET_INVITATION',
      `/invitations/${'x'.repeat(101)}`,
      400,
      'invitationId must have at most 100 characters.',
    ],
  ])('with %s is refused', async (_, operation, url, status, error) => {
    const { answer, ...rest } = await perform(operation, { url });
    expect([rest.status, answer.error]).toEqual([status, error]);
    expect(rest.calls).toEqual([]);
  });

  test('has a query as long as may be, and a page to begin at', async () => {
    const query = (text: string) => `/invitations/by-scope/t/s?start=40&${text}`;
    const { calls } = await perform('GET_GROUP_INVITATIONS', { url: query('x'.repeat(2048 - 9)) });
    expect(calls.map(({ call }) => call)).toEqual(['GET /invitations/by-scope/t/s?start=40']);
  });
});

describe('what is wrong with the input is said in a sentence', () => {
  const creating = (fields: object) => ({
    widgetConfigurationId: 'w',
    target: { type: 'email', value: 'a@b.example' },
    ...fields,
  });
  const configuring = (fields: object) => ({ scope: 's', scopeType: 't', componentId: 'c', domains: [], ...fields });
  const deciding = { creatorId: 'c', targetValue: ann.id, action: 'accepted', componentId: 'c' };
  test.each<[OperationName, unknown, string, string]>([
    ['CREATE_INVITATION', creating({ widgetConfigurationId: undefined }), 'widgetConfigurationId', 'is required'],
    ['CREATE_INVITATION', creating({ widgetConfigurationId: 5 }), 'widgetConfigurationId', 'must be text'],
    ['CREATE_INVITATION', creating({ widgetConfigurationId: '' }), 'widgetConfigurationId', 'must not be empty'],
    [
      'CREATE_INVITATION',
      creating({ widgetConfigurationId: 'x'.repeat(1001) }),
      'widgetConfigurationId',
      'must have at most 1000 characters',
    ],
    [
      'CREATE_INVITATION',
      creating({ widgetConfigurationId: 'a\tb' }),
      'widgetConfigurationId',
      'must hold no control characters',
    ],
    [
      'CREATE_INVITATION',
      creating({ widgetConfigurationId: '\ud800' }),
      'widgetConfigurationId',
      'must hold no control characters',
    ],
    ['CREATE_INVITATION', creating({ target: 'x' }), 'target', 'must be an object'],
    [
      'CREATE_INVITATION',
      creating({ target: { type: 'fax', value: 'x' } }),
      'target.type',
      'must be one of email, phone, sms, internal',
    ],
    [
      'CREATE_INVITATION',
      creating({ target: { type: 'email', value: 'x' } }),
      'target.value',
      'must be an e-mail address',
    ],
    [
      'CREATE_INVITATION',
      creating({ target: { type: 'email', value: 'a@b c' } }),
      'target.value',
      'must be an e-mail address',
    ],
    [
      'CREATE_INVITATION',
      creating({ target: { type: 'email', value: 'a@b@c' } }),
      'target.value',
      'must be an e-mail address',
    ],
    [
      'CREATE_INVITATION',
      creating({ target: { type: 'phone', value: '12' } }),
      'target.value',
      'must be a phone number',
    ],
    [
      'CREATE_INVITATION',
      creating({ target: { type: 'sms', value: 'x123' } }),
      'target.value',
      'must be a phone number',
    ],
    ['CREATE_INVITATION', creating({ scopes: 'x' }), 'scopes', 'must be a list'],
    ['CREATE_INVITATION', creating({ scopes: [{ type: 't' }] }), 'scopes.0.scopeId', 'is required'],
    [
      'CREATE_INVITATION',
      creating({ groups: Array(101).fill({ type: 't', scopeId: 's' }) }),
      'groups',
      'must have at most 100 entries',
    ],
    ['CREATE_INVITATION', creating({ scopeType: 't' }), 'scopeId', 'is required beside scopeType and scopeName'],
    ['CREATE_INVITATION', creating({ scopeName: 't' }), 'scopeId', 'is required beside scopeType and scopeName'],
    ['CREATE_INVITATION', creating({ inviter: { userEmail: 'x' } }), 'inviter.userEmail', 'must be an e-mail address'],
    ['CREATE_INVITATION', creating({ templateVariables: { a: 5 } }), 'templateVariables.a', 'must be text'],
    [
      'CREATE_INVITATION',
      creating({ templateVariables: { a: 'x'.repeat(10_001) } }),
      'templateVariables.a',
      'must have at most 10000 characters',
    ],
    ['CREATE_INVITATION', creating({ metadata: 'x' }), 'metadata', 'must be an object'],
    [
      'CREATE_INVITATION',
      creating({ unfurlConfig: { image: 'http://a.example' } }),
      'unfurlConfig.image',
      'must be an https URL',
    ],
    [
      'CREATE_INVITATION',
      creating({ unfurlConfig: { image: 'x https://a.example' } }),
      'unfurlConfig.image',
      'must be an https URL',
    ],
    [
      'CREATE_INVITATION',
      creating({ unfurlConfig: { type: 'x' } }),
      'unfurlConfig.type',
      'must be one of website, article, video, music, book, profile, product',
    ],
    ['ACCEPT_INVITATIONS', { invitationIds: [] }, 'invitationIds', 'must not be empty'],
    ['ACCEPT_INVITATIONS', { invitationIds: Array(101).fill('i') }, 'invitationIds', 'must have at most 100 entries'],
    ['ACCEPT_INVITATIONS', { invitationIds: ['autojoin'] }, 'invitationIds.0', 'is a reserved word'],
    [
      'ACCEPT_INVITATIONS',
      { invitationIds: ['i'], user: { isExisting: 1 } },
      'user.isExisting',
      'must be true or false',
    ],
    ['ACCEPT_INVITATIONS', { invitationIds: ['i'], user: { phone: 'x' } }, 'user.phone', 'must be a phone number'],
    [
      'ACCEPT_INVITATIONS',
      { invitationIds: ['i'], target: { type: 'email', value: 'x' } },
      'target.value',
      'must be an e-mail address',
    ],
    [
      'ACCEPT_INVITATIONS',
      { invitationIds: ['i'], user: {}, target: { type: 'email', value: ann.email } },
      'target',
      'must not stand beside user',
    ],
    ['CONFIGURE_AUTOJOIN', configuring({ scope: undefined }), 'scope', 'is required'],
    ['CONFIGURE_AUTOJOIN', configuring({ componentId: undefined }), 'componentId', 'is required'],
    ['CONFIGURE_AUTOJOIN', configuring({ domains: ['a.example', 'x'] }), 'domains.1', 'must be a domain'],
    [
      'CONFIGURE_AUTOJOIN',
      configuring({ domains: Array(101).fill('a.example') }),
      'domains',
      'must have at most 100 entries',
    ],
    [
      'CONFIGURE_AUTOJOIN',
      configuring({ domains: [`${'a.'.repeat(126)}bc`] }),
      'domains.0',
      'must have at most 253 characters',
    ],
    ['SYNC_INTERNAL_INVITATION', { ...deciding, action: 'x' }, 'action', 'must be one of accepted, declined'],
    ['JWT', { context: { scope: '..' } }, 'context.scope', 'must not be a dot segment'],
    ['JWT', { context: { componentId: '' } }, 'context.componentId', 'must not be empty'],
  ])('%s of %j: %s %s', async (operation, json, path, message) => {
    const { status, answer, calls } = await perform(operation, { json });
    expect(answer.issues).toEqual([{ path, message }]);
    expect([status, answer.code, answer.error]).toEqual([400, 'INVALID_REQUEST', `${path} ${message}.`]);
    expect(calls).toEqual([]);
  });

  test.each([
    ['a.example', true],
    ['a-b.c1.example', true],
    ['b\u00fccher.example', true],
    [`${'a'.repeat(63)}.example`, true],
    [`${'a.'.repeat(125)}com`, true],
    [`${'a'.repeat(64)}.example`, false],
    ['-a.example', false],
    ['a-.example', false],
    ['a..example', false],
    ['.example', false],
    ['example', false],
    ['a.e', false],
    ['a.example.', false],
    ['a.example x', false],
    ['x a.example', false],
    ['@a.example', false],
  ])('%s is a domain: %s', async (domain, isDomain) => {
    const { status, calls } = await perform('CONFIGURE_AUTOJOIN', { json: configuring({ domains: [domain] }) });
    expect([status, calls.length]).toEqual(isDomain ? [200, 1] : [400, 0]);
  });

  test.each<[string, object, string]>([
    ['no object', 'ann' as unknown as object, 'the user must be an object'],
    ['no id', { email: 'a@b.example' }, 'id must be text or a number'],
    ['an empty id', { id: '' }, 'id must not be empty'],
    ['no text', { id: 1, email: 5 }, 'email must be text'],
    ['two faults', { id: 1, name: {}, addresses: 'x' }, 'addresses must be a list; name must be text'],
    [
      'no list of text',
      { id: 1, adminScopes: [1], allowedEmailDomains: 'x' },
      'adminScopes.0 must be text; allowedEmailDomains must be a list',
    ],
    ['attributes that are none', { id: 1, attributes: 'x' }, 'attributes must be an object'],
    ['a phone that is none', { id: 1, phone: 5 }, 'phone must be text'],
    ['a picture that is none', { id: 1, avatarUrl: 5 }, 'avatarUrl must be text'],
  ])('a user who has %s is the application’s fault', async (_, user, problem) => {
    const { status, answer, told } = await perform('JWT', { user: user as VortexUser });
    expect([status, answer.code]).toEqual([500, 'BAD_AUTH_RESULT']);
    expect(told.map(({ message }) => message)).toEqual([
      `authenticateUser returned a user of the wrong shape: ${problem}.`,
    ]);
  });
});

describe('in whose name', () => {
  const accept = (user: object) => ({ json: { invitationIds: ['i'], user } });
  const invite = (inviter: object) => ({
    json: { widgetConfigurationId: 'w', target: { type: 'internal', value: 'u-2' }, inviter },
  });
  const decide = (targetValue: string) => ({
    json: { creatorId: 'c', targetValue, action: 'accepted', componentId: 'c' },
  });
  const pictured = { ...ann, avatarUrl: 'https://a.example/ann.png' };

  test.each<[string, OperationName, Sent, string]>([
    [
      'accepting with another address',
      'ACCEPT_INVITATIONS',
      accept({ email: 'ben@orchard.example' }),
      'You may accept only with your own verified e-mail address or phone number',
    ],
    [
      'accepting with another phone beside the own address',
      'ACCEPT_INVITATIONS',
      accept({ email: ann.email, phone: '+15550102031' }),
      'You may accept only with your own verified e-mail address or phone number',
    ],
    [
      'accepting with no address',
      'ACCEPT_INVITATIONS',
      { ...accept({}), user: { id: 1 } },
      'You may accept only with your own verified e-mail address or phone number',
    ],
    ['inviting as another', 'CREATE_INVITATION', invite({ userId: 'u-ben' }), 'You may invite only as yourself'],
    [
      'under another address',
      'CREATE_INVITATION',
      invite({ userEmail: 'ben@b.example' }),
      'You may invite only as yourself',
    ],
    ['under another name', 'CREATE_INVITATION', invite({ name: 'Ben' }), 'You may invite only as yourself'],
    [
      'under another picture',
      'CREATE_INVITATION',
      { ...invite({ avatarUrl: 'https://a.example/ben.png' }), user: pictured },
      'You may invite only as yourself',
    ],
    [
      'deciding for another',
      'SYNC_INTERNAL_INVITATION',
      decide('u-ben'),
      'You may decide only about invitations to yourself',
    ],
  ])('%s is refused, with the option that would allow it', async (_, operation, sent, sentence) => {
    const { status, answer, calls } = await perform(operation, sent);
    expect([status, answer, calls]).toEqual([
      403,
      {
        code: 'IDENTITY_MISMATCH',
        error: `${sentence}, unless the application sets actAs: { ${operation}: 'anyone' }.`,
      },
      [],
    ]);
    const asSelf = await perform(operation, sent, { actAs: { [operation]: 'self' } });
    expect(asSelf.answer.code).toBe('IDENTITY_MISMATCH');
  });

  test('somebody must accept, whoever may', async () => {
    const sent = { ...accept({ name: 'Nobody' }), user: { id: 1 } };
    const { status, answer, calls } = await perform('ACCEPT_INVITATIONS', sent, {
      actAs: { ACCEPT_INVITATIONS: 'anyone' },
    });
    expect([status, answer.error, calls]).toEqual([400, 'Say who accepts: user.email or user.phone is required.', []]);
  });

  test.each<[string, OperationName, Sent, unknown]>([
    ['the own address', 'ACCEPT_INVITATIONS', accept({}), { invitationIds: ['i'], user: { email: ann.email } }],
    [
      'the own phone beside it',
      'ACCEPT_INVITATIONS',
      accept({ email: ann.email.toUpperCase(), phone: '15550102030' }),
      { invitationIds: ['i'], user: { email: ann.email.toUpperCase(), phone: '15550102030' } },
    ],
    [
      'the phone alone',
      'ACCEPT_INVITATIONS',
      accept({ phone: '1 555 0102030', name: 'A' }),
      { invitationIds: ['i'], user: { phone: '1 555 0102030', name: 'A' } },
    ],
    [
      'each invitation once',
      'ACCEPT_INVITATIONS',
      { json: { invitationIds: ['i', 'j', 'i'] } },
      { invitationIds: ['i', 'j'], user: { email: ann.email } },
    ],
    [
      'a further phone, where that is all',
      'ACCEPT_INVITATIONS',
      { ...accept({}), user: { id: 1, email: 'no address', addresses: ['', 'u-5', '+1 555'] } },
      { invitationIds: ['i'], user: { phone: '+1 555' } },
    ],
    [
      'the own picture',
      'CREATE_INVITATION',
      { ...invite({ avatarUrl: pictured.avatarUrl }), user: pictured },
      { inviter: { userId: ann.id, userEmail: ann.email, name: ann.name, avatarUrl: pictured.avatarUrl } },
    ],
    [
      'a picture where none is known',
      'CREATE_INVITATION',
      invite({ avatarUrl: pictured.avatarUrl }),
      { inviter: { userId: ann.id, userEmail: ann.email, name: ann.name, avatarUrl: pictured.avatarUrl } },
    ],
    [
      'no more than the id, where the caller gives it',
      'CREATE_INVITATION',
      invite({ userId: ann.id }),
      { inviter: { userId: ann.id }, groups: [] },
    ],
    ['a decision by id', 'SYNC_INTERNAL_INVITATION', decide(ann.id), { targetValue: ann.id }],
    ['a decision by phone', 'SYNC_INTERNAL_INVITATION', decide('+15550102030'), { targetValue: '+15550102030' }],
    [
      'a decision by address',
      'SYNC_INTERNAL_INVITATION',
      decide('ANN@harbor.example'),
      { targetValue: 'ANN@harbor.example' },
    ],
  ])('%s is sent', async (_, operation, sent, body) => {
    const { calls } = await perform(operation, sent);
    expect(calls).toMatchObject([{ body }]);
  });
});

describe('a token', () => {
  const user = { ...ann, addresses: ['a@b.example'], attributes: { plan: 'pro' }, adminScopes: ['autojoin'] };
  const claimsOf = async (json: unknown, jwt: NonNullable<Options['jwt']>) => {
    const { answer } = await perform('JWT', { user, json }, { jwt });
    return readToken(answer.jwt ?? '', KEY);
  };

  test('holds the user, and what is added to the attributes', async () => {
    const { format, claims, issuedAt, expiresAt } = await claimsOf(undefined, { attributes: () => ({ team: 't' }) });
    expect([format, expiresAt - issuedAt]).toEqual(['jwt', 3_600_000]);
    expect(claims).toMatchObject({ userId: ann.id, attributes: { plan: 'pro', team: 't' }, role: 'admin' });
    expect((await claimsOf({}, { expiresIn: '5m' })).claims.attributes).toEqual({ plan: 'pro' });
  });

  test('has no attributes where there are none', async () => {
    const { answer } = await perform('JWT');
    expect((await readToken(answer.jwt ?? '', KEY)).claims).not.toHaveProperty('attributes');
  });

  test.each([
    [{ scope: 's', scopeType: 'team' }, { scope: 'team:s' }],
    [
      { scope: 's', componentId: 'c' },
      { scope: 's', component: 'c' },
    ],
    [{ scopeType: 'team' }, {}],
  ])('of the newer format is for the context %j', async (context, expected) => {
    const { format, claims, issuedAt, expiresAt } = await claimsOf({ context }, { format: 'token', expiresIn: 60 });
    const { addresses: _, attributes, ...signed } = user;
    expect([format, expiresAt - issuedAt]).toEqual(['token', 60_000]);
    expect(claims).toEqual({ user: signed, attributes, ...expected, iat: issuedAt / 1000, exp: expiresAt / 1000 });
  });
});

describe('what a hook does wrong is told and logged, and not answered', () => {
  const boom = () => {
    throw new Error('boom');
  };
  const never = () => new Promise<never>(() => {});
  test.each<[string, Options, string, string]>([
    ['authenticateUser', { authenticateUser: boom }, 'INTERNAL', 'authenticateUser threw.'],
    ['authorizeOperation', { authorizeOperation: boom }, 'INTERNAL', 'authorizeOperation threw.'],
    ['authorizeOperation, later', { authorizeOperation: async () => boom() }, 'INTERNAL', 'authorizeOperation threw.'],
    ['jwt.attributes', { jwt: { attributes: boom } }, 'INTERNAL', 'jwt.attributes threw.'],
    ['onSuccess', { onSuccess: boom }, 'INTERNAL', 'onSuccess threw.'],
    ['onSuccess of a map', { onSuccess: { JWT: boom } }, 'INTERNAL', 'onSuccess threw.'],
    ['authenticateUser', { authenticateUser: never }, 'HOOK_TIMEOUT', 'authenticateUser took more than 20 ms.'],
    ['authorizeOperation', { authorizeOperation: never }, 'HOOK_TIMEOUT', 'authorizeOperation took more than 20 ms.'],
    ['jwt.attributes', { jwt: { attributes: never } }, 'HOOK_TIMEOUT', 'jwt.attributes took more than 20 ms.'],
    ['onSuccess', { onSuccess: never }, 'HOOK_TIMEOUT', 'onSuccess took more than 20 ms.'],
    [
      'attributes of no JSON',
      { jwt: { attributes: () => ({ big: 1n }) } },
      'INTERNAL',
      'JWT was given what it cannot use.',
    ],
    ['apiKey', { apiKey: boom }, 'CONFIG', 'apiKey threw.'],
    [
      'apiKey',
      { apiKey: () => undefined },
      'CONFIG',
      'apiKey must be text of the form VRTX.<id>.<secret>, not undefined.',
    ],
  ])('%s: %o', async (_, options, code, message) => {
    const { status, answer, logged, told } = await perform('JWT', {}, { hookTimeout: 20, ...options });
    expect([status, answer.code]).toEqual([code === 'HOOK_TIMEOUT' ? 504 : 500, code]);
    expect(answer.error).not.toBe(message);
    expect(told).toMatchObject([{ code, message }]);
    if (code === 'INTERNAL') expect(told[0]?.cause).toBeInstanceOf(Error);
    expect(logged).toEqual([['error', `Vortex: JWT failed with ${code}: ${message}`, told[0]]]);
  });

  test.each<[string, Options, string]>([
    ['onError', { authenticateUser: boom, onError: boom }, 'onError threw.'],
    ['onError', { authenticateUser: boom, onError: never }, 'onError took more than 20 ms.'],
    ['onResponse', { onResponse: boom }, 'onResponse threw.'],
    ['onResponse', { onResponse: never }, 'onResponse took more than 20 ms.'],
  ])('%s is logged alone: %o', async (_, options, message) => {
    const { logged } = await perform('JWT', {}, { hookTimeout: 20, ...options });
    await expect.poll(() => logged.at(-1)).toEqual(['error', `Vortex: ${message}`, expect.any(Error)]);
  });

  test.each([{ status: 401 }, { statusCode: 401 }])('but for authenticateUser, where it throws %j', async (fields) => {
    const authenticateUser = () => Promise.reject(Object.assign(new Error('who?'), fields));
    const { status, answer, told } = await perform('JWT', {}, { authenticateUser });
    expect([status, answer, told]).toEqual([401, { code: 'UNAUTHENTICATED', error: 'Sign in first.' }, []]);
  });

  test.each([null, undefined])('nobody is %s', async (nobody) => {
    const { status, answer } = await perform('JWT', {}, { authenticateUser: () => nobody });
    expect([status, answer]).toEqual([401, { code: 'UNAUTHENTICATED', error: 'Sign in first.' }]);
  });
});

describe('rules', () => {
  const denied = (problem: string) => [['warn', `Vortex: denied: ${problem}`]];
  test.each<[string, NonNullable<Options['authorizeOperation']>, number, unknown[]]>([
    ['true', { JWT: true }, 200, []],
    ['false', { JWT: false }, 403, []],
    ['one that says true', { JWT: () => true }, 200, []],
    ['one that says true later', { JWT: async () => true }, 200, []],
    ['one that says false later', { JWT: async () => false }, 403, []],
    ['none', {}, 403, denied('no rule for JWT. Give authorizeOperation one, be it false.')],
    [
      'undefined',
      { JWT: undefined } as object,
      403,
      denied('no rule for JWT. Give authorizeOperation one, be it false.'),
    ],
    [
      'one that says something else',
      { JWT: () => 'yes' as unknown as boolean },
      403,
      denied('the rule for JWT answered string; only true allows.'),
    ],
    [
      'one that says something else later',
      { JWT: async () => ({}) as unknown as boolean },
      403,
      denied('the rule for JWT answered object; only true allows.'),
    ],
    [
      'a function that says nothing',
      () => undefined as unknown as boolean,
      403,
      denied('the rule for JWT answered undefined; only true allows.'),
    ],
  ])('%s', async (_, authorizeOperation, expected, lines) => {
    const { status, logged } = await perform('JWT', {}, { authorizeOperation });
    expect([status, logged]).toEqual([expected, lines]);
  });

  test.each<[OperationName, string, string[]]>([
    ['JWT', '/jwt', ['name']],
    ['GET_INVITATION', '/invitations/i', ['invitationId', 'loadInvitation', 'name']],
    ['GET_GROUP_INVITATIONS', '/invitations/by-scope/t/s', ['name', 'scope', 'scopeType']],
    [
      'GET_INVITATIONS',
      '/invitations?targetType=internal&targetValue=x',
      ['name', 'self', 'targetType', 'targetValue'],
    ],
  ])('of %s see all of it and nothing else', async (operation, url, keys) => {
    const seen: string[][] = [];
    const authorizeOperation = (op: object) => seen.push(Object.keys(op).sort()) > 0;
    await perform(operation, { url }, { authorizeOperation });
    expect(seen).toEqual([keys]);
  });

  test('load each invitation once, ten at a time', async () => {
    const invitationIds = Array.from({ length: 23 }, (_, index) => `i-${index}`);
    let loaded: unknown;
    const { calls } = await perform(
      'ACCEPT_INVITATIONS',
      { json: { invitationIds } },
      {
        authorizeOperation: {
          ACCEPT_INVITATIONS: async (op) => {
            loaded = (await op.loadInvitations()).length;
            await op.loadInvitations();
            return true;
          },
        },
      },
    );
    expect(loaded).toBe(23);
    expect(calls.map(({ call }) => call)).toEqual([
      ...invitationIds.map((id) => `GET /invitations/${id}`),
      'POST /invitations/accept',
    ]);
  });
});

describe('trace context', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  test.each<[string, string | null, Options]>([
    [traceparent, traceparent, {}],
    [traceparent, traceparent, { traceparent: 'forward' }],
    [traceparent, null, { traceparent: 'off' }],
    [`${traceparent}-x`, null, {}],
    [`x${traceparent}`, null, {}],
    [traceparent.replace('00-', 'ff-'), null, {}],
    [traceparent.replace(/4bf9\w+/u, '0'.repeat(32)), null, {}],
    [traceparent.replace(/00f0\w+/u, '0'.repeat(16)), null, {}],
    ['', null, {}],
  ])('%s goes on as %s with %o', async (given, passed, options) => {
    const { calls } = await perform(
      'GET_INVITATION',
      { url: '/invitations/i', headers: { traceparent: given } },
      options,
    );
    expect(calls.map(({ headers }) => headers.get('traceparent'))).toEqual([passed]);
  });
});

test('what the application logs to is its own, and may fail', async () => {
  const lines: unknown[][] = [];
  const logger = { warn: (...line: unknown[]) => lines.push(line), error: (...line: unknown[]) => lines.push(line) };
  const { logged } = await perform('JWT', {}, { authorizeOperation: {}, logger });
  expect([lines.length, logged]).toEqual([1, []]);
  const broken = () => {
    throw new Error('the log is broken');
  };
  const { status } = await perform('JWT', {}, { authorizeOperation: {}, logger: { warn: broken, error: broken } });
  expect(status).toBe(403);
});
