/** Tests the decisions of the emulator where the vendor's documentation is silent or contradicts itself. */
import { createEmulator, DEFAULT_API_KEY, type Emulator, startEmulator } from '@vortex/emulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call, invite, newInvitation, TEAM } from './helpers.js';

const DAY = 24 * 60 * 60 * 1000;
let clock = Date.parse('2030-01-01T00:00:00Z');
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ now: () => clock });
});
afterEach(() => emulator.reset());
afterAll(() => emulator.close());

const list = async (path: string) => (await call(emulator, `GET /api/v1/invitations${path}`)).body.invitations;
const byEmail = (email: string) => list(`?targetType=email&targetValue=${encodeURIComponent(email)}`);

describe('API key', () => {
  it.each([
    ['no API key', {}],
    ['a wrong API key', { 'x-api-key': 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.other' }],
    ['a truncated API key', { 'x-api-key': DEFAULT_API_KEY.slice(0, -1) }],
    ['an API key with a trailing character', { 'x-api-key': `${DEFAULT_API_KEY}x` }],
  ])('a request with %s is refused, even if the path does not exist', async (_, headers) => {
    for (const path of ['/api/v1/invitations/x', '/api/v1/nowhere']) {
      const response = await fetch(emulator.url + path, { headers });
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({ statusCode: 401, message: 'Unauthorized', error: 'Unauthorized' });
    }
  });

  it('the option apiKey replaces the default API key', async () => {
    const own = createEmulator({ apiKey: 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.mine' });
    const ask = async (key: string) =>
      (await own.fetch(`${own.url}/api/v1/invitations/x`, { headers: { 'x-api-key': key } })).status;
    expect(await ask(own.apiKey)).toBe(404);
    expect(await ask(DEFAULT_API_KEY)).toBe(401);
  });

  it.each([
    ['a page of another origin', { origin: 'https://evil.example' }, 403],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a page of another port', { 'sec-fetch-site': 'same-site' }, 403],
    ['the page of the emulator', { 'sec-fetch-site': 'same-origin' }, 200],
    ['a program', {}, 200],
  ])('a request with the API key by %s %j is answered with %i', async (_, headers, status) => {
    const own = createEmulator();
    const response = await own.fetch(`${own.url}/api/v1/invitations/by-scope/team/team-1`, {
      headers: { 'x-api-key': own.apiKey, ...headers },
    });
    expect(response.status).toBe(status);
  });
});

describe('request bodies', () => {
  it('a refusal names every invalid field', async () => {
    const { status, body } = await call(emulator, 'POST /api/v1/invitations', { target: { type: 'fax', value: '' } });
    expect(status).toBe(400);
    expect(body).toMatchObject({ statusCode: 400, error: 'Bad Request' });
    const fields = (body.message as string[]).map((each) => each.split(':')[0]);
    expect(fields).toEqual(['widgetConfigurationId', 'target.type', 'target.value', 'inviter']);
    expect(emulator.invitations).toEqual([]);
  });

  it.each([
    ['an e-mail address without @', { target: { type: 'email', value: 'grace' } }],
    ['a phone number without digits', { target: { type: 'phone', value: 'none' } }],
    ['a scope without an id', { groups: [{ type: 'team', name: 'Engineering' }] }],
    ['null for a required field', { widgetConfigurationId: null }],
    ['an inviter without an id', { inviter: { name: 'Ada' } }],
    ['an image without https', { unfurlConfig: { image: 'http://example.com/i.png' } }],
  ])('an invitation with %s is refused', async (_, part) => {
    expect((await call(emulator, 'POST /api/v1/invitations', newInvitation(part))).status).toBe(400);
  });

  it('a body that is not JSON is refused', async () => {
    const { status, body } = await call(emulator, 'POST /api/v1/invitations', '{"target":');
    expect([status, body.message]).toEqual([400, ['body: is not valid JSON']]);
  });

  it('an empty body with a JSON content type is accepted', async () => {
    const { id } = await invite(emulator);
    expect((await call(emulator, `POST /api/v1/invitations/${id}/reinvite`)).status).toBe(200);
    expect((await call(emulator, `DELETE /api/v1/invitations/${id}`, '')).status).toBe(200);
  });

  it('the new field names of scopes and the old field names of inviters are accepted', async () => {
    await invite(emulator, {
      groups: undefined,
      scopes: [{ scopeId: 'team-9', name: 'Nine' }],
      inviter: { userId: 'u', userName: 'Old Ada', userAvatarUrl: 'https://example.com/a.png' },
    });
    expect(emulator.invitations).toMatchObject([
      {
        groups: [{ groupId: 'team-9', type: 'default', name: 'Nine' }],
        creatorName: 'Old Ada',
        creatorAvatarUrl: 'https://example.com/a.png',
      },
    ]);
  });

  it('empty text for the type and the name of a scope stands for default and the id', async () => {
    await invite(emulator, { groups: [{ type: '', groupId: 'team-9', name: '' }] });
    expect(emulator.invitations).toMatchObject([{ groups: [{ groupId: 'team-9', type: 'default', name: 'team-9' }] }]);
  });
});

describe('unknown routes and invitations', () => {
  it.each([
    'GET /api/v1/invitations/unknown',
    'DELETE /api/v1/invitations/unknown',
    'POST /api/v1/invitations/unknown/reinvite',
    'GET /api/v1/invitations/accept',
    'PUT /api/v1/invitations',
    'GET /api/v2/invitations',
    'GET /elsewhere',
  ])('%s is answered with the common 404 body', async (route) => {
    const { status, body } = await call(emulator, route);
    expect(status).toBe(404);
    expect(body).toEqual({ statusCode: 404, message: expect.stringMatching(/./), error: 'Not Found' });
  });
});

describe('lookup', () => {
  it('e-mail addresses are compared without regard to case', async () => {
    const { id } = await invite(emulator, { target: { type: 'email', value: 'Grace@Example.com' } });
    expect(await byEmail('gRACE@example.COM')).toMatchObject([{ id, target: [{ value: 'Grace@Example.com' }] }]);
  });

  it.each(['phone', 'phoneNumber', 'sms'])('the target type %s finds a phone number by its digits', async (type) => {
    await invite(emulator, { target: { type: 'sms', value: '+49 (30) 12-34' } });
    expect(await list(`?targetType=${type}&targetValue=%2B49301234`)).toMatchObject([
      { target: [{ type: 'phone' }], deliveryTypes: ['phone'] },
    ]);
    expect(await list(`?targetType=${type}&targetValue=49301235`)).toEqual([]);
  });

  it('internal ids are compared exactly, and only with targets of their own type', async () => {
    await invite(emulator, { target: { type: 'internal', value: 'User-2' } });
    expect(await list('?targetType=internal&targetValue=User-2')).toHaveLength(1);
    expect(await list('?targetType=internal&targetValue=user-2')).toEqual([]);
    expect(await list('?targetType=username&targetValue=User-2')).toEqual([]);
  });

  it('a lookup by target requires targetType and targetValue', async () => {
    const { status, body } = await call(emulator, 'GET /api/v1/invitations?targetType=email');
    expect([status, body.message]).toEqual([400, ['targetValue: is required']]);
  });

  it('two invitations to the same person in the same scope are both kept', async () => {
    await invite(emulator);
    await invite(emulator);
    expect(await byEmail('grace@example.com')).toHaveLength(2);
  });

  it('the invitations of a scope come in pages of 20 from a zero-based offset', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 45; n += 1) ids.push((await invite(emulator)).id);
    const page = async (query: string) => (await list(`/by-scope/team/team-1${query}`)).map((each) => each.id);

    expect(await page('')).toEqual(ids.slice(0, 20));
    expect(await page('?start=20')).toEqual(ids.slice(20, 40));
    expect(await page('?start=40')).toEqual(ids.slice(40));
    expect(await page('?start=45')).toEqual([]);
    expect((await call(emulator, 'GET /api/v1/invitations/by-scope/team/team-1?start=-1')).status).toBe(400);
  });

  it('a scope id in the path is decoded, with special characters too', async () => {
    const groupId = 'a/b%2F ü?#';
    const { id } = await invite(emulator, { groups: [{ ...TEAM, groupId }] });
    expect(await list(`/by-scope/team/${encodeURIComponent(groupId)}`)).toMatchObject([{ id, scope: groupId }]);
    expect(await list(`/by-group/team/${encodeURIComponent(groupId)}`)).toMatchObject([{ id }]);
  });

  it('an invitation is found in each of its scopes', async () => {
    const { id } = await invite(emulator, { groups: [TEAM, { type: 'project', groupId: 'p', name: 'P' }] });
    expect(await list('/by-scope/team/team-1')).toMatchObject([{ id }]);
    expect(await list('/by-scope/project/p')).toMatchObject([{ id }]);
    expect(await list('/by-scope/team/p')).toEqual([]);
  });
});

describe('acceptance', () => {
  const accept = (body: unknown) => call(emulator, 'POST /api/v1/invitations/accept', body);
  const user = { email: 'grace@example.com' };

  it('the response to an acceptance lists the accepted invitations', async () => {
    const { id } = await invite(emulator);
    const { status, body } = await accept({ invitationIds: [id, id], user });
    expect(status).toBe(200);
    expect(body.invitations).toMatchObject([{ id, status: 'accepted', accepts: [{ target: { value: user.email } }] }]);
    expect(await byEmail(user.email)).toEqual([]);
  });

  it.each(['phone', 'phoneNumber', 'sms'])('the legacy target type %s can accept an invitation', async (type) => {
    const { id } = await invite(emulator);
    const { body } = await accept({ invitationIds: [id], target: { type, value: '030 1234' } });
    expect(body.invitations[0]?.accepts).toMatchObject([{ target: { type: 'phone', value: '030 1234' } }]);
  });

  it.each([
    ['without a user', {}],
    ['by a user without an address', { user: { name: 'Grace', email: '' } }],
    ['by a user name', { target: { type: 'username', value: 'grace' } }],
    ['of no invitation', { user, invitationIds: [] }],
  ])('an acceptance %s is refused', async (_, part) => {
    const { id } = await invite(emulator);
    expect((await accept({ invitationIds: [id], ...part })).status).toBe(400);
    expect(emulator.invitations[0]?.accepts).toEqual([]);
  });

  it('no invitation is accepted if one of the ids is unknown', async () => {
    const { id } = await invite(emulator);
    expect((await accept({ invitationIds: [id, 'unknown'], user })).status).toBe(404);
    expect(emulator.invitations).toMatchObject([{ status: 'delivered', accepts: [] }]);
  });

  it('an accepted, revoked or expired invitation can be neither accepted nor sent again', async () => {
    const accepted = await invite(emulator);
    await accept({ invitationIds: [accepted.id], user });
    const revoked = await invite(emulator);
    await call(emulator, `DELETE /api/v1/invitations/${revoked.id}`);
    const expired = await invite(emulator);
    clock += 30 * DAY;
    const open = await invite(emulator);

    for (const { id } of [accepted, revoked, expired]) {
      const { status, body } = await accept({ invitationIds: [open.id, id], user });
      expect([status, body.error]).toEqual([409, 'Conflict']);
      expect((await call(emulator, `POST /api/v1/invitations/${id}/reinvite`)).status).toBe(409);
    }
    expect(emulator.invitations.at(-1)?.accepts).toEqual([]);
  });

  it('a shared link can be accepted by several users', async () => {
    const { id, status } = await invite(emulator, { target: { type: 'share', value: 'link' } });
    expect(status).toBe('shared');
    await accept({ invitationIds: [id], user });
    await accept({ invitationIds: [id], user: { email: 'joan@example.com' } });
    expect(emulator.invitations).toMatchObject([{ invitationType: 'multi_use', status: 'shared' }]);
    expect(emulator.invitations[0]?.accepts).toHaveLength(2);
  });
});

describe('expiry', () => {
  it('an invitation expires exactly 30 days after its creation', async () => {
    const { id } = await invite(emulator);
    clock += 30 * DAY - 1;
    expect(await byEmail('grace@example.com')).toMatchObject([{ id, expired: false, deactivated: false }]);
    clock += 1;
    expect(await byEmail('grace@example.com')).toEqual([]);
    expect((await call(emulator, `GET /api/v1/invitations/${id}`)).body).toMatchObject({
      expired: true,
      deactivated: true,
      expires: new Date(clock).toISOString(),
    });
  });

  it('the option expiresAfter sets the time until an invitation expires', async () => {
    let now = 0;
    const brief = createEmulator({ expiresAfter: 10, now: () => now });
    await brief.fetch(`${brief.url}/api/v1/invitations`, {
      method: 'POST',
      headers: { 'x-api-key': brief.apiKey },
      body: JSON.stringify(newInvitation()),
    });
    expect(brief.invitations).toMatchObject([{ createdAt: '1970-01-01T00:00:00.000Z', expired: false }]);
    now = 10;
    expect(brief.invitations).toMatchObject([{ expired: true }]);
  });
});

describe('revocation', () => {
  it('a revoked invitation can be revoked again and read, but is not listed', async () => {
    const { id } = await invite(emulator);
    for (let n = 0; n < 2; n += 1) {
      const { status, body } = await call(emulator, `DELETE /api/v1/invitations/${id}`);
      expect([status, body]).toEqual([200, {}]);
    }
    expect(await byEmail('grace@example.com')).toEqual([]);
    expect(await list('/by-scope/team/team-1')).toEqual([]);
    expect((await call(emulator, `GET /api/v1/invitations/${id}`)).body).toMatchObject({ id, deactivated: true });
  });

  it('deleting by scope or by group revokes only the open invitations of that scope', async () => {
    const accepted = await invite(emulator);
    const user = { email: 'grace@example.com' };
    await call(emulator, 'POST /api/v1/invitations/accept', { invitationIds: [accepted.id], user });
    await invite(emulator);
    await invite(emulator, { groups: [{ ...TEAM, groupId: 'team-2' }] });

    expect((await call(emulator, 'DELETE /api/v1/invitations/by-scope/team/team-1')).body).toEqual({});
    expect(emulator.invitations.map((each) => each.deactivated)).toEqual([false, true, false]);
    expect((await call(emulator, 'DELETE /api/v1/invitations/by-group/team/team-2')).body).toEqual({});
    expect(emulator.invitations.map((each) => each.deactivated)).toEqual([false, true, true]);
  });
});

describe('autojoin', () => {
  const request = { scope: 'team-1', scopeType: 'team', componentId: 'component-1' };
  const configure = (domains: string[], more: Record<string, unknown> = {}) =>
    call(emulator, 'POST /api/v1/invitations/autojoin', { ...request, domains, ...more });

  it('an autojoin invitation is found by an e-mail address of its domain and by its scope', async () => {
    const { body } = await configure(['Acme.com']);
    const id = body.invitation?.id;
    expect(body.autojoinDomains).toMatchObject([{ domain: 'acme.com' }]);
    expect(await byEmail('joan@ACME.com')).toMatchObject([{ id, invitationType: 'autojoin' }]);
    expect(await byEmail('joan@sub.acme.com')).toEqual([]);
    expect(await byEmail('joan@notacme.com')).toEqual([]);
    expect(await list('/by-scope/team/team-1')).toMatchObject([{ id }]);
  });

  it('configuring autojoin replaces the domains and keeps the ids of the remaining ones', async () => {
    const before = (await configure(['a.com', 'b.com', 'B.com'])).body;
    const after = (await configure(['b.com', 'c.com'])).body;
    expect(before.autojoinDomains.map((each) => each.domain)).toEqual(['a.com', 'b.com']);
    expect(after.autojoinDomains.map((each) => each.domain)).toEqual(['b.com', 'c.com']);
    expect(after.autojoinDomains[0]).toEqual(before.autojoinDomains[1]);
    expect(after.invitation?.id).toBe(before.invitation?.id);
  });

  it('an empty domain list switches autojoin off, and a later list reuses the invitation', async () => {
    const on = (await configure(['acme.com'])).body;
    const off = { autojoinDomains: [], invitation: { id: on.invitation?.id, deactivated: true } };
    expect((await configure([])).body).toMatchObject(off);
    const read = await call(emulator, 'GET /api/v1/invitations/by-scope/team/team-1/autojoin');
    expect(read.body).toMatchObject(off);
    expect(await byEmail('joan@acme.com')).toEqual([]);
    expect((await configure(['acme.com'])).body.invitation).toMatchObject({
      id: on.invitation?.id,
      deactivated: false,
    });
  });

  it('an empty domain list creates no invitation if autojoin was never on', async () => {
    expect((await configure([])).body).toEqual({ autojoinDomains: [], invitation: null });
    expect(emulator.invitations).toEqual([]);
  });

  it.each(['gmail.com', 'GMail.com', 'not a domain', '@acme.com', 'localhost', 'acme..com', '127.0.0.1', ''])(
    'the autojoin domain "%s" is refused, and nothing changes',
    async (domain) => {
      await configure(['acme.com']);
      const { status, body } = await configure(['other.com', domain]);
      expect(status).toBe(400);
      expect(body.message).toHaveLength(1);
      expect(await byEmail('joan@acme.com')).toHaveLength(1);
      expect(await byEmail('joan@other.com')).toEqual([]);
    },
  );

  it('autojoin accepts widgetId as the old name of componentId, and prefers componentId', async () => {
    const old = await configure(['acme.com'], { componentId: undefined, widgetId: 'widget-1' });
    expect(old.body.invitation?.widgetId).toBe('widget-1');
    const both = await configure(['acme.com'], { widgetId: 'widget-1' });
    expect(both.body.invitation?.widgetId).toBe('component-1');
    expect((await configure(['acme.com'], { componentId: undefined })).status).toBe(400);
  });

  it('an autojoin invitation stays open after an acceptance, until its scope is deleted', async () => {
    const id = (await configure(['acme.com'])).body.invitation?.id;
    const user = { email: 'joan@acme.com' };
    await call(emulator, 'POST /api/v1/invitations/accept', { invitationIds: [id], user });
    expect(await byEmail('tom@acme.com')).toHaveLength(1);
    clock += 365 * DAY;
    expect(await byEmail('tom@acme.com')).toHaveLength(1);
    await call(emulator, 'DELETE /api/v1/invitations/by-scope/team/team-1');
    const read = await call(emulator, 'GET /api/v1/invitations/by-scope/team/team-1/autojoin');
    expect(read.body).toMatchObject({ autojoinDomains: [], invitation: { id, deactivated: true } });
  });
});

describe('internal decisions', () => {
  it.each(['/api/v1/invitations/sync-internal-invitation', '/api/v1/invitation-actions/sync-internal-invitation'])(
    'POST %s decides the open internal invitations from one user to another',
    async (path) => {
      const decision = { creatorId: 'user-1', targetValue: 'user-2', action: 'accepted', componentId: 'component-1' };
      const { id } = await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
      await invite(emulator, { target: { type: 'internal', value: 'user-3' } });
      await invite(emulator, { target: { type: 'internal', value: 'user-2' }, inviter: { userId: 'other' } });

      expect((await call(emulator, `POST ${path}`, decision)).body).toEqual({ processed: 1, invitationIds: [id] });
      expect(emulator.invitations.map((each) => each.status)).toEqual(['accepted', 'queued', 'queued']);
      expect((await call(emulator, `POST ${path}`, decision)).status).toBe(404);
      expect((await call(emulator, `POST ${path}`, { ...decision, action: 'maybe' })).status).toBe(400);
    },
  );
});

describe('outbox', () => {
  it('the outbox holds the e-mail of an invitation with its link', async () => {
    const { id, shortLink } = await invite(emulator);
    expect(emulator.outbox).toEqual([
      {
        id: expect.any(String),
        at: new Date(clock).toISOString(),
        channel: 'email',
        deliveredBy: 'vortex',
        kind: 'invitation',
        to: 'grace@example.com',
        subject: 'Ada invited you to join Engineering',
        text: expect.stringContaining(shortLink),
        link: shortLink,
        invitationId: id,
      },
    ]);
  });

  it('the application delivers text messages, and internal invitations have no message', async () => {
    await invite(emulator, { target: { type: 'phone', value: '030 1234' } });
    const { id } = await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    const reminded = await call(emulator, `POST /api/v1/invitations/${id}/reinvite`);
    expect(reminded.body).toMatchObject({ status: 'queued', deliveryCount: 1 });
    expect(emulator.outbox).toMatchObject([{ channel: 'phone', deliveredBy: 'your application', to: '030 1234' }]);
  });

  it('changes to the returned outbox and invitations do not affect the emulator', async () => {
    await invite(emulator);
    (emulator.outbox as unknown[]).length = 0;
    (emulator.invitations[0]?.groups ?? []).length = 0;
    expect(emulator.outbox).toHaveLength(1);
    expect(emulator.invitations[0]?.groups).toHaveLength(1);
  });
});
