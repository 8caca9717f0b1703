/** The SDK pages of the vendor, statement by statement in their order: tokens, calls, and the routes that carry them. */
import {
  type AutojoinSettings,
  type Invitation,
  type InvitationAcceptance,
  VortexClient,
  type VortexClientOptions,
} from '@vortex/core';
import { inEveryScope } from '@vortex/core/rules';
import { readToken } from '@vortex/core/testing';
import { describe, expect, test, vi } from 'vitest';
import { ann, failure, KEY, type Options, perform } from './helpers.ts';

/** A client whose calls all get this answer. */
function answering(status: number, body: string, options: VortexClientOptions = {}) {
  const sent: unknown[] = [];
  const client = new VortexClient(KEY, {
    baseUrl: 'https://api.example',
    fetch: async (_, init) => {
      sent.push(init?.body === undefined ? undefined : JSON.parse(String(init.body)));
      return new Response(body, { status, headers: { 'content-type': 'application/json' } });
    },
    ...options,
  });
  return { client, sent };
}

const claimsOf = async (token: string | undefined) => (await readToken(token ?? '', KEY)).claims;

describe('tokens', () => {
  const client = new VortexClient(KEY);

  test('generateToken signs user, component, trigger, embed, scope, vars and any other member', async () => {
    const payload = {
      user: { id: 'u-ann' },
      component: 'c-1',
      trigger: '#invite',
      embed: '#form',
      scope: 'team:harbor',
      vars: { company: 'Harbor' },
      locale: 'de',
    };
    expect(await claimsOf(await client.generateToken(payload))).toMatchObject(payload);
  });

  test('adminScopes is a list of ids, of which only the exact element autojoin makes an administrator', async () => {
    const claims = (adminScopes: string[]) =>
      client.generateJwt({ user: { id: 'u', email: ann.email, adminScopes } }).then(claimsOf);
    expect(await claims(['team-1', 'autojoin-viewer'])).toMatchObject({ adminScopes: ['team-1', 'autojoin-viewer'] });
    expect(await claims(['team-1', 'autojoin-viewer'])).not.toHaveProperty('role');
    expect(await claims(['team-1', 'autojoin'])).toMatchObject({ role: 'admin', userIsAutojoinAdmin: true });
    const text = { user: { id: 'u', adminScopes: 'autojoin' as unknown as string[] } };
    expect((await failure(client.generateJwt(text))).code).toBe('INVALID_ARGUMENT');
  });
});

describe('the token of POST /jwt', () => {
  const jwt = async (json: unknown, options: Options) => {
    const { status, answer } = await perform('JWT', { json }, options);
    return { status, answer, claims: status === 200 ? await claimsOf(answer.jwt) : {} };
  };
  const context = { componentId: 'c-1', scopeType: 'team', scope: 'harbor' };

  test('the format token with JWT: true signs neither the component nor the scope of the request', async () => {
    const { claims } = await jwt({ context }, { jwt: { format: 'token' }, authorizeOperation: { JWT: true } });
    expect(claims).toMatchObject({ user: { id: 'u-ann' } });
    expect(claims).not.toHaveProperty('component');
    expect(claims).not.toHaveProperty('scope');
  });

  test.each<[string, NonNullable<Options['authorizeOperation']>]>([
    ['a rule function for JWT', { JWT: (op) => op.context?.scope === 'harbor' }],
    ['one rule function for all operations', (op) => op.name === 'JWT' && op.context?.scope === 'harbor'],
  ])('the format token with %s signs the component and scopeType:scope that the rule has judged', async (_, rule) => {
    const options: Options = { jwt: { format: 'token' }, authorizeOperation: rule };
    expect((await jwt({ context }, options)).claims).toMatchObject({ component: 'c-1', scope: 'team:harbor' });
    expect((await jwt({ context: { ...context, scope: 'other' } }, options)).answer.code).toBe('FORBIDDEN');
  });

  test('the format token signs a scope without a type as it is', async () => {
    const { claims } = await jwt({ context: { scope: 'harbor' } }, { jwt: { format: 'token' } });
    expect(claims.scope).toBe('harbor');
  });

  // The names of the React provider 0.0.1.
  const older = { widgetId: 'c-1', groupType: 'team', groupId: 'harbor' };

  test.each<[string, object]>([
    ['the older names of its fields', older],
    ['both names, of which the newer one wins', { ...context, widgetId: 'c-2', groupType: 'project', groupId: 'x' }],
    ['an older and a newer name', { widgetId: 'c-1', groupType: 'team', scope: 'harbor' }],
  ])('a rule judges the newer names alone, and they are signed, for a context with %s', async (_, given) => {
    const seen: unknown[] = [];
    const { claims } = await jwt(
      { context: given },
      { jwt: { format: 'token' }, authorizeOperation: { JWT: (op) => seen.push(op.context) > 0 } },
    );
    expect(seen).toEqual([context]);
    expect(claims).toMatchObject({ component: 'c-1', scope: 'team:harbor' });
  });

  test('a rule refuses a context with the older names of another scope', async () => {
    const rule: Options = { authorizeOperation: { JWT: (op) => op.context?.scope === 'harbor' } };
    expect((await jwt({ context: older }, rule)).status).toBe(200);
    expect((await jwt({ context: { ...older, groupId: 'orchard' } }, rule)).answer.code).toBe('FORBIDDEN');
  });

  test.each<[string, object]>([
    ['a scopeType', { scopeType: 'team:harbor', scope: 'x' }],
    ['a scope without scopeType', { scope: 'team:harbor' }],
    ['a groupType', { groupType: 'team:harbor', groupId: 'x' }],
    ['a groupId without groupType', { groupId: 'team:harbor' }],
  ])('a colon in %s of the context is refused with 400', async (_, given) => {
    const { status, answer } = await jwt({ context: given }, { jwt: { format: 'token' } });
    expect([status, answer.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  test('a colon in a scope with scopeType is signed', async () => {
    for (const given of [
      { scopeType: 'team', scope: 'a:b' },
      { groupType: 'team', groupId: 'a:b' },
    ]) {
      const { claims } = await jwt({ context: given }, { jwt: { format: 'token' } });
      expect(claims.scope).toBe('team:a:b');
    }
  });

  test.each(['jwt', 'token'] as const)('jwt.payload adds vars, trigger and embed to the format %s', async (format) => {
    const added = { vars: { company: 'Harbor' }, trigger: '#invite', embed: '#form' };
    const { claims } = await jwt(undefined, { jwt: { format, payload: () => added } });
    expect(claims).toMatchObject(added);
  });

  test.each(['jwt', 'token'] as const)(
    'attributes of jwt.payload replace all others in the format %s',
    async (format) => {
      const user = { ...ann, attributes: { plan: 'free' } };
      const attributes = () => ({ seats: 1 });
      const others = await jwt(undefined, { authenticateUser: () => user, jwt: { format, attributes } });
      expect(others.claims.attributes).toEqual({ plan: 'free', seats: 1 });
      const payload = () => ({ attributes: { plan: 'pro' }, vars: { company: 'Harbor' } });
      const { claims } = await jwt(undefined, { authenticateUser: () => user, jwt: { format, attributes, payload } });
      expect(claims).toMatchObject(payload());
      expect(claims.attributes).toEqual({ plan: 'pro' });
      expect((await jwt(undefined, { jwt: { format, payload } })).claims).toMatchObject(payload());
    },
  );

  test('jwt.payload replaces the component and the scope of the request', async () => {
    const payload = () => ({ component: 'c-2', scope: 'team:orchard' });
    const { claims } = await jwt({ context }, { jwt: { format: 'token', payload } });
    expect(claims).toMatchObject({ component: 'c-2', scope: 'team:orchard' });
  });

  test.each(['jwt', 'token'] as const)('jwt.payload cannot replace user in the format %s', async (format) => {
    for (const user of [{ id: 'u-ben' }, undefined]) {
      const { status, answer } = await jwt(undefined, { jwt: { format, payload: () => ({ user }) } });
      expect([status, answer.code]).toEqual([500, 'INTERNAL']);
      expect(answer).not.toHaveProperty('jwt');
    }
  });

  test('jwt.payload cannot replace a claim of the user in the format jwt', async () => {
    const { status } = await jwt(undefined, { jwt: { payload: () => ({ userId: 'u-ben' }) } });
    expect(status).toBe(500);
  });
});

describe('inviting', () => {
  const invite = (value: string, type = 'email') => ({ json: { widgetConfigurationId: 'w', target: { type, value } } });

  test('allowedEmailDomains lets a user invite to those domains only, in any case', async () => {
    const user = { ...ann, allowedEmailDomains: ['harbor.example'] };
    expect((await perform('CREATE_INVITATION', { ...invite('ben@HARBOR.example'), user })).status).toBe(200);
    for (const value of ['ben@orchard.example', 'ben@sub.harbor.example', 'ben@notharbor.example']) {
      const { status, answer, calls } = await perform('CREATE_INVITATION', { ...invite(value), user });
      expect([status, answer.code, calls]).toEqual([403, 'FORBIDDEN', []]);
    }
  });

  test('allowedEmailDomains says nothing about phone numbers, and an empty list allows every domain', async () => {
    const restricted = { ...ann, allowedEmailDomains: ['harbor.example'] };
    expect((await perform('CREATE_INVITATION', { ...invite('+49 30 1234', 'phone'), user: restricted })).status).toBe(
      200,
    );
    const free = { ...ann, allowedEmailDomains: [] };
    expect((await perform('CREATE_INVITATION', { ...invite('ben@orchard.example'), user: free })).status).toBe(200);
  });

  test('a scope that is given without a name is sent with its id as the name', async () => {
    const { client, sent } = answering(201, '{"id":"i"}');
    const target = { type: 'email', value: 'ben@harbor.example' } as const;
    const rest = { widgetConfigurationId: 'w', target, inviter: { userId: 'u' } };
    await client.createInvitation({ ...rest, scopeId: 'harbor', scopeType: 'team' });
    await client.createInvitation({ ...rest, scopes: [{ type: 'team', scopeId: 'harbor' }] });
    const groups = [{ type: 'team', groupId: 'harbor', name: 'harbor' }];
    expect(sent).toMatchObject([{ groups }, { groups }]);
  });

  test('createInvitation takes the older userName and userAvatarUrl of an inviter, and sends them as they are', async () => {
    const { client, sent } = answering(201, '{"id":"i"}');
    // A literal, so that a name that the type lacks does not compile.
    await client.createInvitation({
      widgetConfigurationId: 'w',
      target: { type: 'email', value: 'ben@harbor.example' },
      inviter: { userId: 'u', userName: 'Ann', userAvatarUrl: 'https://harbor.example/ann.png' },
    });
    const inviter = { userId: 'u', userName: 'Ann', userAvatarUrl: 'https://harbor.example/ann.png' };
    expect(sent).toMatchObject([{ inviter }]);
  });
});

describe('acceptances', () => {
  const at = '2026-02-25T12:00:00.000Z';
  const target = { type: 'email', value: 'ben@harbor.example' };

  test.each<[string, InvitationAcceptance]>([
    ['the Node, Python and C# SDKs', { id: 'a', accountId: 'x', acceptedAt: at, target }],
    [
      'the Java SDK',
      {
        id: 'a',
        accountId: 'x',
        projectId: 'p',
        acceptedAt: at,
        targetType: target.type,
        targetValue: target.value,
        identifiers: { email: target.value },
      },
    ],
    [
      'the type pages',
      { id: 'a', invitationId: 'i', email: target.value, phone: null, name: 'Ben', isExisting: true, createdAt: at },
    ],
  ])('an acceptance in the shape of %s is read with acceptedAt and target', async (_, given) => {
    const { client } = answering(200, JSON.stringify({ id: 'i', accepts: [given] }));
    const { accepts } = await client.getInvitation('i');
    expect(accepts).toEqual([{ ...given, acceptedAt: at, target }]);
  });

  test.each([null, ''])('an acceptance by phone whose email is %j is read with the phone as target', async (email) => {
    const accepts = [{ id: 'a', email, phone: '+49 30 1234', createdAt: at }];
    const { client } = answering(200, JSON.stringify({ id: 'i', accepts }));
    const [read] = (await client.getInvitation('i')).accepts ?? [];
    expect(read?.target).toEqual({ type: 'phone', value: '+49 30 1234' });
  });

  test('an acceptance of the oldest shape, which has only id and status, is kept', async () => {
    const oldest: InvitationAcceptance = { id: 'a', status: 'accepted' };
    const { client } = answering(200, JSON.stringify({ id: 'i', accepts: [oldest] }));
    expect((await client.getInvitation('i')).accepts).toEqual([oldest]);
  });
});

describe('autojoin', () => {
  const domains = ['harbor.example'];
  const wire = { scope: 'harbor', scopeType: 'team', componentId: 'c-1', domains };

  test.each<[string, AutojoinSettings]>([
    ['scope and componentId', { scope: 'harbor', scopeType: 'team', componentId: 'c-1', domains }],
    ['scopeId and widgetId', { scopeId: 'harbor', scopeType: 'team', widgetId: 'c-1', domains }],
  ])('configureAutojoin and its route take %s, and send scope and componentId', async (_, settings) => {
    const { client, sent } = answering(200, '{"autojoinDomains":[],"invitation":null}');
    await client.configureAutojoin(settings);
    expect(sent).toEqual([wire]);
    const { calls } = await perform('CONFIGURE_AUTOJOIN', { json: settings });
    expect(calls.map(({ body }) => body)).toEqual([wire]);
  });

  test('a rule judges the scope of CONFIGURE_AUTOJOIN under either name', async () => {
    const harborOnly = inEveryScope(({ type, scopeId }) => type === 'team' && scopeId === 'harbor');
    const configure = (scopeId: string) =>
      perform(
        'CONFIGURE_AUTOJOIN',
        { json: { scopeId, scopeType: 'team', widgetId: 'c-1', domains } },
        { authorizeOperation: { CONFIGURE_AUTOJOIN: harborOnly } },
      );
    expect((await configure('harbor')).status).toBe(200);
    expect((await configure('orchard')).answer.code).toBe('FORBIDDEN');
  });

  test('more than 100 domains can be set at once', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => `d${index}.example`);
    const { status, calls } = await perform('CONFIGURE_AUTOJOIN', { json: { ...wire, domains: many } });
    expect(status).toBe(200);
    expect(calls[0]?.body).toMatchObject({ domains: many });
  });
});

describe('results and errors', () => {
  type Write = (client: VortexClient) => Promise<unknown>;
  const writes: [string, Write][] = [
    ['reinvite', (client) => client.reinvite('i')],
    ['acceptInvitation', (client) => client.acceptInvitation('i', { email: ann.email })],
    [
      'configureAutojoin',
      (client) => client.configureAutojoin({ scope: 's', scopeType: 't', componentId: 'c', domains: [] }),
    ],
    ['revokeInvitation', (client) => client.revokeInvitation('i')],
  ];

  test.each(writes)('%s rejects with OUTCOME_UNKNOWN if a 2xx answer is not JSON', async (_, write) => {
    expect(await failure(write(answering(200, '<h1>Welcome</h1>').client))).toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      upstreamStatus: 200,
    });
  });

  test.each(writes.slice(0, 3))(
    '%s rejects with OUTCOME_UNKNOWN if a 2xx answer has another shape',
    async (_, write) => {
      expect((await failure(write(answering(200, '{"ok":true}').client))).code).toBe('OUTCOME_UNKNOWN');
    },
  );

  test('a read rejects with UPSTREAM_BAD_RESPONSE if a 2xx answer is not JSON', async () => {
    const { client } = answering(200, '<h1>Welcome</h1>');
    expect((await failure(client.getInvitation('i'))).code).toBe('UPSTREAM_BAD_RESPONSE');
  });

  test('the sentence of a 404 reaches the user of the client, and not the browser', async () => {
    const message = 'No pending internal invitation found for creator u-ann';
    const { client } = answering(404, JSON.stringify({ statusCode: 404, message, error: 'Not Found' }));
    const decision = { creatorId: 'u-ben', targetValue: ann.id, action: 'accepted', componentId: 'c' } as const;
    expect(await failure(client.syncInternalInvitation(decision))).toMatchObject({ code: 'NOT_FOUND', message });
    const { status, answer } = await perform('SYNC_INTERNAL_INVITATION', { json: decision }, { client });
    expect([status, answer]).toEqual([404, { error: 'Not found.', code: 'NOT_FOUND' }]);
  });

  test('await using closes the client at the end of the block', async () => {
    let close: unknown;
    {
      await using client = new VortexClient(KEY);
      close = vi.spyOn(client, 'close');
      expect(close).not.toHaveBeenCalled();
    }
    expect(close).toHaveBeenCalledOnce();
  });

  test('unknown values of open fields are kept', async () => {
    const invitation = {
      id: 'i',
      status: 'teleported',
      invitationType: 'double_use',
      deliveryTypes: ['pigeon'],
      new: 1,
    };
    const { client } = answering(200, JSON.stringify(invitation));
    const read: Invitation = await client.getInvitation('i');
    expect(read).toEqual(invitation);
  });
});
