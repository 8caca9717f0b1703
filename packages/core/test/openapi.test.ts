/** The OpenAPI document: an independent validator accepts it, and it finds traffic that deviates from it. */
import { fileURLToPath } from 'node:url';
import { validate } from '@readme/openapi-parser';
import { holdAgainst, type Received, type Sent } from '@vortex/conformance';
import { type OpenApiDocument, openApiDocument } from '@vortex/core/openapi';
import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { perform } from './helpers.ts';

// The validator changes the document that it is given.
const valid = async (document: object) => (await validate(structuredClone(document) as never)).valid;

describe('the document', () => {
  test('the document is valid OpenAPI 3.1 for a validator that refuses broken ones', async () => {
    expect(await validate(structuredClone(openApiDocument({ basePath: '/api/vortex' })) as never)).toEqual({
      valid: true,
      warnings: [],
      specification: 'OpenAPI',
    });
    const document = openApiDocument();
    expect(await valid({ ...document, openapi: '3.1' })).toBe(false);
    expect(await valid({ ...document, info: {} })).toBe(false);
    expect(await valid({ ...document, components: {} })).toBe(false);
  });

  test('the document is the file openapi.json, which vitest writes anew with -u', async () => {
    const file = fileURLToPath(new URL('../openapi.json', import.meta.url));
    await expect(`${JSON.stringify(openApiDocument(), null, 2)}\n`).toMatchFileSnapshot(file);
  });

  test('the document has these operations, by names that generated clients rely on', () => {
    const operations = Object.entries(openApiDocument().paths).flatMap(([path, item]) =>
      Object.entries(item).map(
        ([method, operation]) =>
          `${operation?.operationId}: ${method} ${path}${operation?.deprecated ? ', deprecated' : ''}`,
      ),
    );
    expect(operations).toMatchInlineSnapshot(`
      [
        "JWT: post /jwt",
        "GET_INVITATIONS: get /invitations",
        "CREATE_INVITATION: post /invitations",
        "GET_INVITATION: get /invitations/{invitationId}",
        "REVOKE_INVITATION: delete /invitations/{invitationId}",
        "REINVITE: post /invitations/{invitationId}/reinvite",
        "ACCEPT_INVITATIONS: post /invitations/accept",
        "GET_GROUP_INVITATIONS: get /invitations/by-scope/{scopeType}/{scope}",
        "DELETE_GROUP_INVITATIONS: delete /invitations/by-scope/{scopeType}/{scope}",
        "GET_GROUP_INVITATIONS_BY_GROUP: get /invitations/by-group/{scopeType}/{scope}, deprecated",
        "DELETE_GROUP_INVITATIONS_BY_GROUP: delete /invitations/by-group/{scopeType}/{scope}, deprecated",
        "GET_AUTOJOIN_DOMAINS: get /invitations/by-scope/{scopeType}/{scope}/autojoin",
        "GET_AUTOJOIN_DOMAINS_BY_GROUP: get /invitations/by-group/{scopeType}/{scope}/autojoin, deprecated",
        "CONFIGURE_AUTOJOIN: post /invitations/autojoin",
        "SYNC_INTERNAL_INVITATION: post /invitations/sync-internal-invitation",
      ]
    `);
  });

  test.each<[string, 'get' | 'post' | 'delete', number[]]>([
    ['/jwt', 'post', [400, 401, 403, 404, 408, 413, 415, 500, 504]],
    ['/invitations/{invitationId}', 'get', [400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504]],
    ['/invitations/accept', 'post', [400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504]],
  ])('the document of the path %s and the method %s lists the failures %j', (path, method, statuses) => {
    const operation = openApiDocument().paths[path]?.[method];
    expect(Object.keys(operation?.responses ?? {}).map(Number)).toEqual([200, ...statuses]);
  });

  test('the document says where a field is required without another one, and the routes refuse the body that lacks both', async () => {
    const bodyAt = (path: string) =>
      openApiDocument().paths[path]?.post?.requestBody?.content['application/json'].schema;
    const { scope, componentId, scopeName } = bodyAt('/invitations/autojoin')?.properties ?? {};
    expect(scope?.description).toBe('It is required unless scopeId is given.');
    expect(componentId?.description).toBe('It is required unless widgetId is given.');
    expect(scopeName).not.toHaveProperty('description');
    const { scopes, scopeId } = bodyAt('/invitations')?.properties ?? {};
    expect(scopes).toHaveProperty('items.properties.scopeId.description', 'It is required unless groupId is given.');
    expect(scopeId?.description).toBe('It is required with scopeType and scopeName.');

    const json = { scopeType: 'team', domains: ['harbor.example'] };
    expect((await perform('CONFIGURE_AUTOJOIN', { json })).answer.issues).toEqual([
      { path: 'scope', message: 'is required unless scopeId is given' },
      { path: 'componentId', message: 'is required unless widgetId is given' },
    ]);
    const target = { type: 'email', value: 'bo@orchard.example' };
    const inviting = { json: { widgetConfigurationId: 'w', target, scopes: [{ type: 'team' }] } };
    expect((await perform('CREATE_INVITATION', inviting)).answer.issues).toEqual([
      { path: 'scopes.0.scopeId', message: 'is required unless groupId is given' },
    ]);
  });

  test('a document has the title, version and server that it is given', () => {
    const { info, servers } = openApiDocument({ basePath: '/api/vortex', title: 'Acme', version: '7' });
    expect([info.title, info.version, servers]).toEqual(['Acme', '7', [{ url: '/api/vortex' }]]);
    expect(openApiDocument()).not.toHaveProperty('servers');
  });

  test('the type of a document accepts additions and refuses other options', () => {
    const document = openApiDocument();
    const own: OpenApiDocument = {
      ...document,
      security: [{ session: [] }],
      tags: document.tags.map((tag) => ({ ...tag, description: 'Invitations' })),
      components: { ...document.components, securitySchemes: { session: { type: 'http', scheme: 'bearer' } } },
    };
    expectTypeOf(own.paths).toEqualTypeOf<OpenApiDocument['paths']>();
    // @ts-expect-error no document
    expectTypeOf<true>().toExtend<OpenApiDocument>();
    // @ts-expect-error no such option
    expectTypeOf(openApiDocument).toBeCallableWith({ path: '/api/vortex' });
  });
});

describe('traffic', () => {
  const created = { id: 'i-1' };
  const received = (status: number, json: unknown, headers: object = {}): Received => ({
    status,
    headers: { 'cache-control': 'no-store', ...headers },
    text: JSON.stringify(json),
    json,
  });
  const invitation = { widgetConfigurationId: 'w', target: { type: 'email', value: 'a@b.example' } };

  let documented: ReturnType<typeof holdAgainst>;
  beforeEach(() => {
    documented = holdAgainst(openApiDocument());
  });

  test('traffic as documented has no deviations', () => {
    documented.exchange('POST', '/invitations', { json: invitation }, received(200, created));
    documented.exchange('POST', '/jwt', { body: '' }, received(200, { jwt: 'x' }));
    documented.exchange(
      'PUT',
      '/jwt',
      {},
      received(405, { error: 'e', code: 'METHOD_NOT_ALLOWED' }, { allow: 'POST' }),
    );
    documented.exchange('GET', '/nothing', {}, { status: 404, headers: {}, text: '', json: undefined });
    expect(documented.deviations).toEqual([]);
    expect(documented.seen).toEqual({ replies: 3, requests: 2, refusedBefore: 1 });
  });

  test.each<[string, method: string, target: string, Sent, Received, RegExp]>([
    [
      'a reply without a required field',
      'POST',
      '/invitations',
      { json: invitation },
      received(200, {}),
      /required property 'id'/u,
    ],
    ['a field of another type', 'POST', '/jwt', {}, received(200, { jwt: 7 }), /jwt must be string/u],
    [
      'a nested object without a required field',
      'GET',
      '/invitations/by-scope/t/s',
      {},
      received(200, { invitations: [{ id: 'i', scopes: [{}] }] }),
      /invitations\/0\/scopes\/0 must have required/u,
    ],
    ['a reply without a body', 'POST', '/jwt', {}, received(200, undefined), /must be object/u],
    ['an undocumented status', 'POST', '/jwt', {}, received(409, {}), /no documented status/u],
    ['an unknown code', 'POST', '/jwt', {}, received(401, { error: 'e', code: 'NOBODY' }), /allowed values/u],
    [
      'a code of another status',
      'POST',
      '/jwt',
      {},
      received(401, { error: 'e', code: 'FORBIDDEN' }),
      /allowed values/u,
    ],
    [
      'an issue that is not an object',
      'POST',
      '/jwt',
      {},
      received(400, { error: 'e', code: 'INVALID_REQUEST', issues: ['x'] }),
      /issues\/0 must be object/u,
    ],
    [
      'a Retry-After that is not a number',
      'GET',
      '/invitations/i',
      {},
      received(503, { error: 'e', code: 'OVERLOADED' }, { 'retry-after': 'soon' }),
      /must be integer/u,
    ],
    ['an undocumented path', 'GET', '/nothing', {}, received(200, {}), /no documented path/u],
    ['an undocumented method', 'GET', '/jwt', {}, received(200, { jwt: 'x' }), /no documented method/u],
    [
      'an Allow of other methods',
      'GET',
      '/jwt',
      {},
      received(405, { error: 'e', code: 'METHOD_NOT_ALLOWED' }, { allow: 'GET' }),
      /allows/u,
    ],
    [
      'an invalid body that was accepted',
      'POST',
      '/invitations',
      { json: {} },
      received(200, created),
      /required property/u,
    ],
    ['a missing body that was accepted', 'POST', '/invitations', {}, received(200, created), /without a body/u],
    [
      'a missing parameter that was accepted',
      'GET',
      '/invitations?targetType=email',
      {},
      received(200, { invitations: [] }),
      /targetValue/u,
    ],
    [
      'an invalid parameter that was accepted',
      'GET',
      '/invitations?targetType=fax&targetValue=x',
      {},
      received(200, { invitations: [] }),
      /allowed values/u,
    ],
    [
      'an id over 100 characters that was accepted',
      'DELETE',
      `/invitations/${'x'.repeat(101)}`,
      {},
      received(200, { success: true }),
      /more than 100/u,
    ],
    [
      'a reply without our headers',
      'GET',
      '/jwt',
      {},
      { ...received(200, {}), headers: {} },
      /neither a reply of our routes/u,
    ],
  ])('traffic with %s is a deviation', (_, method, target, sent, reply, how) => {
    documented.exchange(method, target, sent, reply);
    expect(documented.deviations.join()).toMatch(how);
  });
});
