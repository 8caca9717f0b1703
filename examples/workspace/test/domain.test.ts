/** Tests the domain without a framework, on both databases. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPGlite } from '@vortex/conformance/pglite';
import { hasPostgres, needsPostgres, startPostgres } from '@vortex/conformance/postgres';
import { VortexClient } from '@vortex/core';
import { webhookEvent, webhookRequest } from '@vortex/core/testing';
import { createEmulator } from '@vortex/emulator';
import { vortexWebhook } from '@vortex/hono';
import { eq } from 'drizzle-orm';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, type OpenDatabase, openDatabase, type Place } from '../server/domain/database.js';
import { addDemoPeople } from '../server/domain/demo.js';
import { joinByDomain } from '../server/domain/joining.js';
import { Live, type LiveEvent } from '../server/domain/live.js';
import type { Mail } from '../server/domain/mail.js';
import { invitationChanged, removeMember } from '../server/domain/membership.js';
import { memberships, sessions, signInLinks, users } from '../server/domain/schema.js';
import { endSession, sendSignInLink, signInByLink, startSession, userOfSession } from '../server/domain/sessions.js';
import { addMember, membersOf, roleIn, teamFor, teamsOf } from '../server/domain/teams.js';
import { findOrAddUser, findUser, readEmail, type User } from '../server/domain/users.js';
import { webhook } from '../server/webhook.js';

const places: [name: string, can: boolean, find: () => Promise<{ place: Place; stop(): Promise<void> }>][] = [
  [
    'PGlite',
    true,
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'workspace-pglite-'));
      await (await startPGlite(directory)).close();
      return { place: { directory }, stop: () => rm(directory, { recursive: true, force: true }) };
    },
  ],
  [
    `PostgreSQL${needsPostgres}`,
    hasPostgres,
    async () => {
      const { url, stop } = await startPostgres();
      return { place: { url }, stop };
    },
  ],
];

for (const [name, can, find] of places) {
  describe.skipIf(!can)(`on ${name}`, () => {
    let open: OpenDatabase;
    let db: Database;
    let found: Awaited<ReturnType<typeof find>>;
    beforeAll(async () => {
      found = await find();
      open = await openDatabase(found.place);
      db = open.db;
    });
    afterAll(async () => {
      await open?.close();
      await found?.stop();
    });
    beforeEach(async () => {
      await db.delete(users);
      await db.delete(signInLinks);
      await addDemoPeople(db);
    });

    const at = (time: number) => new Date(time).toISOString();
    const person = async (id: string) => (await findUser(db, id)) as User;

    describe('signing in', () => {
      async function link(email: string): Promise<{ mail: Mail; token: string }> {
        const mails: Mail[] = [];
        await sendSignInLink(
          db,
          async (mail) => void mails.push(mail),
          email,
          (token) => `https://roster.example/sign-in?token=${token}`,
        );
        const [mail] = mails;
        if (!mail) throw new Error('No mail was sent.');
        return { mail, token: new URL(mail.link).searchParams.get('token') ?? '' };
      }

      it('a sign-in link verifies the address and works once', async () => {
        const { mail, token } = await link(' New.Person@Example.com');
        expect(mail.to).toBe('new.person@example.com');
        const session = await signInByLink(db, token);
        expect(session.user).toMatchObject({ email: 'new.person@example.com', name: 'New Person' });
        expect(await userOfSession(db, session.token)).toEqual(session.user);
        await expect(signInByLink(db, token)).rejects.toMatchObject({ code: 'LINK_EXPIRED' });
      });

      it('a sign-in link that is followed twice at the same time works once', async () => {
        const { token } = await link('zoe@example.com');
        const outcomes = await Promise.allSettled([signInByLink(db, token), signInByLink(db, token)]);
        expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      });

      it('no user is added before the sign-in link is followed', async () => {
        const before = await db.$count(users);
        await link('unknown@example.com');
        expect(await db.$count(users)).toBe(before);
      });

      it('an expired or unknown sign-in link is refused', async () => {
        const { token } = await link('zoe@example.com');
        await db.update(signInLinks).set({ expiresAt: new Date(0) });
        await expect(signInByLink(db, token)).rejects.toMatchObject({ code: 'LINK_EXPIRED' });
        await expect(signInByLink(db, 'made-up')).rejects.toMatchObject({ code: 'LINK_EXPIRED' });
      });

      it.each([
        '',
        'zoe',
        'zoe@',
        '@example.com',
        'a b@example.com',
        'a@b\n@example.com',
        `${'x'.repeat(250)}@example.com`,
      ])('the address %j is refused', (text) => {
        expect(() => readEmail(text)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
      });

      it('the database does not contain the token of a session', async () => {
        const { token } = await startSession(db, await person('ada'));
        const kept = await db.select().from(sessions);
        expect(kept.length).toBeGreaterThan(0);
        expect(JSON.stringify(kept)).not.toContain(token);
      });

      it('a session ends on request and when it expires', async () => {
        const ada = await person('ada');
        const one = await startSession(db, ada);
        await endSession(db, one.token);
        expect(await userOfSession(db, one.token)).toBeNull();
        const two = await startSession(db, ada);
        await db
          .update(sessions)
          .set({ expiresAt: new Date(0) })
          .where(eq(sessions.userId, 'ada'));
        expect(await userOfSession(db, two.token)).toBeNull();
        expect(await userOfSession(db, undefined)).toBeNull();
      });

      it('a user is found by their address in any case, but not by a look-alike address', async () => {
        const ada = await person('ada');
        expect(await findOrAddUser(db, 'ADA@Harbor.Example')).toEqual(ada);
        expect((await findOrAddUser(db, 'zo\u0065\u0301@example.com')).id).not.toBe('zoe');
        // `toLowerCase` turns the Kelvin sign into a `k`, but it is another character.
        expect((await findOrAddUser(db, 'tomas@\u212Aarbor.example')).id).not.toBe('tomas');
      });
    });

    describe('members', () => {
      it('a member is added once, and an admin stays an admin', async () => {
        const [zoe, ada] = [await person('zoe'), await person('ada')];
        const madeAt = (time: number) => ({ invitedAt: at(time), acceptedAt: at(time) });
        const added = await Promise.all([1, 2, 3, 4, 5].map((n) => addMember(db, 'harbor', zoe, madeAt(n))));
        expect(added.filter(Boolean)).toHaveLength(1);
        expect(await addMember(db, 'harbor', ada, madeAt(1))).toBe(false);
        expect(await roleIn(db, 'harbor', ada)).toBe('admin');
        expect((await membersOf(db, 'harbor')).map(({ id }) => id)).toEqual(['ada', 'tomas', 'zoe']);
        expect(await addMember(db, 'no-such-team', zoe, madeAt(1))).toBe(false);
      });

      it('a member sees their team, and other users get an error with the reason', async () => {
        const tomas = await person('tomas');
        expect(await teamsOf(db, tomas)).toEqual([{ id: 'harbor', name: 'Harbor', role: 'member' }]);
        expect(await teamFor(db, 'harbor', tomas)).toMatchObject({ name: 'Harbor' });
        await expect(teamFor(db, 'orchard', tomas)).rejects.toMatchObject({
          code: 'NOT_A_MEMBER',
          message: expect.stringContaining('Orchard'),
        });
        await expect(teamFor(db, "'; drop table users; --", tomas)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      });
    });

    describe('webhooks', () => {
      const webhookSecret = 'whsec_of_this_test';
      /** Milliseconds by which the clock of Vortex is ahead. */
      let lead = 0;
      const emulator = createEmulator({ now: () => Date.now() + lead });
      const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url, fetch: emulator.fetch });
      beforeEach(() => {
        lead = 0;
        emulator.reset();
      });

      async function invite(value: string, userId = 'ada'): Promise<string> {
        const { id } = await client.createInvitation({
          widgetConfigurationId: 'any',
          target: { type: 'email', value },
          scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
          inviter: { userId },
        });
        return id;
      }

      /** Sends `group.member.added` over HTTP to one of the servers, as an event with a new id. */
      async function announce(data: object, live = new Live()): Promise<number> {
        const event = webhookEvent('group.member.added', {
          timestamp: at(Date.now() + lead),
          data: { scope: 'harbor', scopeType: 'team', ...data },
        });
        const server = new Hono().post('/', vortexWebhook(webhook({ db, live, client, webhookSecret })));
        const { status } = await server.request('/', {
          method: 'POST',
          ...(await webhookRequest(event, webhookSecret)),
        });
        return status;
      }

      function listen(live: Live, userId: string): LiveEvent[] {
        const received: LiveEvent[] = [];
        live.listen(userId, (event) => received.push(event));
        return received;
      }

      it('a new member is added, and the team and the member get one event', async () => {
        const live = new Live();
        const [ada, zoe, mei] = ['ada', 'zoe', 'mei'].map((id) => listen(live, id));
        for (const email of ['Zoe@example.com', 'zoe@example.com', 'unknown@example.com']) {
          expect(await announce({ invitationId: await invite(email), user: { email } }, live)).toBe(200);
        }
        const event = { about: 'team', teamId: 'harbor', joined: { userId: 'zoe', name: 'Zoë Hart' } };
        expect([ada, zoe, mei]).toEqual([[event], [event], []]);
      });

      it('a webhook that is delivered twice at once to two processes is handled once, and pages are told after the commit', async () => {
        const lives = [new Live(), new Live()];
        const seen: Promise<number>[] = [];
        for (const live of lives) {
          live.listen('ada', () => seen.push(membersOf(db, 'harbor').then((members) => members.length)));
        }
        const before = (await membersOf(db, 'harbor')).length;
        const invitationId = await invite('zoe@example.com');
        const event = webhookEvent('group.member.added', {
          data: { invitationId, scope: 'harbor', scopeType: 'team', user: { email: 'zoe@example.com' } },
        });
        const sent = await webhookRequest(event, webhookSecret);
        const replies = lives.map((live) => {
          const server = new Hono().post('/', vortexWebhook(webhook({ db, live, client, webhookSecret })));
          return server.request('/', { method: 'POST', ...sent });
        });
        expect((await Promise.all(replies)).map(({ status }) => status)).toEqual([200, 200]);
        expect(await Promise.all(seen)).toEqual([before + 1]);
      });

      it.each([
        ['an admin', { foreignCreatorId: 'ada', metadata: { role: 'admin' } }, 'admin'],
        ['an admin, without a role', { foreignCreatorId: 'ada' }, 'member'],
        [
          'an admin, with a role that does not exist',
          { foreignCreatorId: 'ada', metadata: { role: 'owner' } },
          'member',
        ],
        ['a member', { foreignCreatorId: 'tomas', metadata: { role: 'admin' } }, 'member'],
        ['the admin of another team', { foreignCreatorId: 'mei', metadata: { role: 'admin' } }, 'member'],
        ['an unknown inviter', { metadata: { role: 'admin' } }, 'member'],
      ])('the role that %s invites to is that of the invitation, if they may give it', async (_, invitation, role) => {
        const user = { email: 'zoe@example.com', role: 'admin' };
        expect(await announce({ invitationId: await invite('zoe@example.com'), user, ...invitation })).toBe(200);
        expect(await roleIn(db, 'harbor', await person('zoe'))).toBe(role);
      });

      it('an invitation by domain adds members of that domain only, whatever role it has', async () => {
        const domains = { scopeType: 'team', scope: 'harbor', domains: ['example.com'], componentId: 'any' };
        const { invitation } = await client.configureAutojoin(domains);
        const joined = async (id: string) => {
          const user = await person(id);
          const role = { foreignCreatorId: 'ada', metadata: { role: 'admin' }, invitationType: 'autojoin' };
          expect(await announce({ invitationId: invitation?.id, user: { email: user.email }, ...role })).toBe(200);
          return roleIn(db, 'harbor', user);
        };
        expect([await joined('zoe'), await joined('mei')]).toEqual(['member', undefined]);
        // The domain is given up. Events about it that come late add no one.
        await client.configureAutojoin({ ...domains, domains: ['example.org'] });
        expect(await joined('nora')).toBeUndefined();
      });

      it('a removed member does not join by a domain that is added after the removal, and joins by a new invitation', async () => {
        const [ada, zoe] = [await person('ada'), await person('zoe')];
        const user = { email: zoe.email };
        const role = () => roleIn(db, 'harbor', zoe);
        await announce({ invitationId: await invite(zoe.email), user });
        await removeMember(db, new Live(), 'harbor', zoe.id, ada);
        lead = 60_000;
        const domains = { scopeType: 'team', scope: 'harbor', domains: ['example.com'], componentId: 'any' };
        const { invitation } = await client.configureAutojoin(domains);
        expect([await announce({ invitationId: invitation?.id, user }), await role()]).toEqual([200, undefined]);
        expect([await announce({ invitationId: await invite(zoe.email), user }), await role()]).toEqual([
          200,
          'member',
        ]);
      });

      it.each([
        ['that of the application', 0],
        ['nine seconds ahead', 9000],
        ['nine seconds behind', -9000],
      ])(
        'with a clock of Vortex that is %s, a late webhook does not restore a removed member, and a new invitation does',
        async (_, difference) => {
          lead = difference;
          const [ada, zoe] = [await person('ada'), await person('zoe')];
          const user = { email: zoe.email };
          const invitationId = await invite('Zoe@example.com');
          const role = () => roleIn(db, 'harbor', zoe);
          expect([await announce({ invitationId, user }), await role()]).toEqual([200, 'member']);
          await removeMember(db, new Live(), 'harbor', zoe.id, ada);
          expect([await announce({ invitationId, user }), await role()]).toEqual([200, undefined]);
          const again = await invite('zoe@example.com');
          expect([await announce({ invitationId: again, user }), await role()]).toEqual([200, 'member']);
        },
      );

      it('a second invitation whose webhook comes after a removal does not restore its invitee', async () => {
        const [ada, zoe] = [await person('ada'), await person('zoe')];
        const user = { email: zoe.email };
        const role = () => roleIn(db, 'harbor', zoe);
        lead = -60_000;
        const [first, second] = [await invite(zoe.email), await invite(zoe.email)];
        expect([await announce({ invitationId: first, user }), await role()]).toEqual([200, 'member']);
        const third = await invite(zoe.email);
        lead = 0;
        await removeMember(db, new Live(), 'harbor', zoe.id, ada);
        for (const invitationId of [second, third]) {
          expect([await announce({ invitationId, user }), await role()]).toEqual([200, undefined]);
        }
      });

      it('a webhook that comes during a removal does not restore the member', async () => {
        const [ada, zoe] = [await person('ada'), await person('zoe')];
        const user = { email: zoe.email };
        const [first, second] = [await invite(zoe.email), await invite(zoe.email)];
        await announce({ invitationId: first, user });
        const removing = removeMember(db, new Live(), 'harbor', zoe.id, ada);
        expect(await announce({ invitationId: second, user })).toBe(200);
        await removing;
        expect(await roleIn(db, 'harbor', zoe)).toBeUndefined();
      });

      it.each([
        ['was sent to another address', () => invite("o'brien@example.com")],
        // As a component of Vortex does: no rule is asked.
        ['was made by a member who is no admin', () => invite('zoe@example.com', 'tomas')],
        ['was made by the admin of another team', () => invite('zoe@example.com', 'mei')],
        ['was made by its invitee', () => invite('zoe@example.com', 'zoe')],
        ['is not named', async () => undefined],
        ['was deleted', async () => 'unknown'],
        [
          'was revoked after its acceptance',
          async () => {
            const id = await invite('zoe@example.com');
            await client.revokeInvitation(id);
            return id;
          },
        ],
      ])('a webhook about an invitation that %s adds no member', async (_, find) => {
        expect(await announce({ invitationId: await find(), user: { email: 'zoe@example.com' } })).toBe(200);
        expect(await roleIn(db, 'harbor', await person('zoe'))).toBeUndefined();
      });

      it('a changed invitation sends an event to the team and to the invitee', async () => {
        const live = new Live();
        const [ada, zoe, mei] = ['ada', 'zoe', 'mei'].map((id) => listen(live, id));
        const emails = ['zoe@example.com', 'unknown@example.com'];
        await invitationChanged(db, live, { invitationId: 'i1', teamIds: ['harbor'], emails });
        expect(ada).toEqual([{ about: 'team', teamId: 'harbor' }]);
        expect(zoe).toEqual([{ about: 'invitation', invitationId: 'i1' }]);
        expect(mei).toEqual([]);
      });

      it('a page that unsubscribed gets no event', () => {
        const live = new Live();
        const received: LiveEvent[] = [];
        const stop = live.listen('ada', (event) => received.push(event));
        stop();
        live.tell(['ada'], { about: 'team', teamId: 'harbor' });
        expect(received).toEqual([]);
      });
    });

    describe('joining by domain', () => {
      async function accepted(email: string, domains: string[]) {
        const emulator = createEmulator();
        const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url, fetch: emulator.fetch });
        await client.configureAutojoin({ scopeType: 'team', scope: 'harbor', domains, componentId: 'any' });
        await joinByDomain(db, client, await findOrAddUser(db, email));
        return emulator.invitations.flatMap(({ accepts }) => accepts).map(({ target }) => target.value);
      }

      it.each([
        ['before', -60_000],
        ['after', 60_000],
      ])(
        'a member who was removed does not join again by signing in if the domain was added %s the removal',
        async (_, lead) => {
          const emulator = createEmulator({ now: () => Date.now() + lead });
          const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url, fetch: emulator.fetch });
          const domains = ['example.com'];
          await client.configureAutojoin({ scopeType: 'team', scope: 'harbor', domains, componentId: 'any' });
          const zoe = await person('zoe');
          await addMember(db, 'harbor', zoe, { invitedAt: undefined, acceptedAt: at(Date.now()) });
          await removeMember(db, new Live(), 'harbor', 'zoe', await person('ada'));
          await joinByDomain(db, client, zoe);
          expect(emulator.invitations.flatMap(({ accepts }) => accepts)).toEqual([]);
        },
      );

      it.each([
        ['zoe@example.com', ['example.com'], ['zoe@example.com']],
        ['zoe@example.com', ['example.org'], []],
        ['zoe@sub.example.com', ['example.com'], []],
        // Ada is already in the team.
        ['ada@harbor.example', ['harbor.example'], []],
      ])(
        'a user with the address %s joins a team with the domains %j only if they match',
        async (email, domains, expected) => {
          expect(await accepted(email, domains)).toEqual(expected);
          // Only a webhook adds a membership, and there was none.
          expect(await db.$count(memberships)).toBe(4);
        },
      );
    });

    it('a database that is opened again still has its data', async () => {
      await open.close();
      open = await openDatabase(found.place);
      expect(await open.db.$count(users)).toBe(6);
    });
  });
}
