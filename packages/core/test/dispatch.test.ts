/** The checks of a request in their order, without a framework and without a network. */
import { getEventListeners } from 'node:events';
import {
  type Operation,
  type OperationName,
  VortexClient,
  VortexError,
  type VortexErrorCode,
  type VortexUser,
} from '@vortex/core';
import { type Body, bodyFromKept, createRoutes, TooLargeError } from '@vortex/core/adapter';
import { readToken } from '@vortex/core/testing';
import { describe, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest';
import { ann, KEY, type Options, perform, type Sent } from './helpers.ts';

describe('cross-site requests', () => {
  test.each<[string, Record<string, string>]>([
    ['its own origin', { origin: 'https://h.example', host: 'h.example' }],
    ['its own origin on a port', { origin: 'https://h.example:8443', host: 'h.example:8443' }],
    ['its own origin and the port that the scheme implies', { origin: 'http://h.example', host: 'h.example:80' }],
    ['Sec-Fetch-Site same-origin', { 'sec-fetch-site': 'same-origin' }],
    ['Sec-Fetch-Site none', { 'sec-fetch-site': 'none' }],
    ['neither Origin nor Sec-Fetch-Site', {}],
  ])('a write with %s is accepted', async (_, headers) => {
    expect((await perform('JWT', { headers })).status).toBe(200);
  });

  test.each<[string, Record<string, string>]>([
    ['the port of another scheme', { origin: 'http://h.example', host: 'h.example:443' }],
    ['an origin but no host', { origin: 'https://h.example' }],
    ['an origin and an empty host', { origin: 'https://h.example', host: '' }],
    ['an origin that has a path', { origin: 'https://h.example/', host: 'h.example' }],
    ['an invalid host', { origin: 'https://h.example', host: 'h.example:99999' }],
    ...['/', '@', '\\', '?', '#'].map((sign): [string, Record<string, string>] => [
      `${sign} in its host`,
      { origin: 'https://h.example', host: `h.example${sign}` },
    ]),
    ['the origin null', { origin: 'null', host: 'h.example' }],
    ['an empty origin', { origin: '' }],
    [
      'Sec-Fetch-Site cross-site and its own origin',
      { 'sec-fetch-site': 'cross-site', origin: 'https://h.example', host: 'h.example' },
    ],
    ['Sec-Fetch-Site same-site', { 'sec-fetch-site': 'same-site' }],
  ])('a write with %s is refused', async (_, headers) => {
    const { status, answer, calls } = await perform('JWT', { headers });
    expect([status, answer.code, calls]).toEqual([403, 'CROSS_SITE_REQUEST', []]);
  });

  test.each<Options>([{}, { trustedOrigins: () => true }])(
    'a write without an origin is refused if csrf is strict, with the options %o',
    async (options) => {
      const { status, answer } = await perform('JWT', {}, { csrf: 'strict', ...options });
      expect([status, answer.code]).toEqual([403, 'CROSS_SITE_REQUEST']);
    },
  );

  test.each<[string, OperationName, Options]>([
    ['a read', 'GET_INVITATION', {}],
    ['a write without the check', 'JWT', { csrf: 'off' }],
    ['a write from a trusted origin', 'JWT', { trustedOrigins: ['https://a.example'] }],
    ['a write from an origin that a function trusts', 'JWT', { trustedOrigins: (one) => one === 'https://a.example' }],
  ])('%s from another site is accepted', async (_, operation, options) => {
    const headers = { origin: 'https://a.example', host: 'h.example', 'sec-fetch-site': 'cross-site' };
    expect((await perform(operation, { headers }, options)).status).toBe(200);
  });

  test('callers who send many origins do not silence what the log says of other refusals', async () => {
    const warn = vi.fn();
    const routes = createRoutes<undefined, VortexUser>({
      apiKey: KEY,
      authenticateUser: () => ann,
      authorizeOperation: () => true,
      logger: { warn, error() {} },
    });
    const send = async (operation: OperationName, headers: Record<string, string>, json: object) => {
      const route = routes.find((one) => one.operation === operation);
      await route?.handle({
        url: route.path,
        header: (name) => ({ 'content-type': 'application/json', ...headers })[name],
        body: async () => bodyFromKept(JSON.stringify(json)),
        signal: () => undefined,
        context: undefined,
      });
    };
    for (let index = 0; index < 100; index += 1) await send('JWT', { origin: `https://${index}.example` }, {});
    const origins = warn.mock.calls.length;
    expect(origins).toBeLessThanOrEqual(20);
    await send('ACCEPT_INVITATIONS', {}, { invitationIds: ['i'], user: { email: 'ben@harbor.example' } });
    await send('SYNC_INTERNAL_INVITATION', { origin: 'https://a.example' }, {});
    const [mismatch, crossSite] = warn.mock.calls.slice(origins).map(([line]) => String(line));
    expect(mismatch).toContain('IDENTITY_MISMATCH');
    expect(crossSite).toContain('https://a.example');
  });

  test.each([
    ['is over 100 characters', 'x'.repeat(101)],
    ['begins outside ASCII', '\u00fcx'],
    ['ends outside ASCII', 'x\u00fc'],
  ])('an origin that %s is refused and not quoted', async (_, origin) => {
    const { answer } = await perform('JWT', { headers: { origin } });
    expect(answer.code).toBe('CROSS_SITE_REQUEST');
    expect(answer.error).not.toContain(origin);
  });
});

describe('bodies', () => {
  const accepting = { invitationIds: ['i'] };
  /** The same body with a member that the router ignores: text of one byte. */
  const withByte = (byte: number) => {
    const text = JSON.stringify({ ...accepting, note: '?' });
    return Uint8Array.from(text, (letter) => (letter === '?' ? byte : letter.charCodeAt(0)));
  };
  const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
  const configuring = (metadata: unknown) => ({
    scope: 's',
    scopeType: 't',
    componentId: 'c',
    domains: [],
    metadata: { of: metadata },
  });

  test.each<[string, Partial<Sent>, number, string]>([
    ['is a list', { json: [1] }, 400, 'INVALID_REQUEST'],
    ['is null', { json: null }, 400, 'INVALID_REQUEST'],
    ['is text', { json: 'text' }, 400, 'INVALID_REQUEST'],
    ['is nested 33 deep', { json: nested(33) }, 400, 'INVALID_REQUEST'],
    ['is not JSON', { json: 1, body: async () => bodyFromKept('{') }, 400, 'INVALID_REQUEST'],
    // Without the fault, both are taken: see the next test.
    ['is not UTF-8', { json: 1, body: async () => bodyFromKept(withByte(0xff)) }, 400, 'INVALID_REQUEST'],
    [
      'begins with a byte order mark',
      { json: 1, body: async () => bodyFromKept(`\ufeff${JSON.stringify(accepting)}`) },
      400,
      'INVALID_REQUEST',
    ],
    ['has no bytes', {}, 400, 'INVALID_REQUEST'],
    ['has Content-Length 0', { headers: { 'content-length': '0' }, json: accepting }, 400, 'INVALID_REQUEST'],
    ['is empty for the adapter', { body: async () => ({ kind: 'empty' }) }, 400, 'INVALID_REQUEST'],
    ['is compressed', { headers: { 'content-encoding': 'gzip' }, json: accepting }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'is too long by its Content-Length',
      { headers: { 'content-length': String(64 * 1024 + 1) }, json: accepting },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    [
      'is too long by its bytes',
      { json: 1, body: () => Promise.reject(new TooLargeError('over 65536 bytes')) },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    ['breaks off', { json: 1, body: () => Promise.reject(new Error('reset')) }, 499, 'ABORTED'],
    ...[
      'text/plain',
      'application/jsonx',
      'xapplication/json',
      'application/x-json',
      'application/json; charset=latin1',
      'application/json; charset="utf-16"',
      'application/json; charset=xutf-8',
      'application/json;charset = utf-8x',
    ].map((type): [string, Partial<Sent>, number, string] => [
      `has the Content-Type ${type}`,
      { headers: { 'content-type': type }, json: accepting },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ]),
    ['has no Content-Type', { body: async () => bodyFromKept('{}') }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ])('a body that %s is refused', async (_, sent, status, code) => {
    const { answer, ...rest } = await perform('ACCEPT_INVITATIONS', sent);
    expect([rest.status, answer.code]).toEqual([status, code]);
    expect(rest.calls).toEqual([]);
  });
  test('a body with a member that is not known is taken', async () => {
    const { status } = await perform('ACCEPT_INVITATIONS', { json: 1, body: async () => bodyFromKept(withByte(0x61)) });
    expect(status).toBe(200);
  });

  test.each([
    'application/json',
    'Application/JSON ; charset="UTF-8"',
    'application/json;charset=utf8',
    'application/json; x=1; charset = utf-8',
    'application/vnd.api+json',
    'application/problem+json;a=b',
  ])('a body with the Content-Type %s is read', async (type) => {
    const { status } = await perform('ACCEPT_INVITATIONS', { headers: { 'content-type': type }, json: accepting });
    expect(status).toBe(200);
  });

  test.each<[string, unknown]>([
    ['as bytes', new TextEncoder().encode(JSON.stringify(accepting))],
    ['parsed by the host', accepting],
    ['as bytes from a parser of the host', Buffer.from(JSON.stringify(accepting))],
    ['as text from a parser of the host', JSON.stringify(accepting)],
    ['as an object that writes itself', { toJSON: (key: string) => (key === '' ? accepting : undefined) }],
  ])('a body that arrives %s is read, and the value of the host is not frozen', async (_, found) => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'Identity' };
    const { calls } = await perform('ACCEPT_INVITATIONS', { headers, body: async () => bodyFromKept(found) });
    expect(calls).toMatchObject([{ body: { invitationIds: ['i'], user: { email: ann.email } } }]);
    expect(Object.isFrozen(accepting.invitationIds)).toBe(false);
  });

  test('a body with a null and a Content-Length of 64 kB is read', async () => {
    const headers = { 'content-length': String(64 * 1024) };
    const { status, calls } = await perform('CONFIGURE_AUTOJOIN', { headers, json: configuring(null) });
    expect([status, calls[0]?.body]).toEqual([200, configuring(null)]);
  });

  test.each<[string, Body]>([
    ['has bytes', bodyFromKept('{"context":{}}')],
    ['is empty', { kind: 'empty' }],
  ])('a token is given for a body that %s', async (_, body) => {
    const headers = { 'content-type': 'application/json', 'content-length': '14' };
    expect((await perform('JWT', { headers, body: async () => body })).status).toBe(200);
  });

  test('a body that earlier middleware consumed is answered with 500 BODY_CONSUMED', async () => {
    const body = async (): Promise<Body> => ({ kind: 'consumed' });
    const { status, answer } = await perform('JWT', { body, headers: { 'content-type': 'application/json' } });
    expect([status, answer.code]).toEqual([500, 'BODY_CONSUMED']);
    // The type is wrong whatever the body was.
    expect((await perform('JWT', { body, headers: { 'content-type': 'text/plain' } })).status).toBe(415);
  });

  test.each<[string, object, number, string]>([
    ['a status of 413', { statusCode: 413 }, 413, 'PAYLOAD_TOO_LARGE'],
    ['a status of 400', { status: 400 }, 400, 'INVALID_REQUEST'],
    ['a code of zlib', { code: 'Z_BUF_ERROR' }, 400, 'INVALID_REQUEST'],
    ['a code of the connection', { code: 'ECONNRESET' }, 499, 'ABORTED'],
  ])(
    'a body that ends with an error with %s, such as from a stream of the host, is answered with its status',
    async (_, details, status, code) => {
      const body = () => Promise.reject(Object.assign(new Error('no body'), details));
      const { status: answered, answer } = await perform('JWT', { body });
      expect([answered, answer.code]).toEqual([status, code]);
    },
  );

  test('a body nested 32 deep is read, and one nested 33 deep is refused', async () => {
    const deep = async (depth: number) =>
      (await perform('CONFIGURE_AUTOJOIN', { json: configuring(nested(depth)) })).status;
    expect([await deep(30), await deep(31)]).toEqual([200, 400]);
  });

  /** A body that the host has parsed, without a Content-Length unless one is given. */
  const parsed = (value: object, length?: number): Sent => ({
    body: async () => ({ kind: 'parsed', value }),
    headers: { 'content-type': 'application/json', ...(length !== undefined && { 'content-length': String(length) }) },
  });
  /** A body of so many bytes. */
  const sized = (length: number) => {
    const around = JSON.stringify(configuring('')).length;
    return configuring('x'.repeat(length - around));
  };
  /** Written again, each of these numbers of 4 characters has 21. */
  const growing = JSON.stringify(configuring(Array(4000).fill(0))).replaceAll(/\b0\b/gu, '1e20');

  test.each<[string, number, Sent]>([
    ['a body of 64 kB', 200, { json: sized(64 * 1024) }],
    ['a body that is longer by one byte', 413, { json: sized(64 * 1024 + 1) }],
    ['a parsed body that is written as 64 kB', 200, parsed(sized(64 * 1024))],
    ['a parsed body that is written as one byte more', 413, parsed(sized(64 * 1024 + 1))],
    ['a body that would be longer if it were written again', 200, { json: 1, body: async () => bodyFromKept(growing) }],
    ['a parsed body that was shorter by its Content-Length', 200, parsed(JSON.parse(growing), growing.length)],
    ['a parsed body of an unknown length that is too long when written', 413, parsed(JSON.parse(growing))],
    ['a body of 10,000 values', 200, { json: configuring(Array(9993).fill(0)) }],
    ['a body of 10,001 values', 400, { json: configuring(Array(9994).fill(0)) }],
    ['a body whose object has 1,000 keys', 200, { json: configuring({ ...Array(1000).fill(0) }) }],
    ['a body whose object has 1,001 keys', 400, { json: configuring({ ...Array(1001).fill(0) }) }],
  ])('%s is answered with %i', async (_, expected, sent) => {
    expect((await perform('CONFIGURE_AUTOJOIN', sent)).status).toBe(expected);
  });

  test('a list that is not empty is no body of a token', async () => {
    expect((await perform('JWT', { json: [1] })).answer.code).toBe('INVALID_REQUEST');
  });

  test('a request with Content-Length 0 is answered although its body cannot be read', async () => {
    const sent = { headers: { 'content-length': '0' }, body: () => Promise.reject(new Error('reset')) };
    expect((await perform('JWT', sent)).status).toBe(200);
  });

  /** The member of the metadata that a rule sees, for a body that the host has parsed. */
  const seenBy = async (member: unknown) => {
    let seen: unknown;
    const CONFIGURE_AUTOJOIN = ({ metadata }: { metadata?: Record<string, unknown> | undefined }) => {
      seen = metadata?.of;
      return true;
    };
    await perform('CONFIGURE_AUTOJOIN', parsed(configuring(member)), { authorizeOperation: { CONFIGURE_AUTOJOIN } });
    return seen;
  };

  test.each<[string, object, object]>([
    ['undefined, functions and symbols', { u: undefined, f: () => 1, s: Symbol('s'), a: 1 }, { a: 1 }],
    ['undefined, functions and symbols of a list', { a: [undefined, () => 1, Symbol('s')] }, { a: [null, null, null] }],
    ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['a value with toJSON', { a: { toJSON: (key: string) => ({ key }) } }, { a: { key: 'a' } }],
  ])('a rule sees %s of a parsed body as JSON would write it', async (_, given, expected) => {
    expect(await seenBy(given)).toStrictEqual(expected);
  });

  test('a rule sees a BigInt of a parsed body as its own toJSON writes it', async () => {
    const prototype = BigInt.prototype as { toJSON?: () => string };
    prototype.toJSON = function (this: bigint) {
      return this.toString();
    };
    try {
      expect(await seenBy({ big: 5n })).toStrictEqual({ big: '5' });
    } finally {
      delete prototype.toJSON;
    }
  });

  test('a key __proto__ inside the metadata of a body stays a key', async () => {
    const seen = (await seenBy(JSON.parse('{"a":1,"__proto__":{"b":2}}'))) as object;
    expect(JSON.stringify(seen)).toBe('{"a":1,"__proto__":{"b":2}}');
    expect(seen).not.toHaveProperty('b');
  });

  test('a field of the body does not replace a parameter of the path', async () => {
    const json = { invitationId: 'other' };
    const { calls } = await perform('REINVITE', { url: '/invitations/own/reinvite', json });
    expect(calls.map(({ call }) => call)).toEqual(['POST /invitations/own/reinvite']);
  });
});

describe('targets', () => {
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
    ['/invitations/:invitationId', '%3AinvitationId'],
  ])('the target %s is about the invitation %s', async (url, id) => {
    const { calls } = await perform('GET_INVITATION', { url });
    expect(calls.map(({ call }) => call)).toEqual([`GET /invitations/${id}`]);
  });

  test.each<[string, OperationName, string, number, string | undefined]>([
    ['too few segments', 'GET_INVITATION', '/i-1', 404, undefined],
    ['another literal segment', 'GET_INVITATION', '/invitation/i-1', 404, undefined],
    ['another path', 'JWT', '/jwts', 404, undefined],
    ['a further segment', 'JWT', '/jwt/x', 404, undefined],
    ['an empty id', 'GET_INVITATION', '/invitations//', 404, undefined],
    ['no path', 'GET_INVITATION', '', 404, undefined],
    ['a reserved word as the id', 'GET_INVITATION', '/invitations/by%2Dscope', 404, undefined],
    ['broken UTF-8 in the path', 'GET_INVITATION', '/invitations/%ff', 400, undefined],
    ['broken UTF-8 in the query', 'GET_GROUP_INVITATIONS', '/invitations/by-scope/t/s?%ff', 400, undefined],
    [
      'a query over 2,048 characters',
      'GET_GROUP_INVITATIONS',
      `/invitations/by-scope/t/s?${'x'.repeat(2049)}`,
      400,
      undefined,
    ],
    [
      'a key given twice',
      'GET_GROUP_INVITATIONS',
      '/invitations/by-scope/t/s?a=1&start=1&b=1&start=2&a=2',
      400,
      'start',
    ],
    ['text for a number', 'GET_GROUP_INVITATIONS', '/invitations/by-scope/t/s?start=1x', 400, 'start'],
    ['a number of ten digits', 'GET_GROUP_INVITATIONS', '/invitations/by-scope/t/s?start=1234567890', 400, 'start'],
    ['a slash in the id', 'GET_INVITATION', '/invitations/a%2Fb', 400, 'invitationId'],
    ['a backslash in the id', 'GET_INVITATION', '/invitations/a%5Cb', 400, 'invitationId'],
    ['a dot segment as the id', 'GET_INVITATION', '/invitations/%2e%2e', 400, 'invitationId'],
    ['a control character in the id', 'GET_INVITATION', '/invitations/a%07', 400, 'invitationId'],
    ['an id over 100 characters', 'GET_INVITATION', `/invitations/${'x'.repeat(101)}`, 400, 'invitationId'],
  ])('a target with %s is refused', async (_, operation, url, status, field) => {
    const { answer, ...rest } = await perform(operation, { url });
    expect([rest.status, answer.code]).toEqual([status, status === 404 ? 'NOT_FOUND' : 'INVALID_REQUEST']);
    expect(answer.issues?.map(({ path }) => path)).toEqual(field && [field]);
    expect(rest.calls).toEqual([]);
  });

  test('the last segment of another path may be the type of a scope', async () => {
    const { calls } = await perform('GET_GROUP_INVITATIONS', { url: '/invitations/by-scope/reinvite/s' });
    expect(calls.map(({ call }) => call)).toEqual(['GET /invitations/by-scope/reinvite/s']);
  });

  test('a query of 2,048 characters is read, and the query parameter start is forwarded', async () => {
    const query = (text: string) => `/invitations/by-scope/t/s?start=40&${text}`;
    const { calls } = await perform('GET_GROUP_INVITATIONS', { url: query('x'.repeat(2048 - 9)) });
    expect(calls.map(({ call }) => call)).toEqual(['GET /invitations/by-scope/t/s?start=40']);
  });
});

describe('invalid input', () => {
  const creating = (fields: object) => ({
    widgetConfigurationId: 'w',
    target: { type: 'email', value: 'a@b.example' },
    ...fields,
  });
  const configuring = (fields: object) => ({ scope: 's', scopeType: 't', componentId: 'c', domains: [], ...fields });
  const deciding = { creatorId: 'c', targetValue: ann.id, action: 'accepted', componentId: 'c' };
  const inputs: [OperationName, unknown, string][] = [
    // The claim is `scopeType:scope`, so a further colon would make two contexts one.
    ['JWT', { context: { scopeType: 'team:a', scope: 'b' } }, 'context.scopeType'],
    ['JWT', { context: { scope: 'team:a' } }, 'context.scope'],
    ['CREATE_INVITATION', creating({ widgetConfigurationId: undefined }), 'widgetConfigurationId'],
    ['CREATE_INVITATION', creating({ widgetConfigurationId: 5 }), 'widgetConfigurationId'],
    ['CREATE_INVITATION', creating({ widgetConfigurationId: '' }), 'widgetConfigurationId'],
    ['CREATE_INVITATION', creating({ widgetConfigurationId: 'x'.repeat(1001) }), 'widgetConfigurationId'],
    ['CREATE_INVITATION', creating({ widgetConfigurationId: 'a\tb' }), 'widgetConfigurationId'],
    // A wrong length is the only issue of its field.
    ['CREATE_INVITATION', creating({ widgetConfigurationId: '\t'.repeat(1001) }), 'widgetConfigurationId'],
    ['CREATE_INVITATION', creating({ inviter: { userEmail: '' } }), 'inviter.userEmail'],
    ['CREATE_INVITATION', creating({ metadata: { ['__proto__']: 1 } }), 'metadata.__proto__'],
    ['CREATE_INVITATION', creating({ widgetConfigurationId: '\ud800' }), 'widgetConfigurationId'],
    ['CREATE_INVITATION', creating({ target: 'x' }), 'target'],
    ['CREATE_INVITATION', creating({ target: { type: 'fax', value: 'x' } }), 'target.type'],
    ['CREATE_INVITATION', creating({ target: { type: 'email', value: 'x' } }), 'target.value'],
    ['CREATE_INVITATION', creating({ target: { type: 'email', value: 'a@b c' } }), 'target.value'],
    ['CREATE_INVITATION', creating({ target: { type: 'email', value: 'a@b@c' } }), 'target.value'],
    ['CREATE_INVITATION', creating({ target: { type: 'phone', value: '12' } }), 'target.value'],
    ['CREATE_INVITATION', creating({ target: { type: 'sms', value: 'x123' } }), 'target.value'],
    ['CREATE_INVITATION', creating({ scopes: 'x' }), 'scopes'],
    ['CREATE_INVITATION', creating({ scopes: [{ type: 't' }] }), 'scopes.0.scopeId'],
    ['CREATE_INVITATION', creating({ groups: Array(101).fill({ type: 't', scopeId: 's' }) }), 'groups'],
    ['CREATE_INVITATION', creating({ scopeType: 't' }), 'scopeId'],
    ['CREATE_INVITATION', creating({ scopeName: 't' }), 'scopeId'],
    ['CREATE_INVITATION', creating({ inviter: { userEmail: 'x' } }), 'inviter.userEmail'],
    ['CREATE_INVITATION', creating({ templateVariables: { a: 5 } }), 'templateVariables.a'],
    ['CREATE_INVITATION', creating({ templateVariables: { a: 'x'.repeat(10_001) } }), 'templateVariables.a'],
    ['CREATE_INVITATION', creating({ metadata: 'x' }), 'metadata'],
    ['CREATE_INVITATION', creating({ unfurlConfig: { image: 'http://a.example' } }), 'unfurlConfig.image'],
    ['CREATE_INVITATION', creating({ unfurlConfig: { image: 'x https://a.example' } }), 'unfurlConfig.image'],
    ['CREATE_INVITATION', creating({ unfurlConfig: { type: 'x' } }), 'unfurlConfig.type'],
    ['ACCEPT_INVITATIONS', { invitationIds: [] }, 'invitationIds'],
    ['ACCEPT_INVITATIONS', { invitationIds: Array(101).fill('i') }, 'invitationIds'],
    ['ACCEPT_INVITATIONS', { invitationIds: ['autojoin'] }, 'invitationIds.0'],
    ['ACCEPT_INVITATIONS', { invitationIds: ['i'], user: { isExisting: 1 } }, 'user.isExisting'],
    ['ACCEPT_INVITATIONS', { invitationIds: ['i'], user: { isExisting: [] } }, 'user.isExisting'],
    ['ACCEPT_INVITATIONS', { invitationIds: ['i'], user: [1] }, 'user'],
    ['ACCEPT_INVITATIONS', { invitationIds: ['i'], user: { phone: 'x' } }, 'user.phone'],
    ['ACCEPT_INVITATIONS', { invitationIds: ['i'], target: { type: 'email', value: 'x' } }, 'target.value'],
    ['CONFIGURE_AUTOJOIN', configuring({ scope: undefined }), 'scope'],
    ['CONFIGURE_AUTOJOIN', configuring({ componentId: undefined }), 'componentId'],
    ['CONFIGURE_AUTOJOIN', configuring({ domains: ['a.example', 'x'] }), 'domains.1'],
    ['CONFIGURE_AUTOJOIN', configuring({ domains: Array(1001).fill('a.example') }), 'domains'],
    ['CONFIGURE_AUTOJOIN', configuring({ domains: [`${'a.'.repeat(126)}bc`] }), 'domains.0'],
    ['SYNC_INTERNAL_INVITATION', { ...deciding, action: 'x' }, 'action'],
    ['JWT', { context: { scope: '..' } }, 'context.scope'],
    ['JWT', { context: { componentId: '' } }, 'context.componentId'],
    ['JWT', { context: { widgetId: '' } }, 'context.widgetId'],
    ['JWT', { context: { groupId: 7 } }, 'context.groupId'],
    ['JWT', { context: { groupType: '..' } }, 'context.groupType'],
  ];
  const titled = inputs.map(([name, json, path]) => [name, JSON.stringify(json).slice(0, 100), path, json] as const);
  test.each(titled)('%s with %s is refused, and the issue names %s', async (operation, _, path, json) => {
    const { status, answer, calls } = await perform(operation, { json });
    expect([status, answer.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(answer.issues).toEqual([{ path, message: expect.any(String) }]);
    expect(answer.error).not.toContain(path);
    expect(calls).toEqual([]);
  });

  test('a reply names at most 20 issues', async () => {
    const { answer } = await perform('ACCEPT_INVITATIONS', { json: { invitationIds: Array(30).fill('') } });
    expect(answer.issues?.map(({ path }) => path)).toEqual(Array.from({ length: 20 }, (_, i) => `invitationIds.${i}`));
  });

  test.each([
    ['x'.repeat(62), `templateVariables.${'x'.repeat(62)}`],
    ['x'.repeat(63), `templateVariables.${'x'.repeat(62)}\u2026`],
    ['a\nb\u202ec', 'templateVariables.a\ufffdb\ufffdc'],
  ])('the path of an issue about the key %j is at most 80 printable characters', async (key, path) => {
    const { answer } = await perform('CREATE_INVITATION', { json: creating({ templateVariables: { [key]: 5 } }) });
    expect(answer.issues?.map((issue) => issue.path)).toEqual([path]);
  });

  test.each<[OperationName, unknown]>([
    ['JWT', []],
    ['JWT', {}],
    ['JWT', { context: [] }],
    ['JWT', { context: null }],
    ['ACCEPT_INVITATIONS', { invitationIds: ['i'], user: [] }],
    ['ACCEPT_INVITATIONS', { invitationIds: ['i'], user: { name: '', phone: '' } }],
    ['CREATE_INVITATION', creating({ scopes: [{ type: 't', scopeId: 's', groupId: null, name: null }] })],
    ['CREATE_INVITATION', creating({ scopeType: 't', scopeId: 's', scopeName: '' })],
    ['CREATE_INVITATION', creating({ scopes: [{ type: 't', scopeId: 's', name: '' }] })],
    ['CONFIGURE_AUTOJOIN', { scopeType: 't', scope: 's', scopeName: '', componentId: 'c', domains: [] }],
    [
      'SYNC_INTERNAL_INVITATION',
      { creatorId: 'c', targetValue: ` ${ann.email} `, action: 'accepted', componentId: 'c' },
    ],
  ])('%s with %j is accepted, as by the adapters of the vendor', async (operation, json) => {
    const { status, calls } = await perform(operation, { json });
    expect(status).toBe(200);
    for (const { body } of calls) expect(body).not.toMatchObject({ targetValue: expect.stringMatching(/^ | $/u) });
  });

  test('an address of the type email in a query must be an e-mail address', async () => {
    const { status, answer } = await perform('GET_INVITATIONS', { url: '/invitations?targetType=email&targetValue=x' });
    expect([status, answer.issues?.map(({ path }) => path)]).toEqual([400, ['targetValue']]);
  });

  test.each(['email', 'username', 'phoneNumber', 'phone', 'sms', 'internal'])(
    'the invitations to a target of the type %s can be listed',
    async (type) => {
      const value = type === 'email' ? 'a@b.example' : '15550102030';
      const { calls } = await perform('GET_INVITATIONS', {
        url: `/invitations?targetType=${type}&targetValue=${value}`,
      });
      expect(calls.map(({ call }) => call)).toEqual([
        `GET /invitations?${new URLSearchParams({ targetType: type, targetValue: value })}`,
      ]);
    },
  );

  test.each(['website', 'article', 'video', 'music', 'book', 'profile', 'product'])(
    'an invitation may have a preview of the type %s',
    async (type) => {
      const { calls } = await perform('CREATE_INVITATION', { json: creating({ unfurlConfig: { type } }) });
      expect(calls).toMatchObject([{ body: { unfurlConfig: { type } } }]);
    },
  );

  test('a phone number of three digits is accepted', async () => {
    const json = creating({ target: { type: 'phone', value: '123' } });
    expect((await perform('CREATE_INVITATION', { json })).status).toBe(200);
  });

  test('an empty list is no body where a body is required', async () => {
    const { status, calls } = await perform('ACCEPT_INVITATIONS', { json: [] });
    expect([status, calls]).toEqual([400, []]);
  });

  test.each([
    'a.example',
    'a-b.c1.example',
    'b\u00fccher.example',
    `${'a'.repeat(63)}.example`,
    `${'a.'.repeat(125)}com`,
  ])('the domain %s is accepted', async (domain) => {
    const { status, calls } = await perform('CONFIGURE_AUTOJOIN', { json: configuring({ domains: [domain] }) });
    expect([status, calls.length]).toEqual([200, 1]);
  });

  test.each([
    `${'a'.repeat(64)}.example`,
    '-a.example',
    'a-.example',
    'a..example',
    '.example',
    'example',
    'a.e',
    'a.example.',
    'a.example x',
    'x a.example',
    '@a.example',
  ])('the domain %s is refused', async (domain) => {
    const { status, calls } = await perform('CONFIGURE_AUTOJOIN', { json: configuring({ domains: [domain] }) });
    expect([status, calls.length]).toEqual([400, 0]);
  });

  test.each<[unknown, string[]]>([
    ['ann', ['user']],
    [{ email: 'a@b.example' }, ['id']],
    [{ id: '' }, ['id']],
    // Beyond 2^53 a number is rounded, so that two users would have the same id.
    [{ id: 2 ** 53 }, ['id']],
    [{ id: -(2 ** 53) }, ['id']],
    [{ id: Number.NaN }, ['id']],
    [{ id: null }, ['id']],
    [{ id: true }, ['id']],
    [{ id: 1, email: 5 }, ['email']],
    [{ id: 1, name: {}, addresses: 'x' }, ['addresses', 'name']],
    [{ id: 1, adminScopes: [1], allowedEmailDomains: 'x' }, ['adminScopes.0', 'allowedEmailDomains']],
    [{ id: 1, attributes: 'x' }, ['attributes']],
    [{ id: 1, phone: 5 }, ['phone']],
    [{ id: 1, avatarUrl: 5 }, ['avatarUrl']],
  ])('the user %j from authenticateUser is a BAD_AUTH_RESULT that names %j', async (user, fields) => {
    const { status, answer, reported } = await perform('JWT', { user: user as VortexUser });
    expect([status, answer.code]).toEqual([500, 'BAD_AUTH_RESULT']);
    expect(reported).toMatchObject([{ code: 'BAD_AUTH_RESULT' }]);
    for (const field of fields) expect(reported[0]?.message).toMatch(new RegExp(`\\b${field}\\b`, 'u'));
  });
});

describe('identity', () => {
  const accept = (user: object) => ({ json: { invitationIds: ['i'], user } });
  const invite = (inviter: object) => ({
    json: { widgetConfigurationId: 'w', target: { type: 'internal', value: 'u-2' }, inviter },
  });
  const decide = (targetValue: string) => ({
    json: { creatorId: 'c', targetValue, action: 'accepted', componentId: 'c' },
  });
  const pictured = { ...ann, avatarUrl: 'https://a.example/ann.png' };

  test.each<[string, OperationName, Sent]>([
    ['accepts with another address', 'ACCEPT_INVITATIONS', accept({ email: 'ben@orchard.example' })],
    [
      'accepts with another phone beside the own address',
      'ACCEPT_INVITATIONS',
      accept({ email: ann.email, phone: '+15550102031' }),
    ],
    ['accepts with another name', 'ACCEPT_INVITATIONS', accept({ name: 'Ben' })],
    ['accepts without any address', 'ACCEPT_INVITATIONS', { ...accept({}), user: { id: 1 } }],
    ['invites with another id', 'CREATE_INVITATION', invite({ userId: 'u-ben' })],
    ['invites with another address', 'CREATE_INVITATION', invite({ userEmail: 'ben@b.example' })],
    ['invites with another name', 'CREATE_INVITATION', invite({ name: 'Ben' })],
    [
      'invites with another picture',
      'CREATE_INVITATION',
      { ...invite({ avatarUrl: 'https://a.example/ben.png' }), user: pictured },
    ],
    [
      'invites with a name although the application gives none',
      'CREATE_INVITATION',
      { ...invite({ name: 'The CEO' }), user: { id: ann.id } },
    ],
    [
      'invites with a picture that the application does not know',
      'CREATE_INVITATION',
      invite({ avatarUrl: pictured.avatarUrl }),
    ],
    ['decides about a user whose id is the digits of the own phone', 'SYNC_INTERNAL_INVITATION', decide('15550102030')],
    ['decides about the invitation of another user', 'SYNC_INTERNAL_INVITATION', decide('u-ben')],
    ['decides about a phone with only the digits of the own', 'SYNC_INTERNAL_INVITATION', decide('+15550102030')],
    ['decides about the own address in upper case', 'SYNC_INTERNAL_INVITATION', decide('ANN@HARBOR.EXAMPLE')],
  ])('a caller who %s is refused', async (_, operation, sent) => {
    const { status, answer, calls } = await perform(operation, sent);
    expect([status, answer.code, calls]).toEqual([403, 'IDENTITY_MISMATCH', []]);
  });

  test.each<[object, number]>([
    [{ CREATE_INVITATION: 'anyone' }, 200],
    [{ CREATE_INVITATION: undefined }, 403],
    [{ ACCEPT_INVITATIONS: 'anyone' }, 403],
  ])('with actAs set to %o an invitation in the name of another user is answered with %i', async (actAs, expected) => {
    const { status } = await perform('CREATE_INVITATION', invite({ userId: 'u-ben' }), { actAs });
    expect(status).toBe(expected);
  });

  test.each([
    ['bo@b.example', 200],
    ['bo@c.example', 403],
  ])('with two allowedEmailDomains an invitation to %s is answered with %i', async (value, expected) => {
    const user = { ...ann, allowedEmailDomains: ['a.example', 'b.example'] };
    const json = { widgetConfigurationId: 'w', target: { type: 'email', value } };
    expect((await perform('CREATE_INVITATION', { json, user })).status).toBe(expected);
  });

  test('an acceptance without any address is refused even if actAs is anyone', async () => {
    const sent = { ...accept({ name: 'Nobody' }), user: { id: 1 } };
    const { status, answer, calls } = await perform('ACCEPT_INVITATIONS', sent, {
      actAs: { ACCEPT_INVITATIONS: 'anyone' },
    });
    expect([status, answer.code, calls]).toEqual([400, 'INVALID_REQUEST', []]);
  });

  test.each<[string, OperationName, Sent, unknown]>([
    [
      'the own address if an acceptance names none',
      'ACCEPT_INVITATIONS',
      accept({}),
      { invitationIds: ['i'], user: { email: ann.email } },
    ],
    [
      'both addresses of an acceptance if both are the own',
      'ACCEPT_INVITATIONS',
      accept({ email: ann.email.toUpperCase(), phone: '15550102030' }),
      { invitationIds: ['i'], user: { email: ann.email.toUpperCase(), phone: '15550102030' } },
    ],
    [
      'the phone of an acceptance if it is the own',
      'ACCEPT_INVITATIONS',
      accept({ phone: '1 555 0102030', name: 'Ann' }),
      { invitationIds: ['i'], user: { phone: '1 555 0102030', name: 'Ann' } },
    ],
    [
      'the name of an acceptance if the application gives none',
      'ACCEPT_INVITATIONS',
      { ...accept({ name: 'Ann' }), user: { id: 1, email: ann.email } },
      { invitationIds: ['i'], user: { email: ann.email, name: 'Ann' } },
    ],
    [
      'each id of an acceptance once',
      'ACCEPT_INVITATIONS',
      { json: { invitationIds: ['i', 'j', 'i'] } },
      { invitationIds: ['i', 'j'], user: { email: ann.email } },
    ],
    [
      'a further phone if the user has no other address',
      'ACCEPT_INVITATIONS',
      { ...accept({}), user: { id: 1, email: 'no address', addresses: ['', 'u-5', '+1 555'] } },
      { invitationIds: ['i'], user: { phone: '+1 555' } },
    ],
    [
      'the picture of an inviter if it is the own',
      'CREATE_INVITATION',
      { ...invite({ avatarUrl: pictured.avatarUrl }), user: pictured },
      { inviter: { userId: ann.id, userEmail: ann.email, name: ann.name, avatarUrl: pictured.avatarUrl } },
    ],
    [
      'only the id of an inviter if the request gives the id',
      'CREATE_INVITATION',
      invite({ userId: ann.id }),
      { inviter: { userId: ann.id }, groups: [] },
    ],
    [
      'only the id of an inviter whose picture the application knows if the request gives the id',
      'CREATE_INVITATION',
      { ...invite({ userId: ann.id }), user: pictured },
      { inviter: { userId: ann.id } },
    ],
    [
      'the scopes of a new invitation',
      'CREATE_INVITATION',
      { json: { ...invite({}).json, scopes: [{ type: 'team', scopeId: 's', name: 'Red' }] } },
      { groups: [{ type: 'team', groupId: 's', name: 'Red' }] },
    ],
    [
      'the id of a new invitation with the spaces around it',
      'CREATE_INVITATION',
      { json: { widgetConfigurationId: 'w', target: { type: 'internal', value: ' u-2 ' } } },
      { target: { type: 'internal', value: ' u-2 ' } },
    ],
    ...['phone', 'phoneNumber', 'sms'].map((type): [string, OperationName, Sent, unknown] => [
      `the phone of an acceptance for a target of the type ${type}`,
      'ACCEPT_INVITATIONS',
      { json: { invitationIds: ['i'], target: { type, value: ann.phone } } },
      { user: { phone: ann.phone } },
    ]),
    ...(
      [
        ['email', 'bo@orchard.example'],
        ['phone', '+1 555 0102030'],
      ] as const
    ).map(([type, value]): [string, OperationName, Sent, unknown] => [
      `the ${type} of a new invitation without the spaces around it`,
      'CREATE_INVITATION',
      { json: { widgetConfigurationId: 'w', target: { type, value: ` ${value} ` } } },
      { target: { type, value } },
    ]),
    ['a decision about the own id', 'SYNC_INTERNAL_INVITATION', decide(ann.id), { targetValue: ann.id }],
    [
      'a decision against an invitation',
      'SYNC_INTERNAL_INVITATION',
      { json: { ...decide(ann.id).json, action: 'declined' } },
      { action: 'declined' },
    ],
    ['a decision about the own phone', 'SYNC_INTERNAL_INVITATION', decide(ann.phone), { targetValue: ann.phone }],
    ['a decision about the own address', 'SYNC_INTERNAL_INVITATION', decide(ann.email), { targetValue: ann.email }],
  ])('the API is sent %s', async (_, operation, sent, body) => {
    const { calls } = await perform(operation, sent);
    expect(calls).toMatchObject([{ body }]);
  });
});

describe('tokens', () => {
  const user = { ...ann, addresses: ['a@b.example'], attributes: { plan: 'pro' }, adminScopes: ['autojoin'] };
  const claimsOf = async (json: unknown, jwt: NonNullable<Options['jwt']>) => {
    const { answer } = await perform('JWT', { user, json }, { jwt });
    return readToken(answer.jwt ?? '', KEY);
  };

  test('a token holds the user, and the attributes of jwt.attributes beside those of the user', async () => {
    const { format, claims, issuedAt, expiresAt } = await claimsOf(undefined, { attributes: () => ({ team: 't' }) });
    expect([format, expiresAt - issuedAt]).toEqual(['jwt', 3_600_000]);
    expect(claims).toMatchObject({ userId: ann.id, attributes: { plan: 'pro', team: 't' }, role: 'admin' });
    expect((await claimsOf({}, { expiresIn: '5m' })).claims.attributes).toEqual({ plan: 'pro' });
  });

  test('a token is signed by the client that a function returns', async () => {
    const key = `${KEY}-of-a-tenant`;
    const { answer } = await perform('JWT', {}, { client: () => new VortexClient(key) });
    expect((await readToken(answer.jwt ?? '', key)).claims).toMatchObject({ userId: ann.id });
  });

  test('the context of a token is not kept for the next request, which has none', async () => {
    const routes = createRoutes<undefined, VortexUser>({
      apiKey: KEY,
      authenticateUser: () => ann,
      authorizeOperation: () => true,
      jwt: { format: 'token' },
    });
    const jwt = routes.find(({ operation }) => operation === 'JWT');
    const claims = async (text: string) => {
      const header = (name: string) => (name === 'content-type' ? 'application/json' : undefined);
      const request = { url: '/jwt', header, body: async () => bodyFromKept(text), signal: () => undefined };
      const reply = await jwt?.handle({ ...request, context: undefined });
      return (await readToken(JSON.parse(String(reply?.body)).jwt, KEY)).claims;
    };
    expect(await claims('{"context":{"scope":"s"}}')).toHaveProperty('scope');
    expect(await claims('')).not.toHaveProperty('scope');
  });

  test.each<[string, VortexUser]>([
    ['the largest safe number as its id', { id: Number.MAX_SAFE_INTEGER }],
    ['the smallest safe number as its id', { id: Number.MIN_SAFE_INTEGER }],
    ['attributes without a prototype', { id: 1, attributes: Object.create(null) as Record<string, unknown> }],
  ])('a user from authenticateUser with %s is given a token', async (_, given) => {
    const { answer } = await perform('JWT', { user: given });
    expect((await readToken(answer.jwt ?? '', KEY)).claims).toMatchObject({ userId: given.id });
  });

  test.each<[string, NonNullable<Options['jwt']>]>([
    ['there are none', {}],
    ['jwt.attributes returns an empty object', { attributes: () => ({}) }],
  ])('a token has no attributes if %s', async (_, jwt) => {
    const { answer } = await perform('JWT', {}, { jwt });
    expect((await readToken(answer.jwt ?? '', KEY)).claims).not.toHaveProperty('attributes');
  });

  test.each([
    [{ scope: 's', scopeType: 'team' }, { scope: 'team:s' }],
    [
      { scope: 's', componentId: 'c' },
      { scope: 's', component: 'c' },
    ],
    [{ scopeType: 'team' }, {}],
  ])('a token of the format token is for the context %j', async (context, expected) => {
    const { format, claims, issuedAt, expiresAt } = await claimsOf({ context }, { format: 'token', expiresIn: 60 });
    const { addresses: _, attributes, ...signed } = user;
    expect([format, expiresAt - issuedAt]).toEqual(['token', 60_000]);
    expect(claims).toEqual({ user: signed, attributes, ...expected, iat: issuedAt / 1000, exp: expiresAt / 1000 });
  });
});

describe('hooks', () => {
  const boom = () => {
    throw new Error('boom');
  };
  const never = () => new Promise<never>(() => {});
  test.each<[string, string, Options, string]>([
    ['authenticateUser', 'throws', { authenticateUser: boom }, 'INTERNAL'],
    ['authorizeOperation', 'throws', { authorizeOperation: boom }, 'INTERNAL'],
    ['authorizeOperation', 'rejects', { authorizeOperation: async () => boom() }, 'INTERNAL'],
    ['trustedOrigins', 'throws', { trustedOrigins: boom }, 'INTERNAL'],
    ['jwt.attributes', 'throws', { jwt: { attributes: boom } }, 'INTERNAL'],
    ['jwt.payload', 'throws', { jwt: { payload: boom } }, 'INTERNAL'],
    ['onSuccess', 'throws', { onSuccess: boom }, 'INTERNAL'],
    ['onSuccess', 'throws in a map', { onSuccess: { JWT: boom } }, 'INTERNAL'],
    ['authenticateUser', 'never settles', { authenticateUser: never }, 'HOOK_TIMEOUT'],
    ['authorizeOperation', 'never settles', { authorizeOperation: never }, 'HOOK_TIMEOUT'],
    ['jwt.attributes', 'never settles', { jwt: { attributes: never } }, 'HOOK_TIMEOUT'],
    ['onSuccess', 'never settles', { onSuccess: never }, 'HOOK_TIMEOUT'],
    ['JWT', 'is given attributes that are not JSON', { jwt: { attributes: () => ({ big: 1n }) } }, 'INTERNAL'],
    ['JWT', 'is given a user by jwt.payload', { jwt: { payload: () => ({ user: ann }) } }, 'INTERNAL'],
    ['apiKey', 'throws', { apiKey: boom }, 'CONFIG'],
    ['apiKey', 'never settles', { apiKey: never }, 'HOOK_TIMEOUT'],
    ['baseUrl', 'throws', { apiKey: KEY, baseUrl: boom }, 'CONFIG'],
    ['client', 'throws', { client: boom }, 'CONFIG'],
    ['client', 'returns an object', { client: () => ({}) as VortexClient }, 'CONFIG'],
    ['apiKey', 'returns undefined', { apiKey: () => undefined }, 'CONFIG'],
  ])('if %s %s, onError and the log name it and the reply does not', async (name, how, options, code) => {
    const headers = { origin: 'https://h.example', host: 'h.example' };
    const { status, answer, logged, reported } = await perform('JWT', { headers }, { hookTimeout: 20, ...options });
    expect([status, answer]).toEqual([
      code === 'HOOK_TIMEOUT' ? 504 : 500,
      { code, error: new VortexError(code as VortexErrorCode).message },
    ]);
    const [error] = reported;
    expect(reported).toMatchObject([{ code, message: expect.stringContaining(name) }]);
    if (code === 'INTERNAL' || how === 'throws') expect(error?.cause).toBeInstanceOf(Error);
    expect(logged).toEqual([['error', expect.stringContaining(String(error?.message)), error]]);
    expect(logged[0]?.[1]).toMatch(new RegExp(`\\bJWT\\b.*\\b${code}\\b`, 'u'));
  });

  test('a function for baseUrl that returns undefined stands for the default', async () => {
    vi.stubEnv('VORTEX_API_BASE_URL', 'http://127.0.0.1:1');
    onTestFinished(() => void vi.unstubAllEnvs());
    const options: Options = { apiKey: KEY, baseUrl: () => undefined };
    const { answer, reported } = await perform('GET_INVITATION', { url: '/invitations/i-1' }, options);
    expect(answer.code).toBe('UPSTREAM_UNREACHABLE');
    expect(reported[0]?.message).toContain('http://127.0.0.1:1 ');
  });

  test.each<[string, string, Options]>([
    ['onError', 'throws', { authenticateUser: boom, onError: boom }],
    ['onError', 'never settles', { authenticateUser: boom, onError: never }],
    ['onResponse', 'throws', { onResponse: boom }],
    ['onResponse', 'never settles', { onResponse: never }],
  ])('an %s that %s is logged', async (name, _, options) => {
    const { logged } = await perform('JWT', {}, { hookTimeout: 20, ...options });
    await expect.poll(() => logged.at(-1)).toEqual(['error', expect.stringContaining(name), expect.any(Error)]);
  });

  test.each([{ status: 401 }, { statusCode: 401 }])(
    'an authenticateUser that throws %j is answered with 401',
    async (fields) => {
      const authenticateUser = () => Promise.reject(Object.assign(new Error('who?'), fields));
      const { status, answer, reported } = await perform('JWT', {}, { authenticateUser });
      expect([status, answer.code, reported]).toEqual([401, 'UNAUTHENTICATED', []]);
    },
  );

  test.each<[OperationName, string[]]>([
    ['JWT', ['JWT']],
    ['REINVITE', []],
  ])('an onSuccess map with a function for JWT is called by a %s as %j', async (operation, expected) => {
    const called: string[] = [];
    const { status } = await perform(operation, {}, { onSuccess: { JWT: ({ op }) => called.push(op.name) } });
    expect([status, called]).toEqual([200, expected]);
  });

  test.each([null, undefined])('an authenticateUser that returns %s is answered with 401', async (user) => {
    const { status, answer } = await perform('JWT', {}, { authenticateUser: () => user });
    expect([status, answer.code]).toEqual([401, 'UNAUTHENTICATED']);
  });
});

describe('rules', () => {
  const above = (level: string, logged: unknown[][]) => logged.filter(([first]) => first !== level);
  test.each<[string, number, NonNullable<Options['authorizeOperation']>]>([
    ['is true', 200, { JWT: true }],
    ['is false', 403, { JWT: false }],
    ['returns true', 200, { JWT: () => true }],
    ['resolves to true', 200, { JWT: async () => true }],
    ['resolves to false', 403, { JWT: async () => false }],
  ])('a rule that %s is answered with %i, without a warning', async (_, expected, authorizeOperation) => {
    const { status, logged } = await perform('JWT', {}, { authorizeOperation });
    expect([status, above('debug', logged)]).toEqual([expected, []]);
  });

  test.each<[string, OperationName, string, VortexErrorCode]>([
    ['a read', 'GET_INVITATION', '/invitations/i', 'UPSTREAM_BAD_RESPONSE'],
    ['a write', 'REINVITE', '/invitations/i/reinvite', 'OUTCOME_UNKNOWN'],
  ])('an answer of the API to %s that is nested 20,000 deep is a 502', async (_, operation, url, code) => {
    const text = `{"id":"i","metadata":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    const client = new VortexClient(KEY, { baseUrl: 'https://api.example', fetch: async () => new Response(text) });
    const { status, answer } = await perform(operation, { url }, { client });
    expect([status, answer.code]).toEqual([502, code]);
  });

  test('a result that onSuccess has made unfit for JSON is 500 INTERNAL, and the log names onSuccess', async () => {
    const onSuccess = ({ result }: { result: unknown }) => Object.assign(result as object, { count: 1n });
    const { status, answer, logged } = await perform('REVOKE_INVITATION', { url: '/invitations/i' }, { onSuccess });
    expect([status, answer.code]).toEqual([500, 'INTERNAL']);
    expect(String(logged[0]?.[1])).toContain('onSuccess');
  });

  test.each<[object, object]>([
    [
      { groupId: 'x', groupType: 'team' },
      { scope: 'x', scopeType: 'team' },
    ],
    [{ widgetId: 'w', componentId: 'c' }, { componentId: 'c' }],
    [{ scope: 'y', groupId: 'x' }, { scope: 'y' }],
  ])('a rule for JWT sees the context %j as %j, and no other members', async (context, expected) => {
    const seen: unknown[] = [];
    const authorizeOperation = (op: object) => seen.push(op) > 0;
    await perform('JWT', { json: { context } }, { authorizeOperation });
    expect((seen[0] as { context: object }).context).toStrictEqual(expected);
  });

  test('text that a rule returns is not logged', async () => {
    const { logged } = await perform('JWT', {}, { authorizeOperation: { JWT: () => 'ann@harbor.example' as never } });
    expect(JSON.stringify(logged)).not.toContain('ann@harbor.example');
  });

  test.each<[VortexErrorCode, number]>([
    ['NOT_FOUND', 404],
    ['RATE_LIMITED', 429],
  ])('an error %s by a client of another copy of the package is answered with %i', async (code, status) => {
    const error = Object.assign(new Error('m'), { name: 'VortexError', code, status });
    const client = Object.assign(new VortexClient(KEY), { getInvitation: () => Promise.reject(error) });
    const reply = await perform('GET_INVITATION', { url: '/invitations/i' }, { client });
    expect(reply).toMatchObject({ status, answer: { code } });
  });

  test('a rule loads an invitation from a client that has the public methods only', async () => {
    type Methods = Pick<VortexClient, keyof VortexClient>;
    expectTypeOf<Methods>().toExtend<Options['client']>();
    const client: Partial<Methods> = {
      getInvitation: async (id) => ({ id, status: 'sent' }),
      generateJwt: async () => '',
    };
    const isSent = async (op: Operation) => 'loadInvitation' in op && (await op.loadInvitation()).status === 'sent';
    for (const given of [client as Methods, () => client as Methods]) {
      const options = { client: given, authorizeOperation: isSent };
      const reply = await perform('GET_INVITATION', { url: '/invitations/i' }, options);
      expect(reply).toMatchObject({ status: 200, answer: { id: 'i' }, reported: [] });
    }
  });

  test('a scope that is sent several times is judged and created once', async () => {
    const judged: unknown[] = [];
    const scopes = [
      { type: 'team', scopeId: 's', name: 'Red' },
      { type: 'team', scopeId: 's', name: 'Blue' },
      { type: 'project', groupId: 's' },
      { type: 'team', groupId: 's' },
    ];
    const { calls } = await perform(
      'CREATE_INVITATION',
      { json: { widgetConfigurationId: 'w', target: { type: 'email', value: 'bo@orchard.example' }, scopes } },
      { authorizeOperation: { CREATE_INVITATION: (op) => judged.push(...op.scopes) > 0 } },
    );
    const expected = [
      { type: 'team', scopeId: 's', name: 'Red' },
      { type: 'project', scopeId: 's', name: 's' },
    ];
    expect(judged).toMatchObject(expected);
    expect(judged).toHaveLength(2);
    expect(calls).toMatchObject([{ body: { groups: [{ name: 'Red' }, { name: 's' }] } }]);
  });

  test.each<[string, () => VortexClient]>([
    ['a stub with the prototype of VortexClient', () => Object.create(VortexClient.prototype)],
    ['a proxy of a client', () => new Proxy(new VortexClient(KEY), { get: Reflect.get })],
  ])('a rule loads an invitation from %s, which has no private members', async (_, make) => {
    const client = Object.defineProperties(make(), {
      getInvitation: { value: async (id: string) => ({ id, status: 'sent' }) },
    });
    const options = {
      client,
      authorizeOperation: async (op: Operation) => 'loadInvitation' in op && !!(await op.loadInvitation()),
    };
    const reply = await perform('GET_INVITATION', { url: '/invitations/i' }, options);
    expect(reply).toMatchObject({ status: 200, answer: { id: 'i' }, reported: [] });
  });

  test('a rule that denies is logged at the level debug', async () => {
    const { logged } = await perform('JWT', {}, { authorizeOperation: { JWT: false } });
    expect(logged).toEqual([['debug', expect.stringContaining('JWT')]]);
  });

  test.each<[string, NonNullable<Options['authorizeOperation']>, string]>([
    ['is absent', {}, 'authorizeOperation'],
    ['is undefined', { JWT: undefined } as object, 'authorizeOperation'],
    ['returns text', { JWT: () => 'yes' as unknown as boolean }, 'string'],
    ['resolves to an object', { JWT: async () => ({}) as unknown as boolean }, 'object'],
    ['returns nothing', () => undefined as unknown as boolean, 'undefined'],
    ['returns an object without a prototype', { JWT: () => Object.create(null) as boolean }, 'object'],
  ])('a rule that %s denies with a warning', async (_, authorizeOperation, word) => {
    const { status, logged } = await perform('JWT', {}, { authorizeOperation });
    expect([status, above('debug', logged)]).toEqual([403, [['warn', expect.stringContaining(word)]]]);
    expect(logged[0]?.[1]).toContain('JWT');
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
  ])('a rule for %s at %s sees the fields %j and no other', async (operation, url, keys) => {
    const seen: string[][] = [];
    const authorizeOperation = (op: object) => seen.push(Object.keys(op).sort()) > 0;
    await perform(operation, { url }, { authorizeOperation });
    expect(seen).toEqual([keys]);
  });

  test.each<[VortexErrorCode, object]>([
    ['FORBIDDEN', { status: 403, answer: { code: 'FORBIDDEN', error: 'Not on Sundays.' } }],
    ['NOT_FOUND', { status: 404, answer: { code: 'NOT_FOUND', error: 'Not on Sundays.' } }],
    ['RATE_LIMITED', { status: 500, answer: { code: 'INTERNAL', error: new VortexError('INTERNAL').message } }],
  ])('a rule that throws a VortexError with the code %s is answered as %j', async (code, reply) => {
    const authorizeOperation = () => Promise.reject(new VortexError(code, 'Not on Sundays.'));
    expect(await perform('JWT', {}, { authorizeOperation })).toMatchObject(reply);
  });

  test('a rule cannot change the input that it judges', async () => {
    const changed: boolean[] = [];
    const target = { type: 'email', value: 'bo@orchard.example' };
    const { calls } = await perform(
      'CREATE_INVITATION',
      { json: { widgetConfigurationId: 'w', target } },
      {
        authorizeOperation: {
          CREATE_INVITATION: (op) => {
            changed.push(Reflect.set(op, 'source', 'x'), Reflect.set(op.target, 'value', 'eve@orchard.example'));
            return true;
          },
        },
      },
    );
    expect(changed).toEqual([false, false]);
    expect(calls).toMatchObject([{ body: { target } }]);
  });

  test('a rule loads the open invitations of each e-mail address of the user, and gets each invitation once', async () => {
    let own: unknown;
    const addresses = ['+1 555', 'ann@orchard.example', 'ann@harbor.example'];
    const { calls } = await perform(
      'ACCEPT_INVITATIONS',
      { json: { invitationIds: ['i'] }, user: { ...ann, addresses } },
      {
        authorizeOperation: {
          ACCEPT_INVITATIONS: async (op) => {
            own = await op.loadOwnInvitations();
            return false;
          },
        },
      },
    );
    // The API lists the same invitation for both addresses.
    expect(own).toMatchObject([{ id: 'i' }]);
    expect(calls.map(({ call }) => decodeURIComponent(call))).toEqual([
      'GET /invitations?targetType=email&targetValue=ann@harbor.example',
      'GET /invitations?targetType=email&targetValue=ann@orchard.example',
    ]);
  });

  /** Loads an invitation of an API that never answers, in a rule. The caller disconnects with the call, or has before. */
  async function loadForLeaver(hasLeft: boolean) {
    const caller = new AbortController();
    const ended: unknown[] = [];
    const client = new VortexClient(KEY, {
      baseUrl: 'https://api.example',
      fetch: (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => {
            ended.push(init.method);
            reject(init.signal?.reason);
          });
          caller.abort();
        }),
    });
    if (hasLeft) caller.abort();
    const authorizeOperation: Options['authorizeOperation'] = {
      GET_INVITATION: async (op) => (await op.loadInvitation()).id === 'i',
    };
    const { answer } = await perform('GET_INVITATION', { signal: caller.signal }, { client, authorizeOperation });
    return { code: answer.code, ended, listeners: getEventListeners(caller.signal, 'abort').length };
  }

  test('the load of a rule ends when the caller disconnects, and leaves no listener', async () => {
    expect(await loadForLeaver(false)).toEqual({ code: 'ABORTED', ended: ['GET'], listeners: 0 });
  });

  test('the load of a rule makes no call for a caller who has disconnected', async () => {
    expect(await loadForLeaver(true)).toEqual({ code: 'ABORTED', ended: [], listeners: 0 });
  });

  test('a rule loads each invitation once, in the order of the ids', async () => {
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
  ])('the traceparent %j of a request is sent on as %j with the options %o', async (given, passed, options) => {
    const { calls } = await perform(
      'GET_INVITATION',
      { url: '/invitations/i', headers: { traceparent: given } },
      options,
    );
    expect(calls.map(({ headers }) => headers.get('traceparent'))).toEqual([passed]);
  });
});

test('the logger of the options replaces that of the framework, and may throw', async () => {
  const lines: unknown[][] = [];
  const logger = { warn: (...line: unknown[]) => lines.push(line), error: (...line: unknown[]) => lines.push(line) };
  const { logged } = await perform('JWT', {}, { authorizeOperation: {}, logger });
  expect([lines.length, logged]).toEqual([1, []]);
  const broken = () => {
    throw new Error('the log is broken');
  };
  const { status } = await perform('JWT', {}, { authorizeOperation: {}, logger: { warn: broken, error: broken } });
  expect(status).toBe(403);
  const rejects = () => Promise.reject(new Error('the log is broken'));
  // Vitest fails if the router leaves a rejection of the logger unhandled.
  await perform('JWT', {}, { authorizeOperation: {}, logger: { warn: rejects, error: rejects } });
  await perform('JWT', {}, { hookTimeout: 1, logger: { warn: rejects, error: rejects } });
});
