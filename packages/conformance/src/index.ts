/** One suite that every adapter must pass on every runtime, over real sockets. */
import { createHmac } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { compactVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ServerSettings, USER_HEADER } from './application.js';
import { watchFor } from './canary.js';
import { type Received, type Sent, send } from './http.js';
import { type Peer, startPeer, treatments, untrusted } from './peer.js';
import { provider } from './provider.js';
import type { Server, Start } from './server.js';
import { type ScriptedAnswer, startUpstream, type Upstream } from './upstream.js';
import { defineWebhooks, WEBHOOK_SECRET } from './webhooks.js';

export { conformanceOptions, type ServerSettings } from './application.js';
export { type Received, type Sent, send } from './http.js';
export { definePaths } from './paths/index.js';
export { runtimes, startCommand, startProgram, thisNode } from './runtimes/index.js';
export { bundleWorker, runWorker, startWorker } from './runtimes/worker.js';
export type { Server, Start } from './server.js';
export { type Arrival, startUpstream, type Upstream } from './upstream.js';

export const ann = {
  id: 'u-ann',
  email: "ann.o'neil@harbor.example",
  phone: '+1 (555) 010-2030',
  name: 'Ann Ø’Neil 🚀',
};
const ben = { id: 77, email: 'ben@orchard.example', addresses: ['Ben@Home.example', '+44 20 7946 0000'] };

const COMPONENT = 'd0f6e3f4-5a3f-4f0e-9b83-0d9d8f5d3a11';

export function defineConformance(adapter: string, runtime: string, start: Start): void {
  describe(`conformance of ${adapter} on ${runtime}`, { timeout: 30_000 }, () => {
    let upstream: Upstream;
    let canary: ReturnType<typeof watchFor>;
    const servers = new Map<string, Promise<Server>>();

    /** The server with these settings on top of the usual ones, started once. */
    const server = (settings: Partial<ServerSettings> = {}): Promise<Server> => {
      const key = JSON.stringify(settings);
      const known = servers.get(key);
      if (known) return known;
      const started = start({
        apiKey: upstream.apiKey,
        baseUrl: upstream.url,
        timeout: 2000,
        hookTimeout: 1000,
        ...settings,
      });
      servers.set(key, started);
      return started;
    };
    const call = async (
      method: string,
      path: string,
      sent: Sent = { user: ann },
      settings?: Partial<ServerSettings>,
    ) => {
      const reply = await send((await server(settings)).url, method, `/api/vortex${path}`, sent);
      // A token is signed with the key and does not hold it; nor does anything else that a browser is sent.
      canary.reply(reply.headers, reply.text);
      return reply;
    };

    beforeAll(async () => {
      upstream = await startUpstream();
      canary = watchFor(upstream.apiKey, WEBHOOK_SECRET);
      await server();
      // Starting a runtime takes its time on a busy machine.
    }, 60_000);
    beforeEach(() => upstream.reset());
    afterAll(async () => {
      await Promise.all([...servers.values()].map(async (one) => (await one).close()));
      vi.restoreAllMocks();
      await upstream.close();
    }, 60_000);

    const newInvitation = (target: object = { type: 'email', value: ann.email }) => ({
      widgetConfigurationId: COMPONENT,
      target,
      scopes: [{ type: 'team', scopeId: 'mine', name: 'Mine' }],
    });
    const invited = async (target?: object): Promise<string> =>
      (await call('POST', '/invitations', { user: ann, json: newInvitation(target) })).json.id;
    const quiet = () => {
      upstream.arrivals.length = 0;
    };

    const expectFailure = (received: Received, status: number, code: string) => {
      expect(received.json, received.text).toMatchObject({ code, error: expect.stringMatching(/\S/u) });
      expect(received.status).toBe(status);
      expect(received.headers['content-type']).toMatch(/^application\/json/u);
      expect(received.headers['cache-control']).toBe('no-store');
    };
    /** Refused, and the upstream knows nothing of it. */
    const expectRefusal = (received: Received, status: number, code: string) => {
      expectFailure(received, status, code);
      expect(upstream.arrivals).toEqual([]);
    };

    const json = (value: unknown): Sent => ({ user: ann, json: value });

    describe('the main job', () => {
      test('invite, list, look, re-send, accept, each an operation upstream with our key', async () => {
        const id = await invited();
        const list = await call('GET', '/invitations/by-scope/team/mine');
        const mine = await call('GET', `/invitations?targetType=email&targetValue=${encodeURIComponent(ann.email)}`);
        const one = await call('GET', `/invitations/${id}`);
        const again = await call('POST', `/invitations/${id}/reinvite`);
        const accepted = await call('POST', '/invitations/accept', json({ invitationIds: [id] }));

        for (const reply of [list, mine, one, again, accepted]) {
          expect(reply.status, reply.text).toBe(200);
          expect(reply.headers['cache-control']).toBe('no-store');
        }
        expect(list.json.invitations).toMatchObject([{ id, scopes: [{ scopeId: 'mine', groupId: 'mine' }] }]);
        expect(mine.json.invitations).toMatchObject([{ id, target: [{ value: ann.email }] }]);
        expect(one.json).toMatchObject({ id, deliveryCount: 1 });
        expect(again.json).toMatchObject({ id, deliveryCount: 2 });
        expect(accepted.json).toMatchObject({ id, status: 'accepted', invitations: [{ id }] });
        expect(upstream.arrivals.map(({ method, target }) => `${method} ${target}`)).toEqual([
          'POST /api/v1/invitations',
          'GET /api/v1/invitations/by-scope/team/mine',
          `GET /api/v1/invitations?targetType=email&targetValue=ann.o%27neil%40harbor.example`,
          `GET /api/v1/invitations/${id}`,
          `POST /api/v1/invitations/${id}/reinvite`,
          'POST /api/v1/invitations/accept',
        ]);
        expect(upstream.arrivals.every(({ headers }) => headers['x-api-key'] === upstream.apiKey)).toBe(true);
      });

      test('revoke one, and all of a scope, answer JSON', async () => {
        const id = await invited();
        await invited();
        const one = await call('DELETE', `/invitations/${id}`);
        const all = await call('DELETE', '/invitations/by-scope/team/mine');
        expect([one.status, one.json, all.status, all.json]).toEqual([200, { success: true }, 200, { success: true }]);
        expect((await call('GET', '/invitations/by-scope/team/mine')).json).toEqual({ invitations: [] });
      });

      test('by-group is by-scope for older frontends', async () => {
        const id = await invited();
        const list = await call('GET', '/invitations/by-group/team/mine');
        expect(list.json.invitations).toMatchObject([{ id }]);
        expect((await call('DELETE', '/invitations/by-group/team/mine')).json).toEqual({ success: true });
        expect(upstream.arrivals.at(-1)?.target).toBe('/api/v1/invitations/by-scope/team/mine');
      });

      test('a list goes on at start', async () => {
        for (let count = 0; count < 21; count += 1) await invited();
        const rest = await call('GET', '/invitations/by-scope/team/mine?start=20');
        expect(rest.json.invitations).toHaveLength(1);
      });

      test('automatic joining is configured and read', async () => {
        const settings = { scope: 'mine', scopeType: 'team', domains: ['harbor.example'], componentId: COMPONENT };
        const set = await call('POST', '/invitations/autojoin', json(settings));
        const read = await call('GET', '/invitations/by-scope/team/mine/autojoin');
        expect(set.json.autojoinDomains).toMatchObject([{ domain: 'harbor.example' }]);
        expect(read.json).toEqual(set.json);
      });

      test('an internal invitation is decided', async () => {
        const id = await invited({ type: 'internal', value: ann.id });
        const decision = { creatorId: ann.id, targetValue: ann.id, action: 'accepted', componentId: COMPONENT };
        const decided = await call('POST', '/invitations/sync-internal-invitation', json(decision));
        expect(decided.json).toEqual({ processed: 1, invitationIds: [id] });
      });

      test('HEAD is GET without a body', async () => {
        const id = await invited();
        const head = await call('HEAD', `/invitations/${id}`);
        expect([head.status, head.text]).toEqual([200, '']);
        expect(head.headers['content-type']).toMatch(/^application\/json/u);
      });
    });

    describe('the token of POST /jwt', () => {
      const read = (token: string) => JSON.parse(atob(token.split('.')[1] ?? ''));

      test('holds who is calling, for an hour, and decodes with plain atob', async () => {
        const before = Math.floor(Date.now() / 1000);
        const { json } = await call('POST', '/jwt', {
          user: { ...ann, adminScopes: ['autojoin'], attributes: { plan: 'pro' } },
        });
        const claims = read(json.jwt);
        expect(claims).toMatchObject({
          userId: ann.id,
          userEmail: ann.email,
          name: ann.name,
          identifiers: [{ type: 'email', value: ann.email }],
          adminScopes: ['autojoin'],
          role: 'admin',
          attributes: { plan: 'pro', of: ann.id },
        });
        expect(claims.expires - before).toBeGreaterThanOrEqual(3600);
        expect(claims.expires - before).toBeLessThan(3610);
        expect(json.jwt.split('.')[1]).not.toMatch(/[-_]/u);
        expect(upstream.arrivals).toEqual([]);
      });

      test('is signed with the derived key, as an independent verifier finds', async () => {
        const { json } = await call('POST', '/jwt');
        const [, id = '', secret = ''] = upstream.apiKey.split('.');
        const hex = Buffer.from(id, 'base64url').toString('hex');
        const kid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');
        const signingKey = createHmac('sha256', secret).update(kid).digest();
        const { protectedHeader } = await compactVerify(json.jwt, signingKey, { algorithms: ['HS256'] });
        expect(protectedHeader).toMatchObject({ alg: 'HS256', typ: 'JWT', kid });
      });

      test('never lets attributes replace a claim', async () => {
        const user = { ...ann, attributes: { userId: 'root', role: 'admin', adminScopes: ['autojoin'], expires: 1 } };
        const claims = read((await call('POST', '/jwt', { user })).json.jwt);
        expect(claims).toMatchObject({ userId: ann.id, attributes: { userId: 'root', role: 'admin' } });
        expect(claims.role).toBeUndefined();
        expect(claims.adminScopes).toBeUndefined();
      });

      test('comes in the newer format where the application says so, with the provider’s context', async () => {
        const context = { componentId: 'c-1', scope: 'mine', scopeType: 'team' };
        const sent = { user: ann, json: { context } };
        const claims = read((await call('POST', '/jwt', sent, { jwt: { format: 'token', expiresIn: '2h' } })).json.jwt);
        expect(claims).toMatchObject({
          user: { id: ann.id, email: ann.email, phone: ann.phone },
          component: 'c-1',
          scope: 'team:mine',
        });
        expect(claims.exp - claims.iat).toBe(7200);
      });

      test('can be refused by what the provider’s context asks for', async () => {
        const ask = (scope: string) =>
          call('POST', '/jwt', { user: ann, json: { context: { scope } } }, { sparseMap: true });
        expect((await ask('mine')).status).toBe(200);
        expectRefusal(await ask('forbidden'), 403, 'FORBIDDEN');
      });
    });

    const everyRoute: [method: string, path: string, json?: unknown][] = [
      ['POST', '/jwt'],
      ['GET', '/invitations?targetType=email&targetValue=a@b.example'],
      ['POST', '/invitations', newInvitation()],
      ['GET', '/invitations/i-1'],
      ['DELETE', '/invitations/i-1'],
      ['POST', '/invitations/i-1/reinvite'],
      ['POST', '/invitations/accept', { invitationIds: ['i-1'] }],
      ['GET', '/invitations/by-scope/team/mine'],
      ['DELETE', '/invitations/by-scope/team/mine'],
      ['GET', '/invitations/by-group/team/mine'],
      ['DELETE', '/invitations/by-group/team/mine'],
      ['GET', '/invitations/by-scope/team/mine/autojoin'],
      ['POST', '/invitations/autojoin', { scope: 's', scopeType: 't', domains: [], componentId: 'c' }],
      [
        'POST',
        '/invitations/sync-internal-invitation',
        { creatorId: 'x', targetValue: ann.id, action: 'declined', componentId: 'c' },
      ],
    ];

    describe.each(everyRoute)('%s %s', (method, path, body) => {
      const sent = { user: ann, ...(body !== undefined && { json: body }) };
      test('401 without a user', async () => {
        expectRefusal(await call(method, path, { json: body }), 401, 'UNAUTHENTICATED');
      });
      test.each(['false', 'truthy'] as const)('403 where the rule answers %s', async (rule) => {
        expectRefusal(await call(method, path, { ...sent, rule }), 403, 'FORBIDDEN');
      });
      test('500 where the rule throws, 504 where it never answers; nothing leaks', async () => {
        const thrown = await call(method, path, { ...sent, rule: 'throw' });
        expectRefusal(thrown, 500, 'INTERNAL');
        expect(thrown.text).not.toContain('secret');
        expectRefusal(await call(method, path, { ...sent, rule: 'never' }, { hookTimeout: 50 }), 504, 'HOOK_TIMEOUT');
      });
    });

    test('an operation without a rule is denied', async () => {
      expectRefusal(await call('GET', '/invitations/i-1', { user: ann }, { sparseMap: true }), 403, 'FORBIDDEN');
    });

    describe('who is calling', () => {
      test.each([
        ['a user without id', { email: 'a@b.example' }],
        ['text', 'u-1'],
        ['true', true],
        ['an empty id', { id: '' }],
        ['adminScopes as text', { id: 'u', adminScopes: 'autojoin-viewer' }],
        ['adminScopes holding a number', { id: 'u', adminScopes: [1] }],
      ])('%s is the application’s bug: 500 BAD_AUTH_RESULT', async (_, user) => {
        expectRefusal(await call('POST', '/jwt', { user }), 500, 'BAD_AUTH_RESULT');
      });

      test('null counts as absent', async () => {
        const nothing = { email: null, phone: null, addresses: null, name: null, adminScopes: null, attributes: null };
        expect((await call('POST', '/jwt', { user: { id: 0, ...nothing } })).status).toBe(200);
      });

      test.each([
        [{ $throw: 401 }, 401, 'UNAUTHENTICATED'],
        [{ $throw: 403 }, 500, 'INTERNAL'],
        [{ $throw: 'text' }, 500, 'INTERNAL'],
      ])('authenticateUser doing %o answers %i', async (user, status, code) => {
        const reply = await call('POST', '/jwt', { user });
        expectRefusal(reply, status, code);
        expect(reply.text).not.toContain('secret');
      });

      test('authenticateUser that never answers: 504', async () => {
        expectRefusal(await call('POST', '/jwt', { user: { $never: true } }, { hookTimeout: 50 }), 504, 'HOOK_TIMEOUT');
      });
    });

    describe('identity', () => {
      const accept = (user: object, body: object, settings?: Partial<ServerSettings>) =>
        call('POST', '/invitations/accept', { user, json: { invitationIds: ['i-1'], ...body } }, settings);
      const anyone = {
        actAs: { ACCEPT_INVITATIONS: 'anyone', CREATE_INVITATION: 'anyone', SYNC_INTERNAL_INVITATION: 'anyone' },
      } as const;
      const arrived = () => JSON.parse(upstream.arrivals.at(-1)?.body ?? '{}');

      test.each([
        ['nothing given: the e-mail address', ann, {}, { email: ann.email }],
        ['nothing given, no e-mail address: the phone', { id: 1, phone: '+1555' }, {}, { phone: '+1555' }],
        ['nothing given: a further address', { id: 1, addresses: ['x@y.example'] }, {}, { email: 'x@y.example' }],
        [
          'e-mail without regard to case',
          ben,
          { user: { email: 'BEN@orchard.example' } },
          { email: 'BEN@orchard.example' },
        ],
        ['a further address', ben, { user: { email: 'ben@home.example' } }, { email: 'ben@home.example' }],
        ['a phone by its digits', ann, { user: { phone: '+15550102030' } }, { phone: '+15550102030' }],
        [
          'isExisting and name',
          ann,
          { user: { isExisting: false, name: 'A' } },
          { email: ann.email, isExisting: false, name: 'A' },
        ],
        ['an older target', ann, { target: { type: 'email', value: ann.email } }, { email: ann.email }],
        [
          'an older phoneNumber',
          ann,
          { target: { type: 'phoneNumber', value: '15550102030' } },
          { phone: '15550102030' },
        ],
      ])('accepting with %s', async (_, user, body, sent) => {
        await accept(user, body);
        expect(arrived()).toEqual({ invitationIds: ['i-1'], user: sent });
      });

      test.each([
        ['somebody else’s e-mail address', ann, { user: { email: 'ben@orchard.example' } }],
        ['somebody else’s beside one’s own', ann, { user: { email: ann.email, phone: '+44 20' } }],
        ['somebody else’s older target', ann, { target: { type: 'email', value: 'ben@orchard.example' } }],
        ['an address without its apostrophe', ann, { user: { email: 'ann.oneil@harbor.example' } }],
        [
          'a letter that only folds to one’s own',
          { id: 1, email: 'kim@x.example' },
          { user: { email: '\u212Aim@x.example' } },
        ],
        ['no address at all', { id: 'x' }, {}],
      ])('accepting with %s: 403', async (_, user, body) => {
        const reply = await accept(user, body);
        expectRefusal(reply, 403, 'IDENTITY_MISMATCH');
        expect(reply.json.error).toContain('actAs');
      });

      test('accepting for anyone, where the application allows it', async () => {
        await accept(ann, { user: { email: 'ben@orchard.example' } }, anyone);
        expect(arrived().user).toEqual({ email: 'ben@orchard.example' });
      });

      test('accepting for anyone still takes somebody', async () => {
        expectRefusal(await accept({ id: 'x', addresses: ['no phone'] }, {}, anyone), 400, 'INVALID_REQUEST');
      });

      test('the inviter is filled in, or must be the caller', async () => {
        const create = (user: object, inviter?: object, settings?: Partial<ServerSettings>) =>
          call('POST', '/invitations', { user, json: { ...newInvitation(), inviter } }, settings);
        await create(ann);
        expect(arrived().inviter).toEqual({ userId: ann.id, userEmail: ann.email, name: ann.name });
        await create(ann, { name: ann.name });
        expect(arrived().inviter).toEqual({ userId: ann.id, userEmail: ann.email, name: ann.name });
        await create(ben, { userId: '77', userEmail: 'ben@home.example', name: 'B' });
        expect(arrived().inviter).toEqual({ userId: '77', userEmail: 'ben@home.example', name: 'B' });
        await create(ann, { userId: 'u-ben' }, anyone);
        expect(arrived().inviter).toEqual({ userId: 'u-ben' });
        quiet();
        expectRefusal(await create(ann, { userId: 'u-ben' }), 403, 'IDENTITY_MISMATCH');
        expectRefusal(await create(ann, { userEmail: 'ben@orchard.example' }), 403, 'IDENTITY_MISMATCH');
        expectRefusal(await create(ann, { userId: ann.id, name: 'The CEO' }), 403, 'IDENTITY_MISMATCH');
      });

      test.each([
        [ann.id, 404],
        [ann.email.toUpperCase(), 404],
        ['15550102030', 404],
        ['u-ben', 403],
        ['phone-15550102030', 403],
      ])('deciding about an invitation to %s: %i', async (targetValue, status) => {
        const decision = { creatorId: 'x', targetValue, action: 'accepted', componentId: COMPONENT };
        expect((await call('POST', '/invitations/sync-internal-invitation', json(decision))).status).toBe(status);
      });

      test.each([
        [`targetType=email&targetValue=${encodeURIComponent(ann.email.toUpperCase())}`, 200],
        ['targetType=phone&targetValue=%2B15550102030', 200],
        ['targetType=sms&targetValue=+15550102030', 200],
        [`targetType=internal&targetValue=${ann.id}`, 200],
        [`targetType=username&targetValue=${ann.id}`, 403],
        ['targetType=email&targetValue=ben@orchard.example', 403],
      ])('op.self of GET /invitations?%s: %i', async (query, status) => {
        expect((await call('GET', `/invitations?${query}`, { user: ann, rule: 'self' })).status).toBe(status);
      });
    });

    describe('a hook that loads the invitation', () => {
      test('decides by what it finds; the run does not fetch it again', async () => {
        const id = await invited();
        quiet();
        expect((await call('GET', `/invitations/${id}`, { user: ann, rule: 'load' })).status).toBe(200);
        expect(upstream.arrivals).toHaveLength(1);
        expect((await call('DELETE', `/invitations/${id}`, { user: ann, rule: 'load' })).status).toBe(200);
        expect(upstream.arrivals.map(({ method }) => method)).toEqual(['GET', 'GET', 'DELETE']);
      });

      test('may begin to load and deny without looking: the process lives on', async () => {
        const rule = 'load, but deny without looking';
        expectFailure(await call('DELETE', '/invitations/unknown', { user: ann, rule }), 403, 'FORBIDDEN');
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect((await call('POST', '/jwt')).status).toBe(200);
      });

      test('cannot change what is run, however deep', async () => {
        const sent: Sent = { user: ann, rule: 'change what it sees', json: { invitationIds: ['i-1'] } };
        expectRefusal(await call('POST', '/invitations/accept', sent), 500, 'INTERNAL');
      });

      test('refuses another team’s', async () => {
        const other = { ...newInvitation(), scopes: [{ type: 'team', scopeId: 'theirs', name: 'Theirs' }] };
        const { id } = (await call('POST', '/invitations', json(other))).json;
        for (const [method, path] of [
          ['GET', ''],
          ['DELETE', ''],
          ['POST', '/reinvite'],
        ] as const) {
          expectFailure(await call(method, `/invitations/${id}${path}`, { user: ann, rule: 'load' }), 403, 'FORBIDDEN');
        }
        const both = { invitationIds: [await invited(), id] };
        const accepting = await call('POST', '/invitations/accept', { user: ann, rule: 'load', json: both });
        expectFailure(accepting, 403, 'FORBIDDEN');
        expect(upstream.emulator.invitations.some(({ status }) => status === 'accepted')).toBe(false);
      });

      test.each([
        [404, 404, 'NOT_FOUND'],
        [500, 502, 'UPSTREAM_ERROR'],
        [504, 504, 'UPSTREAM_TIMEOUT'],
      ])('passes on that loading failed: upstream %i is %i', async (upstreamStatus, status, code) => {
        upstream.script({ status: upstreamStatus });
        expectFailure(await call('DELETE', '/invitations/i-1', { user: ann, rule: 'load' }), status, code);
        expect(upstream.arrivals.every(({ method }) => method === 'GET')).toBe(true);
      });
    });

    describe('the vendor’s React provider', () => {
      const asProvider = async (user: unknown = ann) => provider(`${(await server()).url}/api/vortex`, user);

      test('gets a token that it can decode, with a context and without', async () => {
        const { refreshJwt } = await asProvider({ ...ann, adminScopes: ['autojoin'] });
        for (const context of [undefined, { componentId: 'c', scope: 's', scopeType: 'team' }, {}]) {
          const { claims } = await refreshJwt(context);
          expect(claims).toMatchObject({
            userId: ann.id,
            userEmail: ann.email,
            adminScopes: ['autojoin'],
            identifiers: [{ type: 'email', value: ann.email }],
            role: 'admin',
          });
          expect(claims.name).toBe(ann.name);
        }
      });

      test('lists, looks, re-sends and revokes', async () => {
        const { getInvitationsByTarget, getInvitationsByGroup, getInvitation, reinvite, revokeInvitation } =
          await asProvider();
        const id = await invited();
        expect(await getInvitationsByTarget('email', ann.email)).toMatchObject([{ id }]);
        expect(await getInvitationsByGroup('team', 'mine')).toMatchObject([{ id }]);
        expect(await getInvitation(id)).toMatchObject({ id, deliveryCount: 1 });
        expect(await reinvite(id)).toMatchObject({ id, deliveryCount: 2 });
        expect(await revokeInvitation(id)).toEqual({ success: true });
      });

      test('deletes a group', async () => {
        await invited();
        const { deleteInvitationsByGroup, getInvitationsByGroup } = await asProvider();
        expect(await deleteInvitationsByGroup('team', 'mine')).toEqual({ success: true });
        expect(await getInvitationsByGroup('team', 'mine')).toEqual([]);
      });

      test.each([
        ['email', ann.email],
        ['phoneNumber', ann.phone],
      ])('accepts with a target of type %s', async (type, value) => {
        const id = await invited({ type: type === 'email' ? 'email' : 'phone', value });
        const { acceptInvitations } = await asProvider();
        expect(await acceptInvitations([id], { type, value })).toMatchObject({ id, status: 'accepted' });
      });

      test('is told in words why a username cannot accept', async () => {
        const { acceptInvitations } = await asProvider();
        await expect(acceptInvitations(['i-1'], { type: 'username', value: 'ann' })).rejects.toThrow(
          /target\.type must be one of email/u,
        );
        expect(upstream.arrivals).toEqual([]);
      });

      test('looks up a user name, which is the upstream’s to answer', async () => {
        const { getInvitationsByTarget } = await asProvider();
        expect(await getInvitationsByTarget('username', 'ann')).toEqual([]);
      });

      test('is told in words that nobody is signed in', async () => {
        const { refreshJwt } = await asProvider(null);
        await expect(refreshJwt()).rejects.toThrow('Sign in first.');
      });
    });

    describe('paths', () => {
      test.each([
        ['GET', '/nothing'],
        ['GET', '//jwt'],
        ['POST', '//jwt'],
        ['GET', '/invitations/'],
        ['POST', '/jwt/'],
        ['POST', '/JWT'],
        ['GET', '/invitations/by-scope'],
        ['GET', '/invitations/by-scope/team'],
        ['DELETE', '/invitations/by-group'],
        ['POST', '/invitations/accept/reinvite'],
        ['POST', '/invitations/by-scope/reinvite'],
      ])('%s %s: 404, and nothing reaches the upstream', async (method, path) => {
        expect((await call(method, path)).status).toBe(404);
        expect(upstream.arrivals).toEqual([]);
      });

      test.each([
        ['GET', '/jwt', 'POST'],
        ['PATCH', '/jwt', 'POST'],
        ['GET', '/invitations/accept', 'POST'],
        ['DELETE', '/invitations/accept', 'POST'],
        ['GET', '/invitations/autojoin', 'POST'],
        ['DELETE', '/invitations/sync-internal-invitation', 'POST'],
        ['PUT', '/invitations', 'GET, HEAD, POST'],
        ['POST', '/invitations/i-1', 'GET, HEAD, DELETE'],
        ['GET', '/invitations/i-1/reinvite', 'POST'],
        ['POST', '/invitations/by-scope/team/mine', 'GET, HEAD, DELETE'],
        ['DELETE', '/invitations/by-scope/team/mine/autojoin', 'GET, HEAD'],
      ])('%s %s: 405, Allow: %s', async (method, path, allow) => {
        const reply = await call(method, path);
        expectRefusal(reply, 405, 'METHOD_NOT_ALLOWED');
        expect(reply.headers.allow).toBe(allow);
      });

      test.each([
        ['.', '/invitations/.'],
        ['..', '/invitations/..'],
        ['%2e%2e', '/invitations/%2e%2e'],
        ['%252e%252e', '/invitations/%252e%252e'],
        ['a slash', '/invitations/by-scope%2Fteam%2Fmine'],
        ['a way up', '/invitations/..%2F..%2Fadmin'],
        ['a backslash', '/invitations/a%5Cb'],
        ['broken UTF-8', '/invitations/%ff'],
        ['a broken escape', '/invitations/%zz'],
        ['NUL', '/invitations/%00'],
        ['a line break', '/invitations/a%0d%0ab'],
        ['101 characters', `/invitations/${'x'.repeat(101)}`],
        ['a way up as scope', '/invitations/by-scope/team/%2e%2e'],
        ['a control character as scope', '/invitations/by-scope/team/a%07'],
      ])('an id or scope of %s: 400, 404 or 414, and nothing reaches the upstream', async (_, path) => {
        for (const method of ['GET', 'DELETE']) {
          expect([400, 404, 414]).toContain((await call(method, path)).status);
        }
        expect(upstream.arrivals).toEqual([]);
      });

      test('parameters of the mount path are not ours, though they have the same names', async () => {
        const { url } = await server();
        const mount = '/of/mount-scope/mount-id';
        await send(url, 'DELETE', `${mount}/invitations/own`, { user: ann });
        await send(url, 'GET', `${mount}/invitations/by-scope/team/own`, { user: ann });
        await send(url, 'POST', `${mount}/invitations/own/reinvite`, { user: ann });
        expect(upstream.arrivals.map(({ method, target }) => `${method} ${target}`)).toEqual([
          'DELETE /api/v1/invitations/own',
          'GET /api/v1/invitations/by-scope/team/own',
          'POST /api/v1/invitations/own/reinvite',
        ]);
      });

      test.each([
        ['/invitations/a%3Fb', '/api/v1/invitations/a%3Fb'],
        ['/invitations/a%23b;c', '/api/v1/invitations/a%23b%3Bc'],
        ['/invitations/a%20b%22%27', "/api/v1/invitations/a%20b%22'"],
        ['/invitations/Zo%C3%AB%F0%9F%9A%80', '/api/v1/invitations/Zo%C3%AB%F0%9F%9A%80'],
        [`/invitations/${'x'.repeat(100)}`, `/api/v1/invitations/${'x'.repeat(100)}`],
        ['/invitations/by-scope/team/a%2Fb%5Cc', '/api/v1/invitations/by-scope/team/a%2Fb%5Cc'],
        ['/invitations/by-scope/a%2F../mine', '/api/v1/invitations/by-scope/a%2F../mine'],
        ['/invitations/by-scope/team/a%252Fb', '/api/v1/invitations/by-scope/team/a%252Fb'],
      ])('%s arrives as %s', async (path, target) => {
        await call('GET', path);
        expect(upstream.arrivals.map((arrival) => arrival.target)).toEqual([target]);
      });

      test.each([
        ['?targetType=email&targetValue=a@b.example&targetType=sms', 'targetType'],
        ['?targetType=email', 'targetValue'],
        ['?targetType=telepathy&targetValue=x', 'targetType'],
        ['?targetType=email&targetValue=nobody', 'targetValue'],
        ['?targetType=phone&targetValue=nobody', 'targetValue'],
        ['?targetType=internal&targetValue=a%00b', 'targetValue'],
        ['/by-scope/team/mine?start=-1', 'start'],
      ])('GET /invitations%s: 400 naming %s', async (rest, field) => {
        const reply = await call('GET', `/invitations${rest}`);
        expectRefusal(reply, 400, 'INVALID_REQUEST');
        expect(reply.json.issues).toMatchObject([{ path: field, message: expect.any(String) }]);
      });

      test.each([
        ['broken percent-encoding', '?targetType=internal&targetValue=%ff'],
        ['over 2 kB', `?targetType=internal&targetValue=${'x'.repeat(2048)}`],
      ])('a query with %s: 400', async (_, query) => {
        expectRefusal(await call('GET', `/invitations${query}`), 400, 'INVALID_REQUEST');
      });

      test('a second question mark is part of a key', async () => {
        await call('GET', '/invitations/by-scope/team/mine??start=20');
        expect(upstream.arrivals.map(({ target }) => target)).toEqual(['/api/v1/invitations/by-scope/team/mine']);
      });

      test('unknown query keys are ignored', async () => {
        expect((await call('GET', '/invitations/by-scope/team/mine?colour=red')).status).toBe(200);
      });
    });

    describe('bodies', () => {
      const accept = (sent: Sent) => call('POST', '/invitations/accept', { user: ann, ...sent });
      const asJson = { 'content-type': 'application/json' };
      const valid = JSON.stringify({ invitationIds: ['i-1'] });

      test.each([
        ['POST', '/jwt', 200],
        ['POST', '/invitations/i-1/reinvite', 404],
        ['DELETE', '/invitations/i-1', 404],
        ['GET', '/invitations/by-scope/team/mine', 200],
      ])('%s %s with a JSON content type and no body is fine', async (method, path, status) => {
        expect((await call(method, path, { user: ann, headers: asJson })).status).toBe(status);
      });

      test.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/a+b+json'])(
        'Content-Type %s is JSON',
        async (type) => {
          await accept({ body: valid, headers: { 'content-type': type } });
          expect(upstream.arrivals).toHaveLength(1);
        },
      );

      test.each([
        ['none', ''],
        ['broken JSON', '{"invitationIds":'],
        ['text', '"invitationIds"'],
        ['a list', '[]'],
        ['a number', '1'],
        ['null', 'null'],
        ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
        ['a byte order mark', `\ufeff${valid}`],
        ['nesting over 32 deep', `{"invitationIds":["i"],"x":${'['.repeat(40)}${']'.repeat(40)}}`],
      ])('a body of %s: 400', async (_, body) => {
        expectRefusal(await accept({ body, headers: asJson }), 400, 'INVALID_REQUEST');
      });

      test('a body over 64 kB: 413', async () => {
        const body = JSON.stringify({ invitationIds: ['i-1'], padding: 'x'.repeat(64 * 1024) });
        expectRefusal(await accept({ body, headers: asJson }), 413, 'PAYLOAD_TOO_LARGE');
        const chunked = await accept({ body, headers: { ...asJson, 'transfer-encoding': 'chunked' } });
        expectRefusal(chunked, 413, 'PAYLOAD_TOO_LARGE');
      });

      test('what follows on the connection after a 413 is answered', async () => {
        const { hostname, port } = new URL((await server()).url);
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const post = (chunks: number) =>
          new Promise<number | undefined>((resolve, reject) => {
            const headers = { ...asJson, [USER_HEADER]: encodeURIComponent(JSON.stringify(ann)) };
            const path = chunks === 0 ? '/api/vortex/jwt' : '/api/vortex/invitations/accept';
            const request = httpRequest({ hostname, port, path, method: 'POST', headers, agent, timeout: 5000 });
            request.on('response', (response) => response.resume().on('end', () => resolve(response.statusCode)));
            request.on('timeout', () => request.destroy(new Error('no answer')));
            request.on('error', reject);
            for (let count = 0; count < chunks; count += 1) request.write(' '.repeat(16 * 1024));
            request.end();
          });
        try {
          expect(await post(20)).toBe(413);
          // A server may close such a connection; it must not leave the next request waiting on it.
          const next = await post(0).catch((error) => (error.code === 'ECONNRESET' ? post(0) : Promise.reject(error)));
          expect(next).toBe(200);
        } finally {
          agent.destroy();
        }
      });

      test.each([
        ['text/plain', {}],
        ['application/x-www-form-urlencoded', {}],
        ['', {}],
        ['application/json; charset=latin1', {}],
        ['application/jsonp', {}],
        ['application/json', { 'content-encoding': 'gzip' }],
      ])('Content-Type "%s" with %o: 415', async (type, headers) => {
        const typed = type === '' ? headers : { 'content-type': type, ...headers };
        expectRefusal(await accept({ body: valid, headers: typed }), 415, 'UNSUPPORTED_MEDIA_TYPE');
      });

      test('__proto__ and constructor are but keys', async () => {
        const body = `{"invitationIds":["i-1"],"__proto__":{"user":{"email":"ben@orchard.example"}},"constructor":{"prototype":{"polluted":1}}}`;
        await accept({ body, headers: asJson });
        expect(JSON.parse(upstream.arrivals[0]?.body ?? '')).toEqual({
          invitationIds: ['i-1'],
          user: { email: ann.email },
        });
      });

      test('duplicate ids are sent once', async () => {
        await accept({ json: { invitationIds: ['i-1', 'i-2', 'i-1'] } });
        expect(JSON.parse(upstream.arrivals[0]?.body ?? '').invitationIds).toEqual(['i-1', 'i-2']);
      });

      test.each([
        ['invitationIds', '/invitations/accept', {}],
        ['invitationIds', '/invitations/accept', { invitationIds: 'i-1' }],
        ['invitationIds', '/invitations/accept', { invitationIds: [] }],
        ['invitationIds', '/invitations/accept', { invitationIds: Array.from({ length: 101 }, (_, i) => `i-${i}`) }],
        ['invitationIds.1', '/invitations/accept', { invitationIds: ['i', 5] }],
        ['invitationIds.0', '/invitations/accept', { invitationIds: ['a/b'] }],
        ['invitationIds.0', '/invitations/accept', { invitationIds: ['..'] }],
        ['invitationIds.0', '/invitations/accept', { invitationIds: ['by-scope'] }],
        ['invitationIds.0', '/invitations/accept', { invitationIds: ['a\u0000'] }],
        ['user.email', '/invitations/accept', { invitationIds: ['i'], user: { email: 'nobody' } }],
        ['user.name', '/invitations/accept', { invitationIds: ['i'], user: { name: 'a\u0007' } }],
        ['user.isExisting', '/invitations/accept', { invitationIds: ['i'], user: { isExisting: 'yes' } }],
        ['target.type', '/invitations/accept', { invitationIds: ['i'], target: { type: 'username', value: 'ann' } }],
        [
          'target.value',
          '/invitations/accept',
          { invitationIds: ['i'], target: { type: 'phoneNumber', value: 'ann' } },
        ],
        [
          'target',
          '/invitations/accept',
          { invitationIds: ['i'], user: {}, target: { type: 'email', value: ann.email } },
        ],
        ['context.scope', '/jwt', { context: { scope: 7 } }],
        ['target.value', '/invitations', newInvitation({ type: 'email', value: 'nobody' })],
        ['target.type', '/invitations', newInvitation({ type: 'pigeon', value: 'x' })],
        ['scopes.0.scopeId', '/invitations', { ...newInvitation(), scopes: [{ type: 'team' }] }],
        ['scopeId', '/invitations', { ...newInvitation(), scopeType: 'team' }],
        [
          'unfurlConfig.image',
          '/invitations',
          { ...newInvitation(), unfurlConfig: { image: 'http://x.example/i.png' } },
        ],
        [
          'domains.0',
          '/invitations/autojoin',
          { scope: 's', scopeType: 't', componentId: 'c', domains: ['no domain'] },
        ],
        ['componentId', '/invitations/autojoin', { scope: 's', scopeType: 't', domains: [] }],
        [
          'action',
          '/invitations/sync-internal-invitation',
          { creatorId: 'x', targetValue: 'u', action: 'maybe', componentId: 'c' },
        ],
      ])('%s is named in the 400 of POST %s with %j', async (field, path, body) => {
        const reply = await call('POST', path, json(body));
        expectRefusal(reply, 400, 'INVALID_REQUEST');
        expect(reply.json.issues).toMatchObject([{ path: field, message: expect.any(String) }]);
        expect(reply.json.error).toContain(field);
      });

      test('text arrives byte for byte', async () => {
        const body = {
          ...newInvitation({ type: 'email', value: "o'brien+tag@x.example", name: 'Zoe\u0308 <b> "𝒵" 👩‍👩‍👧' }),
          templateVariables: { note: 'line one\nline two' },
          metadata: { deep: { list: ['\t', "'"] } },
        };
        await call('POST', '/invitations', json(body));
        const { groups, inviter, ...rest } = JSON.parse(upstream.arrivals[0]?.body ?? '');
        const { scopes, ...sent } = body;
        expect(rest).toEqual(sent);
        expect(groups).toEqual([{ type: 'team', groupId: 'mine', name: 'Mine' }]);
        expect(inviter.name).toBe(ann.name);
      });

      test.each([
        ['groups', { groups: [{ type: 'team', groupId: 'g', name: 'G' }] }],
        [
          'groups before scopes',
          { groups: [{ type: 'team', groupId: 'g', name: 'G' }], scopes: [{ type: 'x', scopeId: 'y' }] },
        ],
        ['scopes', { scopes: [{ type: 'team', scopeId: 'g', name: 'G' }] }],
        ['a flat scope', { scopeId: 'g', scopeType: 'team', scopeName: 'G' }],
      ])('a scope given as %s', async (_, spelling) => {
        const { scopes, ...rest } = newInvitation();
        await call('POST', '/invitations', json({ ...rest, ...spelling }));
        expect(JSON.parse(upstream.arrivals[0]?.body ?? '').groups).toEqual([
          { type: 'team', groupId: 'g', name: 'G' },
        ]);
      });

      test('a webmail domain is refused by the upstream, whose words are passed on', async () => {
        const settings = { scope: 's', scopeType: 't', componentId: COMPONENT, domains: ['gmail.com'] };
        const reply = await call('POST', '/invitations/autojoin', json(settings));
        expectFailure(reply, 400, 'UPSTREAM_INVALID');
        expect(reply.json.error).toContain('gmail.com');
      });
    });

    describe('requests that another site makes a browser send', () => {
      const cases: [
        what: string,
        headers: (host: string) => Record<string, string>,
        standard: boolean,
        strict: boolean,
      ][] = [
        ['nothing said', () => ({}), true, false],
        ['same-origin', () => ({ 'sec-fetch-site': 'same-origin' }), true, true],
        ['typed in', () => ({ 'sec-fetch-site': 'none' }), true, true],
        ['same-site', () => ({ 'sec-fetch-site': 'same-site' }), false, false],
        ['cross-site', () => ({ 'sec-fetch-site': 'cross-site' }), false, false],
        ['a new word', () => ({ 'sec-fetch-site': 'elsewhere' }), false, false],
        [
          'cross-site with our own origin',
          (host) => ({ 'sec-fetch-site': 'cross-site', origin: `http://${host}` }),
          false,
          false,
        ],
        ['our own origin', (host) => ({ origin: `http://${host}` }), true, true],
        ['another port', () => ({ origin: 'http://127.0.0.1:1' }), false, false],
        ['another origin', () => ({ origin: 'https://evil.example' }), false, false],
        ['a hidden origin', () => ({ origin: 'null' }), false, false],
        ['no origin at all', () => ({ origin: 'evil' }), false, false],
        ['a trusted origin', () => ({ origin: 'https://app.example' }), true, true],
        [
          'a trusted origin, cross-site',
          () => ({ origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }),
          true,
          true,
        ],
        ['a trusted origin with a path', () => ({ origin: 'https://app.example/x' }), false, false],
        ['a default port', () => ({ origin: 'https://h.example', host: 'h.example:443' }), true, true],
      ];
      const settings = { trustedOrigins: ['https://app.example'] };

      test.each(cases)('%s', async (_, headers, standard, strict) => {
        const { url } = await server(settings);
        const strictUrl = (await server({ ...settings, csrf: 'strict' })).url;
        for (const [origin, allowed] of [
          [url, standard],
          [strictUrl, strict],
        ] as const) {
          const reply = await send(origin, 'POST', '/api/vortex/jwt', {
            user: ann,
            headers: headers(new URL(origin).host),
          });
          if (allowed) expect(reply.status, reply.text).toBe(200);
          else expectRefusal(reply, 403, 'CROSS_SITE_REQUEST');
        }
      });

      test('credentials in Host are no way around it; some servers refuse them before us', async () => {
        const headers = { origin: 'https://h.example', host: 'x@h.example' };
        expect((await call('POST', '/jwt', { user: ann, headers })).status).toBeGreaterThanOrEqual(400);
      });

      test('the refusal names what to configure, and comes before authenticateUser', async () => {
        const reply = await call('POST', '/jwt', {
          user: { $throw: 500 },
          headers: { origin: 'https://evil.example' },
        });
        expectRefusal(reply, 403, 'CROSS_SITE_REQUEST');
        expect(reply.json.error).toMatch(/trustedOrigins.*proxy.*Host/u);
      });

      test.each(['POST', 'DELETE'])('%s is guarded, GET is not', async (method) => {
        const headers = { 'sec-fetch-site': 'cross-site' };
        const path = method === 'POST' ? '/invitations/i-1/reinvite' : '/invitations/i-1';
        expectRefusal(await call(method, path, { user: ann, headers }), 403, 'CROSS_SITE_REQUEST');
        expect((await call('GET', '/invitations/by-scope/team/mine', { user: ann, headers })).status).toBe(200);
      });

      test('can be switched off', async () => {
        const sent = { user: ann, headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } };
        expect((await call('POST', '/jwt', sent, { csrf: 'off' })).status).toBe(200);
      });
    });

    describe('what the upstream answers', () => {
      const asJson = { 'content-type': 'application/json' };
      const problem = (status: number, message: unknown): ScriptedAnswer => ({
        status,
        headers: asJson,
        body: JSON.stringify({ statusCode: status, message }),
      });

      test.each([
        [400, 400, 'UPSTREAM_INVALID'],
        [401, 502, 'UPSTREAM_AUTH'],
        [403, 502, 'UPSTREAM_AUTH'],
        [404, 404, 'NOT_FOUND'],
        [409, 409, 'UPSTREAM_CONFLICT'],
        [418, 502, 'UPSTREAM_ERROR'],
        [422, 422, 'UPSTREAM_UNPROCESSABLE'],
        [429, 429, 'RATE_LIMITED'],
        [500, 502, 'UPSTREAM_ERROR'],
        [503, 503, 'UPSTREAM_UNAVAILABLE'],
        [504, 504, 'UPSTREAM_TIMEOUT'],
      ])('%i becomes %i', async (upstreamStatus, status, code) => {
        upstream.script(problem(upstreamStatus, `upstream words of ${upstreamStatus}`));
        const reply = await call('POST', '/invitations/i-1/reinvite');
        expectFailure(reply, status, code);
        const quoted = [400, 409, 422].includes(upstreamStatus);
        expect(reply.json.error.includes('upstream words')).toBe(quoted);
      });

      test.each([
        ['short and printable', 'Zoë’s domain is taken', true],
        ['a list', ['one', 'two'], 'one; two'],
        ['over 200 characters', 'x'.repeat(201), false],
        ['with a line break', 'a\nb', false],
        ['not text', { a: 1 }, false],
      ])('a message that is %s', async (_, message, passed) => {
        upstream.script(problem(422, message));
        const { error } = (await call('POST', '/invitations/i-1/reinvite')).json;
        if (passed === false) expect(error).toBe('The Vortex API could not process the request.');
        else expect(error).toBe(passed === true ? message : passed);
      });

      test('our key is not repeated, whatever the upstream says', async () => {
        upstream.script(problem(400, `bad key ${upstream.apiKey}`));
        const reply = await call('POST', '/invitations/i-1/reinvite');
        expectFailure(reply, 400, 'UPSTREAM_INVALID');
        expect(reply.text).not.toContain(upstream.apiKey.split('.')[2]);
      });

      test('Retry-After is passed on', async () => {
        upstream.script({ status: 429, headers: { 'retry-after': '7' } });
        expect((await call('POST', '/invitations/i-1/reinvite')).headers['retry-after']).toBe('7');
      });

      test.each<[string, ScriptedAnswer]>([
        ['HTML', { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>canary</h1>' }],
        ['broken JSON', { status: 200, headers: asJson, body: '{"canary":' }],
        ['another shape', { status: 200, headers: asJson, body: '{"canary":1}' }],
        ['a list', { status: 200, headers: asJson, body: '["canary"]' }],
        ['nothing', { status: 200, headers: asJson, body: '' }],
        ['null', { status: 200, headers: asJson, body: 'null' }],
        ['invitations without ids', { status: 200, headers: asJson, body: '{"invitations":[{"canary":1}]}' }],
      ])('%s instead of a list: 502, and the body is not repeated', async (_, answer) => {
        upstream.script(answer);
        const reply = await call('GET', '/invitations/by-scope/team/mine');
        expectFailure(reply, 502, 'UPSTREAM_BAD_RESPONSE');
        expect(reply.text).not.toContain('canary');
      });

      test.each<[string, ScriptedAnswer]>([
        ['204', { status: 204 }],
        ['200 without a body', { status: 200 }],
        ['200 with JSON', { status: 200, headers: asJson, body: '{"deleted":1}' }],
      ])('%s to a revocation is our own JSON', async (_, answer) => {
        upstream.script(answer);
        const reply = await call('DELETE', '/invitations/i-1');
        expect([reply.status, reply.json]).toEqual([200, { success: true }]);
      });

      test('a redirect is not followed', async () => {
        const elsewhere = await startUpstream();
        try {
          upstream.script({ status: 302, headers: { location: `${elsewhere.url}/api/v1/invitations/i-1` } });
          expectFailure(await call('GET', '/invitations/i-1'), 502, 'UPSTREAM_BAD_RESPONSE');
          expect(elsewhere.arrivals).toEqual([]);
        } finally {
          await elsewhere.close();
        }
      });

      test('a bare invitation in answer to accept will do', async () => {
        upstream.script({ status: 200, headers: asJson, body: '{"id":"i-1","status":"accepted"}' });
        const reply = await call('POST', '/invitations/accept', json({ invitationIds: ['i-1'] }));
        expect(reply.json).toEqual({ id: 'i-1', status: 'accepted', invitations: [{ id: 'i-1', status: 'accepted' }] });
      });
    });

    describe('faults of the upstream', () => {
      let peer: Peer;
      beforeAll(async () => {
        peer = await startPeer();
      });
      afterAll(() => peer.close());
      const faulty = (method: string, path: string, settings?: Partial<ServerSettings>) =>
        call(method, path, { user: ann }, { baseUrl: peer.url, timeout: 1000, ...settings });

      test.each<[keyof typeof treatments, status: number, code: string, gets: number, postCode: string]>([
        ['never answers', 504, 'UPSTREAM_TIMEOUT', 1, 'UPSTREAM_TIMEOUT'],
        ['stalls in the body', 504, 'UPSTREAM_TIMEOUT', 1, 'UPSTREAM_TIMEOUT'],
        ['drips the body', 504, 'UPSTREAM_TIMEOUT', 1, 'UPSTREAM_TIMEOUT'],
        ['resets at once', 502, 'UPSTREAM_UNREACHABLE', 3, 'OUTCOME_UNKNOWN'],
        ['ends without a byte', 502, 'UPSTREAM_UNREACHABLE', 3, 'OUTCOME_UNKNOWN'],
        ['breaks off in the body', 502, 'UPSTREAM_BAD_RESPONSE', 1, 'UPSTREAM_BAD_RESPONSE'],
        ['answers without end', 502, 'UPSTREAM_BAD_RESPONSE', 1, 'UPSTREAM_BAD_RESPONSE'],
        ['sends a gzip bomb', 502, 'UPSTREAM_BAD_RESPONSE', 1, 'UPSTREAM_BAD_RESPONSE'],
      ])('%s: %i %s to a GET, tried %i times; a POST is sent once', async (fault, status, code, gets, postCode) => {
        // Long enough for three attempts, where there are three, and no longer where the deadline is what is waited for.
        const settings = { timeout: status === 504 ? 400 : 5000 };
        if (status === 504) {
          // A server that has just been started, on a busy machine, would spend the deadline on itself.
          peer.treat(treatments['answers well']);
          while ((await faulty('GET', '/invitations/i-1', settings)).status !== 200);
        }
        peer.treat(treatments[fault]);
        expectFailure(await faulty('GET', '/invitations/i-1', settings), status, code);
        expect(peer.requests).toBe(gets);
        peer.treat(treatments[fault]);
        expect((await faulty('POST', '/invitations/i-1/reinvite', settings)).json.code).toBe(postCode);
        expect(peer.requests).toBe(1);
      });

      test('an idle connection that is reset before any byte: a fresh one answers', async () => {
        peer.treat(treatments['answers well'], treatments['resets at once'], treatments['answers well']);
        for (let count = 0; count < 2; count += 1) {
          expect((await faulty('GET', '/invitations/i-1')).status).toBe(200);
        }
        expect(peer.requests).toBe(3);
      });

      test('nobody listens: 502', async () => {
        const gone = await startPeer();
        await gone.close();
        for (const method of ['GET', 'DELETE']) {
          const reply = await faulty(method, '/invitations/i-1', { baseUrl: gone.url });
          expectFailure(reply, 502, 'UPSTREAM_UNREACHABLE');
        }
      });

      test('a name that nobody has: 502', async () => {
        const reply = await faulty('GET', '/invitations/i-1', { baseUrl: 'https://nobody.invalid', timeout: 5000 });
        expectFailure(reply, 502, 'UPSTREAM_UNREACHABLE');
      });

      test('a certificate that nobody has signed: 502, and no word of it', async () => {
        const impostor = await startPeer(untrusted);
        try {
          impostor.treat(treatments['answers well']);
          const reply = await faulty('GET', '/invitations/i-1', { baseUrl: impostor.url, timeout: 5000 });
          expectFailure(reply, 502, 'UPSTREAM_UNREACHABLE');
          expect(reply.text).not.toMatch(/certificate|signed/iu);
          expect(impostor.requests).toBe(0);
        } finally {
          await impostor.close();
        }
      });
    });

    describe('trying again', () => {
      const good = { status: 200, body: '{"id":"i-1"}' };
      const limited = (retryAfter: string) => ({ status: 429, headers: { 'retry-after': retryAfter } });
      const get = () => call('GET', '/invitations/i-1');

      test.each([500, 502, 503, 504])('a GET that meets %i once succeeds at the second attempt', async (status) => {
        upstream.script({ status }, good);
        expect((await get()).status).toBe(200);
        expect(upstream.arrivals).toHaveLength(2);
      });

      test.each([
        ['GET', '/invitations/i-1'],
        ['DELETE', '/invitations/i-1'],
      ])('%s gives up at 503 for ever after three attempts', async (method, path) => {
        upstream.script({ status: 503 });
        expectFailure(await call(method, path), 503, 'UPSTREAM_UNAVAILABLE');
        expect(upstream.arrivals).toHaveLength(3);
      });

      test.each([400, 401, 404, 409])('%i is not tried again', async (status) => {
        upstream.script({ status }, good);
        expect((await get()).status).not.toBe(200);
        expect(upstream.arrivals).toHaveLength(1);
      });

      test('a POST is never tried again', async () => {
        upstream.script({ status: 503 }, good);
        expectFailure(await call('POST', '/invitations/i-1/reinvite'), 503, 'UPSTREAM_UNAVAILABLE');
        expect(upstream.arrivals).toHaveLength(1);
      });

      test('429 with Retry-After: 1 is tried once more, a second later', async () => {
        upstream.script(limited('1'), good);
        const start = performance.now();
        expect((await get()).status).toBe(200);
        expect(performance.now() - start).toBeGreaterThan(990);
        expect(upstream.arrivals).toHaveLength(2);
      });

      test('429 twice is passed on, with its Retry-After', async () => {
        upstream.script(limited('0'));
        const reply = await get();
        expectFailure(reply, 429, 'RATE_LIMITED');
        expect(reply.headers['retry-after']).toBe('0');
        expect(upstream.arrivals).toHaveLength(2);
      });

      test.each(['3600', '-1', 'junk', new Date(Date.now() + 3_600_000).toUTCString()])(
        '429 with Retry-After: %s is passed on at once',
        async (retryAfter) => {
          upstream.script(limited(retryAfter), good);
          expectFailure(await get(), 429, 'RATE_LIMITED');
          expect(upstream.arrivals).toHaveLength(1);
        },
      );

      test('a wait that would outlast the deadline is not begun', async () => {
        upstream.script(limited('4'), good);
        expectFailure(await get(), 429, 'RATE_LIMITED');
      });
    });

    defineWebhooks(server, ({ headers, text }) => canary.reply(headers, text));

    test('no secret in any reply, log line or printed error of all the above', async () => {
      for (const one of servers.values()) canary.printed((await one).printed?.() ?? '');
      expect(canary.leaks).toEqual([]);
      expect(canary.seen.replies).toBeGreaterThan(200);
      // workerd prints elsewhere; what it logs is made by the same code.
      if (runtime !== 'workerd') expect(canary.seen.lines).toBeGreaterThan(50);
    });
  });
}
