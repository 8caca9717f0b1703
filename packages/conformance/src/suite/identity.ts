// cspell:ignore bücher bcher
import { expect, test } from 'vitest';
import type { ServerSettings } from '../application.js';
import { ann, COMPONENT, json, newInvitation } from './data.js';
import type { Group } from './group.js';

const ben = { id: 77, email: 'ben@orchard.example', addresses: ['Ben@Home.example', '+44 20 7946 0000'] };

export const identity: Group = {
  of: 'core',
  title: 'identity',
  define({ upstream, call, quiet, expectRefusal }) {
    const accept = (user: object, body: object, settings?: Partial<ServerSettings>) =>
      call('POST', '/invitations/accept', { user, json: { invitationIds: ['i-1'], ...body } }, settings);
    const anyone = {
      actAs: { ACCEPT_INVITATIONS: 'anyone', CREATE_INVITATION: 'anyone', SYNC_INTERNAL_INVITATION: 'anyone' },
    } as const;
    const arrived = () => JSON.parse(upstream.arrivals.at(-1)?.body ?? '{}');

    test.each([
      ['without an address uses the e-mail address of the user', ann, {}, { email: ann.email }],
      ['without an address uses the phone of a user without e-mail', { id: 1, phone: '+1555' }, {}, { phone: '+1555' }],
      [
        'without an address uses a further address of the user',
        { id: 1, addresses: ['x@y.example'] },
        {},
        { email: 'x@y.example' },
      ],
      [
        'compares e-mail addresses without regard to case',
        ben,
        { user: { email: 'BEN@orchard.example' } },
        { email: 'BEN@orchard.example' },
      ],
      [
        'takes a further address of the user',
        ben,
        { user: { email: 'ben@home.example' } },
        { email: 'ben@home.example' },
      ],
      [
        'takes the xn-- spelling of a domain in Unicode',
        { id: 1, email: 'ann@bücher.example' },
        { user: { email: 'ann@xn--bcher-kva.example' } },
        { email: 'ann@xn--bcher-kva.example' },
      ],
      [
        'takes the Unicode spelling of a domain with xn--',
        { id: 1, email: 'ann@xn--bcher-kva.example' },
        { user: { email: 'ann@BÜCHER.example' } },
        { email: 'ann@BÜCHER.example' },
      ],
      ['compares phone numbers by their digits', ann, { user: { phone: '+15550102030' } }, { phone: '+15550102030' }],
      [
        'passes isExisting and the name on',
        ann,
        { user: { isExisting: false, name: ann.name } },
        { email: ann.email, isExisting: false, name: ann.name },
      ],
      [
        'takes the target of older frontends',
        ann,
        { target: { type: 'email', value: ann.email } },
        { email: ann.email },
      ],
      [
        'prefers the user to the target',
        ann,
        { user: { email: ann.email }, target: { type: 'email', value: 'ben@orchard.example' } },
        { email: ann.email },
      ],
      [
        'takes the phoneNumber of older frontends',
        ann,
        { target: { type: 'phoneNumber', value: '15550102030' } },
        { phone: '15550102030' },
      ],
    ])('an acceptance %s', async (_, user, body, sent) => {
      await accept(user, body);
      expect(arrived()).toEqual({ invitationIds: ['i-1'], user: sent });
    });

    test.each([
      ['for the e-mail address of another person', ann, { user: { email: 'ben@orchard.example' } }],
      ['for an own address beside one of another person', ann, { user: { email: ann.email, phone: '+44 20' } }],
      ['with an older target of another person', ann, { target: { type: 'email', value: 'ben@orchard.example' } }],
      ['for an address without its apostrophe', ann, { user: { email: 'ann.oneil@harbor.example' } }],
      [
        'for an address with a letter that only folds to the own one',
        { id: 1, email: 'kim@x.example' },
        { user: { email: '\u212Aim@x.example' } },
      ],
      ['in another name than that of the user', ann, { user: { name: 'The CEO' } }],
      ['of a user without any address', { id: 'x' }, {}],
    ])('an acceptance %s is answered 403', async (_, user, body) => {
      const reply = await accept(user, body);
      expectRefusal(reply, 403, 'IDENTITY_MISMATCH');
      expect(reply.json.error).not.toMatch(/actAs|authenticateUser/u);
    });

    test('actAs: anyone allows to accept for another address', async () => {
      await accept(ann, { user: { email: 'ben@orchard.example' } }, anyone);
      expect(arrived().user).toEqual({ email: 'ben@orchard.example' });
    });

    test('actAs: anyone still requires an address', async () => {
      expectRefusal(await accept({ id: 'x', addresses: ['no phone'] }, {}, anyone), 400, 'INVALID_REQUEST');
    });

    test('a missing inviter is filled in, and a given inviter must be the caller', async () => {
      const create = (user: object, inviter?: object, settings?: Partial<ServerSettings>) =>
        call('POST', '/invitations', { user, json: { ...newInvitation(), inviter } }, settings);
      await create(ann);
      expect(arrived().inviter).toEqual({ userId: ann.id, userEmail: ann.email, name: ann.name });
      await create(ann, { name: ann.name });
      expect(arrived().inviter).toEqual({ userId: ann.id, userEmail: ann.email, name: ann.name });
      await create(ben, { userId: '77', userEmail: 'ben@home.example' });
      expect(arrived().inviter).toEqual({ userId: '77', userEmail: 'ben@home.example' });
      await create(ann, { userId: 'u-ben' }, anyone);
      expect(arrived().inviter).toEqual({ userId: 'u-ben' });
      quiet();
      expectRefusal(await create(ann, { userId: 'u-ben' }), 403, 'IDENTITY_MISMATCH');
      expectRefusal(await create(ann, { userEmail: 'ben@orchard.example' }), 403, 'IDENTITY_MISMATCH');
      expectRefusal(await create(ann, { userId: ann.id, name: 'The CEO' }), 403, 'IDENTITY_MISMATCH');
      expectRefusal(await create(ben, { userId: '77', name: 'The CEO' }), 403, 'IDENTITY_MISMATCH');
    });

    test.each([
      ['an empty e-mail address', { id: 1, email: '', phone: '+1555' }, undefined],
      ['an e-mail address without @', { id: 1, email: 'root' }, undefined],
      [
        'an e-mail address without @ and a further address',
        { id: 1, email: 'root', addresses: ['x@y.example'] },
        'x@y.example',
      ],
      ['empty names and pictures', { id: 1, email: 'x@y.example', name: '', avatarUrl: '' }, 'x@y.example'],
    ])('a user with %s invites without naming an inviter', async (_, user, userEmail) => {
      const reply = await call('POST', '/invitations', { user, json: newInvitation() });
      expect(reply.status).toBe(200);
      expect(arrived().inviter).toEqual({ userId: '1', ...(userEmail && { userEmail }) });
    });

    test('a user with an empty name accepts in a name, and does not invite in one', async () => {
      const user = { id: 1, email: 'ada@harbor.example', name: '' };
      await accept(user, { user: { name: 'Ada' } });
      expect(arrived().user).toEqual({ email: user.email, name: 'Ada' });
      quiet();
      const json = { ...newInvitation(), inviter: { name: 'Ada' } };
      expectRefusal(await call('POST', '/invitations', { user, json }), 403, 'IDENTITY_MISMATCH');
    });

    test.each([
      [ann.id, 404],
      [ann.email, 404],
      [ann.phone, 404],
      [ann.email.toUpperCase(), 403],
      ['15550102030', 403],
      ['u-ben', 403],
      ['phone-15550102030', 403],
    ])('a decision about an invitation to %s is answered %i', async (targetValue, status) => {
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
    ])('a rule that returns op.self answers GET /invitations?%s with %i', async (query, status) => {
      expect((await call('GET', `/invitations?${query}`, { user: ann, rule: 'self' })).status).toBe(status);
    });
  },
};
