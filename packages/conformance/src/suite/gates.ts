import { describe, expect, test } from 'vitest';
import { ann, newInvitation } from './data.js';
import type { Harness } from './harness.js';

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

export function gates({ call, expectRefusal }: Harness): void {
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
}
