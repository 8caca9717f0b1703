/**
 * The reference pages of the REST API, statement by statement in their order: what the emulator answers, and what the
 * client, the hooks and the routes of core make of it.
 */
import {
  type Invitation,
  VortexClient,
  VortexError,
  type VortexErrorCode,
  type VortexMountOptions,
  type VortexUser,
} from '@vortex/core';
import { bodyFromKept, createRoutes } from '@vortex/core/adapter';
import { inEveryScope } from '@vortex/core/rules';
import type { Emulator, Shape } from '@vortex/emulator';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { call, invite, start, TEAM } from './helpers.js';

const grace = { id: 'user-2', email: 'grace@example.com', teams: ['team-1'] };
type Grace = typeof grace;
type Rules = VortexMountOptions<Grace, undefined>['authorizeOperation'];

const isTeamAdmin = inEveryScope(
  ({ type, scopeId }, user: VortexUser & Pick<Grace, 'teams'>) => type === 'team' && user.teams.includes(scopeId),
);

const clientOf = ({ apiKey, url }: Emulator) => new VortexClient(apiKey, { baseUrl: url });

/** Mounts the routes of core in front of an emulator. */
function mount(emulator: Emulator, authorizeOperation: Rules = () => true, user: Grace = grace) {
  const app = new Hono();
  const routes = createRoutes<undefined, Grace>({
    client: clientOf(emulator),
    authenticateUser: () => user,
    authorizeOperation,
  });
  for (const { path, methods, handle } of routes) {
    app.on([...methods], path, async ({ req }) => {
      const { status, headers, body } = await handle({
        url: req.url,
        header: (name) => req.header(name),
        body: async () => bodyFromKept(await req.text()),
        signal: () => undefined,
        context: undefined,
      });
      return new Response(body as string, { status, headers: new Headers(headers) });
    });
  }
  return async (route: string, json?: unknown) => {
    const [method = '', path = ''] = route.split(' ');
    const response = await app.request(path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    const answer = (await response.json()) as Invitation & {
      invitations: Invitation[];
      invitation: Invitation | null;
      error: string;
      code: string;
    };
    return { status: response.status, answer };
  };
}

async function codeOf(calling: Promise<unknown>): Promise<VortexErrorCode> {
  const error = await calling.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(VortexError);
  return (error as VortexError).code;
}

const SHAPES: [string, Shape | undefined][] = [
  ['generation 1', 1],
  ['generation 2', 2],
  ['generation 3', 3],
  ['all generations together', undefined],
];

const user = { email: grace.email };
const common = [
  ...['id', 'accountId', 'attributes', 'clickThroughs', 'configurationAttributes', 'createdAt', 'modifiedAt'],
  ...['deactivated', 'deliveryCount', 'deliveryTypes', 'foreignCreatorId', 'invitationType', 'status', 'target'],
  ...['views', 'widgetConfigurationId', 'expired', 'expires', 'source', 'subtype', 'metadata'],
];

describe('the invitation', () => {
  it.each<[string, Shape | undefined, string[]]>([
    ['generation 1', 1, ['projectId', 'groups', 'accepts']],
    ['generation 2', 2, ['projectId', 'groups', 'accepts', 'deploymentId', 'scope', 'scopeType']],
    ['generation 3', 3, ['scope', 'scopeType', 'deploymentId', 'widgetId', 'formSubmissionData']],
    [
      'all generations together',
      undefined,
      [
        ...['projectId', 'groups', 'accepts', 'deploymentId', 'scope', 'scopeType', 'widgetId', 'formSubmissionData'],
        ...['creatorName', 'creatorAvatarUrl', 'inviter'],
      ],
    ],
  ])('the emulator answers exactly the fields of %s', async (_, shape, fields) => {
    const emulator = await start({ shape });
    const { id } = await invite(emulator);
    const { body } = await call(emulator, `GET /api/v1/invitations/${id}`);
    expect(Object.keys(body).sort()).toEqual([...common, ...fields].sort());
  });

  it('only id is needed: the client reads an invitation that has nothing more', async () => {
    const emulator = await start();
    emulator.fault('GET /api/v1/invitations/:invitationId', { body: { id: 'i' } });
    expect(await clientOf(emulator).getInvitation('i')).toEqual({ id: 'i' });
  });

  it('deliveryTypes of a phone number is phone, and sms in generation 1', async () => {
    for (const [shape, type] of [
      [1, 'sms'],
      [2, 'phone'],
      [3, 'phone'],
    ] as const) {
      const emulator = await start({ shape });
      const { id } = await invite(emulator, { target: { type: 'phone', value: '+49 30 1234' } });
      expect((await clientOf(emulator).getInvitation(id)).deliveryTypes).toEqual([type]);
    }
  });

  it('formSubmissionData holds the answers to a form, also under its older name configurationAttributes', async () => {
    const emulator = await start();
    const { id } = await invite(emulator);
    const answers = { role: { type: 'select', value: 'editor' } };
    emulator.update(id, { formSubmissionData: answers });
    expect(await clientOf(emulator).getInvitation(id)).toMatchObject({
      formSubmissionData: answers,
      configurationAttributes: answers,
    });
  });

  it.each(['queued', 'sending', 'sent', 'delivered', 'shared', 'unfurled'] as const)(
    'an invitation with the status %s is open',
    async (status) => {
      const emulator = await start();
      const { id } = await invite(emulator);
      emulator.update(id, { status, views: 3 });
      const open = await clientOf(emulator).getInvitationsByTarget('email', grace.email);
      expect(open).toMatchObject([{ id, status, views: 3 }]);
    },
  );

  it('an invitation with the status accepted_elsewhere is closed and can be read', async () => {
    const emulator = await start();
    const { id } = await invite(emulator);
    emulator.update(id, { status: 'accepted_elsewhere' });
    expect(await clientOf(emulator).getInvitationsByTarget('email', grace.email)).toEqual([]);
    expect((await clientOf(emulator).getInvitation(id)).status).toBe('accepted_elsewhere');
    expect(() => emulator.update('unknown', { views: 1 })).toThrow('unknown');
  });

  it('the scopes of generation 1 have the application’s id as id, and generation 3 has no scopes but one scope', async () => {
    const raw = async (shape: Shape) => {
      const emulator = await start({ shape });
      const { id } = await invite(emulator);
      return (await call(emulator, `GET /api/v1/invitations/${id}`)).body;
    };
    expect(await raw(1)).toMatchObject({ groups: [{ type: 'team', id: 'team-1', name: 'Engineering' }] });
    expect(await raw(2)).toMatchObject({ scope: 'team-1', scopeType: 'team', groups: [{ id: 'team-1' }] });
    expect(await raw(3)).toMatchObject({ scope: 'team-1', scopeType: 'team' });
    expect(await raw(3)).not.toHaveProperty('groups');
  });

  it('an acceptance has the fields that every SDK needs', async () => {
    const emulator = await start();
    const { id } = await invite(emulator);
    const accepting = { email: grace.email, phone: '+49 30 1234', name: 'Grace', isExisting: true };
    await call(emulator, 'POST /api/v1/invitations/accept', { invitationIds: [id], user: accepting });
    const [acceptance] = (await clientOf(emulator).getInvitation(id)).accepts ?? [];
    const text = expect.any(String);
    expect(acceptance).toEqual({
      id: text,
      accountId: text,
      projectId: text,
      invitationId: id,
      acceptedAt: text,
      createdAt: text,
      target: { type: 'email', value: grace.email, name: 'Grace', avatarUrl: null },
      targetType: 'email',
      targetValue: grace.email,
      identifiers: { email: grace.email, phone: '+49 30 1234' },
      ...accepting,
    });
  });
});

describe.each(SHAPES)('scopes of %s', (_, shape) => {
  const scopes = [{ type: 'team', scopeId: 'team-1', groupId: 'team-1' }];

  it('the client derives scopes in every call that answers invitations', async () => {
    const emulator = await start({ shape });
    const client = clientOf(emulator);
    const { id } = await invite(emulator);
    const settings = { scope: 'team-1', scopeType: 'team', componentId: 'c', domains: ['example.org'] };
    const { invitation } = await client.configureAutojoin(settings);
    const read = [
      ...(await client.getInvitationsByTarget('email', grace.email)),
      ...(await client.getInvitationsByScope('team', 'team-1')),
      await client.getInvitation(id),
      await client.reinvite(id),
      invitation,
      (await client.getAutojoinDomains('team', 'team-1')).invitation,
      ...(await client.acceptInvitation(id, user)).invitations,
    ];
    expect(read).toHaveLength(8);
    for (const one of read) {
      expect(one?.scopes).toMatchObject(scopes);
      expect(one?.groups).toBe(one?.scopes);
    }
  });

  it('the routes answer scopes and groups', async () => {
    const emulator = await start({ shape });
    const { id } = await invite(emulator);
    const send = mount(emulator);
    const { answer: one } = await send(`GET /invitations/${id}`);
    const { answer: list } = await send('GET /invitations/by-scope/team/team-1');
    const { answer: accepted } = await send('POST /invitations/accept', { invitationIds: [id] });
    for (const invitation of [one, ...list.invitations, accepted, ...accepted.invitations]) {
      expect(invitation).toMatchObject({ scopes, groups: scopes });
    }
  });

  it('inEveryScope judges the scopes of the invitations that a rule loads', async () => {
    const emulator = await start({ shape });
    const { id } = await invite(emulator);
    const { id: other } = await invite(emulator, { groups: [{ ...TEAM, groupId: 'team-2' }] });
    const { id: none } = await invite(emulator, { groups: [] });
    const send = mount(emulator, { GET_INVITATION: isTeamAdmin, ACCEPT_INVITATIONS: isTeamAdmin });
    expect((await send(`GET /invitations/${id}`)).status).toBe(200);
    expect((await send(`GET /invitations/${other}`)).answer.code).toBe('FORBIDDEN');
    expect((await send(`GET /invitations/${none}`)).answer.code).toBe('FORBIDDEN');
    const both = { invitationIds: [id, other] };
    expect((await send('POST /invitations/accept', both)).answer.code).toBe('FORBIDDEN');
    expect((await send('POST /invitations/accept', { invitationIds: [id] })).status).toBe(200);
  });
});

describe('listing and creating', () => {
  it('a list by e-mail address has the scopes that its domain may join, as invitations of type autojoin', async () => {
    const emulator = await start({ shape: 3 });
    const client = clientOf(emulator);
    await client.configureAutojoin({ scope: 's', scopeType: 'team', componentId: 'c', domains: ['example.com'] });
    expect(await client.getInvitationsByTarget('email', grace.email)).toMatchObject([{ invitationType: 'autojoin' }]);
    expect(await client.getInvitationsByTarget('email', 'grace@example.org')).toEqual([]);
  });

  it('a scope without a name is named by its id, by the emulator, the client and the route', async () => {
    const emulator = await start();
    for (const name of [undefined, null, '']) await invite(emulator, { groups: [{ ...TEAM, name }] });
    const target = { type: 'email', value: 'joan@example.com' } as const;
    const content = { widgetConfigurationId: 'w', target, scopeType: 'team', scopeId: 'team-1' };
    await clientOf(emulator).createInvitation({ ...content, inviter: { userId: 'user-1' } });
    expect((await mount(emulator)('POST /invitations', content)).status).toBe(200);
    const named = { groups: [{ type: 'team', groupId: 'team-1', name: 'team-1' }] };
    expect(emulator.invitations).toMatchObject([named, named, named, named, named]);
  });

  it('null counts as absent for every optional member of a body', async () => {
    const emulator = await start();
    const { id } = await invite(emulator, {
      scopes: null,
      source: null,
      subtype: null,
      templateVariables: null,
      metadata: null,
      unfurlConfig: { title: null, description: null, image: null, type: null, siteName: null },
    });
    const { status } = await call(emulator, 'POST /api/v1/invitations/accept', {
      invitationIds: [id],
      user: { ...user, phone: null, name: null, isExisting: null },
      target: null,
    });
    const settings = { scope: 's', scopeType: 'team', componentId: 'c', domains: ['example.org'] };
    const optional = { scopeName: null, widgetId: null, metadata: null };
    const autojoin = await call(emulator, 'POST /api/v1/invitations/autojoin', { ...settings, ...optional });
    expect([status, autojoin.status]).toEqual([200, 200]);
    expect(emulator.invitations).toMatchObject([
      { source: 'api', subtype: null, metadata: null, accepts: [{ name: null, isExisting: null }] },
      { groups: [{ groupId: 's', name: 's' }] },
    ]);
  });
});

describe('one invitation', () => {
  it('an unknown id is a 404, whose sentence reaches the user of the client and not the browser', async () => {
    const emulator = await start();
    const reading = clientOf(emulator).getInvitation('unknown');
    await expect(reading).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'Invitation unknown does not exist' });
    expect(await mount(emulator)('GET /invitations/unknown')).toEqual({
      status: 404,
      answer: { error: 'Not found.', code: 'NOT_FOUND' },
    });
  });

  it.each([
    ['204', { status: 204 }],
    ['200 without a body', { status: 200, body: '' }],
    ['200 with JSON', { body: { deleted: 1 } }],
  ])('a revocation may be answered by %s', async (_, fault) => {
    const emulator = await start();
    emulator.fault('DELETE /api/v1/invitations/:invitationId', fault);
    expect(await clientOf(emulator).revokeInvitation('i')).toBeUndefined();
    expect((await mount(emulator)('DELETE /invitations/i')).answer).toEqual({ success: true });
  });

  it('an acceptance may be answered by an envelope or by a bare invitation', async () => {
    const emulator = await start();
    for (const body of [{ invitations: [{ id: 'i' }, { id: 'j' }] }, { id: 'i' }]) {
      emulator.fault('POST /api/v1/invitations/accept', { body });
      const accepted = await clientOf(emulator).acceptInvitations(['i', 'j'], user);
      expect(accepted.id).toBe('i');
      expect(accepted.invitations[0]).toEqual({ id: 'i' });
    }
  });

  it('an acceptance may name an e-mail address or a phone number in the older field target', async () => {
    const emulator = await start();
    for (const target of [
      { type: 'email', value: grace.email },
      { type: 'phone', value: '+49 30 1234' },
      { type: 'phoneNumber', value: '+49 30 1234' },
      { type: 'sms', value: '+49 30 1234' },
    ]) {
      const { id } = await invite(emulator);
      const answer = await call(emulator, 'POST /api/v1/invitations/accept', { invitationIds: [id], target });
      expect(answer.status).toBe(200);
    }
  });

  it('a scope is listed 20 invitations a page, and start is the offset of the next one', async () => {
    const emulator = await start({ shape: 3 });
    for (let count = 0; count < 21; count += 1) await invite(emulator);
    const client = clientOf(emulator);
    expect(await client.getInvitationsByScope('team', 'team-1')).toHaveLength(20);
    expect(await client.getInvitationsByScope('team', 'team-1', { start: 20 })).toHaveLength(1);
  });
});

describe('autojoin', () => {
  const settings = { scope: 'team-1', scopeType: 'team', componentId: 'c-1', domains: ['harbor.example'] };

  it('an answer has autojoinDomains of id and domain, and the invitation that stands for them', async () => {
    const emulator = await start({ shape: 3 });
    const autojoin = await clientOf(emulator).configureAutojoin(settings);
    expect(autojoin).toMatchObject({
      autojoinDomains: [{ id: expect.any(String), domain: 'harbor.example' }],
      invitation: { invitationType: 'autojoin', deactivated: false, scopes: [{ scopeId: 'team-1' }] },
    });
    expect(await clientOf(emulator).getAutojoinDomains('team', 'team-1')).toEqual(autojoin);
  });

  it('an empty list of domains deactivates the invitation, which the answer still has', async () => {
    const emulator = await start({ shape: 3 });
    const client = clientOf(emulator);
    const { invitation } = await client.configureAutojoin(settings);
    const off = { autojoinDomains: [], invitation: { id: invitation?.id, deactivated: true } };
    expect(await client.configureAutojoin({ ...settings, domains: [] })).toMatchObject(off);
    expect(await client.getAutojoinDomains('team', 'team-1')).toMatchObject(off);
    expect((await mount(emulator)('GET /invitations/by-scope/team/team-1/autojoin')).answer).toMatchObject(off);
    expect(await client.getInvitationsByScope('team', 'team-1')).toEqual([]);
  });

  it('a scope that never had domains has no autojoin invitation', async () => {
    const emulator = await start();
    const off = { autojoinDomains: [], invitation: null };
    expect(await clientOf(emulator).getAutojoinDomains('team', 'team-1')).toEqual(off);
  });

  it('the client and the route take scopeId and widgetId for scope and componentId', async () => {
    const emulator = await start();
    const { scope: scopeId, componentId: widgetId, ...rest } = settings;
    const { invitation } = await clientOf(emulator).configureAutojoin({ ...rest, scopeId, widgetId });
    expect(invitation).toMatchObject({ widgetId: 'c-1', scopes: [{ scopeId: 'team-1' }] });
    expect((await mount(emulator)('POST /invitations/autojoin', { ...rest, scopeId, widgetId })).answer).toMatchObject({
      invitation: { id: invitation?.id },
    });
  });

  it('a webmail domain is refused with 400, whose sentence reaches the browser', async () => {
    const emulator = await start();
    const domains = ['harbor.example', 'gmail.com'];
    expect(await codeOf(clientOf(emulator).configureAutojoin({ ...settings, domains }))).toBe('UPSTREAM_INVALID');
    const { status, answer } = await mount(emulator)('POST /invitations/autojoin', { ...settings, domains });
    expect([status, answer.code]).toEqual([400, 'UPSTREAM_INVALID']);
    expect(answer.error).toContain('gmail.com');
  });

  it('more than 100 domains can be set, and come back', async () => {
    const emulator = await start();
    const domains = Array.from({ length: 150 }, (_, index) => `d${index}.example`);
    const { status } = await mount(emulator)('POST /invitations/autojoin', { ...settings, domains });
    const { autojoinDomains } = await clientOf(emulator).getAutojoinDomains('team', 'team-1');
    expect([status, autojoinDomains.map(({ domain }) => domain)]).toEqual([200, domains]);
  });
});

describe('internal decisions', () => {
  const decision = { creatorId: 'user-1', targetValue: 'user-2', action: 'accepted', componentId: 'c' } as const;

  it('a decision answers the number of invitations and their ids', async () => {
    const emulator = await start({ shape: 3 });
    const { id } = await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    const synced = { processed: 1, invitationIds: [id] };
    expect((await mount(emulator)('POST /invitations/sync-internal-invitation', decision)).answer).toEqual(synced);
  });

  it('a decline deactivates the invitation', async () => {
    const emulator = await start({ shape: 3 });
    const { id } = await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await clientOf(emulator).syncInternalInvitation({ ...decision, action: 'declined' });
    expect((await clientOf(emulator).getInvitation(id)).deactivated).toBe(true);
  });

  it('a decision without a pending invitation is a 404', async () => {
    const emulator = await start();
    expect(await codeOf(clientOf(emulator).syncInternalInvitation(decision))).toBe('NOT_FOUND');
  });
});

describe('statuses and bodies', () => {
  it('a 2xx answer to a write that cannot be read is OUTCOME_UNKNOWN, for the client and over a route', async () => {
    const emulator = await start();
    emulator.fault('POST /api/v1/invitations/:invitationId/reinvite', { garbage: true });
    emulator.fault('GET /api/v1/invitations/:invitationId', { garbage: true });
    const client = clientOf(emulator);
    expect(await codeOf(client.reinvite('i'))).toBe('OUTCOME_UNKNOWN');
    expect(await codeOf(client.getInvitation('i'))).toBe('UPSTREAM_BAD_RESPONSE');
    const { status, answer } = await mount(emulator)('POST /invitations/i/reinvite');
    expect([status, answer.code]).toEqual([502, 'OUTCOME_UNKNOWN']);
  });
});
