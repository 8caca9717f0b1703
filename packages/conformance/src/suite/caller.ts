import { describe, expect, test } from 'vitest';
import type { Harness } from './harness.js';

export function caller({ call, expectRefusal }: Harness): void {
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
}
