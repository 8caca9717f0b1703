import { expect, test } from 'vitest';
import { ann, newInvitation } from './data.js';
import type { Group } from './group.js';

/** A case of each outcome, since the hooks are given the framework's own request. */
export const hooks: Group = {
  of: 'seam',
  title: 'hooks',
  define({ call, expectRefusal }) {
    test.each([
      [{ $throw: 401 }, 401, 'UNAUTHENTICATED'],
      [{ $throw: 403 }, 500, 'INTERNAL'],
      [{ $throw: 'text' }, 500, 'INTERNAL'],
    ])('authenticateUser that does %o is answered %i %s', async (user, status, code) => {
      const reply = await call('POST', '/jwt', { user });
      expectRefusal(reply, status, code);
      expect(reply.text).not.toContain('secret');
    });

    test('authenticateUser that returns null is answered 401', async () => {
      expectRefusal(await call('GET', '/invitations/i-1', { user: null }), 401, 'UNAUTHENTICATED');
    });

    test('authorizeOperation that returns false is answered 403', async () => {
      expectRefusal(await call('DELETE', '/invitations/i-1', { user: ann, rule: 'false' }), 403, 'FORBIDDEN');
    });

    test('authorizeOperation that throws is answered 500 without the text of the error', async () => {
      const reply = await call('DELETE', '/invitations/i-1', { user: ann, rule: 'throw' });
      expectRefusal(reply, 500, 'INTERNAL');
      expect(reply.text).not.toContain('secret');
    });

    test('a hook that never settles is answered 504', async () => {
      const settings = { hookTimeout: 50 };
      expectRefusal(await call('POST', '/jwt', { user: { $never: true } }, settings), 504, 'HOOK_TIMEOUT');
      expectRefusal(await call('POST', '/jwt', { user: ann, rule: 'never' }, settings), 504, 'HOOK_TIMEOUT');
    });
  },
};

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
  ['GET', '/invitations/by-group/team/mine/autojoin'],
  ['DELETE', '/invitations/by-group/team/mine'],
  ['GET', '/invitations/by-scope/team/mine/autojoin'],
  ['POST', '/invitations/autojoin', { scope: 's', scopeType: 't', domains: [], componentId: 'c' }],
  [
    'POST',
    '/invitations/sync-internal-invitation',
    { creatorId: 'x', targetValue: ann.id, action: 'declined', componentId: 'c' },
  ],
];

export const gates: Group = {
  of: 'core',
  title: 'the gates of every route',
  define({ call, expectRefusal }) {
    const sent = (body: unknown) => ({ user: ann, ...(body !== undefined && { json: body }) });

    test.each(everyRoute)('%s %s without a user is answered 401', async (method, path, body) => {
      expectRefusal(await call(method, path, { json: body }), 401, 'UNAUTHENTICATED');
    });

    test.each(everyRoute)('%s %s is answered 403 unless the rule returns true', async (method, path, body) => {
      for (const rule of ['false', 'truthy'] as const) {
        expectRefusal(await call(method, path, { ...sent(body), rule }), 403, 'FORBIDDEN');
      }
    });

    test.each(everyRoute)('%s %s is answered 500 if the rule throws, without its error', async (method, path, body) => {
      const thrown = await call(method, path, { ...sent(body), rule: 'throw' });
      expectRefusal(thrown, 500, 'INTERNAL');
      expect(thrown.text).not.toContain('secret');
    });

    test.each(everyRoute)('%s %s is answered 504 if the rule never settles', async (method, path, body) => {
      const reply = await call(method, path, { ...sent(body), rule: 'never' }, { hookTimeout: 50 });
      expectRefusal(reply, 504, 'HOOK_TIMEOUT');
    });

    test('an operation without a rule is answered 403', async () => {
      expectRefusal(await call('GET', '/invitations/i-1', { user: ann }, { sparseMap: true }), 403, 'FORBIDDEN');
    });
  },
};

export const user: Group = {
  of: 'core',
  title: 'the result of authenticateUser',
  define({ call, expectRefusal }) {
    test.each([
      ['without an id', { email: 'a@b.example' }],
      ['that is text', 'u-1'],
      ['that is true', true],
      ['with an empty id', { id: '' }],
      ['with adminScopes as text', { id: 'u', adminScopes: 'autojoin-viewer' }],
      ['with a number in adminScopes', { id: 'u', adminScopes: [1] }],
    ])('a user %s is answered 500 BAD_AUTH_RESULT', async (_, user) => {
      expectRefusal(await call('POST', '/jwt', { user }), 500, 'BAD_AUTH_RESULT');
    });

    test('a field of a user that is null counts as absent', async () => {
      const nothing = { email: null, phone: null, addresses: null, name: null, adminScopes: null, attributes: null };
      expect((await call('POST', '/jwt', { user: { id: 0, ...nothing } })).status).toBe(200);
    });
  },
};
