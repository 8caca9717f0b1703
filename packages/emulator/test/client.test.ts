/** Tests the API of the vendor's components with tokens of both formats. */

import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Vortex } from '@teamvortexsoftware/vortex-node-22-sdk';
import type { Emulator } from '@vortex/emulator';
import { describe, expect, it, vi } from 'vitest';
import { call, invite, start } from './helpers.js';

type Format = 'jwt' | 'token';
type User = {
  id: string;
  email?: string;
  phone?: string;
  name?: string;
  avatarUrl?: string;
  allowedEmailDomains?: string[];
};

const ADA = { id: 'user-1', email: 'ada@example.com', name: 'Ada', avatarUrl: 'https://example.com/ada.png' };
const GRACE = { id: 'user-2', email: 'grace@example.com' };
const EVE = { id: 'user-3', email: 'eve@example.com' };
const TEAM = { type: 'team', id: 'row-1', groupId: 'team-1', name: 'Engineering' };
const FORM = { widgetConfigurationId: 'component-1', groups: [TEAM] };

/** Signs a token with the vendor's SDK. */
function tokenOf(emulator: Emulator, format: Format, user: User, claims: object = {}): string {
  const vortex = new Vortex(emulator.apiKey);
  return format === 'jwt' ? vortex.generateJwt({ user, ...claims }) : vortex.generateToken({ user, ...claims });
}

/** Calls the client API. */
async function ask(emulator: Emulator, token: string, route: string, body?: unknown) {
  const [method = 'GET', path] = route.split(' ');
  const response = await fetch(`${emulator.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, origin: 'https://app.example.com' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
}

const page = async ({ url }: Emulator) => (await fetch(url)).text();

describe.each<Format>(['jwt', 'token'])('the client API with a token of the format %s', (format) => {
  async function setup(options?: Parameters<typeof start>[0]) {
    const emulator = await start(options);
    const as = (user: User) => (route: string, body?: unknown) =>
      ask(emulator, tokenOf(emulator, format, user), route, body);
    return { emulator, ada: as(ADA), grace: as(GRACE), eve: as(EVE) };
  }
  const inviteGrace = { ...FORM, payload: { emails: { type: 'email', value: 'grace@example.com' } } };

  it('GET /widgets/{componentId} answers a configuration with typed props, and those of the option components', async () => {
    const { ada } = await setup({ components: { 'component-1': { 'vortex.theme': { color: 'red' } } } });
    const { status, body } = await ada('GET /widgets/component-1');
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      widgetConfiguration: {
        id: 'component-1',
        configuration: {
          props: {
            'vortex.components': { value: expect.any(Array), valueType: 'array' },
            'vortex.theme': { value: { color: 'red' }, valueType: 'object' },
          },
        },
      },
      sessionAttestation: expect.any(String),
    });
  });

  it('the answers have every member that SDKs for browsers and phones read', async () => {
    const { ada, grace } = await setup();
    const { data } = (await ada('GET /widgets/component-1?locale=en')).body;
    expect(data).toEqual({
      widgetConfiguration: {
        id: 'component-1',
        name: expect.any(String),
        slug: expect.any(String),
        version: expect.any(String),
        type: expect.any(String),
        configuration: {
          meta: {
            configuration: {
              version: expect.any(String),
              componentType: expect.any(String),
              businessType: expect.any(String),
            },
          },
          props: expect.any(Object),
        },
      },
      deploymentId: expect.any(String),
      widgetType: expect.any(String),
      environmentRole: expect.any(String),
      environmentName: expect.any(String),
      renderer: { url: null },
      sessionAttestation: expect.any(String),
    });
    const read = Object.keys(data.widgetConfiguration.configuration.props);
    expect(read).toEqual(
      expect.arrayContaining([
        'vortex.theme',
        'vortex.components',
        'vortex.components.form',
        'vortex.components.share.options',
        'vortex.components.share.template.body',
        'vortex.components.share.template.subject',
      ]),
    );
    const created = await ada('POST /invitations', { ...inviteGrace, metadata: { role: 'viewer' } });
    expect(Object.keys(created.body.data.invitationEntries[0])).toEqual(['id', 'status', 'shortLink']);
    const shared = await ada('POST /invitations/generate-shareable-link-invite', FORM);
    expect(shared.body.data.invitation).toEqual({
      id: expect.any(String),
      shortLink: expect.stringContaining('/i/'),
      source: expect.any(String),
      attributes: {},
    });
    const common = {
      id: expect.any(String),
      targets: [{ targetType: 'email', targetValue: GRACE.email, targetName: null, targetAvatarUrl: null }],
      senderIdentifier: ADA.email,
      senderIdentifierType: 'email',
      avatarUrl: ADA.avatarUrl,
      status: 'delivered',
      createdAt: expect.stringMatching(/^20\d\d-.+Z$/u),
      metadata: { role: 'viewer' },
      source: 'widget',
      deliveryType: 'email',
      creatorName: ADA.name,
      creatorAvatarUrl: ADA.avatarUrl,
      creatorId: ADA.id,
    };
    expect((await ada('GET /invitations/sent')).body.data.invitations[0]).toEqual(common);
    expect((await grace('GET /invitations')).body).toEqual({
      data: { invitations: [common], nextCursor: null, hasMore: false, count: 1 },
    });
  });

  it('a token without a scope invites to every scope, and the page warns of it', async () => {
    const { emulator, ada } = await setup();
    expect((await ada('POST /invitations', inviteGrace)).status).toBe(201);
    expect(await page(emulator)).toContain('The token names no scope');
    expect(emulator.calls[0]?.warning).toContain('to "team:team-1"');
    expect((await ada('POST /invitations', { ...inviteGrace, groups: [] })).status).toBe(201);
    expect(emulator.calls[1]?.warning).toBeNull();
  });

  it('POST /invitations makes an invitation for each address of the payload, from the user of the token', async () => {
    const { emulator, ada } = await setup();
    const { status, body } = await ada('POST /invitations', {
      ...FORM,
      groups: null,
      group: TEAM,
      payload: {
        emails: { type: 'email', value: [{ value: 'grace@example.com', name: 'Grace' }, 'edsger@example.com'] },
        smsTarget: { type: 'phone', value: '+49 30 1234', role: 'member' },
        internalId: { type: 'internal', value: 'user-9', email: 'nine@example.com' },
        note: { type: 'string', value: 'Welcome' },
      },
      targets: [{ targetType: 'email', targetValue: 'grace@example.com', targetName: 'Grace' }],
      metadata: { plan: 'pro' },
      subtype: 'pymk',
    });
    expect(status).toBe(201);
    expect(body.data.invitationEntries).toEqual(
      emulator.invitations.map(({ id }) => ({ id, status: 'queued', shortLink: expect.stringContaining('/i/') })),
    );
    expect(emulator.invitations.map(({ target }) => target.map(({ value }) => value))).toEqual([
      ['grace@example.com'],
      ['edsger@example.com'],
      ['+49 30 1234'],
      ['user-9', 'nine@example.com'],
    ]);
    expect(emulator.invitations[0]).toMatchObject({
      foreignCreatorId: 'user-1',
      creatorName: 'Ada',
      groups: [{ type: 'team', groupId: 'team-1', name: 'Engineering' }],
      metadata: { plan: 'pro' },
      subtype: 'pymk',
      formSubmissionData: { note: { type: 'string', value: 'Welcome' } },
    });
    expect(emulator.outbox.map(({ to }) => to)).toContain('nine@example.com');
  });

  it('POST /invitations keeps passThrough, and answers of configurationAttributes with those of the payload', async () => {
    const { emulator, ada, grace } = await setup();
    const { body } = await ada('POST /invitations', {
      ...inviteGrace,
      passThrough: 'eyJhbGciOiJkaXIifQ..iv.text.tag',
      configurationAttributes: { role: { type: 'select', value: 'editor' }, emails: { type: 'email', value: 'old' } },
    });
    const { id } = body.data.invitationEntries[0];
    const formSubmissionData = { role: { type: 'select', value: 'editor' }, ...inviteGrace.payload };
    const read = {
      passThrough: 'eyJhbGciOiJkaXIifQ..iv.text.tag',
      formSubmissionData,
      configurationAttributes: formSubmissionData,
    };
    expect((await grace(`GET /invitations/${id}`)).body).toMatchObject(read);
    expect((await call(emulator, `GET /api/v1/invitations/${id}`)).body).toMatchObject(read);
  });

  it('POST /invitations takes the body that the README shows', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const [, text = ''] = /api\/v1\/invitations -H .* -d '(\{.*?\})'/su.exec(readme) ?? [];
    const { emulator, ada } = await setup();
    const { status, body } = await ada('POST /invitations', JSON.parse(text));
    expect([status, body]).toEqual([
      201,
      {
        data: {
          invitationEntries: emulator.invitations.map(({ id }) => ({
            id,
            status: 'queued',
            shortLink: expect.any(String),
          })),
        },
      },
    ]);
    expect(emulator.invitations).toMatchObject([
      {
        target: [{ value: 'bo@example.com' }],
        groups: [{ type: 'team', groupId: 'harbor' }],
        metadata: { role: 'member' },
      },
      { target: [{ value: 'cy@example.com' }] },
    ]);
  });

  it('POST /invitations names the invalid address of a payload with 400, and makes no invitation', async () => {
    const { emulator, ada } = await setup();
    const payload = { emails: { type: 'email', value: ['grace@example.com', 'grace'] } };
    const { status, body } = await ada('POST /invitations', { ...FORM, payload });
    expect([status, body.message]).toEqual([400, ['payload.emails.value: must be an e-mail address']]);
    expect(emulator.invitations).toEqual([]);
  });

  it.each([
    ['a list of e-mail addresses', { emails: { type: 'email', value: ['grace@example.com', 'eve@other.example'] } }],
    [
      'the e-mail address of an internal field',
      { user: { type: 'internal', value: 'u-9', email: 'eve@other.example' } },
    ],
    ['a subdomain', { emails: { type: 'email', value: 'eve@mail.example.com' } }],
  ])('%s outside of the allowedEmailDomains of the token gets 403, and no invitation is made', async (_, payload) => {
    const { emulator } = await setup();
    const token = tokenOf(emulator, format, { ...ADA, allowedEmailDomains: ['Example.com', 'acme.example'] });
    const { status, body } = await ask(emulator, token, 'POST /invitations', { ...FORM, payload });
    expect([status, body]).toEqual([
      403,
      {
        statusCode: 403,
        message: expect.stringMatching(/only e-mail addresses of example\.com, acme\.example, not eve@/u),
        error: 'Forbidden',
      },
    ]);
    expect(emulator.invitations).toEqual([]);
  });

  it.each([
    ['targets', { targets: [{ targetType: 'email', targetValue: 'eve@other.example' }] }, 403],
    ['targets', { targets: [{ targetType: 'email', targetValue: 'grace@EXAMPLE.com' }] }, 201],
    ['a phone field', { payload: { sms: { type: 'phone', value: '+49 30 1234' } } }, 201],
    ['an e-mail field', { payload: { emails: { type: 'email', value: 'grace@EXAMPLE.com' } } }, 201],
    ['an e-mail field', { payload: { emails: { type: 'email', value: 'grace@xn--mnchen-3ya.example' } } }, 201],
  ])('with allowedEmailDomains in the token, %s %j gets %i', async (_, part, expected) => {
    const { emulator } = await setup();
    const token = tokenOf(emulator, format, { ...ADA, allowedEmailDomains: ['Example.com', 'münchen.example'] });
    expect((await ask(emulator, token, 'POST /invitations', { ...FORM, ...part })).status).toBe(expected);
  });

  it('an empty list of allowedEmailDomains in the token allows every address', async () => {
    const { emulator } = await setup();
    const token = tokenOf(emulator, format, { ...ADA, allowedEmailDomains: [] });
    expect((await ask(emulator, token, 'POST /invitations', inviteGrace)).status).toBe(201);
  });

  it('POST /invitations/generate-shareable-link-invite answers a link that many can accept', async () => {
    const { emulator, ada, grace, eve } = await setup();
    const { status, body } = await ada('POST /invitations/generate-shareable-link-invite', FORM);
    expect(status).toBe(201);
    const { id, shortLink } = body.data.invitation;
    for (const friend of [grace, eve]) {
      expect((await friend('POST /invitations/accept', { invitationId: id })).status).toBe(200);
    }
    expect(emulator.invitations[0]?.accepts.map(({ targetValue }) => targetValue)).toEqual([GRACE.email, EVE.email]);
    for (const letter of 'menqwtfislgdyp') {
      const followed = await fetch(shortLink.replace('/i/', `/i/${letter}/`));
      expect([letter, followed.status]).toEqual([letter, 200]);
    }
    expect((await fetch(shortLink.replace('/i/', '/i/x/'))).status).toBe(404);
  });

  it('GET /invitations/sent lists those of the user, and GET /invitations those to the user', async () => {
    const { ada, grace, eve } = await setup();
    await ada('POST /invitations', inviteGrace);
    const shape = {
      targets: [{ targetType: 'email', targetValue: 'grace@example.com', targetName: null, targetAvatarUrl: null }],
      senderIdentifier: 'ada@example.com',
      creatorName: 'Ada',
      creatorId: 'user-1',
      status: 'delivered',
    };
    expect((await ada('GET /invitations/sent')).body.data.invitations).toMatchObject([shape]);
    expect((await grace('GET /invitations')).body.data).toMatchObject({
      invitations: [shape],
      nextCursor: null,
      hasMore: false,
      count: 1,
    });
    expect((await grace('GET /invitations/sent')).body.data.invitations).toEqual([]);
    expect((await eve('GET /invitations')).body.data.invitations).toEqual([]);
  });

  it('GET and DELETE of one invitation are for its inviter and its invitee, and others get 403', async () => {
    const { emulator, ada, grace, eve } = await setup();
    for (const own of [ada, grace]) {
      const { body } = await ada('POST /invitations', inviteGrace);
      const { id } = body.data.invitationEntries[0];
      expect((await eve(`GET /invitations/${id}`)).status).toBe(403);
      expect((await eve(`DELETE /invitations/${id}`)).status).toBe(403);
      expect((await own(`GET /invitations/${id}`)).body).toMatchObject({ id, target: [{ value: GRACE.email }] });
      expect((await own(`DELETE /invitations/${id}`)).status).toBe(200);
      expect(emulator.invitations.at(-1)).toMatchObject({ id, deactivated: true });
    }
  });

  it('POST /invitations/accept accepts in the name of the user, and others get 403', async () => {
    const { emulator, ada, grace, eve } = await setup();
    const { body } = await ada('POST /invitations', inviteGrace);
    const { id } = body.data.invitationEntries[0];
    expect((await eve('POST /invitations/accept', { invitationId: id })).status).toBe(403);
    expect((await ada('POST /invitations/accept', { invitationId: id })).status).toBe(403);
    expect((await grace('POST /invitations/accept', { invitationId: id, isExisting: true })).status).toBe(200);
    expect(emulator.invitations[0]).toMatchObject({
      status: 'accepted',
      accepts: [{ targetValue: 'grace@example.com', isExisting: true }],
    });
  });

  it('POST /deferred-links/match matches nothing', async () => {
    const { ada } = await setup();
    const { status, body } = await ada('POST /deferred-links/match', { fingerprint: { platform: 'ios' } });
    expect([status, body.matched]).toEqual([200, false]);
  });

  it('an expired token gets 401 with the reason, on the page too', async () => {
    let time = Date.now();
    const { emulator, ada } = await setup({ now: () => time });
    time += 31 * 24 * 60 * 60 * 1000;
    const { status, body } = await ada('GET /invitations/sent');
    expect(status).toBe(401);
    expect(body.message).toMatch(/^The token expired at 20\d\d-/u);
    expect(await page(emulator)).toContain(body.message);
  });

  it("an expired token is taken with tokenExpiry 'warn', and the page says so", async () => {
    let time = Date.now();
    const { emulator, ada } = await setup({ now: () => time, tokenExpiry: 'warn' });
    time += 31 * 24 * 60 * 60 * 1000;
    expect((await ada('GET /invitations/sent')).status).toBe(200);
    expect(await page(emulator)).toContain('The token expired at');
  });

  it('a token of another key gets 401 with the kid of that key, on the page too', async () => {
    const { emulator } = await setup();
    const other = await start({ apiKey: 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.other' });
    const { status, body } = await ask(emulator, tokenOf(other, format, ADA), 'GET /invitations/sent');
    expect(status).toBe(401);
    expect(body.message).toContain('its kid is "00000000-0000-0000-0000-000000000000"');
    expect(await page(emulator)).toContain('not signed with the API key of the emulator');
  });

  it('a token without an id of a user gets 401 with the name of the claim, on the page too', async () => {
    vi.spyOn(console, 'warn').mockReturnValue();
    const { emulator } = await setup();
    const token = tokenOf(emulator, format, { email: 'ada@example.com' } as User);
    const { status, body } = await ask(emulator, token, 'GET /invitations/sent');
    expect(status).toBe(401);
    expect(body.message).toContain(format === 'jwt' ? 'no userId' : 'no user.id');
    expect(await page(emulator)).toContain(body.message);
    vi.restoreAllMocks();
  });
});

describe('the client API', () => {
  it('a token for another component or scope gets 401 with both names, on the page too', async () => {
    const emulator = await start();
    const token = tokenOf(emulator, 'token', ADA, { component: 'component-1', scope: 'team:team-1' });
    const payload = { emails: { type: 'email', value: 'grace@example.com' } };

    const component = await ask(emulator, token, 'GET /widgets/component-2');
    expect(component).toMatchObject({ status: 401, body: { message: expect.stringContaining('"component-1", not') } });
    const groups = [{ ...TEAM, groupId: 'team-2' }];
    const scope = await ask(emulator, token, 'POST /invitations', { ...FORM, groups, payload });
    expect(scope).toMatchObject({ status: 401, body: { message: expect.stringContaining('"team:team-1", not') } });
    expect(emulator.invitations).toEqual([]);

    expect((await ask(emulator, token, 'GET /widgets/component-1')).status).toBe(200);
    expect((await ask(emulator, token, 'POST /invitations', { ...FORM, payload })).status).toBe(201);
    expect(await page(emulator)).toContain('GET /api/v1/widgets/component-2');
  });

  it('a token of the older format is not held to the scope in its claims, and the page warns of another scope', async () => {
    const emulator = await start();
    const token = tokenOf(emulator, 'jwt', ADA, { component: 'component-1', scope: 'team:team-1' });
    const payload = { emails: { type: 'email', value: 'grace@example.com' } };
    const groups = [{ ...TEAM, groupId: 'team-2' }];
    expect((await ask(emulator, token, 'POST /invitations', { ...FORM, payload })).status).toBe(201);
    expect((await ask(emulator, token, 'POST /invitations', { ...FORM, groups, payload })).status).toBe(201);
    expect(emulator.calls.map(({ warning }) => warning)).toEqual([
      null,
      'The token is for the scope "team:team-1", not "team:team-2". A token of the older format is not held to it.',
    ]);
    expect(await page(emulator)).toContain('A token of the older format is not held to it.');
  });

  it.each([
    ['nothing', 'three parts'],
    ['a.b.c', 'not the JSON header'],
    [`${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`, 'alg "none"'],
  ])('the token %j gets 401 with the reason', async (token, reason) => {
    const { status, body } = await ask(await start(), token, 'GET /invitations');
    expect([status, body.message]).toEqual([401, expect.stringContaining(reason)]);
  });

  it('a token of an older SDK, with userName and identifiers of a phone, is read', async () => {
    const emulator = await start();
    const [, id = '', secret = ''] = emulator.apiKey.split('.');
    const hex = Buffer.from(id, 'base64url').toString('hex');
    const kid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');
    const key = createHmac('sha256', secret).update(kid).digest();
    const claims = {
      userId: 'user-1',
      userName: 'Ada',
      expires: Math.floor(Date.now() / 1000) + 60,
      identifiers: [{ type: 'phone', value: '+49 30 1' }],
    };
    const parts = [{ alg: 'HS256', typ: 'JWT', kid }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const token = `${parts.join('.')}.${createHmac('sha256', key).update(parts.join('.')).digest('base64url')}`;
    await invite(emulator, { target: { type: 'phone', value: '+49301' } });
    expect((await ask(emulator, token, 'GET /invitations')).body.data.count).toBe(1);
    const payload = { emails: { type: 'email', value: 'grace@example.com' } };
    await ask(emulator, token, 'POST /invitations', { ...FORM, payload });
    expect(emulator.invitations.at(-1)?.creatorName).toBe('Ada');
  });

  /** Asks, as a browser does, whether a page of another site may send these headers. */
  const preflightOf = ({ url }: Emulator, headers: string) =>
    fetch(`${url}/api/v1/invitations`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': headers,
      },
    });

  it('browsers may call it from any origin: a preflight request is answered, and refusals can be read', async () => {
    const emulator = await start();
    const preflight = await preflightOf(emulator, 'authorization,x-session-id');
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,x-session-id');
    const refused = await ask(emulator, 'nothing', 'GET /invitations');
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('a preflight request that announces the API key is refused, so that no page can send the key', async () => {
    const emulator = await start();
    const preflight = await preflightOf(emulator, 'authorization,X-API-Key');
    expect(preflight.status).toBe(401);
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    expect(preflight.headers.get('access-control-allow-headers')).toBeNull();
  });

  it('POST /events takes and drops events without a token', async () => {
    const emulator = await start();
    const response = await fetch(`${emulator.url}/api/v1/events`, { method: 'POST', body: '{"name":"widget_loaded"}' });
    expect(response.status).toBe(202);
    expect(emulator.deliveries).toEqual([]);
  });

  it('a request with both credentials is one of the server API', async () => {
    const emulator = await start();
    const { status } = await call(emulator, 'GET /api/v1/invitations', undefined, { authorization: 'Bearer nothing' });
    expect(status).toBe(400);
  });

  it('what has no route is answered by both APIs with the words Cannot POST', async () => {
    const emulator = await start();
    const { status, body } = await call(emulator, 'POST /api/v1/elsewhere', {});
    expect([status, body.message]).toEqual([404, 'Cannot POST /api/v1/elsewhere']);
    const client = await ask(emulator, tokenOf(emulator, 'jwt', ADA), 'POST /elsewhere', {});
    expect([client.status, client.body.message]).toEqual([404, 'Cannot POST /api/v1/elsewhere']);
  });

  it('a path with two slashes, as for a base URL that ends in one, is answered with what to do', async () => {
    const emulator = await start();
    const step = 'Set VORTEX_API_BASE_URL without a slash at its end.';
    const { status, body } = await call(emulator, 'GET //api/v1/invitations');
    expect([status, body.message]).toEqual([404, `Cannot GET //api/v1/invitations. ${step}`]);
  });
});
