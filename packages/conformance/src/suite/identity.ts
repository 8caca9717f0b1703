import { describe, expect, test } from 'vitest';
import type { ServerSettings } from '../application.js';
import { ann, COMPONENT, json, newInvitation } from './data.js';
import type { Harness } from './harness.js';

const ben = { id: 77, email: 'ben@orchard.example', addresses: ['Ben@Home.example', '+44 20 7946 0000'] };

export function identity({ upstream, call, quiet, expectRefusal }: Harness): void {
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
}
